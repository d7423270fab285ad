"""Intermediate tables: each is computed once, and dropped in the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import ibis
import ibis.expr.operations as ops
import sqlglot as sg

from playgate.bulk.engine.connect import Connection, backend_of
from playgate.bulk.values.expressions import Table

__all__ = ["FetchedRow", "Steps", "batches"]

FetchedRow = dict[str, Any]

_BATCH = 50_000
"""So many rows are fetched at once."""
_TIES = 2**64
"""More than there are places in an instant."""
_WITHOUT_TEMPORARY = ("trino",)
"""Engines that have no temporary tables: real ones are made, and dropped in the end."""


class Steps:
    """Steps run expressions on one connection; what they keep is dropped with their context."""

    def __init__(self, connection: Connection, *, prefix: str = "playgate") -> None:
        self._connection = connection
        self.backend = backend_of(connection)
        self._prefix = prefix
        self._kept: list[str] = []
        self._views: list[str] = []
        self._statements: list[str] | None = None

    @property
    def _packs(self) -> bool:
        """Whether an instant and a place fit into one number, so that nothing is sorted."""
        return self.backend == "duckdb"

    def __enter__(self) -> Steps:
        return self

    def __exit__(self, *_: object) -> None:
        for name in reversed(self._views):
            self._drop_view(name)
        for name in self._kept:
            self._drop(name)

    def keep(self, name: str, expression: Table) -> Table:
        """Stores the rows of `expression`, and returns the table that holds them."""
        return self._store(name, self._sql(expression), expression.schema())

    def in_order(self, name: str, expression: Table, *, group: str, order: Sequence[str]) -> Table:
        """Stores the rows of `expression`, each with a number `position`.

        The rows of a group stand in the order of that number; it says nothing else.
        """
        if self._packs:
            instant, tie = map(self._quoted, order)
            packed = f"CAST({instant} AS HUGEINT) * {_TIES} + {tie} AS {self._quoted('position')}"
            schema = ibis.schema(
                {**expression.schema(), "position": "int64"}
            )  # as far as Ibis cares
            sql = f"SELECT *, {packed} FROM ({self._sql(expression)})"  # noqa: S608  (our names)
            return self._store(name, sql, schema)
        place = ibis.row_number().over(group_by=group, order_by=list(order))
        return self.keep(name, expression.mutate(position=place))

    def add(self, name: str, expression: Table) -> Table:
        """Stores the rows of `expression` beside those that were added before."""
        full, sql = self._quoted(f"{self._prefix}_{name}"), self._sql(expression)
        self._run(f"CREATE TEMPORARY TABLE IF NOT EXISTS {full} AS {sql} LIMIT 0")
        self._run(f"INSERT INTO {full} {sql}")
        self._kept.append(f"{self._prefix}_{name}")
        return self.named(name, expression.schema())

    @contextmanager
    def noting(self) -> Iterator[list[str]]:
        """Notes down the statements that run in this context, so that they can run again."""
        self._statements = statements = list[str]()
        try:
            yield statements
        finally:
            self._statements = None

    def run_again(self, statements: Sequence[str]) -> None:
        """Runs the noted statements again; the same tables hold other rows then."""
        for sql in statements:
            self._run(sql)

    def numbers(self, name: str, values: Sequence[int]) -> Table:
        """Stores `values` as a table with one column, `rule`."""
        column = self._quoted("rule")
        rows = " UNION ALL ".join(f"SELECT CAST({each} AS BIGINT) AS {column}" for each in values)
        return self._store(name, rows, ibis.schema({"rule": "int64"}))

    def named(self, name: str, schema: Any) -> Table:
        """Returns the table that `name` has given this name, or will give it."""
        full = f"{self._prefix}_{name}"
        return ops.DatabaseTable(name=full, schema=schema, source=self._connection).to_expr()

    def name(self, name: str, expression: Table) -> None:
        """Gives `expression` a name, without computing it."""
        full = f"{self._prefix}_{name}"
        self._drop_view(full)
        sql = self._sql(expression)
        self._run(f"CREATE TEMPORARY VIEW {self._quoted(full)} AS {sql}")
        self._views.append(full)

    def _drop_view(self, name: str) -> None:
        self._run(f"DROP VIEW IF EXISTS {self._quoted(name)}")

    def rows(self, expression: Table) -> list[FetchedRow]:
        """Fetches the rows of `expression`."""
        if self.backend == "duckdb":  # Ibis' own way there loads Arrow and pandas, for nothing
            cursor = self._connection.raw_sql(self._sql(expression))
            return [dict(zip(expression.columns, row, strict=True)) for row in cursor.fetchall()]
        found: list[FetchedRow] = self._connection.to_pyarrow(expression).to_pylist()
        return found

    def tuples(self, expression: Table) -> Iterator[tuple[Any, ...]]:
        """Fetches the rows of `expression` in batches; nothing else may run until the last."""
        for rows in self.batches(expression):
            yield from rows

    def batches(self, expression: Table) -> Iterator[list[tuple[Any, ...]]]:
        """Fetches the rows of `expression` in batches; nothing else may run until the last."""
        return batches(self._connection, expression)

    def _sql(self, expression: Table) -> str:
        with _not_fused() if self.backend == "duckdb" else nullcontext():
            sql: str = self._connection.compile(expression)
        return sql

    def _store(self, name: str, sql: str, schema: Any) -> Table:
        full = f"{self._prefix}_{name}"
        if self.backend == "pyspark":
            # A plan of its own: kept as a query, or cached, it would be planned anew in each step.
            checkpointed = self._connection._session.sql(sql).localCheckpoint()
            checkpointed.createOrReplaceTempView(full)
        else:
            self._drop(full)
            kind = "" if self.backend in _WITHOUT_TEMPORARY else "TEMPORARY "
            self._run(f"CREATE {kind}TABLE {self._quoted(full)} AS {sql}")
            if self.backend == "postgres":  # nobody else counts the rows of a temporary table
                self._run(f"ANALYZE {self._quoted(full)}")
        self._kept.append(full)
        return ops.DatabaseTable(name=full, schema=schema, source=self._connection).to_expr()

    def _drop(self, name: str) -> None:
        if self.backend == "pyspark":
            self._connection._session.catalog.dropTempView(name)
        else:
            self._run(f"DROP TABLE IF EXISTS {self._quoted(name)}")

    def _run(self, sql: str) -> None:
        if self._statements is not None:
            self._statements.append(sql)
        cursor = self._connection.raw_sql(sql)
        if self.backend == "postgres":  # else the next error would undo it all
            cursor.close()
            self._connection.con.commit()

    def _quoted(self, name: str) -> str:
        dialect = self._connection.compiler.dialect
        text: str = sg.to_identifier(name, quoted=True).sql(dialect=dialect)
        return text


@contextmanager
def _not_fused() -> Iterator[None]:
    """Queries stay nested: folding them takes Ibis a fifth of its time, and DuckDB none."""
    options = ibis.options.sql
    before, options.fuse_selects = options.fuse_selects, False
    try:
        yield
    finally:
        options.fuse_selects = before


def batches(connection: Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """Fetches the rows of a table, so many at once.

    The connection must do nothing else until all are fetched.
    """
    if backend_of(connection) == "duckdb":  # Arrow takes longer to import than these to fetch
        cursor = connection.raw_sql(connection.compile(table))
        while rows := cursor.fetchmany(_BATCH):
            yield rows
        return
    for batch in connection.to_pyarrow_batches(table, chunk_size=_BATCH):
        yield list(zip(*[column.to_pylist() for column in batch], strict=True))
