"""Reads histories in Parquet that have a history's own columns, and plain rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from playgate.columns.arrays import Ints
from playgate.columns.arrow_texts import bools_of, numbers_of
from playgate.columns.batch import TEXTS, whole_column
from playgate.columns.gathered import Gathering
from playgate.columns.not_plain import NotPlainError
from playgate.columns.stamps import instants_of
from playgate.history.own_table import COLUMNS, REQUIRED

__all__ = ["gather_parquet"]

_STAMPS = ("happened_at", "recorded_at")
_MICROS = {"s": 1_000_000, "ms": 1_000, "us": 1}


def gather_parquet(paths: Sequence[str], gathering: Gathering) -> None:
    """Reads files one after the other; raises `NotPlainError` where our own reader has to."""
    gathering.expect(sum(map(_size, paths)))
    for source, path in enumerate(paths):
        line = 1
        for table in _tables(path):
            columns = {name: _whole(name, table.column(name)) for name in table.column_names}
            at = _instants(columns["happened_at"])
            recorded = _recorded(columns.get("recorded_at"), at)
            lines = np.arange(line, line + table.num_rows, dtype=np.int32)
            gathering.take(source, lines, columns, at, recorded)
            line += table.num_rows


def _size(path: str) -> int:
    """Returns how many rows a file has."""
    try:
        size: int = pq.read_metadata(path).num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        raise NotPlainError(str(error)) from None
    return size


def _tables(path: str) -> Iterator[Any]:
    """Yields the row groups of a file."""
    try:
        schema = pq.read_schema(path)
        _refuse_other(schema)
        texts = [name for name in TEXTS if name in schema.names]
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            for group in range(file.num_row_groups):
                yield file.read_row_group(group)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise NotPlainError(str(error)) from None


def _refuse_other(schema: Any) -> None:
    """Raises `NotPlainError` unless the columns are a history's own, and of plain types."""
    names = schema.names
    if not set(COLUMNS).issuperset(names) or not set(REQUIRED).issubset(names):
        raise NotPlainError("other columns")
    if len(set(names)) < len(names):
        raise NotPlainError("two columns of one name")
    for field in schema:
        kind = field.type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        is_instant = pa.types.is_timestamp(kind) and kind.unit in _MICROS
        if not (is_instant and field.name in _STAMPS) and not pa.types.is_string(kind):
            raise NotPlainError(f"{field.name} is of another type")


def _whole(name: str, column: Any) -> Any:
    """Returns a column of a row group in one piece."""
    found = whole_column(column)
    is_packed = name not in TEXTS and pa.types.is_dictionary(found.type)
    return found.dictionary_decode() if is_packed else found


def _instants(column: Any) -> Ints:
    """Returns instants in microseconds; without an offset they are those of UTC."""
    if column.null_count:
        raise NotPlainError("an instant that is missing")
    if pa.types.is_string(column.type):
        return instants_of(column, UTC)
    found: Ints = numbers_of(column, np.int64) * _MICROS[column.type.unit]
    return found


def _recorded(column: Any, at: Ints) -> Ints:
    if column is None:
        return at
    if pa.types.is_string(column.type):
        return instants_of(column, UTC, otherwise=at)
    known = bools_of(column.is_valid()) if column.null_count else None
    found: Ints = numbers_of(column, np.int64) * _MICROS[column.type.unit]
    return found if known is None else np.where(known, found, at)
