"""A table with nested rows and lookups as flat tables: one for the rows themselves, and one for the
items of each list that an entry names.

What lies before a value's cell (a path, a lookup, the row's number) becomes a column of the flat
table. What is made of the cell stays as it is.
"""

from __future__ import annotations

from typing import NamedTuple

from playgate.history.mapping import CellRule, RowRule, TableMap, ValueSource
from playgate.records import Record, replace

__all__ = ["FlatTable", "Wanted", "flat_tables"]


class Wanted(NamedTuple):
    """What a column of a flat table holds."""

    columns: tuple[str, ...]
    lookup: str = ""
    row: bool = False
    several: bool = False
    """Whether the cells may hold several texts."""
    after: str = ""
    id: str = ""
    names_events: bool = False
    """Whether they are the events' ids, which say where they come from once deals are merged."""

    @property
    def source(self) -> ValueSource:
        """What it is read by."""
        return ValueSource(
            columns=self.columns, lookup=self.lookup, row=self.row, after=self.after, id=self.id
        )


class FlatTable(Record):
    """A table without lists, whose columns are made of the rows of another."""

    each: str
    """The list of the rows' items that it has; empty where it has the rows themselves."""
    table: TableMap
    wanted: dict[str, Wanted]
    """Its columns."""
    deal: str
    """That of the deal; empty where it is the same for all."""
    ids: frozenset[str]
    """Those of the events' ids."""


def flat_tables(table: TableMap) -> list[FlatTable]:
    """Returns the flat tables of one table; what its `where` says of rows is left to the caller."""
    groups: dict[str, list[RowRule]] = {"": []} if table.start else {}
    for rule in table.rows:
        groups.setdefault(rule.each, []).append(rule)
    return [_Flat(table, each, rules).table for each, rules in groups.items()]


class _Flat:
    def __init__(self, table: TableMap, each: str, rules: list[RowRule]) -> None:
        self._wanted: dict[str, Wanted] = {}
        self._names: dict[Wanted, str] = {}
        deal = self._value(table.deal, several=True)
        start = {} if each else {name: self._value(of) for name, of in table.start.items()}
        flat = TableMap(
            name=table.name,
            files=table.files,
            deal=deal,
            where=(),
            start=start,
            rows=tuple(map(self._rule, rules)),
            keeps_identical=table.keeps_identical,
        )
        ids = [rule.event_id.columns for rule in flat.rows if rule.event_id is not None]
        self.table = FlatTable(
            each=each,
            table=flat,
            wanted=self._wanted,
            deal=deal.columns[0] if deal.columns else "",
            ids=frozenset(column for columns in ids for column in columns),
        )

    def _rule(self, rule: RowRule) -> RowRule:
        return replace(
            rule,
            where=tuple(self._cells(cells) for cells in rule.where),
            name=self._value(rule.name),
            value=self._maybe(rule.value),
            happened_at=self._value(rule.happened_at),
            recorded_at=self._maybe(rule.recorded_at),
            actor=self._maybe(rule.actor),
            event_id=rule.event_id and self._value(rule.event_id, names_events=True),
            attrs={name: self._attr(value) for name, value in rule.attrs.items()},
        )

    def _cells(self, cells: CellRule) -> CellRule:
        return replace(cells, column=self._name(Wanted((cells.column,))))

    def _maybe(self, value: ValueSource | None) -> ValueSource | None:
        return None if value is None else self._value(value)

    def _attr(self, value: ValueSource) -> ValueSource:
        formed = value.number or value.date or value.format
        several = bool(value.columns) and not formed
        return replace(self._value(value, several=several), several=several)

    def _value(
        self, value: ValueSource, *, several: bool = False, names_events: bool = False
    ) -> ValueSource:
        if not (value.columns or value.row):
            return value
        name = self._name(
            Wanted(
                value.columns, value.lookup, value.row, several, value.after, value.id, names_events
            )
        )
        return replace(value, columns=(name,), lookup="", row=False, after="", id="")

    def _name(self, wanted: Wanted) -> str:
        """Returns the name of the column, which is that of what it holds where it is one cell."""
        if wanted not in self._names:
            plain = wanted == Wanted(wanted.columns[:1])
            self._names[wanted] = wanted.columns[0] if plain else f"\0{len(self._names)}"
            self._wanted[self._names[wanted]] = wanted
        return self._names[wanted]
