"""Expressions asked of an engine over a few rows, and compiled for those that are not here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import ibis
import pyarrow as pa
from ibis.config import Config

from playgate.bulk.values.arithmetic import Keep, as_it_is
from playgate.bulk.values.reused_values import ReusedValues

__all__ = ["DIALECTS", "Build", "ask", "sql_of"]

DIALECTS = (
    "duckdb",
    "postgres",
    "pyspark",
    "snowflake",
    "bigquery",
    "trino",
    "clickhouse",
    "sqlite",
)
Build = Callable[[Any, Keep], Mapping[str, Any]]
"""From a table to the columns that are asked for."""


class _SparkOptions(Config):
    treat_nan_as_null: bool = False


def ask(
    columns: Mapping[str, tuple[str, Sequence[Any]]],
    build: Build,
    *,
    layered: bool = False,
    engine: str = "duckdb",
) -> dict[str, list[Any]]:
    """The columns that `build` makes of these, given with their types, all in one query."""
    connection = getattr(ibis, engine).connect()
    table = _filled(connection, columns, engine)
    reused = ReusedValues(table)
    found = build(table, reused.keep if layered else as_it_is)
    query = reused.select("row", **found).order_by("row")
    rows = connection.raw_sql(connection.compile(query)).fetchall()
    answers = dict(zip(query.columns, zip(*rows, strict=True), strict=True))
    types = query.schema()
    return {
        name: [
            bool(each) if types[name].is_boolean() and each is not None else each
            for each in answers[name]
        ]
        for name in found
    }


def _filled(connection: Any, columns: Mapping[str, tuple[str, Sequence[Any]]], engine: str) -> Any:
    count = len(next(iter(columns.values()))[1])
    schema = {"row": "int64", **{name: kind for name, (kind, _) in columns.items()}}
    values = {"row": range(count), **{name: list(each) for name, (_, each) in columns.items()}}
    if engine == "duckdb":
        arrow = pa.table(
            {name: pa.array(each, _arrow(schema[name])) for name, each in values.items()}
        )
        connection.con.register("asked", arrow)
        return connection.table("asked")
    connection.create_table("asked", schema=ibis.schema(schema))
    marks = ", ".join("?" * len(schema))
    connection.con.executemany(
        f"INSERT INTO asked VALUES ({marks})",  # noqa: S608
        zip(*values.values(), strict=True),
    )
    return connection.table("asked")


def _arrow(kind: str) -> Any:
    return pa.string() if kind == "string" else pa.type_for_alias(kind)


def sql_of(columns: Mapping[str, str], build: Build, dialect: str) -> str:
    """The SQL of what `build` makes of columns of these types."""
    if dialect == "pyspark" and ibis.options.pyspark is None:
        ibis.options.pyspark = _SparkOptions()  # what importing its backend would set
    reused = ReusedValues(ibis.table(dict(columns), name="asked"))
    found = build(reused.table, reused.keep)
    module = import_module(f"ibis.backends.sql.compilers.{dialect}")
    compiler = module.compiler
    sql: str = compiler.to_sqlglot(reused.select(**found)).sql(dialect=compiler.dialect)
    return sql
