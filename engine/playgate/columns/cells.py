"""The cells of some rows of a table: what follows from some of them is worked out once for each
combination, by our own reader's functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from playgate.columns.arrays import Bools, Ints
from playgate.columns.arrow_texts import ArrowTexts, array_of, array_of_texts, numbers_of
from playgate.history.row_tests import Remembered

__all__ = ["Cells", "Texts", "distinct_texts", "numbered", "pooled"]

_T = TypeVar("_T")
_DENSE = 100_000
_MOST = 2**62


class Texts:
    """A text for each of some rows: its number among texts, which need not be distinct; -1 where a
    row has none."""

    def __init__(self, numbers: Ints, texts: Any) -> None:
        self.numbers = numbers
        self.texts = texts

    @classmethod
    def of(cls, texts: Sequence[str | None], place: Ints) -> Texts:
        """Returns the text at a place for each row."""
        is_there = np.array([text is not None for text in texts], np.bool_)
        numbers = np.where(is_there, np.arange(len(texts)), -1)
        return cls(numbers[place], array_of_texts([text or "" for text in texts]))

    @classmethod
    def same(cls, text: str, size: int) -> Texts:
        """Returns one text for all rows."""
        return cls(np.zeros(size, np.int64), array_of_texts([text]))

    def otherwise(self, where: Bools, texts: Any) -> Texts:
        """Returns other texts, one for each row, in place of some of these."""
        numbers = np.where(where, np.arange(len(texts)) + len(self.texts), self.numbers)
        return Texts(numbers, pa.concat_arrays([self.texts, texts]))

    @property
    def is_there(self) -> Bools:
        """Which rows have one."""
        found: Bools = self.numbers >= 0
        return found

    @property
    def is_blank(self) -> Bools:
        """Which rows, of those that have one, have a blank one."""
        blank = np.array([not text.strip() for text in self.texts.to_pylist()], np.bool_)
        return blank[self.numbers]

    def take(self, rows: Any) -> Texts:
        """Returns those of some of the rows."""
        return Texts(self.numbers[rows], self.texts)

    def array(self) -> Any:
        """Returns them, of which each row must have one, as an array of Arrow's."""
        return self.texts.take(array_of(self.numbers, pa.int64()))


def pooled(pieces: Sequence[Texts], order: Ints) -> Texts:
    """Returns the texts of several pieces in an order."""
    pools = {id(each.texts): each.texts for each in pieces}
    begins = np.cumsum([0, *map(len, pools.values())]).tolist()
    begin_of = dict(zip(pools, begins, strict=False))
    numbers = np.concatenate([each.numbers + begin_of[id(each.texts)] for each in pieces])
    return Texts(numbers[order], pa.concat_arrays(list(pools.values())))


def distinct_texts(texts: Texts) -> Any:
    """Returns texts, of which each row must have one, as numbers and distinct texts."""
    used, place = numbered(texts.numbers, len(texts.texts))
    found = Texts(used, texts.texts).array().dictionary_encode()
    renumbered = numbers_of(found.indices, np.int32)[place]
    return pa.DictionaryArray.from_arrays(array_of(renumbered, pa.int32()), found.dictionary)


def numbered(keys: Ints, bound: int) -> tuple[Ints, Ints]:
    """Returns distinct keys, which are below a bound, and the number of each key among them."""
    if bound > _DENSE + 4 * len(keys):
        distinct, place = np.unique(keys, return_inverse=True)
        return distinct, place
    is_there = np.zeros(bound, np.bool_)
    is_there[keys] = True
    return np.flatnonzero(is_there), (np.cumsum(is_there) - 1)[keys]


class Cells:
    """Some rows of a table, column by column."""

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self._columns = columns
        self._numbers: dict[str, Ints] = {}

    def column(self, column: str) -> Texts:
        """Returns the cells of a column."""
        return Texts(self.numbers(column), self.texts(column))

    def texts(self, column: str) -> Any:
        """Returns the distinct texts of a column."""
        return self._columns[column].dictionary

    def numbers(self, column: str) -> Ints:
        """Returns for each row the number of its text."""
        if column not in self._numbers:
            found = numbers_of(self._columns[column].indices, np.int32)
            self._numbers[column] = found.astype(np.int64)
        return self._numbers[column]

    def cells_at(self, column: str, rows: Ints) -> Any:
        """Returns the cells of some rows as they are."""
        found = self._columns[column]
        if pa.types.is_dictionary(found.type):
            return self.of((column,), rows).array()
        return found.take(array_of(rows, pa.int64()))

    def of(self, columns: Sequence[str], rows: Ints) -> Texts:
        """Returns for each of some rows the first cell that is not blank."""
        first = columns[0]
        found = Texts(self.numbers(first)[rows], self.texts(first))
        for column in columns[1:]:
            numbers = self.numbers(column)[rows] + len(found.texts)
            numbers = np.where(found.is_blank, numbers, found.numbers)
            found = Texts(numbers, pa.concat_arrays([found.texts, self.texts(column)]))
        return found

    def told(
        self, columns: Sequence[str], rows: Ints, known: Remembered[_T]
    ) -> tuple[list[_T], Ints]:
        """Returns what is known of each combination of the cells of some rows, and the number of
        each row's; `known` is asked for the columns in order of their places."""
        if not columns or not len(rows):
            return ([known[()]] if len(rows) else []), np.zeros(len(rows), np.int64)
        keys, bound = self.numbers(columns[0])[rows], len(self.texts(columns[0]))
        for column in columns[1:]:
            size = len(self.texts(column))
            if bound * size >= _MOST:
                distinct, keys = numbered(keys, bound)
                bound = len(distinct)
            keys, bound = keys * size + self.numbers(column)[rows], bound * size
        distinct, place = numbered(keys, bound)
        one = np.zeros(len(distinct), np.int64)
        one[place] = rows
        combinations = zip(
            *(ArrowTexts(self.texts(each)).take(self.numbers(each)[one]) for each in columns),
            strict=True,
        )
        return [known[each] for each in combinations], place
