"""The entries of a mapping's table, each read by columns: all rows that fit become events at once.

What a text means is asked of our own reader's functions, once for each distinct one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from playgate.columns.arrays import Bools, Ints
from playgate.columns.arrow_texts import (
    array_of_texts,
    digests_and_beginnings,
    is_ascii,
    put_together,
    text_of,
)
from playgate.columns.cells import Cells, Texts, numbered
from playgate.columns.not_plain import NotPlainError
from playgate.columns.plain_mapping import is_as_it_stands
from playgate.columns.row_texts import behind_rows
from playgate.columns.stamps import instants_of
from playgate.conditions.instants import Zone, beyond_micros
from playgate.history.event import START
from playgate.history.mapping import CellRule, RowRule, TableMap, ValueSource
from playgate.history.row_tests import Remembered, cell_fits
from playgate.history.time_forms import ISO
from playgate.history.values import attrs_reader, stamps_reader, text_reader

__all__ = ["Begun", "Entry", "Piece", "fitting"]

_ONE = np.uint64(0xFF)
_Places = Mapping[str, int]


class Piece(NamedTuple):
    """Events, at most one of each row."""

    row: Ints
    kind: str
    name: Texts
    value: Texts
    actor: Texts
    attrs: Texts
    at: Ints
    recorded: Ints
    ids: Texts


def fitting(cells: Cells, where: Sequence[CellRule], size: int) -> Bools:
    """Tells which of the rows fit all of the tests."""
    found = np.ones(size, np.bool_)
    for test in where:
        texts = cells.texts(test.column).to_pylist()
        fits = np.array([cell_fits(text, test) for text in texts], np.bool_)
        found &= fits[cells.numbers(test.column)]
    return found


class Begun:
    """A field that is known from the start."""

    def __init__(self, name: str, value: ValueSource, places: _Places, zone: Zone) -> None:
        self._name = name
        self._value = _Value(value, places, zone)
        self.packed = set(value.columns)

    def piece(self, cells: Cells, rows: Ints) -> Piece:
        """Returns the field's events at the first rows of deals."""
        value = self._value.of(cells, rows)
        some = np.flatnonzero(value.is_there)
        some = some[~value.take(some).is_blank]
        blank = Texts.same("", len(some))
        at = np.full(len(some), START)
        name = Texts.same(self._name, len(some))
        return Piece(rows[some], "field", name, value.take(some), blank, blank, at, at, blank)


class Entry:
    """A row's meaning, its values bound to columns."""

    def __init__(self, rule: RowRule, table: TableMap, places: _Places, zone: Zone) -> None:
        self._rule = rule
        self.line = rule.line
        self.where = rule.where
        self._before = f"{table.name}:" if table.name else ""
        self._name, self._value, self._actor, self._id = (
            _Value(value, places, zone)
            for value in (rule.name, rule.value, rule.actor, rule.event_id)
        )
        self._stamps, self._recorded = _Stamps(rule.happened_at, zone), None
        if rule.recorded_at is not None:
            self._recorded = _Stamps(rule.recorded_at, zone)
        self._attrs: _Told | None = None
        if rule.attrs:
            columns = [column for value in rule.attrs.values() for column in value.columns]
            self._attrs = _Told(columns, places, attrs_reader(rule.attrs, places, zone))
        self.packed = self._packed()

    def _packed(self) -> set[str]:
        """Returns the columns of which each distinct text is looked at."""
        rule = self._rule
        found = {test.column for test in rule.where}
        found |= {column for value in rule.attrs.values() for column in value.columns}
        for value in (rule.name, rule.value, rule.actor):
            found |= set(value.columns if value else ())
        for value in (rule.happened_at, rule.recorded_at, rule.event_id):
            if value and not _is_one_cell(value):
                found |= set(value.columns)
        return found

    def piece(self, cells: Cells, rows: Ints, earlier: Ints, row_texts: Any) -> Piece:
        """Returns the events of rows that fit, of which so many entries before fit each."""
        name, value = self._name.of(cells, rows), self._value.of(cells, rows)
        if name.take(name.is_there).is_blank.any():
            raise NotPlainError("a name that is empty")
        actor = self._actor.of(cells, rows)
        kept = name.is_there & value.is_there
        if not actor.is_there.all():
            raise NotPlainError("an actor that is left out")
        if not kept.all():
            rows, earlier = rows[kept], earlier[kept]
            name, value, actor = (each.take(kept) for each in (name, value, actor))
        at = self._stamps.of(cells, rows)
        recorded = at
        if self._recorded is not None:
            recorded = self._recorded.of(cells, rows, otherwise=at)
        attrs = Texts.same("", len(rows)) if self._attrs is None else self._attrs.of(cells, rows)
        ids = self._ids(cells, rows, earlier, row_texts)
        return Piece(rows, self._rule.kind, name, value, actor, attrs, at, recorded, ids)

    def _ids(self, cells: Cells, rows: Ints, earlier: Ints, row_texts: Any) -> Texts:
        """Returns the ids that are given, else the rows' texts and what stands behind them."""
        of_rows = Texts(rows, row_texts)
        if earlier.any():
            behind = Texts(earlier, behind_rows(int(earlier.max())))
            told = put_together(of_rows.array(), behind.array())
            of_rows = Texts(np.arange(len(rows)), told)
        if self._rule.event_id is None or not len(rows):
            return of_rows
        given = self._given(cells, rows)
        _, lengths, beginnings = digests_and_beginnings(given)
        is_given = lengths > 0
        if not is_ascii(given) or (is_given & ((beginnings & _ONE) <= ord(" "))).any():
            raise NotPlainError("an id with white space, or letters that may be some")
        if self._rule.inherits_id and earlier.any():
            numbers = ["", *(f"-{each}" for each in range(2, int(earlier.max()) + 2))]
            suffix = Texts(earlier, array_of_texts(numbers)).array()
            given = put_together(text_of(self._before), given, suffix)
        elif self._before:
            given = put_together(text_of(self._before), given)
        if not is_given.all():
            return of_rows.otherwise(is_given, given)
        return Texts(np.arange(len(rows)), given)

    def _given(self, cells: Cells, rows: Ints) -> Any:
        value = self._rule.event_id
        if value is not None and _is_one_cell(value):
            return cells.cells_at(value.columns[0], rows)
        found = self._id.of(cells, rows)
        if not found.is_there.all():
            raise NotPlainError("an id that is left out")
        return found.array()


def _is_one_cell(value: ValueSource) -> bool:
    return len(value.columns) == 1 and (is_as_it_stands(value) or value.format == (ISO,))


class _Value:
    """A value as text, as our own reader reads it."""

    def __init__(self, value: ValueSource | None, places: _Places, zone: Zone) -> None:
        self._value = value or ValueSource()
        self._told: _Told | None = None
        if not is_as_it_stands(self._value):
            read = text_reader(self._value, places, zone)
            self._told = _Told(self._value.columns, places, read)

    def of(self, cells: Cells, rows: Ints) -> Texts:
        """Returns the value of each of some rows, which has none where it is to be left out."""
        if self._told is not None:
            return self._told.of(cells, rows)
        if not self._value.columns:
            return Texts.same(self._value.text, len(rows))
        return cells.of(self._value.columns, rows)


class _Told:
    """A text that hangs on some cells of a row."""

    def __init__(
        self, columns: Sequence[str], places: _Places, read: Callable[[Sequence[str]], str | None]
    ) -> None:
        self._columns = list(dict.fromkeys(columns))
        self._known = Remembered(read, [places[column] for column in self._columns])

    def of(self, cells: Cells, rows: Ints) -> Texts:
        """Returns the text of each of some rows."""
        return Texts.of(*cells.told(self._columns, rows, self._known))


class _Stamps:
    """A value as the instants of events."""

    def __init__(self, value: ValueSource, zone: Zone) -> None:
        self._value = value
        self._zone = zone
        self._read = stamps_reader(value.format, zone)

    def of(self, cells: Cells, rows: Ints, *, otherwise: Ints | None = None) -> Ints:
        """Returns the instants; of empty ones what is given otherwise."""
        value = self._value
        if value.format and value.format[0] != ISO:
            return self._of_forms(cells.of(value.columns, rows), otherwise)
        texts = (
            cells.cells_at(value.columns[0], rows)
            if _is_one_cell(value)
            else cells.of(value.columns, rows).array()
        )
        return instants_of(texts, self._zone, otherwise=otherwise, read=self._read)

    def _of_forms(self, texts: Texts, otherwise: Ints | None) -> Ints:
        distinct, place = numbered(texts.numbers, len(texts.texts))
        stamps = Texts(distinct, texts.texts).array().to_pylist()
        read = self._read(stamps)
        told = np.array([START if at is None else at for at in read], np.int64)
        is_read = told != START
        found = told[place]
        if otherwise is not None:
            is_empty = np.array([not stamp for stamp in stamps], np.bool_)
            found = np.where(is_empty[place], otherwise, found)
            is_read |= is_empty
        if not is_read.all() or any(map(beyond_micros, stamps)):
            raise NotPlainError("a stamp that is none, or between microseconds")
        return found
