"""Histories as Arrow's tables."""

from __future__ import annotations

import pyarrow as pa

from playgate.history.event import Event
from playgate.history.own_table import COLUMNS

__all__ = ["as_table"]


def as_table(events: list[Event]) -> pa.Table:
    """Events as a table with a history's own columns."""
    columns = {name: [event[Event._fields.index(name)] for event in events] for name in COLUMNS}
    instant = pa.timestamp("us", tz="UTC")
    return pa.table(
        {
            name: pa.array(column, instant if name in ("happened_at", "recorded_at") else None)
            for name, column in columns.items()
        }
    )
