"""What open opportunities may bring: by the stage that each is in, how long, and its own amount."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from playgate.history.deal import Deal
from playgate.numbers.period import WEEK

__all__ = ["Prospects", "note_decided", "note_open", "weeks_between"]

_ANYWHERE = ""
"""Stands for every stage: the opportunity itself, since it began."""


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
    """Opportunities by stage and whole weeks since they came into it: those that were decided then,
    sold or not, and those of each rep that are open."""

    def __init__(self) -> None:
        self.decided: Counter[tuple[str, int, bool]] = Counter()
        self.open: dict[str, dict[tuple[str, int], _Open]] = defaultdict(lambda: defaultdict(_Open))
        self._shares: dict[tuple[str, int], float | None] = {}

    def worth(self, reps: Iterable[str], mean: float | None, minimum: int) -> float | None:
        """Returns what the open opportunities of some reps may bring: each its own amount (else
        `mean`) times the share that was sold of those that were decided later in that stage; `None`
        where nothing was decided, or no amount is known."""
        total = 0.0
        for rep in reps:
            for (stage, weeks), found in sorted(self.open.get(rep, {}).items()):
                if (stage, weeks) not in self._shares:
                    self._shares[stage, weeks] = self._share(stage, weeks, minimum)
                share = self._shares[stage, weeks]
                without = found.deals - found.known
                if share is None or (without and mean is None):
                    return None
                total += share * (found.amount + without * (mean or 0.0))
        return total if self.decided else None

    def _share(self, stage: str, weeks: int, minimum: int) -> float | None:
        """Returns the share sold of those that were still open in a stage after so many weeks; of
        all that came there, or of all opportunities, where those are too few."""
        shares = ((stage, weeks), (stage, 0), (_ANYWHERE, weeks), (_ANYWHERE, 0))
        for place, (name, least) in enumerate(shares):
            sold, lost = (self._later(name, least, is_sold=each) for each in (True, False))
            if sold + lost >= (minimum if place < len(shares) - 1 else 1):
                return sold / (sold + lost)
        return None

    def _later(self, stage: str, weeks: int, *, is_sold: bool) -> int:
        return sum(
            times
            for (name, after, sold), times in self.decided.items()
            if (name, sold) == (stage, is_sold) and after >= weeks
        )


def note_decided(found: Prospects, deal: Deal, start: int, decided: int, *, is_sold: bool) -> None:
    """Notes an opportunity that began at an instant and was decided at another."""
    found.decided[_ANYWHERE, weeks_between(start, decided), is_sold] += 1
    for stage, move in deal.first_entry.items():
        if deal.move_at[move] <= decided:
            found.decided[stage, weeks_between(deal.move_at[move], decided), is_sold] += 1


def note_open(
    found: Prospects, deal: Deal, rep: str, start: int, as_of: int, amount: float | None
) -> None:
    """Notes an opportunity that began at an instant and is open."""
    stage = deal.move_into[-1] if deal.moves else _ANYWHERE
    since = deal.move_at[deal.first_entry[stage]] if deal.moves else start
    found.open[rep][stage, weeks_between(since, as_of)].add(amount)


def weeks_between(start: int, end: int) -> int:
    """Returns the whole weeks from one instant to another, at least none."""
    return max(0, end - start) // WEEK
