"""A script: the steps of an audit are noted down instead of run, as syntax trees."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import ibis
import ibis.expr.operations as ops
from sqlglot import exp

from playgate.bulk.engine.steps import Steps
from playgate.bulk.values.expressions import Table

__all__ = ["STEP", "NotedStep", "Script", "identifier"]

STEP = "step"
"""Where the syntax tree of a table says which step it is."""


class NotedStep(NamedTuple):
    """A step has a name, and a query that gives its rows."""

    name: str
    query: exp.Query
    is_view: bool = False


class Script(Steps):
    """A script runs nothing; a table is known by the name of its step alone."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self.notes: list[NotedStep] = []
        self._compiler = import_module(f"ibis.backends.sql.compilers.{backend}").compiler
        self._given: dict[str, exp.Query] = {}

    @property
    def _packs(self) -> bool:
        return False  # one way to say it for all engines

    @property
    def dialect(self) -> Any:
        """Returns what sqlglot knows the dialect as."""
        return self._compiler.dialect

    def given(self, name: str, schema: Mapping[str, str], query: exp.Query) -> Table:
        """Returns a table that is no step: where it is read, `query` stands in parentheses."""
        known_as = f"given {name}"  # which no step is called
        self._given[known_as] = query
        return self.named(known_as, schema)

    def keep(self, name: str, expression: Table) -> Table:
        """Notes a step, and returns the table that will hold the rows of `expression`."""
        self.notes.append(NotedStep(name, self._query(expression)))
        return self.named(name, expression.schema())

    def numbers(self, name: str, values: Sequence[int]) -> Table:
        """Notes a table with one column, `rule`, that holds `values`."""
        return self.listed(name, {"rule": "int64"}, [(value,) for value in values])

    def listed(
        self, name: str, schema: Mapping[str, str], rows: Sequence[tuple[int | str, ...]]
    ) -> Table:
        """Notes a table of these rows, of whole numbers and texts."""
        selects = [
            exp.select(
                *(
                    exp.alias_(_literal(value), column, quoted=True)
                    for column, value in zip(schema, row, strict=True)
                )
            )
            for row in rows
        ]
        whole: exp.Query = selects[0]
        if len(selects) > 1:
            whole = exp.union(*selects, distinct=False, copy=False)
        self.notes.append(NotedStep(name, whole))
        return self.named(name, schema)

    def named(self, name: str, schema: Any) -> Table:
        """Returns the table of the step with this name."""
        return ops.UnboundTable(name=name, schema=ibis.schema(schema)).to_expr()

    def name(self, name: str, expression: Table) -> None:
        """Gives `expression` a name, without computing it."""
        self.notes.append(NotedStep(name, self._query(expression), is_view=True))

    def rows(self, expression: Table) -> list[Any]:
        """Refuses, as nothing can be fetched."""
        raise AssertionError(f"a script fetches nothing: {expression}")

    def _query(self, expression: Table) -> exp.Query:
        query: exp.Query = self._compiler.to_sqlglot(expression)
        for table in list(query.find_all(exp.Table)):
            if table.name in self._given:
                alias = exp.TableAlias(this=exp.to_identifier(table.alias, quoted=True))
                table.replace(exp.Subquery(this=self._given[table.name].copy(), alias=alias))
            elif any(table.name == note.name for note in self.notes):
                table.meta[STEP] = table.name
        return query


def identifier(name: str, dialect: str) -> exp.Identifier:
    """Writes a name as the engine's users do.

    One of small letters stands for what was created by it without quotes, which Snowflake keeps in
    capitals.
    """
    folded = dialect == "snowflake" and re.fullmatch("[a-z_][a-z0-9_$]*", name)
    return exp.to_identifier(name.upper() if folded else name, quoted=True)


def _literal(value: int | str) -> exp.Expression:
    if isinstance(value, int):
        return exp.cast(exp.Literal.number(value), exp.DataType.Type.BIGINT)
    return exp.Literal.string(value)
