"""Where intermediate tables go: kept as temporary tables, so that each is computed once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.operations as ops

from playgate.audit.bulk.expressions import Table

__all__ = ["Steps"]

Row = dict[str, Any]


class Steps:
    """Runs expressions on one connection. What is kept is gone when its context ends."""

    def __init__(self, connection: Any, *, prefix: str = "playgate") -> None:
        self._connection = connection
        self._prefix = prefix
        self._kept: list[str] = []
        self._views: list[str] = []

    def __enter__(self) -> Steps:
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._views:
            self._connection.raw_sql(f'DROP VIEW IF EXISTS "{name}"')
        for name in self._kept:
            self._connection.raw_sql(f'DROP TABLE IF EXISTS "{name}"')

    def keep(self, name: str, expression: Table) -> Table:
        """The table that holds the rows of `expression`."""
        return self._store(name, self._connection.compile(expression), expression.schema())

    def numbers(self, name: str, values: Sequence[int]) -> Table:
        """A table with one column, `rule`, that holds `values`."""
        rows = " UNION ALL ".join(f"SELECT CAST({each} AS BIGINT) AS rule" for each in values)
        return self._store(name, rows, ibis.schema({"rule": "int64"}))

    def _store(self, name: str, sql: str, schema: Any) -> Table:
        full = f"{self._prefix}_{name}"
        # Ibis' own create_table goes round by another name, and asks for the schema that we know.
        self._connection.raw_sql(f'CREATE OR REPLACE TEMPORARY TABLE "{full}" AS {sql}')
        self._kept.append(full)
        return ops.DatabaseTable(name=full, schema=schema, source=self._connection).to_expr()

    def named(self, name: str, schema: Any) -> Table:
        """A table by a name that `name` will give to an expression with these columns."""
        full = f"{self._prefix}_{name}"
        return ops.DatabaseTable(name=full, schema=schema, source=self._connection).to_expr()

    def name(self, name: str, expression: Table) -> None:
        """Give `expression` a name, without computing it."""
        full = f"{self._prefix}_{name}"
        sql = self._connection.compile(expression)
        self._connection.raw_sql(f'CREATE OR REPLACE TEMPORARY VIEW "{full}" AS {sql}')
        self._views.append(full)

    def rows(self, expression: Table) -> list[Row]:
        """The rows of `expression`, fetched."""
        found: list[Row] = self._connection.to_pyarrow(expression).to_pylist()
        return found
