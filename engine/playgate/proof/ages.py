"""How old a date can be, as far as the durations of a playbook tell: its age in cells.

An age lies between two neighbouring lengths in elapsed time, and between two in business days. One
cell says both, and impossible combinations have no cell: no date is more than three weeks old and
within the last two business days.
"""

from __future__ import annotations

from collections.abc import Iterable

from playgate.conditions.durations import Calendar, Duration
from playgate.proof.durations import is_no_longer

__all__ = ["Ages"]

_MOST_LENGTHS = 30
"""The most lengths of each kind that make cells; tests against further ones are left free."""


class Ages:
    """The cells of a date's age: those of the past, the one that is now, and those to come."""

    def __init__(self, durations: Iterable[Duration], calendar: Calendar) -> None:
        known = {_length(each): each for each in durations}
        elapsed = [each for each in known.values() if each.elapsed is not None]
        business = [each for each in known.values() if each.elapsed is None]
        elapsed = sorted(elapsed, key=lambda each: each.elapsed or 0)[:_MOST_LENGTHS]
        business = sorted(business, key=lambda each: each.amount)[:_MOST_LENGTHS]
        self._rank = {
            _length(each): (kind, rank)
            for kind, lengths in enumerate((elapsed, business))
            for rank, each in enumerate(lengths)
        }
        self._passed = _passed(elapsed, business, calendar)
        self._sides = len(self._passed)
        self.whole = (2 << 2 * self._sides) - 1
        """All cells: as many before now as after, numbered alike, with now between them."""

    def passing(self, operator: str, duration: Duration) -> int | None:
        """Returns the cells of dates that pass a test against now; `None` for unknown durations."""
        if _length(duration) not in self._rank:
            return None
        kind, rank = self._rank[_length(duration)]
        beyond = sum(1 << cell for cell, passed in enumerate(self._passed) if passed[kind] > rank)
        now = 1 << self._sides
        within = (now - 1) & ~beyond
        match operator:
            case "older_than":
                return beyond
            case "newer_than":
                return within | now
            case _:
                return within << self._sides + 1 | now


def _length(duration: Duration) -> int | Duration:
    """Returns the same value for durations of one length, such as a week and seven days."""
    return duration if duration.elapsed is None else duration.elapsed


def _passed(
    elapsed: list[Duration], business: list[Duration], calendar: Calendar
) -> list[tuple[int, int]]:
    """Returns how many lengths of each kind an age can exceed at the same time."""

    def fits(beyond: list[Duration], past: int, others: list[Duration], within: int) -> bool:
        """Whether an age beyond so many of the one kind may be within the next of the other."""
        return (
            past == 0
            or within == len(others)
            or not is_no_longer(others[within], beyond[past - 1], calendar)
        )

    return [
        (past, steps)
        for past in range(len(elapsed) + 1)
        for steps in range(len(business) + 1)
        if fits(elapsed, past, business, steps) and fits(business, steps, elapsed, past)
    ]
