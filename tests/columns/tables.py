"""Histories as Arrow's tables, and rows as events."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from playgate.columns.rows import Rows
from playgate.history.event import Event
from playgate.history.own_table import COLUMNS

__all__ = ["as_table", "events_of"]


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


def events_of(rows: Rows) -> list[Event]:
    """All rows, in their order."""
    return list(rows.events(np.arange(rows.size)))
