"""Compares two durations from whatever instant they start: the one order that all proofs use."""

from __future__ import annotations

from typing import Literal

from playgate.conditions.durations import Calendar, Duration
from playgate.conditions.instants import DAY

__all__ = ["Order", "compare_durations", "is_no_longer"]

Order = Literal["shorter", "same", "longer"]

_CLOCKS = 25 * DAY // 24
"""The most by which two offsets of one time zone differ: those of Apia before and after 2012."""


def compare_durations(one: Duration, other: Duration, calendar: Calendar) -> Order | None:
    """Returns how the first compares with the second, forwards and backwards from every instant.

    Returns `None` if it depends on the instant: seven days are longer than three business days, but
    five business days can be longer than a week, if there is a holiday in it, or shorter.
    """
    if (one.elapsed is None) == (other.elapsed is None):
        # More steps of the calendar never lead less far.
        left = one.amount if one.elapsed is None else one.elapsed
        right = other.amount if other.elapsed is None else other.elapsed
        return "same" if left == right else "shorter" if left < right else "longer"
    (least, most), (its_least, its_most) = (_bounds(each, calendar) for each in (one, other))
    return "longer" if least > its_most else "shorter" if most < its_least else None


def is_no_longer(one: Duration, other: Duration, calendar: Calendar) -> bool:
    """Whether the first is certainly as long as the second or shorter."""
    return compare_durations(one, other, calendar) in ("shorter", "same")


def _bounds(duration: Duration, calendar: Calendar) -> tuple[int, int]:
    """Returns the least and the most time that a duration can take."""
    if duration.elapsed is not None:
        return duration.elapsed, duration.elapsed
    # Starting on a Sunday, five business days take five days, and each five more take seven.
    weeks, days = divmod(duration.amount - 1, 5)
    least = 7 * weeks + days + 1
    # Starting on a Friday, the first weekday takes three days; each holiday may add a step.
    holidays = sum(day.weekday() < 5 for day in calendar.holidays)
    weeks, days = divmod(duration.amount + holidays - 1, 5)
    most = 7 * weeks + days + 3
    return least * DAY - _CLOCKS, most * DAY + _CLOCKS
