"""Reads tables of another make with a mapping, where both are plain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from playgate.columns.arrays import Ints
from playgate.columns.arrow_texts import (
    ArrowTexts,
    array_of_texts,
    bare_lengths_of,
    digests_of,
    lengths_of,
)
from playgate.columns.cells import Cells, Texts, distinct_texts, pooled
from playgate.columns.entries import Begun, Entry, Piece, fitting
from playgate.columns.gathered import Gathering
from playgate.columns.not_plain import NotPlainError
from playgate.columns.plain_csv import Block, PlainCsv
from playgate.columns.plain_mapping import is_plain
from playgate.columns.row_texts import RowTexts
from playgate.columns.seen_cells import SeenCells
from playgate.errors import InputError
from playgate.history.event import Problem
from playgate.history.mapping import Mapping, TableMap
from playgate.history.row_ids import GIVEN
from playgate.history.tally import problems_of
from playgate.history.values import UnreadableError

__all__ = ["gather_mapped"]

_USUAL, _PACKED = 100, 10
"""Bytes of a line, about, and how often a packed file holds as many."""


def gather_mapped(
    paths: Sequence[str], mapping: Mapping, report: Callable[[Problem], None], gathering: Gathering
) -> None:
    """Reads files one after the other, and reports what no row fitted.

    Raises `NotPlainError` where our own reader has to.
    """
    gathering.expect(sum(map(_lines_of, paths)))
    gathering.row_texts = row_texts = RowTexts()
    seen: dict[int, SeenCells] = {}
    try:
        for source, path in enumerate(paths):
            table = _table_of(mapping, path)
            known = seen.setdefault(table.line, SeenCells(table))
            file = _File(path, table, mapping, known)
            csv = file.csv
            row_texts.add(source, csv.header, csv.delimiter, csv.end, table.name)
            file.gather(source, gathering)
    except UnreadableError as error:
        raise NotPlainError(error.reason) from None
    for each in seen.values():
        for problem in problems_of(each.tally, mapping):
            each.refuse_many()
            report(problem)


def _lines_of(path: str) -> int:
    size = Path(path).stat().st_size
    return (size * _PACKED if path.endswith(".gz") else size) // _USUAL


def _table_of(mapping: Mapping, path: str) -> TableMap:
    try:
        tables = mapping.tables_for(path)
    except InputError as error:
        raise NotPlainError(str(error)) from None
    if len(tables) != 1 or not is_plain(tables[0], mapping):
        raise NotPlainError("a mapping that is not plain")
    return tables[0]


class _File:
    """A file, and the table that reads it."""

    def __init__(self, path: str, table: TableMap, mapping: Mapping, seen: SeenCells) -> None:
        self.csv = PlainCsv(path)
        header = self.csv.header
        if not {*table.columns()} <= {*header} or GIVEN in header:
            raise NotPlainError("other columns")
        places = {column: place for place, column in enumerate(header)}
        self._table = table
        self._seen = seen
        self._begun = [
            Begun(name, value, places, mapping.zone) for name, value in table.start.items()
        ]
        self._entries = [Entry(rule, table, places, mapping.zone) for rule in table.rows]
        (self._deal,) = table.deal.columns
        self._last = ""
        self._digests: list[Ints] = []

    def gather(self, source: int, gathering: Gathering) -> None:
        """Reads all rows."""
        packed = {self._deal, *(test.column for test in self._table.where)}
        packed = packed.union(*(each.packed for each in self._begun))
        packed = packed.union(*(each.packed for each in self._entries))
        events = 0
        for block in self.csv.blocks(self._table.columns(), packed, with_texts=True):
            cells = Cells(block.columns)
            if pieces := self._pieces(cells, block):
                events += _take(source, block.line, cells.column(self._deal), pieces, gathering)
        if not events:
            raise NotPlainError("none of the rows makes an event")
        self._seen.tally.events += events
        self._refuse_identical()

    def _pieces(self, cells: Cells, block: Block) -> list[Piece]:
        """Returns the events of a block's rows, for each meaning alone."""
        size = block.size
        _refuse_padded(cells.texts(self._deal))
        if self._table.keeps_identical:
            self._digests.append(digests_of(block.texts))
        passed = fitting(cells, self._table.where, size)
        rows = np.flatnonzero(passed)
        self._seen.take(cells, rows)
        found = []
        if self._begun:
            first = self._first_rows(cells, rows)
            found = [each.piece(cells, first) for each in self._begun]
        earlier = np.zeros(size, np.int64)
        for entry in self._entries:
            fits = passed & fitting(cells, entry.where, size)
            its = np.flatnonzero(fits)
            if len(its):
                self._seen.tally.fitted.add(entry.line)
                found.append(entry.piece(cells, its, earlier[its], block.texts))
                earlier[its] += 1
        return found

    def _first_rows(self, cells: Cells, rows: Ints) -> Ints:
        """Returns the first row of each run of rows of one deal."""
        if not len(rows):
            return rows
        deals = cells.of((self._deal,), rows)
        begins = np.ones(len(rows), np.bool_)
        begins[1:] = deals.numbers[1:] != deals.numbers[:-1]
        texts = ArrowTexts(deals.texts)
        begins[0] = texts[int(deals.numbers[0])] != self._last
        self._last = texts[int(deals.numbers[-1])]
        some = np.flatnonzero(begins)
        found: Ints = rows[some[~deals.take(some).is_blank]]
        return found

    def _refuse_identical(self) -> None:
        """Raises `NotPlainError` where identical rows are kept, and there are some."""
        if self._digests:
            in_order = np.sort(np.concatenate(self._digests))
            if (in_order[1:] == in_order[:-1]).any():
                raise NotPlainError("identical rows, each of which is an event")


def _take(
    source: int, line: int, deals: Texts, pieces: Sequence[Piece], gathering: Gathering
) -> int:
    """Hands on the events of a block, row by row; returns how many there are."""
    rows = np.concatenate([each.row for each in pieces])
    meaning = np.repeat(np.arange(len(pieces)), [len(each.row) for each in pieces])
    order = np.argsort(rows * len(pieces) + meaning, kind="stable")
    kinds = array_of_texts([each.kind for each in pieces])
    columns = {
        "deal": distinct_texts(deals.take(rows[order])),
        "kind": distinct_texts(Texts(meaning[order], kinds)),
        "event_id": pooled([each.ids for each in pieces], order).array(),
    }
    for name in ("name", "value", "actor", "attrs"):
        columns[name] = distinct_texts(pooled([getattr(each, name) for each in pieces], order))
    at = np.concatenate([each.at for each in pieces])[order]
    recorded = np.concatenate([each.recorded for each in pieces])[order]
    gathering.take(source, (rows[order] + line).astype(np.int32), columns, at, recorded)
    return len(rows)


def _refuse_padded(deals: Any) -> None:
    """Raises `NotPlainError` where white space stands around the id of a deal."""
    bare = bare_lengths_of(deals)
    if ((bare != lengths_of(deals)) & (bare > 0)).any():
        raise NotPlainError("a deal with white space around it")
