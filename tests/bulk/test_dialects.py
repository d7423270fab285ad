"""Every query of the audit is SQL in each dialect, and keeps to what their engines agree on.

That is compiled and read again, not run: `test_parity`, `test_postgres`, `test_spark` and
`test_sqlite` run it.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

pytest.importorskip("ibis")

import ibis
import ibis.expr.operations as ops
import sqlglot
from ibis.config import Config
from ibis.expr.operations.udf import InputType

from playgate.bulk.engine.steps import Steps
from playgate.bulk.reading.event_table import table_from_events
from playgate.bulk.running import table_audit
from playgate.bulk.values.sha256 import sha256
from support.bulk import sayable
from support.parity import Example, drawn

pytestmark = pytest.mark.thorough

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
SEED = 7
DIFFERENT = (
    ops.First,
    ops.Last,
    ops.NthValue,
    ops.ArgMax,
    ops.ArgMin,
    ops.Unnest,
    ops.ExistsSubquery,
    ops.ScalarSubquery,
)
"""What engines answer differently, or not all have."""


Asked = tuple[str, Any]
"""The name of a step, and its expression."""


class SparkOptions(Config):
    """What importing Ibis' backend for Spark, and so Spark, would set."""

    treat_nan_as_null: bool = False


class Recorder(Steps):
    """Steps on DuckDB, and the expressions that were asked for."""

    asked: list[Asked]
    _packs = False
    """As in other engines."""

    def keep(self, name: str, expression: Any) -> Any:
        self.asked.append((name, expression))
        return super().keep(name, expression)

    def name(self, name: str, expression: Any) -> None:
        self.asked.append((name, expression))
        super().name(name, expression)

    def rows(self, expression: Any) -> list[dict[str, Any]]:
        self.asked.append(("rows", expression))
        return super().rows(expression)

    def tuples(self, expression: Any) -> Iterator[tuple[Any, ...]]:
        self.asked.append(("tuples", expression))
        return super().tuples(expression)


def recorded(connection: Any, table: Any, example: Example, *, shown: bool) -> list[Asked]:
    """All expressions of an audit, by the names of their steps."""
    recorder = type("Recording", (Recorder,), {"asked": []})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_audit, "Steps", recorder)
        table_audit.audit_table(
            example.playbook,
            table,
            connection=connection,
            people=example.team,
            as_of=example.as_of,
            shown=shown,
        )
    asked: list[Asked] = recorder.asked
    return asked


@pytest.fixture(scope="module")
def expressions() -> list[Asked]:
    example, connection = sayable(drawn(SEED)), ibis.duckdb.connect()
    table = table_from_events(connection, example.events, name="history")
    found: dict[Any, Asked] = {}
    for shown in (False, True):
        asked = recorded(connection, table, example, shown=shown)
        found |= {expression.op(): (name, expression) for name, expression in asked}
    return list(found.values())


@pytest.fixture(scope="module", autouse=True)
def spark_options() -> Iterator[None]:
    before = ibis.options.pyspark
    ibis.options.pyspark = before or SparkOptions()
    yield
    ibis.options.pyspark = before


def compiled(expression: Any, dialect: str) -> tuple[str, Any]:
    """The SQL of an expression, and sqlglot's name for the dialect; no driver is needed."""
    compiler = import_module(f"ibis.backends.sql.compilers.{dialect}").compiler
    return compiler.to_sqlglot(expression).sql(dialect=compiler.dialect), compiler.dialect


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_query_is_read_again(expressions: list[Asked], dialect: str) -> None:
    for name, expression in expressions:
        text, known_as = compiled(expression, dialect)
        parsed = sqlglot.parse_one(text, dialect=known_as)
        assert not parsed.find(sqlglot.expressions.Command), name
        missing = set(expression.columns) - set(parsed.named_selects) - {"*"}
        assert parsed.is_star or not missing, (name, missing)


def test_no_query_has_what_engines_do_differently(expressions: list[Asked]) -> None:
    for name, expression in expressions:
        for node in expression.op().find(ops.Value):
            assert not isinstance(node, DIFFERENT), (name, node)
            if isinstance(node, ops.ScalarUDF):  # a function that engines bring, by its name
                assert node.__input_type__ is InputType.BUILTIN, (name, node)
            kind = node.dtype
            plain = kind.is_numeric() or kind.is_string() or kind.is_boolean() or kind.is_null()
            assert plain, (name, kind, node)
            # PostgreSQL refuses that, but only when it runs.
            truth = isinstance(node, ops.Cast) and node.arg.dtype.is_boolean()
            assert not truth, (name, node)


@pytest.mark.parametrize("dialect", [each for each in DIALECTS if each != "sqlite"])
def test_a_digest_is_read_again(dialect: str) -> None:
    table = ibis.table({"text": "string"}, name="t")
    text, known_as = compiled(table.select(it=sha256(table.text, dialect)), dialect)
    assert not sqlglot.parse_one(text, dialect=known_as).find(sqlglot.expressions.Command)
    assert "256" in text
