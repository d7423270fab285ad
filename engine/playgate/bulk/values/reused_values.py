"""Values that are used more than once become columns of queries around one another."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.operations as ops

from playgate.bulk.values.expressions import Expr, Table

__all__ = ["GrowingTable", "ReusedValues", "growing_table"]

_ALL = 2**62
_FOLDS = ("postgres",)
"""Engines that write out each part at each use, unless a query has a limit."""


class ReusedValues:
    """Values of a table's rows that are used more than once get a name.

    An expression has no names for its parts, and what is written out wherever it is used grows
    beyond all measure. `keep` gives a part a name. The parts become columns of queries around the
    table, as few as there are parts that rest on parts; with a `backend` that would fold them into
    one, each is computed apart.
    """

    def __init__(self, table: Table, backend: str = "") -> None:
        self.table = table
        self._apart = backend in _FOLDS
        self._kept: list[dict[str, Expr]] = []
        self._level: dict[Any, int] = {}

    def keep(self, value: Expr) -> Expr:
        """Names the value; the name may stand in other values, and in what `select` is given."""
        if isinstance(value.op(), ops.Field):
            return value
        level = self._level_of(value)
        name = f"kept_{len(self._level)}"
        stand_in = ibis.table({name: value.type()}, name=name)[name]
        self._level[stand_in.op()] = level + 1
        if level == len(self._kept):
            self._kept.append({})
        self._kept[level][name] = value
        return stand_in

    def _level_of(self, value: Expr) -> int:
        fields = value.op().find(ops.Field, filter=_is_value)
        return max((self._level.get(field, 0) for field in fields), default=0)

    def select(self, *names: str, **values: Expr) -> Table:
        """Selects columns of the table, and values made of its columns and of what is kept."""
        table, known = self.table, dict[Any, Any]()
        for kept in self._kept:
            table = table.mutate(**{name: _with(value, known) for name, value in kept.items()})
            table = table.limit(_ALL) if self._apart else table
            names_known = frozenset(table.columns)
            known = {
                stand_in: table[stand_in.name].op()
                for stand_in in self._level
                if stand_in.name in names_known
            }
        return table.select(*names, **{name: _with(each, known) for name, each in values.items()})


class GrowingTable:
    """A table grows by each value that is kept, in a query around the one before.

    This serves what is read step by step, where a value is looked at before the next is made.
    `table` has all columns that the result reads.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._count = 0

    def keep(self, value: Expr) -> Expr:
        """Makes the value a column of `table`."""
        self._count += 1
        name = f"kept_{self._count}"
        self.table = self.table.mutate(**{name: value})
        return self.table[name]


class _Apart(GrowingTable):
    """The queries are not folded into one, as each has a limit."""

    def keep(self, value: Expr) -> Expr:
        name = super().keep(value).get_name()
        self.table = self.table.limit(_ALL)
        return self.table[name]


def growing_table(table: Table, backend: str) -> GrowingTable:
    """Returns a table that grows in such a way that the engine computes each value once."""
    return _Apart(table) if backend in _FOLDS else GrowingTable(table)


def _is_value(node: Any) -> bool:
    """Says whether a node is part of a value, not one of the tables that it is made from."""
    return not isinstance(node, ops.Relation)


def _with(value: Expr, known: dict[Any, Any]) -> Expr:
    return value.op().replace(known, filter=_is_value).to_expr() if known else value
