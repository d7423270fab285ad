"""Several tables that are read as one."""

from __future__ import annotations

from collections.abc import Collection

import ibis

from playgate.bulk.engine.steps import Steps
from playgate.bulk.values.expressions import Expr, Table, beside

__all__ = ["JoinedTables"]


class JoinedTables:
    """Several tables are read as one, and of each only those columns are joined that are read.

    The first table gives the rows, the others have one row at most for each value of their keys.
    Expressions speak of a table that is only named so far: on the join itself, and with all of its
    columns, they would take several times as long to build.
    """

    def __init__(
        self, steps: Steps, name: str, table: Table, *others: tuple[Table, Collection[str]]
    ) -> None:
        self._steps = steps
        self._name = name
        self._table = table
        self._others = others
        columns = dict(table.schema())
        for other, _ in others:
            columns = {**other.schema(), **columns}
        self._named = steps.named(name, ibis.schema(columns))
        self._read: set[str] = set()
        self.columns = frozenset(columns)

    def __getitem__(self, name: str) -> Expr:
        self._read.add(name)
        return self._named[name]

    def __getattr__(self, name: str) -> Expr:
        return self[name]

    def select(self, *names: str, **values: Expr) -> Table:
        """Makes a table of columns and of values made of them; nothing may be read after this."""
        self._read.update(names)
        narrow = [
            (other.select(*keys, *wanted), keys)
            for other, keys in self._others
            if (wanted := [name for name in other.columns if name in self._read - {*keys}])
        ]
        base = [name for name in self._table.columns if name in self._read]
        keys = {key for _, part in narrow for key in part}
        row = self._table.select(*dict.fromkeys([*base, *sorted(keys)]))
        self._steps.name(self._name, beside(row, *narrow))
        return self._named.select(*names, **values)
