"""What numbers are made of: a history that is held deal by deal, or as columns."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, TypeAlias

from playgate.errors import InputError
from playgate.history.spool import Spool
from playgate.history.walk import Rows

if TYPE_CHECKING:
    from playgate.columns.history import ColumnHistory

__all__ = ["History", "no_events", "some_deals"]

History: TypeAlias = "Spool | ColumnHistory"


def no_events() -> InputError:
    """Returns the mistake of a history without events: it has no latest one to count until."""
    return InputError(
        "the history has no events",
        hint="playgate import --help has examples",
        code="nothing-to-judge",
    )


def some_deals(history: History, deals: Collection[str]) -> Rows:
    """Yields some deals, as many as are there, with their events in the order of the source."""
    if isinstance(history, Spool):
        return (each for each in history.deals() if each[0] in deals)
    return history.deals(deals) if deals else ()
