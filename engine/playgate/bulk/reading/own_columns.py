"""Rows in a history's own columns, read as `playgate.history.own_table` reads them."""

from __future__ import annotations

import ibis

from playgate.bulk.reading.event_table import EVENT
from playgate.bulk.reading.read_rows import ReadRows, as_text, is_blank_text
from playgate.bulk.values.expressions import Expr, Table, any_of
from playgate.bulk.values.instants import at_column, beyond_micros, event_at, is_whole, shown
from playgate.bulk.values.regular_expressions import trimmed
from playgate.bulk.values.reused_values import GrowingTable, growing_table
from playgate.conditions.instants import Zone
from playgate.history.event import KINDS
from playgate.history.own_table import COLUMNS, compile_own
from playgate.history.row_ids import GIVEN

__all__ = ["read_own"]

_STAMPS = ("happened_at", "recorded_at")

_STRING = '"[^"\\\\\x01-\x1f]*"'
_PLAIN = rf"({_STRING}|\[({_STRING}(,{_STRING})*)?\]|true|false|null|0|-?[1-9][0-9]{{0,14}})"
_BEFORE_ORIGIN, _BEFORE_WITH = (rf'("[a-{last}][a-z0-9_]*":{_PLAIN},)?' for last in "nv")
_ORIGIN_WITH = (
    rf'{_BEFORE_ORIGIN}"origin":{_PLAIN}(,"with":{_PLAIN})?|{_BEFORE_WITH}"with":{_PLAIN}'
)
_CANONICAL = rf"[{{]({_STRING}:{_PLAIN}|{_ORIGIN_WITH})[}}]"
"""Attributes that are in canonical form for certain: most are."""


def read_own(rows: Table, *, zone: Zone, backend: str) -> ReadRows:
    """Reads the events of rows with at least the required columns, and `source` and `line`."""
    texts = {
        name: as_text(rows[name], backend) if name in rows.columns else ibis.literal("")
        for name in COLUMNS
        if name not in _STAMPS
    }
    texts["deal"] = trimmed(texts["deal"])
    growing = growing_table(rows.mutate(**texts), backend)
    at = growing.keep(_instant_of(growing, "happened_at", zone, backend))
    rest = growing.keep(_rest_of(growing, backend))
    event_id = growing.table.event_id
    own = growing.table[GIVEN] if GIVEN in rows.columns else ibis.literal("")
    event_id = growing.keep(ibis.ifelse(is_blank_text(event_id), own, event_id))
    recorded_at = at
    if "recorded_at" in rows.columns:
        told = _instant_of(growing, "recorded_at", zone, backend)
        column = growing.table["recorded_at"]
        none = column.isnull()
        if not _is_instant(column):
            none |= as_text(column, backend) == ""
        recorded_at = growing.keep(ibis.ifelse(none, at, told))
    table = growing.table
    odd = growing.keep(
        any_of(
            [
                at.isnull(),
                recorded_at.isnull(),
                ~table.kind.isin(list(KINDS)),
                is_blank_text(table.deal),
                is_blank_text(table.name),
                ibis.ifelse(table.attrs == "", False, ~is_whole(table.attrs, _CANONICAL)),
            ]
        )
    )
    table = growing.table
    # Nobody reads the stamps of other rows: kept, they would cost memory.
    stamps = {
        f"raw_{name}": ibis.ifelse(odd, table[name], ibis.null(table[name].type()))
        for name in _STAMPS
        if name in rows.columns
    }
    return ReadRows(
        rows=table.select(
            *(name for name in ("source", "line") if name in rows.columns),
            *(name for name in texts if name != "event_id"),
            *(name for name in (GIVEN,) if name in rows.columns),
            event_id=event_id,
            happened_at=at,
            recorded_at=recorded_at,
            rest=rest,
            odd=odd,
            **stamps,
        ),
        header=COLUMNS,
        cells=("deal", "stamp", "kind", "name", "value", "actor", "recorded", "event_id", "attrs"),
        events=lambda table: table.select(*EVENT[:-1], event_of_row=ibis.literal(0, "int64")),
        compiled=lambda source, problem, last: compile_own(
            (*COLUMNS, *last), zone=zone, source=source, problem=problem
        ),
        texts=lambda odd: _with_stamps(odd, zone, backend),
    )


def _is_instant(column: Expr) -> bool:
    return bool(column.type().is_timestamp() or column.type().is_date())


def _instant_of(growing: GrowingTable, name: str, zone: Zone, backend: str) -> Expr:
    column = growing.table[name]
    text = column if _is_instant(column) else growing.keep(as_text(column, backend))
    return event_at(column, text, backend, zone, growing.keep)


def _rest_of(growing: GrowingTable, backend: str) -> Expr:
    column = growing.table["happened_at"]
    return beyond_micros(column, column if _is_instant(column) else as_text(column, backend))


def _with_stamps(rows: Table, zone: Zone, backend: str) -> Table:
    """Adds the texts of their instants to the rows."""
    growing = growing_table(rows, backend)
    found = {"stamp": ibis.literal(""), "recorded": ibis.literal("")}
    for cell, name in zip(found, _STAMPS, strict=True):
        if f"raw_{name}" not in rows.columns:
            continue
        column = growing.table[f"raw_{name}"]
        if _is_instant(column):
            at = growing.keep(at_column(column, backend, zone, growing.keep))
            outside = column.cast("string").fill_null("")
            found[cell] = growing.keep(shown(at, growing.keep).fill_null(outside))
        else:
            found[cell] = growing.keep(as_text(column, backend))
    return growing.table.mutate(**found)
