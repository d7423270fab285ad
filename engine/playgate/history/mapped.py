"""Runs a mapping, compiled once for the columns of a file, over its rows.

What a row means hangs on few cells (those that its filters, names and translations read), so it is
worked out once for each combination of them and remembered. The rest is done column by column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, compress, groupby, repeat
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from playgate.conditions.instants import Zone, beyond_micros
from playgate.history.delimited import Columnar
from playgate.history.event import START
from playgate.history.mapping import RowRule, TableMap, ValueSource
from playgate.history.marks import bare_kind
from playgate.history.part import PartOfDeals
from playgate.history.row_ids import BETWEEN, Pairs, RowIds, row_ids
from playgate.history.row_tests import Remembered, row_filter
from playgate.history.values import (
    Row,
    UnreadableError,
    attrs_reader,
    instant_at,
    no_instant,
    stamps_reader,
    text_reader,
)
from playgate.records import replace

__all__ = ["Columns", "ProblemAt", "by_line", "compile_table"]

Columns = tuple[Any, ...]
"""The columns of an `Event`, as a plain tuple."""

ProblemAt = Callable[[int, str, str], None]
"""Takes a line, a reason and a hint."""

_Cells = Sequence[Sequence[str]]
"""The rows of a batch, column by column."""

_Make = Callable[[Row, str, int], Columns | None]
_Output = tuple[str, str, str, str, _Make | None]
_Plain = tuple[tuple[str, str, str, str], ...]
"""Kind, name, value and what stands behind the row's id, of each event of a row; all else is as in
the other plain ones."""

_LINE = itemgetter(10)
_NO_DEAL = ("the deal is empty", "")
_KNOWN: Mapping[int, tuple[str, str]] = MappingProxyType({})
_TO_MICROS = len("2026-01-31T14:05:00.123456")


class _Mixed(tuple[_Output, ...]):
    """The events of a row of which some read more than the cells that decide."""

    __slots__ = ()


def compile_table(
    table: TableMap,
    header: Sequence[str],
    *,
    zone: Zone,
    source: int,
    problem: ProblemAt,
    part: PartOfDeals | None = None,
    stable_ids: bool = True,
    whole: Callable[[Any], Pairs] | None = None,
    no_deal: Mapping[int, tuple[str, str]] = _KNOWN,
) -> Callable[[Columnar], list[Columns]]:
    """Compiles a function from rows to events; the header must have every column that the table
    reads.

    Where the last column holds whole rows, `whole` reads them; or it holds the rows' ids. `no_deal`
    says by line why a deal is empty, where more is known of it.
    """
    ids = row_ids(
        header,
        table=table.name,
        stable=stable_ids,
        kept=table.keeps_identical,
        whole=whole,
        by_text=True,
    )
    return _Table(
        table, _CellBuilder(header, zone), zone, source, problem, part, ids, no_deal
    ).events


class _Table:
    """A table's mapping, bound to the columns of one file."""

    def __init__(
        self,
        table: TableMap,
        cells: _CellBuilder,
        zone: Zone,
        source: int,
        problem: ProblemAt,
        part: PartOfDeals | None,
        ids: RowIds,
        no_deal: Mapping[int, tuple[str, str]],
    ) -> None:
        self._part = part
        self._no_deal = no_deal
        self._ids = ids
        self._known_id: tuple[Row | None, str] = (None, "")
        places = cells.positions
        self._rules = [_Rule(row, table, places, zone, source) for row in table.rows]
        ruled = zip(table.rows, self._rules, strict=True)
        main = next((row for row, rule in ruled if rule.shared), None)
        self._add_cells = cells.add
        self._deal_at = cells.place(table.deal)
        self._actor_at = cells.place(main.actor if main else None)
        self._stamp_at = cells.place(main.happened_at if main else None)
        self._stamp_form = main.happened_at.format if main else ""
        self._zone = zone
        self._read_stamps = stamps_reader(self._stamp_form, zone)
        filtered = [places[each.column] for each in table.where]
        self._passes = Remembered(row_filter(table.where, places), filtered) if filtered else None
        self._plans = Remembered(self._plan, _deciding(table, places))
        self._mixes = False
        self._starts = [
            (name, text_reader(value, places, zone)) for name, value in table.start.items()
        ]
        self._last = ""
        self._source = source
        self._problem = problem
        self._problems: list[tuple[int, str, str]] = []

    def events(self, batch: Columnar) -> list[Columns]:
        """Returns the events of the rows, in their order."""
        lines, cells = batch.lines, self._add_cells(batch.columns)
        if self._ids.reads_text:
            cells = [*cells, batch.texts() or list(map(BETWEEN.join, zip(*cells, strict=True)))]
        if self._part is not None:
            lines, cells = self._part.of(lines, cells, self._deal_at)
        if self._passes is not None:
            passed = self._passes.of_rows(len(lines), cells)
            lines = list(compress(lines, passed))
            cells = [list(compress(column, passed)) for column in cells]
        plans = self._plans.of_rows(len(lines), cells)
        found = self._begun(lines, cells) if self._starts else []
        if self._mixes:
            found += self._mixed(lines, cells, plans)
        found += self._plain(lines, cells, plans)
        found.sort(key=_LINE)
        for told in sorted(self._problems, key=itemgetter(0)):
            self._problem(*told)
        self._problems.clear()
        return found

    def _plan(self, row: Row) -> _Plain | _Mixed:
        """Returns the events of a row with these deciding cells."""
        kept: list[_Output] = []
        fitting = [rule for rule in self._rules if rule.fits(row)]
        for place, rule in enumerate(fitting):
            if (output := rule.output(row, place)) is not None:
                kept.append(output)
        if any(make for *_, make in kept):
            self._mixes = True
            return _Mixed(kept)
        return tuple(output[:4] for output in kept)

    def _tell(self, line: int, reason: str, hint: str = "") -> None:
        self._problems.append((line, reason, hint))

    def _begun(self, lines: Sequence[int], cells: _Cells) -> list[Columns]:
        """Returns the fields known from the start, at the first row of each run of rows of one
        deal."""
        found: list[Columns] = []
        for deal, run in groupby(range(len(lines)), cells[self._deal_at].__getitem__):
            if deal != self._last and deal.strip():
                place = next(run)
                found += self._begin([column[place] for column in cells], deal, lines[place])
            self._last = deal
        return found

    def _begin(self, row: Row, deal: str, line: int) -> list[Columns]:
        begun: list[Columns] = []
        for field, read in self._starts:
            try:
                value = read(row)
            except UnreadableError as error:
                self._tell(line, f"{field}: {error.reason}", error.hint)
                continue
            if value is not None and value.strip():
                begun.append(
                    (deal, START, "field", field, value, "", START, "", "", self._source, line, "")
                )
        return begun

    def _plain(
        self, lines: Sequence[int], cells: _Cells, plans: Sequence[_Plain | _Mixed]
    ) -> list[Columns]:
        source = self._source
        if self._mixes:
            plans = [() if isinstance(plan, _Mixed) else plan for plan in plans]
        ids = self._ids.of(cells, plans)
        lines = list(compress(lines, plans))
        deals = list(compress(cells[self._deal_at], plans))
        stamps = list(compress(cells[self._stamp_at], plans))
        actors = list(compress(cells[self._actor_at], plans))
        instants = self._instants(lines, deals, stamps)
        share = dict[str, str]().setdefault  # events live long: alike texts are one in memory
        rows = zip(
            lines,
            ids,
            _rests(stamps),
            map(share, deals, deals),
            instants,
            map(share, actors, actors),
            filter(None, plans),
            strict=True,
        )
        return [
            (deal, at, kind, name, value, actor, at, own_id + behind, "", source, line, rest)
            for line, own_id, rest, deal, at, actor, events in rows
            if at is not None
            for kind, name, value, behind in events
        ]

    def _mixed(
        self, lines: Sequence[int], cells: _Cells, plans: Sequence[_Plain | _Mixed]
    ) -> list[Columns]:
        found: list[Columns] = []
        for line, row, events in zip(lines, zip(*cells, strict=True), plans, strict=True):
            if not isinstance(events, _Mixed):
                continue
            deal = row[self._deal_at]
            at: int | None = None
            if not deal.strip():
                self._tell(line, *self._no_deal.get(line, _NO_DEAL))
                continue
            if not all(make for *_, make in events):
                at = self._instants((line,), (deal,), (row[self._stamp_at],))[0]
                if at is None:
                    continue
            for kind, name, value, behind, make in events:
                event: Columns | None
                actor = row[self._actor_at]
                try:
                    event = (
                        make(row, deal, line)
                        if make
                        else (deal, at, kind, name, value, actor, at, "", "", self._source, line)
                    )
                except UnreadableError as error:
                    self._tell(line, error.reason, error.hint)
                    continue
                if event is not None:
                    given = event[7] or self._id_of(row) + behind
                    rest = event[11] if make else _rest(row[self._stamp_at])
                    found.append((*event[:7], given, *event[8:11], rest))
        return found

    def _id_of(self, row: Row) -> str:
        """Returns the id of a row that brings none, which all its events share."""
        if self._known_id[0] is not row:
            self._known_id = (row, self._ids.of_row(row))
        return self._known_id[1]

    def _instants(
        self, lines: Sequence[int], deals: Sequence[str], stamps: Sequence[str]
    ) -> list[int | None]:
        """Returns when the rows happened; where a row cannot be used it gives `None` and reports a
        problem."""
        found = self._read_stamps(stamps)
        if None not in found and all(map(str.strip, set(deals))):
            return found
        for place, (line, deal) in enumerate(zip(lines, deals, strict=True)):
            if not deal.strip():
                self._tell(line, *self._no_deal.get(line, _NO_DEAL))
                found[place] = None
            elif found[place] is None:
                self._tell(
                    line, *no_instant(stamps[place], "happened_at", self._stamp_form, self._zone)
                )
        return found


def by_line(found: Sequence[list[Columns]]) -> list[Columns]:
    """Returns the events that several tables made of the same rows, row by row."""
    if len(found) == 1:
        return found[0]
    return sorted(chain.from_iterable(found), key=_LINE)


def _rest(stamp: str) -> str:
    return beyond_micros(stamp) if len(stamp) > _TO_MICROS else ""


def _rests(stamps: Sequence[str]) -> Iterable[str]:
    """Returns the digits beyond the microsecond, which hardly any file has."""
    if max(map(len, stamps), default=0) <= _TO_MICROS:
        return repeat("", len(stamps))
    return map(_rest, stamps)


class _CellBuilder:
    """Gives each value that is read a column; those that the file does not have are added behind
    its own."""

    def __init__(self, header: Sequence[str], zone: Zone) -> None:
        self.positions = {column: index for index, column in enumerate(header)}
        self._zone = zone
        self._width = len(header)
        self._added: list[Callable[[Row], str | None]] = []

    def place(self, value: ValueSource | None) -> int:
        """Returns the number of the column in which the value stands as text."""
        if value is not None and len(value.columns) == 1 and not value.names:
            return self.positions[value.columns[0]]
        plain = value and replace(value, format="")  # a stamp is read from its text later
        self._added.append(text_reader(plain, self.positions, self._zone))
        return self._width + len(self._added) - 1

    def add(self, columns: _Cells) -> _Cells:
        """Returns the columns, with those that the file does not have behind them."""
        if not self._added:
            return columns
        rows = list(zip(*columns, strict=True))
        return [*columns, *([read(row) or "" for row in rows] for read in self._added)]


def _deciding(table: TableMap, positions: dict[str, int]) -> list[int]:
    columns = {cells.column for cells in table.where}
    for row in table.rows:
        columns |= {cells.column for cells in row.where}
        columns |= set(row.name.columns)
        columns |= set(row.value.columns) if row.value and row.value.names else set()
    return sorted(positions[column] for column in columns)


class _Rule:
    """A row's meaning, its values bound to columns."""

    def __init__(
        self, row: RowRule, table: TableMap, positions: dict[str, int], zone: Zone, source: int
    ) -> None:
        self._kind = row.kind
        self._source = source
        self.fits = row_filter(row.where, positions)
        self._name = text_reader(row.name, positions, zone)
        self._value = text_reader(row.value, positions, zone)
        self._actor = text_reader(row.actor, positions, zone)
        self._happened_at = instant_at(row.happened_at, positions, zone, "happened_at")
        self._recorded = text_reader(row.recorded_at, positions, zone)
        self._recorded_at = instant_at(
            row.recorded_at or ValueSource(), positions, zone, "recorded_at"
        )
        self._event_id = text_reader(row.event_id, positions, zone)
        self._before = f"{table.name}:" if table.name else ""
        stamp = None if row.happened_at.format else row.happened_at
        self._stamp = text_reader(stamp, positions, zone)
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
        """Returns what rows with these cells become, or `None` where they are to be left out.

        `earlier` counts the rules before it that fit: a table's `event_id` serves the first, the
        others get a number behind it.
        """
        suffix = f"-{earlier + 1}" if earlier and self._inherits_id else ""
        behind = f"-{earlier + 1}" if earlier else ""
        make = partial(self._make, suffix=suffix)
        if not self.shared:
            return (self._kind, "", "", behind, make)
        try:
            name, value = self._texts(row)
        except UnreadableError:
            return (self._kind, "", "", behind, make)
        return None if name is None or value is None else (self._kind, name, value, behind, None)

    def _texts(self, row: Row) -> tuple[str | None, str | None]:
        name = self._name(row)
        if name is not None and not name.strip():
            raise UnreadableError(f"the {bare_kind(self._kind)}'s name is empty")
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
        event_id = self._before + event_id + suffix if event_id.strip() else ""
        attrs = self._attrs(row)
        return (
            deal,
            at,
            self._kind,
            name,
            value,
            actor,
            recorded_at,
            event_id,
            attrs,
            self._source,
            line,
            _rest(self._stamp(row) or ""),
        )
