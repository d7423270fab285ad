"""Runs a mapping over rows that are nested, are looked up or have derived columns.

A table's rows come first, then those of its `each`; then come derived columns and `where`, then the
entries, each with the items of its own `each`. So every row becomes flat, and is read as one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from playgate.conditions.instants import Zone
from playgate.history.cells import Cell, Odd, cells_of, one_each, text_of, texts_in
from playgate.history.deal_ids import DealIds
from playgate.history.delimited import Columnar
from playgate.history.flatten import FlatTable, Wanted, flat_tables
from playgate.history.levels import Cells, Items, Nest
from playgate.history.lookups import Lookups, Missed, asked_for, lookup_name
from playgate.history.mapped import Columns, ProblemAt, by_line, compile_table
from playgate.history.mapping import SEVERAL, CellRule, TableMap, ValueSource
from playgate.history.part import PartOfDeals
from playgate.history.paths import MISSING
from playgate.history.row_ids import WHOLE, Pairs, whole_event
from playgate.history.row_tests import row_filter
from playgate.history.tally import Tally
from playgate.history.values import UnreadableError, text_reader
from playgate.records import Record, replace

__all__ = ["Around", "UnnestedTable", "nest_filter"]

_BATCH = 8192
_SHOWN = 60


class Around(Record):
    """What is the same for all tables of a reading."""

    lookups: Lookups
    merged: Mapping[str, str]
    """The deals that were merged into others."""
    zone: Zone
    part: PartOfDeals | None = None
    stable_ids: bool = True
    deals: DealIds | None = None
    """What trims the ids of deals."""


def nest_filter(where: Sequence[CellRule]) -> Callable[[Nest], Sequence[bool]]:
    """Compiles what says of rows whether they fit."""
    columns = list(dict.fromkeys(cells.column for cells in where))
    fits = row_filter(where, {column: place for place, column in enumerate(columns)})

    def passed(nest: Nest) -> Sequence[bool]:
        if not columns:
            return [True] * len(nest.lines)
        cells = [one_each(cells_of(nest.column(column))) for column in columns]
        return [fits(row) for row in zip(*cells, strict=True)]

    return passed


class UnnestedTable:
    """A table's mapping, compiled for nested rows."""

    def __init__(
        self, table: TableMap, around: Around, *, source: int, problem: ProblemAt, tally: Tally
    ) -> None:
        self._tally = tally
        self._table = table
        self._around = around
        self._problem = problem
        self._passed = nest_filter(table.where)
        self._numbered = _asks_for_rows(table)
        self._derived = [
            (name, value, _conversion(value, around.zone)) for name, value in table.derived.items()
        ]
        flat = flat_tables(table)
        self._tallies = [tally.part() for _ in flat]
        self._parts = [
            _Part(each, table.each, around, source, problem, self._numbered, counted)
            for each, counted in zip(flat, self._tallies, strict=True)
        ]

    def events(self, nest: Nest) -> Iterator[list[Columns]]:
        """Yields the events of a file's rows, in batches."""
        rows = self.rows(nest)
        for start in range(0, len(rows.lines), _BATCH):
            places = range(start, min(start + _BATCH, len(rows.lines)))
            yield self.of_rows(rows if len(places) == len(rows.lines) else rows.take(places))

    def rows(self, nest: Nest) -> Nest:
        """Returns the table's rows, which may lie in those of the file."""
        each = self._table.each
        if not each:
            return nest
        rows = nest.each(each, numbered=self._numbered, counted=nest.is_document)
        if not rows.lines and all(value is MISSING for value in nest.column(each)):
            self._tally.without += len(nest.lines)
        return rows

    def of_rows(self, rows: Nest) -> list[Columns]:
        """Returns the events of some of the table's rows."""
        self._tally.rows += len(rows.lines)
        batch, missed = self.with_columns(rows)
        passed = self._passed(batch) if self._table.where else None
        for lookup, keys in missed:
            told = [key for place, key in keys if passed is None or passed[place]]
            self._around.lookups[lookup].missed.update(told)
        batch = batch if passed is None else batch.kept(passed)
        self._tally.passed += len(batch.lines)
        found = by_line([part.events(batch) for part in self._parts])
        self._tally.events = sum(tally.events for tally in self._tallies)
        return found

    def with_columns(self, rows: Nest) -> tuple[Nest, list[tuple[str, Missed]]]:
        """Returns the rows with derived columns, and the keys that lookups do not have."""
        missed: list[tuple[str, Missed]] = []
        return (rows.inside(self._made(rows, missed)) if self._derived else rows), missed

    def _made(self, batch: Nest, missed: list[tuple[str, Missed]]) -> Cells:
        """Returns the derived columns, each of which may be made of those before it, and adds the
        keys that lookups do not have."""
        made: dict[str, Sequence[Any]] = {}
        level = Cells(made, len(batch.lines))
        nest = batch.inside(level)
        for name, value, convert in self._derived:
            keys: Missed = []
            cells = self._around.lookups.cells(nest, value, keys)
            if keys:
                missed.append((value.lookup, keys))
            made[name] = cells if convert is None else self._converted(nest, name, cells, convert)
        return level

    def _converted(
        self, nest: Nest, name: str, cells: Sequence[Cell], convert: Callable[[str], str]
    ) -> list[Cell]:
        found: list[Cell] = []
        for line, cell in zip(nest.lines, cells, strict=True):
            try:
                found.append(
                    convert(cell)
                    if type(cell) is str
                    else cell
                    if isinstance(cell, Odd)
                    else tuple(filter(None, map(convert, texts_in(cell))))
                )
            except UnreadableError as error:
                self._problem(line, f"{name}: {error.reason}", error.hint)
                found.append("")
        return found


def _conversion(value: ValueSource, zone: Zone) -> Callable[[str], str] | None:
    """Compiles what makes a derived column's text of a cell; `None` where it is the cell."""
    if not (value.names or value.number or value.date or value.format):
        return None
    read = text_reader(replace(value, columns=("",), lookup="", row=False), {"": 0}, zone)
    return lambda text: read((text,)) or ""


def _asks_for_rows(table: TableMap) -> bool:
    return any(value.row for value in table.values())


class _Part:
    """The events of a flat table."""

    def __init__(
        self,
        flat: FlatTable,
        outer: str,
        around: Around,
        source: int,
        problem: ProblemAt,
        numbered: bool,
        tally: Tally,
    ) -> None:
        self._flat = flat
        self._each = ".".join(filter(None, (outer, flat.each)))
        self._around = around
        self._problem = problem
        self._numbered = numbered
        self._header = (*flat.wanted, WHOLE)
        self._no_deal: dict[int, tuple[str, str]] = {}
        self._run = compile_table(
            flat.table,
            self._header,
            zone=around.zone,
            source=source,
            problem=problem,
            part=around.part,
            stable_ids=around.stable_ids,
            whole=self._whole,
            no_deal=self._no_deal,
            tally=tally,
            deals=around.deals,
        )
        places = {name: place for place, name in enumerate(self._header)}
        self._readers = [
            (
                row_filter(rule.where, places),
                {flat.deal, *(column for value in rule.values() for column in value.columns)},
            )
            for rule in flat.table.rows
        ]
        self._missed: dict[str, Missed] = {}
        self._nest = Nest((), (Items([]),))
        self._columns: list[Sequence[Cell]] = []
        self._read: list[list[tuple[str, str]]] = []

    def events(self, nest: Nest) -> list[Columns]:
        """Returns the events of the rows."""
        flat = self._flat
        self._no_deal.clear()
        nest = nest.each(flat.each, numbered=self._numbered) if flat.each else nest
        cells = {name: self._cells(nest, name, of) for name, of in flat.wanted.items()}
        self._count_missed(cells)
        self._nest = nest
        self._columns = list(cells.values())
        self._read = []
        places: Sequence[int] = range(len(nest.lines))
        lines = nest.lines
        if flat.deal:
            places = _one_for_each(cells[flat.deal])
            if len(places) != len(lines):
                cells = {
                    name: _taken(column, places, name == flat.deal)
                    for name, column in cells.items()
                }
                lines = [lines[place] for place in places]
            if self._around.merged:
                self._join(cells)
        columns: list[Sequence[str]] = [
            _joined(cells[name]) if of.several and name != flat.deal else one_each(cells[name])
            for name, of in flat.wanted.items()
        ]
        if any(Odd in {*map(type, column)} for column in columns):
            lines, columns, places = self._without_odd(lines, columns, places)
        return self._run(Columnar(lines, [*columns, places]))  # type: ignore[list-item]

    def _cells(self, nest: Nest, name: str, wanted: Wanted) -> Sequence[Cell]:
        if name == self._flat.deal and wanted.lookup:
            return self._deals(nest, wanted)
        missed: Missed = []
        found = self._around.lookups.cells(nest, wanted.source, missed)
        if missed:
            self._missed[name] = missed
        return found

    def _count_missed(self, cells: Mapping[str, Sequence[Cell]]) -> None:
        """Counts the keys that are not there, of entries that fit their rows."""
        for name, keys in self._missed.items():
            counted = self._around.lookups[self._flat.wanted[name].lookup].missed
            for place, key in keys:
                row = [text_of(column[place]) for column in cells.values()]
                if self._asked((name,), row):
                    counted[key] += 1
        self._missed.clear()

    def _deals(self, nest: Nest, wanted: Wanted) -> list[Cell]:
        """Returns the deals that are looked up; where one is not there the row has none."""
        asked = asked_for(nest, wanted.source)
        table = self._around.lookups[wanted.lookup]
        found: list[Cell] = []
        for line, cell in zip(nest.lines, asked, strict=True):
            hits = [text for key in texts_in(cell) if key in table for text in texts_in(table[key])]
            if not hits and (missed := texts_in(cell)):
                name = lookup_name(wanted.lookup)
                self._no_deal[line] = (
                    f'{name} does not have "{missed[0][:_SHOWN]}", which tells the deal',
                    "is the file that the lookup reads whole?",
                )
            found.append(hits[0] if len(hits) == 1 else tuple(dict.fromkeys(hits)))
        return found

    def _join(self, cells: dict[str, Sequence[Cell]]) -> None:
        """Puts the survivors in the place of deals that were merged away; the ids of their rows
        then say where they come from, as both deals may have counted from 1."""
        merged = self._around.merged
        deals = list(map(str.strip, one_each(cells[self._flat.deal])))
        cells[self._flat.deal] = [merged.get(deal, deal) for deal in deals]
        for name in self._flat.ids:
            cells[name] = [
                f"{text}@{deal}" if text.strip() and deal in merged else text
                for text, deal in zip(one_each(cells[name]), deals, strict=True)
            ]

    def _without_odd(
        self, lines: Sequence[int], columns: list[Sequence[str]], places: Sequence[int]
    ) -> tuple[list[int], list[Sequence[str]], list[int]]:
        """Returns the rows without those in which a list or an object stands where an entry that
        fits asks for one value; these are problems."""
        kept = []
        for index, row in enumerate(zip(*columns, strict=True)):
            odd = [name for name, cell in zip(self._header, row, strict=False) if type(cell) is Odd]
            wrong = self._asked(odd, row) if odd else ""
            if wrong:
                cell = row[self._header.index(wrong)]
                what = "an object" if cell.startswith("{") else "a list"
                called = " or ".join(self._flat.wanted[wrong].columns)
                self._problem(
                    lines[index],
                    f"{called} is {what}, where one value is asked for: {cell[:_SHOWN]}",
                    f"name one of its values by a path, such as {called}.0, "
                    "or make a row of each item with `each`",
                )
            else:
                kept.append(index)
        return (
            [lines[index] for index in kept],
            [[_plain(column[index]) for index in kept] for column in columns],
            [places[index] for index in kept],
        )

    def _asked(self, odd: Sequence[str], row: Sequence[str]) -> str:
        """Returns the first of the odd columns that an entry reads which fits the row."""
        for fits, read in self._readers:
            if fits(row) and (wrong := next((name for name in odd if name in read), "")):
                return wrong
        return ""

    def _whole(self, place: int) -> Pairs:
        """Returns what tells a row from others where it has no id: all of it; of an item all of it,
        and what is read of what lies around."""
        if not self._each:
            return _pairs_of(self._nest.levels[0], place)
        item = self._nest.levels[-1]
        own = _pairs_of(item, place) if isinstance(item, Items) else ()
        if not self._read:
            self._read = list(map(_read, self._flat.wanted, self._columns))
        return [("\0each", self._each), *own, *(column[place] for column in self._read)]


def _read(name: str, cells: Sequence[Cell]) -> list[tuple[str, str]]:
    """Returns what is read of each row in a column, with a name that no cell of the row has."""
    called = f"{name}\0"
    return [(called, cell if type(cell) is str else SEVERAL.join(texts_in(cell))) for cell in cells]


def _pairs_of(level: Items | Cells, place: int) -> Iterable[tuple[str, str]]:
    if isinstance(level, Cells):
        columns = level.columns
        if WHOLE in columns:
            named = [(name, columns[name][place]) for name in columns if name.startswith("case:")]
            return [*named, *whole_event(columns[WHOLE][place])]
        return [(name, _whole_text(column[place])) for name, column in columns.items()]
    item = level.items[place]
    if type(item) is dict:
        return [
            (key, value if type(value) is str else _whole_text(value))
            for key, value in item.items()
        ]
    return [("\0item", _whole_text(item))]


def _whole_text(value: Any) -> str:
    """Returns a value as `row_ids.whole_object` does."""
    if isinstance(value, dict | list | bool):
        return json.dumps(_with_texts(value), sort_keys=True)
    return text_of(value)


def _with_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_texts(each) for key, each in value.items()}
    if isinstance(value, list):
        return list(map(_with_texts, value))
    return str(value) if type(value) is int else value


def _one_for_each(cells: Sequence[Cell]) -> Sequence[int]:
    """Returns the place of each row as often as it has deals, and once where it has none."""
    if {*map(type, cells)} <= {str, Odd}:
        return range(len(cells))
    times = (max(1, len(cell)) if isinstance(cell, tuple) else 1 for cell in cells)
    return [place for place, many in enumerate(times) for _ in range(many)]


def _taken(column: Sequence[Cell], places: Sequence[int], apart: bool) -> list[Cell]:
    """Returns the cells at these places; where they stand `apart`, the next of several each
    time."""
    if not apart:
        return [column[place] for place in places]
    found: list[Cell] = []
    counts = count()
    last = -1
    for place in places:
        counts = counts if place == last else count()
        last = place
        cell, number = column[place], next(counts)
        found.append(cell if isinstance(cell, str) else cell[number] if cell else "")
    return found


def _joined(cells: Sequence[Cell]) -> list[str]:
    """Returns the cells as texts in which several stand apart; what is no plain value, nor a list
    of such, stays `Odd`."""
    return [cell if type(cell) is str else _apart(cell) for cell in cells]


def _apart(cell: Cell) -> str:
    texts = texts_in(cell)
    return cell if isinstance(cell, Odd) and texts == (cell,) else SEVERAL.join(texts)


def _plain(cell: str) -> str:
    return "" if isinstance(cell, Odd) else cell
