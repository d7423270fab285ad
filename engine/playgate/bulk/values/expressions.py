"""Small expressions that every backend runs, and loose names for the types of Ibis.

Its own types do not say which operators a value has, so they would only hide mistakes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import reduce
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

__all__ = [
    "FOREVER",
    "Expr",
    "Table",
    "all_of",
    "any_of",
    "beside",
    "flag",
    "is_in",
    "least",
    "nothing",
    "number",
    "summed",
    "sure",
    "when",
]

Table = Any
"""A table expression."""
Expr = Any
"""A column or a scalar."""

FOREVER = 2**62
"""Later than every instant."""


def number(value: int) -> Expr:
    """Returns a 64-bit integer: backends differ in what they take a small literal for."""
    return ibis.literal(value, "int64")


def nothing() -> Expr:
    """Returns NULL, as a 64-bit integer."""
    return ibis.null("int64")


def when(condition: Expr, value: Expr, otherwise: Expr | None = None) -> Expr:
    """Returns `value` where `condition` holds, else `otherwise` (default: NULL)."""
    return ibis.ifelse(condition, value, nothing() if otherwise is None else otherwise)


def flag(condition: Expr) -> Expr:
    """Returns 1 or 0, also for NULL: not every backend casts or sums a boolean."""
    return ibis.ifelse(condition, number(1), number(0))


def sure(condition: Expr) -> Expr:
    """Returns the condition, or false where it is NULL."""
    return condition.fill_null(False)


def all_of(conditions: Iterable[Expr]) -> Expr:
    """Says whether all conditions hold; of none it is true."""
    found = list(conditions)
    return reduce(lambda one, other: one & other, found) if found else ibis.literal(True)


def any_of(conditions: Iterable[Expr]) -> Expr:
    """Says whether any condition holds; of none it is false."""
    found = list(conditions)
    return reduce(lambda one, other: one | other, found) if found else ibis.literal(False)


def is_in(value: Expr, values: Collection[Any]) -> Expr:
    """Says whether the value is one of `values`."""
    if len(values) == 1:
        return value == next(iter(values))
    return value.isin(sorted(values)) if values else ibis.literal(False)


def least(one: Expr, other: Expr) -> Expr:
    """Returns the smaller one of two values that are not NULL."""
    return ibis.ifelse(one <= other, one, other)


def beside(row: Table, *others: tuple[Table, Collection[str]]) -> Table:
    """Adds to `row` the columns of other tables, each of which has one row at most for its keys.

    It is made of Ibis' operations: its `join` would look at all columns again for each table.
    """
    first = ops.JoinReference(row.op(), identifier=0)
    links, values = list[ops.JoinLink](), dict(first.fields)
    for place, (table, keys) in enumerate(others, start=1):
        other = ops.JoinReference(table.op(), identifier=place)
        same = [ops.Equals(first.fields[key], other.fields[key]) for key in keys]
        links.append(ops.JoinLink("left", table=other, predicates=same))
        values |= {name: field for name, field in other.fields.items() if name not in keys}
    return ir.Table(ops.JoinChain(first, rest=links, values=values))


def summed(table: Table, *keys: str) -> Table:
    """Sums up what parts counted: all columns but the keys, for each of these."""
    sums = {name: table[name].sum() for name in table.columns if name not in keys}
    return table.group_by(*keys).agg(**sums) if keys else table.aggregate(**sums)
