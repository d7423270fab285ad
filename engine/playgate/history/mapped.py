"""Runs a mapping, compiled once for the columns of a file, over its rows.

What a row means hangs on few cells (those that its filters, names and translations read), so it is
worked out once for each combination of them and remembered. The rest is done column by column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, compress, groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from playgate.conditions.instants import Zone
from playgate.history.bound_rule import BoundRule, Columns, Output, rest_of, rests_of
from playgate.history.currencies import watched_currencies
from playgate.history.deal_ids import DealIds
from playgate.history.delimited import Columnar
from playgate.history.event import START
from playgate.history.mapping import TableMap, ValueSource
from playgate.history.part import PartOfDeals
from playgate.history.row_ids import BETWEEN, Pairs, RowIds, row_ids
from playgate.history.row_tests import Remembered, row_filter
from playgate.history.tally import Tally
from playgate.history.values import Row, UnreadableError, no_instant, stamps_reader, text_reader
from playgate.records import replace

__all__ = ["Columns", "ProblemAt", "by_line", "compile_table"]

ProblemAt = Callable[[int, str, str], None]
"""Takes a line, a reason and a hint."""

_Cells = Sequence[Sequence[str]]
"""The rows of a batch, column by column."""

_Left = tuple[int, str]
"""A cell that an entry passes over, and the entry's line."""
_Plain = tuple[tuple[str, str, str, str], ...]
"""Kind, name, value and what stands behind the row's id, of each event of a row; all else is as in
the other plain ones."""

_LINE = itemgetter(10)
_NO_DEAL = ("the deal is empty", "")
_KNOWN: Mapping[int, tuple[str, str]] = MappingProxyType({})


class _Mixed(tuple[Output, ...]):
    """The events of a row of which some read more than the cells that decide."""

    left: Sequence[_Left] = ()


class _Fewer(tuple[tuple[str, str, str, str], ...]):
    """The plain events of a row some cells of which are passed over."""

    left: Sequence[_Left] = ()


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
    tally: Tally | None = None,
    deals: DealIds | None = None,
) -> Callable[[Columnar], list[Columns]]:
    """Compiles a function from rows to events; the header must have every column that the table
    reads.

    Where the last column holds whole rows, `whole` reads them; or it holds the rows' ids. `no_deal`
    says by line why a deal is empty, where more is known of it. What becomes of the rows is counted
    in `tally`.
    """
    ids = row_ids(
        header,
        table=table.name,
        stable=stable_ids,
        kept=table.keeps_identical,
        whole=whole,
        by_text=True,
    )
    cells = _CellBuilder(header, zone)
    counted, known = tally or Tally(table), deals or DealIds()
    return _Table(table, cells, zone, source, problem, part, ids, no_deal, counted, known).events


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
        tally: Tally,
        deals: DealIds,
    ) -> None:
        self._tally = tally
        self._part = part
        self._no_deal = no_deal
        self._deals = deals
        self._ids = ids
        self._known_id: tuple[Row | None, str] = (None, "")
        places = cells.positions
        self._rules = [
            BoundRule(row, table, places, zone, source, tally.left) for row in table.rows
        ]
        ruled = zip(table.rows, self._rules, strict=True)
        main = next((row for row, rule in ruled if rule.shared), None)
        self._add_cells = cells.add
        self._written_deal_at = cells.place(table.deal)
        self._actor_at = cells.place(main.actor if main else None)
        self._stamp_at = cells.place(main.happened_at if main else None)
        self._deal_at = cells.width  # where it stands trimmed, behind all others
        self._stamp_form = main.happened_at.format if main else ()
        self._zone = zone
        self._read_stamps = stamps_reader(self._stamp_form, zone)
        filtered = [places[each.column] for each in table.where]
        self._passes = Remembered(row_filter(table.where, places), filtered) if filtered else None
        self._mixes = self._passes_over = False
        self._plans = Remembered(self._plan, _deciding(table, places))
        tally.seen += [
            lambda column: self._plans.cells_at(places.get(column)),
            lambda column: self._passes.cells_at(places.get(column)) if self._passes else (),
        ]
        self._currencies = watched_currencies(table, places, self._tell)
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
        cells = [*cells, self._deals.of(lines, cells[self._written_deal_at], self._tell)]
        if self._ids.reads_text:
            cells = [*cells, batch.texts() or list(map(BETWEEN.join, zip(*cells, strict=True)))]
        self._tally.rows += len(lines)
        if self._currencies is not None:
            self._currencies(lines, cells)
        if self._part is not None:
            if self._part.number == 0:
                self._look_at_all(lines, cells)
            lines, cells = self._part.of(lines, cells, self._deal_at)
        if self._passes is not None:
            passed = self._passes.of_rows(len(lines), cells)
            lines = list(compress(lines, passed))
            cells = [list(compress(column, passed)) for column in cells]
        self._tally.passed += len(lines)
        plans = self._plans.of_rows(len(lines), cells)
        if self._passes_over:
            self._count_left(plans)
        found = self._begun(lines, cells) if self._starts else []
        if self._mixes:
            found += self._mixed(lines, cells, plans)
        found += self._plain(lines, cells, plans)
        found.sort(key=_LINE)
        self._tally.events += len(found)
        for told in sorted(self._problems, key=itemgetter(0)):
            self._problem(*told)
        self._problems.clear()
        return found

    def _plan(self, row: Row) -> _Plain | _Mixed | _Fewer:
        """Returns the events of a row with these deciding cells."""
        kept: list[Output] = []
        left: list[_Left] = []
        fitting = [rule for rule in self._rules if rule.fits(row)]
        for place, rule in enumerate(fitting):
            self._tally.fitted.add(rule.line)
            if (output := rule.output(row, place)) is not None:
                kept.append(output)
            elif rule.line > 0:
                left.append((rule.line, rule.passed_over(row)))
        found: _Mixed | _Fewer
        if any(make for *_, make in kept):
            self._mixes = True
            found = _Mixed(kept)
        elif left:
            found = _Fewer(output[:4] for output in kept)
        else:
            return tuple(output[:4] for output in kept)
        found.left = left
        self._passes_over |= bool(left)
        return found

    def _look_at_all(self, lines: Sequence[int], cells: _Cells) -> None:
        """Counts what becomes of rows of any part: one of those who share the work does."""
        if self._passes is not None:
            passed = self._passes.of_rows(len(lines), cells)
            cells = [list(compress(column, passed)) for column in cells]
            lines = list(compress(lines, passed))
        self._tally.events += sum(map(bool, self._plans.of_rows(len(lines), cells)))

    def _count_left(self, plans: Sequence[_Plain | _Mixed | _Fewer]) -> None:
        """Counts the cells that are passed over, for all rows with the same plan at once."""
        known = dict(zip(map(id, plans), plans, strict=True))
        for key, count in Counter(map(id, plans)).items():
            for left in getattr(known[key], "left", ()):
                self._tally.left[left] += count

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
        self, lines: Sequence[int], cells: _Cells, plans: Sequence[_Plain | _Mixed | _Fewer]
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
            rests_of(stamps),
            deals,
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
        self, lines: Sequence[int], cells: _Cells, plans: Sequence[_Plain | _Mixed | _Fewer]
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
                    rest = event[11] if make else rest_of(row[self._stamp_at])
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


class _CellBuilder:
    """Gives each value that is read a column; those that the file does not have are added behind
    its own."""

    def __init__(self, header: Sequence[str], zone: Zone) -> None:
        self.positions = {column: index for index, column in enumerate(header)}
        self._zone = zone
        self._width = len(header)
        self._added: list[Callable[[Row], str | None]] = []

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self._width + len(self._added)

    def place(self, value: ValueSource | None) -> int:
        """Returns the number of the column in which the value stands as text."""
        if value is not None and len(value.columns) == 1 and not value.names:
            return self.positions[value.columns[0]]
        plain = value and replace(value, format=())  # a stamp is read from its text later
        self._added.append(text_reader(plain, self.positions, self._zone))
        return self.width - 1

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
