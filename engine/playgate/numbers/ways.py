"""The ways that deals go: which stages they come into, in which order, and what comes of it."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from statistics import median

from playgate.conditions.instants import DAY
from playgate.history.deal import Deal
from playgate.numbers.occurrences import Ending
from playgate.records import Record

__all__ = ["Way", "Ways", "way_of"]


class Way(Record):
    """A way, and the deals that have gone it so far: how many, in how many days (the median of
    those that came to an end), and which stages before the furthest they did not come into."""

    stages: tuple[str, ...]
    deals: int
    days: float | None
    passed_by: tuple[str, ...]


def way_of(deal: Deal) -> tuple[str, ...]:
    """Returns the stages that a deal came into, in order."""
    return tuple(stage for stage, _ in groupby(deal.move_into))


class Ways:
    """Counts the deals by the way that they have gone; `track` are the stages that go on."""

    def __init__(self, track: tuple[str, ...]) -> None:
        self._track = track
        self._found: dict[tuple[str, ...], _Tally] = defaultdict(_Tally)

    def add(self, deal: Deal, outcome: Ending) -> None:
        """Counts a deal that has come into a stage."""
        way = way_of(deal)
        if not way:
            return
        tally = self._found[way]
        tally.deals += 1
        if outcome.ended is not None:
            tally.days.append((outcome.ended - deal.happened[0]) / DAY)

    def most(self, number: int) -> tuple[Way, ...]:
        """Returns the commonest ways."""
        found = sorted(self._found.items(), key=lambda each: (-each[1].deals, each[0]))
        return tuple(
            Way(way, tally.deals, median(tally.days) if tally.days else None, self._passed_by(way))
            for way, tally in found[:number]
        )

    def _passed_by(self, way: tuple[str, ...]) -> tuple[str, ...]:
        reached = [place for place, stage in enumerate(self._track) if stage in way]
        before = self._track[: max(reached, default=0)]
        return tuple(stage for stage in before if stage not in way)


class _Tally:
    __slots__ = ("days", "deals")

    def __init__(self) -> None:
        self.deals = 0
        self.days: list[float] = []
