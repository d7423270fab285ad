"""Events stored as a table on a connection, and fetched from it, in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

import ibis

from playgate.bulk.engine.connect import Connection, backend_of
from playgate.bulk.engine.steps import batches
from playgate.bulk.values.expressions import Table
from playgate.history.event import Event
from playgate.history.own_table import COLUMNS

__all__ = ["EVENT", "events_of", "store", "table_from_events", "with_parts"]

EVENT = (*COLUMNS, "source", "line", "rest", "event_of_row")
"""The columns of a table of events.

`event_of_row` tells apart the events of one row, and may be missing.
"""

_BATCH = 50_000
_NUMBERS = ("happened_at", "recorded_at", "source", "line", "event_of_row")
_PLACE = itemgetter(9, 10)

_SCHEMA = {name: "int64" if name in _NUMBERS else "string" for name in EVENT}


def table_from_events(
    connection: Connection, events: Iterable[Event], *, name: str = "playgate_given"
) -> Table:
    """Stores any number of events, in the order of their source, as a temporary table."""
    return store(connection, name, with_parts(events))


def with_parts(events: Iterable[tuple[Any, ...]], first: int = 0) -> Iterator[tuple[Any, ...]]:
    """Adds to each event its number among those of its row, which stand together."""
    for _, row in groupby(events, _PLACE):
        for part, event in enumerate(row, start=first):
            yield (*event, part)


def store(connection: Connection, name: str, rows: Iterable[Sequence[Any]]) -> Table:
    """Stores these rows of `EVENT` columns as a temporary table."""
    if backend_of(connection) == "pyspark":
        return _store_on_spark(connection, name, rows)
    connection.raw_sql(f'DROP TABLE IF EXISTS "{name}"')
    connection.create_table(name, schema=ibis.schema(_SCHEMA), temp=True)
    given = iter(rows)
    while batch := list(islice(given, _BATCH)):
        _insert(connection, name, batch)
    return connection.table(name)


def _arrow(rows: list[Sequence[Any]]) -> Any:
    import pyarrow as pa  # comes with Ibis' backends

    columns = zip(*rows, strict=True) if rows else ([] for _ in _SCHEMA)
    types = (pa.int64() if kind == "int64" else pa.string() for kind in _SCHEMA.values())
    return pa.table(
        [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)],
        names=list(EVENT),
    )


def _store_on_spark(connection: Any, name: str, rows: Iterable[Sequence[Any]]) -> Table:
    """Stores rows as a view, for Spark has no temporary tables; a large one lies there already."""
    frame = connection._session.createDataFrame(_arrow(list(rows)))
    frame.localCheckpoint().createOrReplaceTempView(name)
    return connection.table(name)


def _insert(connection: Connection, name: str, rows: list[Sequence[Any]]) -> None:
    data = _arrow(rows)
    if backend_of(connection) != "duckdb":
        connection.insert(name, data)
        return
    view = f"{name}_batch"  # no copy, as Ibis would make
    connection.con.register(view, data)
    connection.raw_sql(f'INSERT INTO "{name}" SELECT * FROM "{view}"')  # noqa: S608  (our names)
    connection.con.unregister(view)


def events_of(connection: Connection, table: Table) -> Iterator[Event]:
    """Fetches the events of a table in batches, deal by deal and in order of their places."""
    order = [name for name in ("deal", "source", "line", "event_of_row") if name in table.columns]
    ordered = table.order_by(order).select(*EVENT[:-1])
    for rows in batches(connection, ordered):
        yield from map(Event._make, rows)
