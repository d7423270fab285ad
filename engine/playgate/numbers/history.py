"""What numbers are made of: a history that is held deal by deal, or as columns."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeAlias

from playgate.columns.history import ColumnHistory
from playgate.history.spool import Spool
from playgate.history.walk import Rows

__all__ = ["History", "some_deals"]

History: TypeAlias = Spool | ColumnHistory


def some_deals(history: History, deals: Collection[str]) -> Rows:
    """Yields some deals, as many as are there, with their events in the order of the source."""
    if isinstance(history, ColumnHistory) and deals:
        return history.deals(deals)
    return (each for each in history.deals() if each[0] in deals)
