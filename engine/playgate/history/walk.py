"""The one walk over a history's deals: settle → read as of an instant → is it governed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import NamedTuple

from playgate.history.deal import Deal, DealReader
from playgate.history.event import Event
from playgate.history.order import Clash, settle

__all__ = ["Rows", "Settled", "Walked", "settled", "walk"]

_AT = itemgetter(1)

Rows = Iterable[tuple[str, list[Event]]]
"""Each deal once, with its events in the order of the source, wherever they are kept."""


class Settled(NamedTuple):
    """A deal's events, each once and in order, how many repeated another, and whose ids were
    taken."""

    deal: str
    events: list[Event]
    duplicates: int
    clashes: tuple[Clash, ...] = ()


class Walked(NamedTuple):
    """A deal as of the walk's instant."""

    deal: Deal
    events: list[Event]
    """Those until the instant, also what the playbook does not know."""
    duplicates: int
    """Of all its events, later ones as well."""
    governed: bool
    """Whether the playbook governs it at any time, so that it is judged."""
    clashes: tuple[Clash, ...] = ()
    """Of all its events, later ones as well."""

    @property
    def is_one(self) -> bool:
        """Whether the playbook knows any of its events; a deal of which nothing remains is none."""
        return bool(self.deal.events)


def settled(
    rows: Rows,
    *,
    only: Callable[[str], bool] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Settled]:
    """Each deal's events settled; of all deals, or of those whose ids are wanted.

    `progress` hears of each deal how many rows it had, once the caller is done with it.
    """
    for deal, given in rows:
        if only is None or only(deal):
            yield Settled(deal, *settle(given))
        if progress is not None:
            progress(len(given))


def walk(
    rows: Rows,
    reader: DealReader,
    governs: Callable[[Deal], bool],
    *,
    as_of: int,
    only: Callable[[str], bool] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Walked]:
    """Each deal as of an instant, and what `governs` says of it; the rest as `settled` has it."""
    for deal_id, events, duplicates, clashes in settled(rows, only=only, progress=progress):
        known = _until(events, as_of)
        deal = reader.read(deal_id, known, as_of)
        yield Walked(deal, known, duplicates, bool(deal.events) and governs(deal), clashes)


def _until(events: list[Event], as_of: int) -> list[Event]:
    """What happened by an instant; events are seldom later, and then not looked at."""
    if not events or events[-1].happened_at <= as_of:
        return events
    return events[: bisect_right(events, as_of, key=_AT)]
