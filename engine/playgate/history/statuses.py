"""A deal's status beside its stage: won and lost are where it is while they last; open again, it is
back in the stage that it was in."""

from __future__ import annotations

from playgate.history.event import Event
from playgate.history.mapping import StatusRule

__all__ = ["Position"]


class Position:
    """Where a deal is, by its stage and its status."""

    def __init__(self) -> None:
        self._stage = ""
        self._closed = ""
        self._reopens = False

    def after(self, event: Event, status: StatusRule | None) -> Event | None:
        """Returns what the event of a stage, or of a status, means; `None` where the deal stays
        where it is."""
        if status is not None:
            return self._by_status(event, status)
        self._stage = event.name
        if self._closed and self._reopens:
            return None
        self._closed = ""
        return event

    def _by_status(self, event: Event, status: StatusRule) -> Event | None:
        self._reopens = status.reopens
        was, self._closed = self._closed, "" if event.name == "open" else event.name
        if was == self._closed:
            return None
        stage = status.stages[self._closed] if self._closed else self._stage
        return event._replace(name=stage) if stage else None
