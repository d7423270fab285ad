"""Rows of Parquet files for mappings that look into them, or from one file into another.

Flat tables of Parquet are for DuckDB to read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from playgate.errors import InputError
from playgate.history.levels import Cells, Nest
from playgate.history.source import Source

__all__ = ["parquet_rows"]

_BATCH = 8192


def parquet_rows(path: str, check: Callable[[Sequence[str], str], None]) -> Iterator[Nest]:
    """Yields the rows, numbered from 1; `check` is given the header."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        Source(path).__enter__()  # says that it cannot be read here
        raise
    try:
        file = pq.ParquetFile(path)
        check(file.schema_arrow.names, "header")
        line = 1
        for batch in file.iter_batches(_BATCH):
            columns = {
                name: list(map(_plain, column.to_pylist()))
                for name, column in zip(batch.schema.names, batch.columns, strict=True)
            }
            lines = range(line, line + batch.num_rows)
            line += batch.num_rows
            yield Nest(lines, (Cells(columns, batch.num_rows),))
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{path} cannot be read as Parquet: {reason}", code="wrong-file") from None


def _plain(value: Any) -> Any:
    """Returns a value as JSON would have it, with texts for all that it has no words for."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, list):
        return [_pair(each) if isinstance(each, tuple) else _plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _pair(pair: tuple[Any, ...]) -> dict[str, Any]:
    """Returns an entry of a map."""
    return {"key": _plain(pair[0]), "value": _plain(pair[1])}
