"""Ids of rows that bring none, made of everything that stands in them.

Two rows without an id are one event only where they are the same in every column, read or not. So
their id is a digest of all cells that are not empty, each with its column's name: a later import
finds it again, whatever the format and the order of the columns. Where an id need tell the rows of
one file apart for one reading only, a hash does, which is had for next to nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress, repeat
from operator import itemgetter
from typing import Any

__all__ = [
    "BEHIND_NAME",
    "BETWEEN",
    "DIGITS",
    "GIVEN",
    "OTHERS",
    "ROW",
    "WHOLE",
    "Pairs",
    "RowIds",
    "row_ids",
    "whole_event",
    "whole_object",
]

WHOLE = "\0whole"
"""The column in which formats without a header give the whole row, as it stands in the file."""
OTHERS = "\0others"
"""The same, empty where the row has nothing but what is read of it."""
GIVEN = "playgate:row-id"
"""The column in which another reader gives the rows' ids, for us to take."""
ROW = "r-"
"""What ids of rows begin with."""
DIGITS = 16
BETWEEN, BEHIND_NAME = "\x1f", "\x1e"
"""What stands between cells, and between a column's name and its cell, in what is digested."""

_CELL = itemgetter(1)

Pairs = Iterable[tuple[str, str]]
"""Columns and their cells."""


def whole_object(line: str) -> Pairs:
    """Returns what a line of JSON holds."""
    data: dict[str, Any] = json.loads(line, parse_int=str, parse_float=str)
    return ((key, _as_text(value)) for key, value in data.items())


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, sort_keys=True)


def whole_event(event: str | list[str]) -> Pairs:
    """Returns what an XES event holds: it is given as its text, or as a list of each key and,
    behind it, its value."""
    parts = event.split('"')[1::2] if isinstance(event, str) else event
    return zip(parts[::2], parts[1::2], strict=True)


def row_ids(
    header: Sequence[str],
    *,
    table: str = "",
    stable: bool = True,
    kept: bool = False,
    whole: Callable[[Any], Pairs] | None = None,
    by_text: bool = False,
) -> RowIds:
    """Returns what gives the rows of a file their ids; see `RowIds`.

    With `by_text`, ids that need not be stable are made of a row's text, which stands behind all of
    its cells; `reads_text` says whether they are.
    """
    given = header[-1:] == (GIVEN,)
    kind = _GivenIds if given else RowIds
    if by_text and not (stable or given or whole):
        kind = _TextIds
    return kind(header, table=table, stable=stable, kept=kept and not given, whole=whole)


class RowIds:
    """Gives rows their ids; it is made for one file, whose `table` in the mapping is part of them.

    Where identical rows are `kept` each has an id of its own, by its place among them in the file.
    `whole` reads the last column, where a format gives whole rows there: what else is known of a
    row then stands in the columns of its case.
    """

    def __init__(
        self,
        header: Sequence[str],
        *,
        table: str = "",
        stable: bool = True,
        kept: bool = False,
        whole: Callable[[Any], Pairs] | None = None,
    ) -> None:
        self._table = table
        self._last = len(header) - 1
        self._whole = whole
        known = header
        if whole is not None:
            known = [column for column in header if column.startswith("case:")]
        self._places = sorted(map(header.index, known), key=header.__getitem__)
        self._names = [header[place] + BEHIND_NAME for place in self._places]
        if whole is not None:
            self._places.append(len(header) - 1)
        self._make = self._digests if stable else self._hashes
        self._seen: dict[str, int] | None = {} if kept else None

    reads_text = False

    def of(self, columns: Sequence[Sequence[Any]], wanted: Sequence[object]) -> list[str]:
        """Returns the ids of the wanted rows, given the cells of all by column."""
        cells: Iterator[tuple[Any, ...]] = (
            zip(*[columns[place] for place in self._places], strict=True)
            if self._places
            else repeat((), len(wanted))
        )
        return self._numbered(self._make(compress(cells, wanted)))

    def of_row(self, row: Sequence[Any]) -> str:
        """Returns the id of one row."""
        return self.of([(cell,) for cell in row], (True,))[0]

    def _numbered(self, ids: Iterable[str]) -> list[str]:
        seen = self._seen
        if seen is None:
            return list(ids)
        found = []
        for each in ids:
            count = seen[each] = seen.get(each, 0) + 1
            found.append(each if count == 1 else f"{each}~{count}")
        return found

    def _digests(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
        from hashlib import sha256  # only here: its import takes long

        for row in rows:
            told = [name + cell for name, cell in zip(self._names, row, strict=False) if cell]
            if self._whole is not None:
                more = (name + BEHIND_NAME + cell for name, cell in self._whole(row[-1]) if cell)
                told = sorted({*told, *more})
            text = BETWEEN.join([self._table, *told])
            yield ROW + sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]

    def _hashes(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
        if self._whole is not None:
            rows = ((*row[:-1], frozenset(filter(_CELL, self._whole(row[-1])))) for row in rows)
        return map(str, map(hash, rows))


class _GivenIds(RowIds):
    """Takes the ids that stand in the last column."""

    def of(self, columns: Sequence[Sequence[Any]], wanted: Sequence[object]) -> list[str]:
        return list(compress(columns[self._last], wanted))


class _TextIds(RowIds):
    """Hashes the text of a row, which stands behind its cells."""

    reads_text = True

    def of(self, columns: Sequence[Sequence[Any]], wanted: Sequence[object]) -> list[str]:
        return self._numbered(map(str, map(hash, compress(columns[-1], wanted))))
