"""What open deals may bring: each its own amount, times the share that was sold of those that were
decided in its stage after having been there as long."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from playgate.history.deal import Deal
from playgate.numbers.occurrences import Ending
from playgate.numbers.period import WEEK

__all__ = ["ANYWHERE", "Prospects", "note_decided", "standing", "whole_weeks"]

ANYWHERE = ""
"""Stands for every stage: the deal itself, since it began."""


class _Open:
    """Open opportunities in one stage, so many weeks since they came there."""

    __slots__ = ("amount", "deals", "known")

    def __init__(self) -> None:
        self.deals = self.known = 0
        self.amount = 0.0

    def add(self, amount: float | None) -> None:
        """Adds one, with its amount where that is known."""
        self.deals += 1
        self.known += amount is not None
        self.amount += amount or 0.0


class Prospects:
    """Deals by stage and whole weeks since they came into it: those that were decided then, sold or
    not, and the opportunities of each rep that are open."""

    def __init__(self, minimum: int) -> None:
        self._minimum = minimum
        self.decided: Counter[tuple[str, int, bool]] = Counter()
        self.open: dict[str, dict[tuple[str, int], _Open]] = defaultdict(lambda: defaultdict(_Open))
        self._chances: dict[tuple[str, int], float | None] = {}

    def chance(self, stage: str, weeks: int) -> float | None:
        """Returns the share sold of the deals that were still open in a stage after so many weeks;
        of all that came there, or of all deals, where those are too few; `None` where all are."""
        if (stage, weeks) not in self._chances:
            self._chances[stage, weeks] = self._chance(stage, weeks)
        return self._chances[stage, weeks]

    def _chance(self, stage: str, weeks: int) -> float | None:
        for name, least in ((stage, weeks), (stage, 0), (ANYWHERE, weeks), (ANYWHERE, 0)):
            sold, lost = (self._later(name, least, is_sold=each) for each in (True, False))
            if sold + lost >= self._minimum:
                return sold / (sold + lost)
        return None

    def _later(self, stage: str, weeks: int, *, is_sold: bool) -> int:
        return sum(
            times
            for (name, after, sold), times in self.decided.items()
            if (name, sold) == (stage, is_sold) and after >= weeks
        )

    def worth(self, reps: Iterable[str], mean: float | None) -> float | None:
        """Returns what the open opportunities of some reps may bring, those without an amount with
        `mean`; `None` where nobody can tell."""
        total = 0.0
        for rep in reps:
            for (stage, weeks), found in sorted(self.open.get(rep, {}).items()):
                share, without = self.chance(stage, weeks), found.deals - found.known
                if share is None or (without and mean is None):
                    return None
                total += share * (found.amount + without * (mean or 0.0))
        return total if self.decided else None


def note_decided(found: Prospects, deal: Deal, outcome: Ending) -> None:
    """Notes a deal, if it was sold or ended."""
    is_sold = outcome.sold is not None
    decided = outcome.sold if is_sold else outcome.ended
    if decided is None:
        return
    found.decided[ANYWHERE, whole_weeks(deal.happened[0], decided), is_sold] += 1
    for stage, move in deal.first_entry.items():
        if deal.move_at[move] <= decided:
            found.decided[stage, whole_weeks(deal.move_at[move], decided), is_sold] += 1


def standing(deal: Deal) -> tuple[str, int]:
    """Returns the stage that a deal is in, and for how many whole weeks it has been known there."""
    stage = deal.move_into[-1] if deal.moves else ANYWHERE
    since = deal.move_at[deal.first_entry[stage]] if deal.moves else deal.happened[0]
    return stage, whole_weeks(since, deal.as_of)


def whole_weeks(start: int, end: int) -> int:
    """Returns the whole weeks from one instant to another, at least none."""
    return max(0, end - start) // WEEK
