"""How a mapping reads cells that know their types: in its own forms, and as they are."""

from __future__ import annotations

from collections.abc import Iterable

from playgate.history.mapping import RowRule, TableMap, ValueSource
from playgate.history.sheets import Typed
from playgate.history.time_forms import ISO
from playgate.records import replace

__all__ = ["for_sheets", "typed_of"]


def typed_of(table: TableMap | None) -> Typed:
    """Returns what the columns of a sheet are read as, by a mapping or as the history table."""
    if table is None:
        return Typed(ids=("deal", "event_id"))
    values = list(_values(table))
    ids = [table.deal, *(row.event_id for row in table.rows if row.event_id is not None)]
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


def _values(table: TableMap) -> Iterable[ValueSource]:
    yield from table.start.values()
    for row in table.rows:
        yield from row.values()


def for_sheets(table: TableMap) -> TableMap:
    """Returns the table that reads instants as ISO 8601, too, where it has forms for them."""
    start = {name: _with_iso(value) for name, value in table.start.items()}
    return replace(table, start=start, rows=tuple(map(_row_with_iso, table.rows)))


def _row_with_iso(row: RowRule) -> RowRule:
    return replace(
        row,
        value=row.value and _with_iso(row.value),
        happened_at=_with_iso(row.happened_at),
        recorded_at=row.recorded_at and _with_iso(row.recorded_at),
        attrs={name: _with_iso(value) for name, value in row.attrs.items()},
    )


def _with_iso(value: ValueSource) -> ValueSource:
    format_, date = value.format, value.date
    return replace(value, format=format_ and (*format_, ISO), date=date and (*date, ISO))
