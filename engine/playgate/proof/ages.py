"""How old a date can be, as far as the durations of a playbook tell: its age in cells.

An age lies between two neighbouring lengths in elapsed time, and between two in calendar days, in
business days and in business hours. One cell says all of it, and impossible combinations have no
cell: no date is more than three weeks old and within the last two business days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

from playgate.conditions.durations import Calendar, Duration
from playgate.proof.durations import is_no_longer

__all__ = ["Ages"]

_MOST_LENGTHS = 30
"""The most lengths of each kind that make cells; tests against further ones are left free."""
_MOST_CELLS = 1_000


class Ages:
    """The cells of a date's age: those of the past, the one that is now, and those to come."""

    def __init__(self, durations: Iterable[Duration], calendar: Calendar) -> None:
        kinds = _by_kind(durations)
        self._rank = {
            _length(each): (kind, rank)
            for kind, lengths in enumerate(kinds)
            for rank, each in enumerate(lengths)
        }
        self._passed = _passed(kinds, calendar)
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


def _by_kind(durations: Iterable[Duration]) -> list[list[Duration]]:
    """Returns the lengths of each kind in order; the longest are left out where there are many."""
    kinds: dict[str, dict[int | Duration, Duration]] = {}
    for each in durations:
        kind = each.unit if each.elapsed is None else ""
        kinds.setdefault(kind, {}).setdefault(_length(each), each)
    found = [
        sorted(lengths.values(), key=lambda each: (each.elapsed or 0, each.amount))[:_MOST_LENGTHS]
        for _, lengths in sorted(kinds.items())
    ]
    while prod(len(lengths) + 1 for lengths in found) > _MOST_CELLS:
        max(found, key=len).pop()
    return found


def _passed(kinds: Sequence[list[Duration]], calendar: Calendar) -> list[tuple[int, ...]]:
    """Returns how many lengths of each kind an age can exceed at the same time."""

    def fits(beyond: list[Duration], past: int, others: list[Duration], within: int) -> bool:
        """Whether an age beyond so many of the one kind may be within the next of the other."""
        return (
            past == 0
            or within == len(others)
            or not is_no_longer(others[within], beyond[past - 1], calendar)
        )

    found: list[tuple[int, ...]] = [()]
    for kind, lengths in enumerate(kinds):
        found = [
            (*known, past)
            for known in found
            for past in range(len(lengths) + 1)
            if all(
                fits(kinds[other], known[other], lengths, past)
                and fits(lengths, past, kinds[other], known[other])
                for other in range(kind)
            )
        ]
    return found
