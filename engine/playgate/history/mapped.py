"""Runs a mapping over the rows of one file: compiled for its columns once.

What a row means hangs on few cells (those that its filters, names and translations read), so it is
worked out once for each combination of them and remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

from playgate.conditions.instants import Zone
from playgate.history.delimited import Batch
from playgate.history.event import START
from playgate.history.mapping import Cells, RowRule, TableMap, Value
from playgate.history.values import (
    Row,
    UnreadableError,
    attrs_reader,
    instant_at,
    no_instant,
    stamps_in,
    text_reader,
)
from playgate.records import replace

__all__ = ["Columns", "ProblemAt", "compile_table"]

Columns = tuple[Any, ...]
"""The columns of an `Event`, as a plain tuple."""

ProblemAt = Callable[[int, str, str], None]
"""Takes a line, a reason and a hint."""

_Make = Callable[[Row, str, int], Columns | None]
_Output = tuple[str, str, str, _Make | None]
_Plan = tuple[bool, tuple[_Output, ...]]
_MOST_PLANS = 20_000


def compile_table(
    table: TableMap, header: Sequence[str], *, zone: Zone, source: int, problem: ProblemAt
) -> Callable[[Batch], list[Columns]]:
    """The function from rows to events; the header has every column that the table reads."""
    cells = _CellBuilder(header, zone)
    rules = [_Rule(row, table, cells.positions, zone, source) for row in table.rows]
    main = next((row for row, rule in zip(table.rows, rules, strict=True) if rule.shared), None)
    deal_at = cells.place(table.deal)
    actor_at = cells.place(main.actor if main else None)
    stamp_at = cells.place(main.happened_at if main else None)
    stamp_form = main.happened_at.format if main else ""
    hours, minutes, tails, learn_stamp = stamps_in(stamp_form, zone)
    key = _key(table, cells.positions)
    learn = _learner(table, rules, cells.positions)
    begin = _starter(table, cells.positions, zone, source, problem)
    prepare = cells.prepare if cells.added else None
    plans: dict[Any, _Plan | None] = {}
    last, named = "", False

    def events(batch: Batch) -> list[Columns]:
        nonlocal last, named
        found: list[Columns] = []
        add = found.append
        if prepare:
            prepare(batch[1])
        for line, row in zip(*batch):  # noqa: B905  (strict costs, and both are as long)
            try:
                plan = plans[key(row)]
            except KeyError:
                if len(plans) >= _MOST_PLANS:
                    plans.clear()
                plan = plans[key(row)] = learn(row)
            if plan is None:
                continue
            deal = row[deal_at]
            if deal != last:
                last, named = deal, bool(deal.strip())
                if named and begin:
                    found += begin(row, deal, line)
            stamped, outputs = plan
            if not outputs:
                continue
            if not named:
                problem(line, "the deal is empty", "")
                continue
            if stamped:
                stamp = row[stamp_at]
                at: int | None
                try:
                    at = hours[stamp[:13]] + minutes[stamp[13:19]] + tails[stamp[19:]]
                except KeyError:
                    at = learn_stamp(stamp)
                    if at is None:
                        problem(line, *no_instant(stamp, "happened_at", stamp_form))
                        continue
                actor = row[actor_at]
            for kind, name, value, make in outputs:
                if make is None:
                    add((deal, at, kind, name, value, actor, at, "", "", source, line))
                    continue
                try:
                    event = make(row, deal, line)
                except UnreadableError as error:
                    problem(line, error.reason, error.hint)
                    continue
                if event is not None:
                    add(event)
        return found

    return events


class _CellBuilder:
    """Gives what is read of every row a place in it; what is no plain column is added behind."""

    def __init__(self, header: Sequence[str], zone: Zone) -> None:
        self.positions = {column: index for index, column in enumerate(header)}
        self._zone = zone
        self._width = len(header)
        self.added: list[Callable[[Row], str | None]] = []

    def place(self, value: Value | None) -> int:
        """The place in a row at which the value stands as text."""
        if value is not None and len(value.columns) == 1 and not value.names:
            return self.positions[value.columns[0]]
        plain = value and replace(value, format="")  # a stamp is read from its text later
        self.added.append(text_reader(plain, self.positions, self._zone))
        return self._width + len(self.added) - 1

    def prepare(self, rows: list[Row]) -> None:
        """Adds to each row what is no plain column."""
        for row in rows:
            row.extend([read(row) or "" for read in self.added])


def _learner(
    table: TableMap, rules: Sequence[_Rule], positions: dict[str, int]
) -> Callable[[Row], _Plan | None]:
    fits = _filter(table.where, positions)

    def learn(row: Row) -> _Plan | None:
        if not fits(row):
            return None
        kept: list[_Output] = []
        for rule in rules:
            if rule.fits(row) and (output := rule.output(row, len(kept))) is not None:
                kept.append(output)
        if not kept and not table.start:
            return None
        return (any(output[3] is None for output in kept), tuple(kept))

    return learn


def _starter(
    table: TableMap, positions: dict[str, int], zone: Zone, source: int, problem: ProblemAt
) -> Callable[[Row, str, int], list[Columns]] | None:
    starts = [(name, text_reader(value, positions, zone)) for name, value in table.start.items()]

    def begin(row: Row, deal: str, line: int) -> list[Columns]:
        begun: list[Columns] = []
        for field, read in starts:
            try:
                value = read(row)
            except UnreadableError as error:
                problem(line, f"{field}: {error.reason}", error.hint)
                continue
            if value is not None and value.strip():
                begun.append((deal, START, "field", field, value, "", START, "", "", source, line))
        return begun

    return begin if starts else None


def _key(table: TableMap, positions: dict[str, int]) -> Callable[[Row], Any]:
    columns = {cells.column for cells in table.where}
    for row in table.rows:
        columns |= {cells.column for cells in row.where}
        columns |= set(row.name.columns)
        columns |= set(row.value.columns) if row.value and row.value.names else set()
    places = sorted(positions[column] for column in columns)
    return itemgetter(*places) if places else lambda row: None


def _filter(where: Sequence[Cells], positions: dict[str, int]) -> Callable[[Row], bool]:
    tests = [(positions[cells.column], cells) for cells in where]

    def fits(row: Row) -> bool:
        return all(_fits(row[place], cells) for place, cells in tests)

    return fits


def _fits(cell: str, cells: Cells) -> bool:
    if cells.allowed is not None and cell not in cells.allowed:
        return False
    if cells.present is not None and cells.present is not bool(cell.strip()):
        return False
    return cell not in cells.refused


class _Rule:
    """A row's meaning, its values bound to columns."""

    def __init__(
        self, row: RowRule, table: TableMap, positions: dict[str, int], zone: Zone, source: int
    ) -> None:
        self._kind = row.kind
        self._source = source
        self.fits = _filter(row.where, positions)
        self._name = text_reader(row.name, positions, zone)
        self._value = text_reader(row.value, positions, zone)
        self._actor = text_reader(row.actor, positions, zone)
        self._happened_at = instant_at(row.happened_at, positions, zone, "happened_at")
        self._recorded = text_reader(row.recorded_at, positions, zone)
        self._recorded_at = instant_at(row.recorded_at or Value(), positions, zone, "recorded_at")
        self._event_id = text_reader(row.event_id, positions, zone)
        self._inherits_id = row.inherits_id
        self._attrs = attrs_reader(row.attrs, positions, zone)
        fixed = row.value is None or not row.value.columns or bool(row.value.names)
        plain = not (row.recorded_at or row.event_id or row.attrs)
        first = table.rows[0]
        self.shared = (
            fixed and plain and (row.happened_at, row.actor) == (first.happened_at, first.actor)
        )
        """Whether kind, name and value hang on the key alone, the rest being as in other rules."""

    def output(self, row: Row, earlier: int) -> _Output | None:
        """What rows with these cells become; `None` where they are to be left out.

        `earlier` counts the row's events before it: a table's `event_id` serves the first, the
        others get a number behind it.
        """
        suffix = f"-{earlier + 1}" if earlier and self._inherits_id else ""
        make = partial(self._make, suffix=suffix)
        if not self.shared:
            return (self._kind, "", "", make)
        try:
            name, value = self._texts(row)
        except UnreadableError:
            return (self._kind, "", "", make)
        return None if name is None or value is None else (self._kind, name, value, None)

    def _texts(self, row: Row) -> tuple[str | None, str | None]:
        name = self._name(row)
        if name is not None and not name.strip():
            raise UnreadableError(f"the {self._kind}'s name is empty")
        try:
            return name, self._value(row)
        except UnreadableError as error:
            raise UnreadableError(f"{name}: {error.reason}", error.hint) from None

    def _make(self, row: Row, deal: str, line: int, *, suffix: str) -> Columns | None:
        name, value = self._texts(row)
        actor = self._actor(row) or ""
        event_id = self._event_id(row) or ""
        if name is None or value is None:
            return None
        at = self._happened_at(row)
        told = self._recorded(row)
        recorded_at = self._recorded_at(row) if told and told.strip() else at
        if event_id:
            event_id += suffix
        attrs = self._attrs(row)
        return (
            deal, at, self._kind, name, value, actor, recorded_at, event_id, attrs,
            self._source, line,
        )
