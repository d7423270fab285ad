"""How a mapping reads cells that know their types: in its own forms, and as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playgate.history.mapping import RowRule, TableMap, ValueSource
from playgate.history.sheets import Typed
from playgate.history.time_forms import ISO
from playgate.records import replace

__all__ = ["for_sheets", "typed_of"]


def typed_of(tables: Sequence[TableMap]) -> Typed:
    """Returns what the columns of a sheet are read as, by tables of a mapping, or as the history
    table where there is none."""
    if not tables:
        return Typed(ids=("deal", "event_id"))
    values = [value for table in tables for value in table.values()]
    ids = [table.deal for table in tables]
    ids += [rule.event_id for table in tables for rule in table.rows if rule.event_id]
    return Typed(
        instants={name for value in values if value.format or value.date for name in value.columns},
        decimals={
            name: value.number.decimal
            for value in values
            if value.number is not None
            for name in value.columns
        },
        ids={name for value in ids for name in value.columns},
    )


def for_sheets(table: TableMap) -> TableMap:
    """Returns the table that reads instants as ISO 8601, too, where it has forms for them."""
    return replace(
        table,
        start=_all_with_iso(table.start),
        derived=_all_with_iso(table.derived),
        begun_at=table.begun_at and _with_iso(table.begun_at),
        rows=tuple(map(_row_with_iso, table.rows)),
    )


def _row_with_iso(row: RowRule) -> RowRule:
    return replace(
        row,
        value=row.value and _with_iso(row.value),
        was=row.was and _with_iso(row.was),
        happened_at=_with_iso(row.happened_at),
        recorded_at=row.recorded_at and _with_iso(row.recorded_at),
        attrs=_all_with_iso(row.attrs),
    )


def _all_with_iso(values: Mapping[str, ValueSource]) -> dict[str, ValueSource]:
    return {name: _with_iso(value) for name, value in values.items()}


def _with_iso(value: ValueSource) -> ValueSource:
    instants, days = value.format, value.date
    return replace(value, format=instants and (*instants, ISO), date=days and (*days, ISO))
