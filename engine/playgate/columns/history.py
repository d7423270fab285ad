"""A history as columns, for those who read it deal by deal as well: what a `Spool` gives."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import groupby
from operator import itemgetter

from playgate.columns.parts import Parts
from playgate.columns.rows import Rows, latest_of
from playgate.history.event import START, Event

__all__ = ["ColumnHistory"]

_EVENTS = 200_000
"""About so many events are looked at at once: they fit into a processor's cache."""
_DEAL = itemgetter(0)


class ColumnHistory:
    """Rows of which those after `until` are the future."""

    def __init__(self, rows: Rows, until: int, *, limit: int = _EVENTS) -> None:
        self.rows = rows
        self.events = rows.size
        self.latest = latest_of(rows, until)
        """The latest instant that is no future, fields known from the start apart."""
        known = rows.at[(rows.at != START) & (rows.at <= until)]
        self.earliest = int(known.min()) if len(known) else None
        self.parts = Parts(rows, limit, ())
        self._until, self._limit = until, limit

    @property
    def ahead(self) -> list[tuple[int, int, int]]:
        """When each event of the future happens, its source and its line."""
        rows, later = self.rows, self.rows.at > self._until
        columns = (rows.at[later], rows.source[later], rows.line[later])
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def deals(self, only: Collection[str] = ()) -> Iterator[tuple[str, list[Event]]]:
        """Yields each deal once, or some by their ids, with its events in the order of the
        source."""
        parts = Parts(self.rows, self._limit, only) if only else self.parts
        for _, row in parts.all():
            for deal, events in groupby(self.rows.events(row), _DEAL):
                yield deal, list(events)
