"""A history as columns, for those who read it deal by deal as well: what a `Spool` gives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
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
    """Rows in parts, each of whole deals, of which those after `until` are the future."""

    def __init__(
        self,
        rows: Sequence[Rows],
        until: int,
        *,
        limit: int = _EVENTS,
        on_fault: Callable[[BaseException | None], None] | None = None,
    ) -> None:
        self.rows = rows
        self.limit = limit
        self.on_fault = on_fault
        """Hears of a bug of the columns, or where the judge says otherwise."""
        self.events = sum(each.size for each in rows)
        latest = [at for each in rows if (at := latest_of(each, until)) is not None]
        self.latest = max(latest, default=None)
        """The latest instant that is no future, fields known from the start apart."""
        known = [each.at[(each.at != START) & (each.at <= until)] for each in rows]
        self.earliest = min((int(at.min()) for at in known if len(at)), default=None)
        self._until = until

    @property
    def ahead(self) -> list[tuple[int, int, int]]:
        """When each event of the future happens, its source and its line."""
        found: list[tuple[int, int, int]] = []
        for rows in self.rows:
            later = rows.at > self._until
            columns = (rows.at[later], rows.source[later], rows.line[later])
            found += zip(*(column.tolist() for column in columns), strict=True)
        return found

    def deals(self, only: Collection[str] = ()) -> Iterator[tuple[str, list[Event]]]:
        """Yields each deal once, or some by their ids, with its events in the order of the
        source."""
        for rows in self.rows:
            for _, row in Parts(rows, self.limit, only).all():
                for deal, events in groupby(rows.events(row), _DEAL):
                    yield deal, list(events)
