"""The chance that an open deal is sold within the horizon, from what became of deals like it."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from playgate.numbers.forecast.snapshots import Snapshot

__all__ = ["Chance", "Chances"]

_PRIOR = 10.0
"""As many deals of the wider group are taken to stand beside those of a narrower one."""
_UNKNOWN = 2.0
"""A share is known as if so many cases more than there are were seen: of none, hardly at all."""
_THIRDS = 3
_SURE = 1e-6


class Chance(NamedTuple):
    """A deal's chance, that of the group with which it rises and falls, and on how many deals the
    group rests."""

    value: float
    group: Hashable
    of_group: float
    rests_on: float
    by_stage: float
    """The plain share of its stage."""


class Chances:
    """Chances learnt from snapshots whose horizon has passed.

    They are shares of ever narrower groups, each drawn towards the one around it: all deals, the
    stage, how long the deal has been in it (a third of the stage's), whether its gate was met.
    What segment and amount (by thirds) make of it moves the odds, drawn towards nothing. Lost deals
    and those that are sold later both count as not sold within the horizon.
    """

    def __init__(self, past: Sequence[Snapshot]) -> None:
        self.rests_on = len(past)
        days: dict[str, list[int]] = defaultdict(list)
        for each in past:
            days[each.stage].append(each.days)
        self._days = {stage: _cuts(sorted(each)) for stage, each in days.items()}
        self._amounts = _cuts(sorted(each.amount for each in past if each.amount is not None))
        self._counts: dict[Hashable, list[int]] = defaultdict(lambda: [0, 0])
        for each in past:
            for group in self._groups(each):
                self._counts[group][0] += 1
                self._counts[group][1] += each.sold
        self._odds = {what: self._shifts(past, what) for what in ("segment", "amount")}

    def _groups(self, deal: Snapshot) -> tuple[Hashable, ...]:
        stage = deal.stage
        age = (stage, bisect_right(self._days.get(stage, ()), deal.days))
        return ((), stage, age, (*age, deal.ready))

    def _share(self, deal: Snapshot) -> float:
        share = 0.0
        for depth, group in enumerate(self._groups(deal)):
            number, sold = self._counts.get(group, (0, 0))
            if depth:
                share = (sold + _PRIOR * share) / (number + _PRIOR)
            elif number:
                share = sold / number
        return share

    def _kind(self, deal: Snapshot, what: str) -> Hashable:
        if what == "segment":
            return deal.segment
        return None if deal.amount is None else bisect_right(self._amounts, deal.amount)

    def _shifts(self, past: Iterable[Snapshot], what: str) -> dict[Hashable, float]:
        """Returns by how much each kind of deal is sold more often than its groups let expect."""
        seen: dict[Hashable, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for each in past:
            kind = self._kind(each, what)
            seen[kind][0] += each.sold
            seen[kind][1] += self._share(each)
        if len(seen) < 2:
            return {}
        return {
            kind: (sold + _PRIOR) / (expected + _PRIOR) for kind, (sold, expected) in seen.items()
        }

    def of(self, deal: Snapshot) -> Chance:
        """Returns a deal's chance."""
        share = min(max(self._share(deal), _SURE), 1 - _SURE)
        odds = share / (1 - share)
        for what, shifts in self._odds.items():
            odds *= shifts.get(self._kind(deal, what), 1.0)
        group = self._groups(deal)[-1]
        number, _ = self._counts.get(group, (0, 0))
        stage, sold = self._counts.get(deal.stage, (0, 0))
        return Chance(
            odds / (1 + odds), group, share, number + _UNKNOWN, sold / stage if stage else 0.0
        )

    def why(self, deal: Snapshot) -> tuple[str, ...]:
        """Returns what makes a deal's chance, in words."""
        stage, age, ready = self._groups(deal)[1:]
        words = [
            f"{deal.stage}: {self._said(stage)}",
            f"{_AGES[bisect_right(self._days.get(deal.stage, ()), deal.days)]}: {self._said(age)}",
            f"gate {'met' if deal.ready else 'not met'}: {self._said(ready)}",
        ]
        for what, shifts in self._odds.items():
            shift = shifts.get(self._kind(deal, what), 1.0)
            if not 0.95 <= shift <= 1.05:
                words.append(f"{what}: odds × {shift:.2f}")
        return tuple(words)

    def _said(self, group: Hashable) -> str:
        number, sold = self._counts.get(group, (0, 0))
        return f"{sold} of {number} sold in time"


_AGES = ("not long in it", "long in it", "very long in it")


def _cuts(values: Sequence[float]) -> list[float]:
    """Returns the borders of thirds."""
    if not values:
        return []
    return [values[len(values) * part // _THIRDS] for part in range(1, _THIRDS)]
