"""Rows as Arrow reads them, some at a time: what is a text is looked at once, where it is new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from playgate.columns.arrays import Ints
from playgate.columns.arrow_texts import ArrowTexts, array_of, array_of_texts, bools_of, numbers_of

__all__ = ["SCHEMA", "TEXTS", "Batch", "dictionary_of", "joined", "whole_column"]

TEXTS = ("deal", "kind", "name", "value", "actor", "attrs")
"""The columns of which each distinct text has a number."""
_FEW = 1_000
_TEXT = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        *((name, _TEXT) for name in TEXTS),
        ("event_id", pa.string()),
        ("at", pa.int64()),
        ("recorded", pa.int64()),
        ("source", pa.int16()),
        ("line", pa.int32()),
    ]
)
_EMPTY = array_of_texts([""])


class Batch(NamedTuple):
    """Rows in the order of the source."""

    texts: dict[str, Any]
    """Numbers and distinct texts of each column of `TEXTS`."""
    ids: Any
    at: Ints
    recorded: Ints
    source: npt.NDArray[np.int16]
    line: npt.NDArray[np.int32]

    @property
    def bytes(self) -> int:
        """How much memory they take."""
        return sum(each.nbytes for each in (*self.texts.values(), self.ids, *self[2:]))

    def take(self, which: Ints) -> Batch:
        """Returns some rows, and of many texts only theirs."""
        return Batch(
            {name: _some(column, which) for name, column in self.texts.items()},
            self.ids.take(array_of(which, pa.int64())),
            self.at[which],
            self.recorded[which],
            self.source[which],
            self.line[which],
        )

    def record(self) -> Any:
        """Returns them as a batch of Arrow's."""
        columns = [*self.texts.values(), self.ids]
        numbers: tuple[Any, ...] = self[2:]
        columns += map(array_of, numbers, SCHEMA.types[-4:])
        return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)

    @classmethod
    def of_record(cls, record: Any) -> Batch:
        """Returns the rows of a batch of Arrow's."""
        *texts, ids, at, recorded, source, line = record.columns
        return cls(
            dict(zip(TEXTS, texts, strict=True)),
            ids,
            numbers_of(at, np.int64),
            numbers_of(recorded, np.int64),
            numbers_of(source, np.int16),
            numbers_of(line, np.int32),
        )


def joined(batches: list[Batch]) -> Batch:
    """Returns all rows together; the list is emptied, so that memory is let go on the way."""
    texts, ids, *numbers = (list(column) for column in zip(*batches, strict=True))
    batches.clear()
    columns: dict[str, Any] = {}
    for name in TEXTS:
        columns[name] = _unified([each.pop(name) for each in texts])
    found = pa.chunked_array(ids, pa.string())
    ids.clear()
    return Batch(columns, found, *_concatenated(numbers))


def _concatenated(columns: Iterable[list[Any]]) -> Iterator[Any]:
    for pieces in columns:
        yield np.concatenate(pieces)
        pieces.clear()


def _unified(chunks: list[Any]) -> Any:
    column = pa.chunked_array(chunks, _TEXT).unify_dictionaries()
    chunks.clear()
    texts = column.chunk(0).dictionary
    numbers = np.concatenate([numbers_of(each.indices, np.int32) for each in column.chunks])
    return pa.DictionaryArray.from_arrays(array_of(numbers, pa.int32()), texts)


def whole_column(column: Any) -> Any:
    """Returns a column that lies in several pieces as one."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return column.unify_dictionaries().combine_chunks()


def dictionary_of(column: Any, size: int) -> Any:
    """Returns a column as numbers and distinct texts; what is null, or not there, is empty."""
    if column is None:
        numbers = array_of(np.zeros(size, np.int32), pa.int32())
        return pa.DictionaryArray.from_arrays(numbers, _EMPTY)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.cast(_TEXT)
    if not column.null_count:
        return column
    texts = column.dictionary
    if "" not in ArrowTexts(texts):
        texts = pa.concat_arrays([texts, _EMPTY])
    number = np.int32(ArrowTexts(texts).index(""))
    known = bools_of(column.indices.is_valid())
    numbers = np.where(known, numbers_of(column.indices, np.int32), number)
    return pa.DictionaryArray.from_arrays(array_of(numbers, pa.int32()), texts)


def _some(column: Any, which: Ints) -> Any:
    numbers = numbers_of(column.indices, np.int32)[which]
    is_there = np.zeros(len(column.dictionary), np.bool_)
    if len(is_there) > _FEW:
        is_there[numbers] = True
    if len(is_there) <= _FEW or is_there.all():
        return pa.DictionaryArray.from_arrays(array_of(numbers, pa.int32()), column.dictionary)
    renumbered = np.cumsum(is_there, dtype=np.int32) - np.int32(1)
    texts = column.dictionary.take(array_of(np.flatnonzero(is_there), pa.int64()))
    return pa.DictionaryArray.from_arrays(array_of(renumbered[numbers], pa.int32()), texts)
