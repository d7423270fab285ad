"""Which of two durations is longer, from whatever instant: the one order that all proofs use."""

from __future__ import annotations

from typing import Literal

from playgate.conditions.durations import Calendar, Duration
from playgate.conditions.instants import DAY

__all__ = ["Order", "compare_durations", "is_no_longer"]

Order = Literal["shorter", "same", "longer"]

_CLOCKS = 25 * DAY // 24
"""The most that two offsets of one time zone differ by: those of Apia, before 2012 and after."""


def compare_durations(one: Duration, other: Duration, calendar: Calendar) -> Order | None:
    """How the first stands to the second, forwards and backwards from every instant.

    `None` means that it depends on the instant: seven days are longer than three business days, but
    five business days can be longer than a week, where there is a holiday in it, or shorter.
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
    """The least and the most time that a duration can take."""
    if duration.elapsed is not None:
        return duration.elapsed, duration.elapsed
    # From a Sunday on five business days take five days, and then seven for each five.
    weeks, days = divmod(duration.amount - 1, 5)
    least = 7 * weeks + days + 1
    # From a Friday on the first weekday takes three days; each holiday may be one to step over.
    holidays = sum(day.weekday() < 5 for day in calendar.holidays)
    weeks, days = divmod(duration.amount + holidays - 1, 5)
    most = 7 * weeks + days + 3
    return least * DAY - _CLOCKS, most * DAY + _CLOCKS
