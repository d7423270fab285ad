"""Compares two durations from whatever instant they start: the one order that all proofs use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal

from playgate.conditions.calendar import MINUTE, Calendar
from playgate.conditions.durations import LONGEST, Duration
from playgate.conditions.instants import DAY, SECOND, Zone

__all__ = ["Order", "compare_durations", "is_no_longer"]

Order = Literal["shorter", "same", "longer"]

_Bounds = tuple[int, int]
"""The least and the most time that a duration can take, in microseconds."""
_HOUR = 60 * MINUTE
_YEAR = 365
_CHANGES_A_YEAR = 5
"""More often than that no zone changes its clocks."""
_MOST_DAYS = LONGEST // DAY


def compare_durations(one: Duration, other: Duration, calendar: Calendar) -> Order | None:
    """Returns how the first compares with the second, forwards and backwards from every instant.

    Returns `None` if it depends on the instant: seven days are longer than three business days, but
    five business days can be longer than a week, if there is a holiday in it, or shorter. What is
    called longer is never shorter, though it may lead to the same instant.
    """
    if _kind(one) == _kind(other):
        # More steps of the calendar never lead less far.
        left = one.amount if one.elapsed is None else one.elapsed
        right = other.amount if other.elapsed is None else other.elapsed
        return "same" if left == right else "shorter" if left < right else "longer"
    (least, most), (its_least, its_most) = (_bounds(each, calendar) for each in (one, other))
    return "longer" if least >= its_most else "shorter" if most <= its_least else None


def is_no_longer(one: Duration, other: Duration, calendar: Calendar) -> bool:
    """Whether the first is certainly as long as the second or shorter."""
    return compare_durations(one, other, calendar) in ("shorter", "same")


def _kind(duration: Duration) -> str:
    return duration.unit if duration.elapsed is None else "elapsed"


def _bounds(duration: Duration, calendar: Calendar) -> _Bounds:
    if duration.elapsed is not None:
        return duration.elapsed, duration.elapsed
    if duration.is_nothing:
        return 0, 0
    if duration.counts_work and not calendar.workdays:
        return 0, LONGEST  # two versions of a playbook, with other working weeks
    bounds = _BY_UNIT[duration.unit](duration.amount, calendar, _clocks(calendar.zone))
    return min(bounds[0], LONGEST), min(bounds[1], LONGEST)


def _of_calendar_days(amount: int, calendar: Calendar, clocks: int) -> _Bounds:
    """From a day's last microsecond so many days follow; from its midnight that day does, too."""
    return max(amount * DAY - clocks, 0), (amount + 1) * DAY - 1 + clocks


def _of_business_days(amount: int, calendar: Calendar, clocks: int) -> _Bounds:
    least, most = min(_days(amount, calendar)), _most_days(lambda _: amount, calendar)
    return least * DAY - clocks, most * DAY + clocks


def _of_business_hours(amount: int, calendar: Calendar, clocks: int) -> _Bounds:
    """Where the clocks change, a day may have more or less time for work than others."""
    length = amount * _HOUR
    a_day = (calendar.hours[1] - calendar.hours[0]) * MINUTE
    longest_day = min(a_day + clocks, DAY + clocks)
    full = -(-length // longest_day) - 1
    between = min(_days(full, calendar, from_work=True)) if full else 0
    least = max(length, between * DAY + length - full * longest_day - clocks)

    def needed(years: int) -> int:
        return -(-(length + years * _CHANGES_A_YEAR * clocks) // a_day)

    return least, _most_days(needed, calendar) * DAY + clocks


_BY_UNIT: dict[str, Callable[[int, Calendar, int], _Bounds]] = {
    "calendar day": _of_calendar_days,
    "business day": _of_business_days,
    "business hour": _of_business_hours,
}


def _days(count: int, calendar: Calendar, *, from_work: bool = False) -> list[int]:
    """Returns how many days so many working days take from each day of the week, without holidays.

    They are counted forwards and backwards; with `from_work` only from working days.
    """
    return [
        _days_from(weekday, sign, count, calendar.workdays)
        for weekday in (calendar.workdays if from_work else range(7))
        for sign in (1, -1)
    ]


def _days_from(weekday: int, sign: int, count: int, workdays: frozenset[int]) -> int:
    weeks, left = divmod(max(count - 1, 0), len(workdays))
    left += count > 0
    days = 0
    while left:
        days += 1
        left -= (weekday + sign * days) % 7 in workdays
    return weeks * 7 + days


def _most_days(needed: Callable[[int], int], calendar: Calendar) -> int:
    """Returns the most days that as many working days can take as are `needed` within some years.

    Each holiday may add one.
    """
    fixed = sum(day.weekday() in calendar.workdays for day in calendar.holidays)
    days = before = 0
    while days <= _MOST_DAYS:
        years = days // _YEAR + 2
        wanted = needed(years) + fixed + years * len(calendar.yearly)
        days = max(_days(wanted, calendar))
        if days == before:
            return days
        before = days
    return _MOST_DAYS


@lru_cache(maxsize=64)
def _clocks(zone: Zone) -> int:
    """Returns the most by which two offsets of a time zone differ, in microseconds."""
    if zone is UTC:
        return 0
    moment, offsets = datetime(1840, 1, 1, tzinfo=UTC), set()
    while moment.year < 2120:
        offsets.add(moment.astimezone(zone).utcoffset() or timedelta(0))
        moment += timedelta(days=7)
    return (max(offsets) - min(offsets)) // timedelta(seconds=1) * SECOND
