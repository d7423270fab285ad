"""Rows as Arrow reads them, some at a time: what is a text is looked at once, where it is new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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

    def split(self, places: Sequence[Ints]) -> list[Batch]:
        """Returns the rows at some places, and at others, each with its own of many texts."""
        columns = {name: _split(column, places) for name, column in self.texts.items()}
        return [
            Batch(
                {name: columns[name][number] for name in TEXTS},
                self.ids.take(array_of(which, pa.int64())),
                self.at[which],
                self.recorded[which],
                self.source[which],
                self.line[which],
            )
            for number, which in enumerate(places)
        ]

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
    return _packed(numbers, texts)


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
    return _packed(numbers, texts)


def _split(column: Any, places: Sequence[Ints]) -> list[Any]:
    """Returns the rows at some places, and at others: in time that hangs on how many they are, and
    not on how many texts there are besides."""
    numbers, texts = numbers_of(column.indices, np.int32), column.dictionary
    if len(texts) <= _FEW:
        return [_packed(numbers[which], texts) for which in places]
    found = []
    number_of = np.empty(len(texts), np.int32)  # what is left there of other places is never read
    for which in places:
        own = numbers[which]
        order = np.arange(len(own), dtype=np.int32)
        number_of[own] = order
        distinct = np.sort(own[number_of[own] == order])
        number_of[distinct] = order[: len(distinct)]
        its = texts.take(array_of(distinct, pa.int32()))
        found.append(_packed(number_of[own], its))
    return found


def _packed(numbers: npt.NDArray[np.int32], texts: Any) -> Any:
    return pa.DictionaryArray.from_arrays(array_of(numbers, pa.int32()), texts)
