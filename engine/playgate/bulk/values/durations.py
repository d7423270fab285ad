"""Durations as expressions, which lead from an instant to one so long after or before it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import ibis

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.values.arithmetic import (
    DAY_SECONDS,
    ORIGIN_DAYS,
    WEEKDAY_OF_ORIGIN,
    Keep,
    as_it_is,
    entry,
    quotient,
    seconds,
)
from playgate.bulk.values.expressions import Expr, number
from playgate.bulk.values.instants import within
from playgate.bulk.values.zones import offset_at, offset_of_wall
from playgate.conditions.durations import Calendar, Duration
from playgate.conditions.instants import DAY, SECOND, Zone, from_datetime

__all__ = ["after", "before", "stepped"]

InstantFunction = Callable[[Expr], Expr]
"""From an instant to another."""

_LONGEST = 200 * 366 * DAY
_MOST_ENTRIES = 20_000


def after(duration: Duration, calendar: Calendar, keep: Keep = as_it_is) -> InstantFunction:
    """Returns the function from an instant to the one so long after it."""
    return _shift(duration, calendar, 1, keep)


def before(duration: Duration, calendar: Calendar, keep: Keep = as_it_is) -> InstantFunction:
    """Returns the function from an instant to the one so long before it."""
    return _shift(duration, calendar, -1, keep)


def _shift(duration: Duration, calendar: Calendar, sign: int, keep: Keep) -> InstantFunction:
    elapsed = duration.elapsed
    if elapsed is not None:
        length = sign * elapsed
        return lambda instant: instant + number(length)
    days_from = _days_from(duration, calendar, sign)
    step = _step(calendar.zone, lambda day: keep(days_from(day)) * sign, keep)
    return lambda instant: step(instant).fill_null(instant + number(sign * _LONGEST))


def stepped(days: int, zone: Zone, keep: Keep = as_it_is) -> InstantFunction:
    """Returns the function from an instant to the same wall clock so many days later, or earlier.

    What that leads out of the years of the calendar is NULL.
    """
    return _step(zone, lambda _: number(days), keep)


def _step(zone: Zone, days_from: Callable[[Expr], Expr], keep: Keep) -> InstantFunction:
    low, high = (
        from_datetime(datetime.combine(day, time, zone))
        for day, time in ((date.min, datetime.min.time()), (date.max, datetime.max.time()))
    )

    def stepped(instant: Expr) -> Expr:
        second = keep(seconds(instant))
        offset = keep(offset_at(zone, second, keep)) if zone is not UTC else 0
        days = days_from(keep(quotient(second + offset, DAY_SECONDS)))
        shifted = instant + days * DAY
        if zone is not UTC:
            wall = second + offset + days * DAY_SECONDS
            shifted = shifted + (offset - keep(offset_of_wall(zone, wall, keep))) * SECOND
        return within(shifted, low, high)

    return stepped


def _days_from(duration: Duration, calendar: Calendar, sign: int) -> Callable[[Expr], Expr]:
    """Says how many days a step of so many business days leads on, or back, from a day."""
    weekdays = [_without_holidays(weekday, duration.amount, sign) for weekday in range(7)]
    first, more = _with_holidays(duration, calendar, sign, weekdays)

    def days_from(day: Expr) -> Expr:
        days = entry(weekdays, (day + WEEKDAY_OF_ORIGIN) % 7)
        if not any(more):
            return days
        return days + entry(more, ibis.least(ibis.greatest(day - first, 0), len(more) - 1))

    return days_from


def _without_holidays(weekday: int, count: int, sign: int) -> int:
    weeks, left = divmod(max(count - 1, 0), 5)
    left += count > 0
    days = 0
    while left > 0:
        days += 1
        left -= (weekday + sign * days) % 7 < 5
    return weeks * 7 + days


def _with_holidays(
    duration: Duration, calendar: Calendar, sign: int, weekdays: list[int]
) -> tuple[int, list[int]]:
    """Lists how many days more it takes from each day in whose reach a holiday lies.

    The first such day, counted from the origin, and the numbers; 0 stands at both ends.
    """
    holidays = sorted(day for day in calendar.holidays if day.weekday() < 5)
    if not holidays:
        return 0, [0]
    reach = max(weekdays) + 1
    # Far enough that no step from a listed day leaves the list of business days.
    margin = 2 * reach + 7 * len(holidays) + 14
    start, end = _ordinal(holidays[0]), _ordinal(holidays[-1])
    none = {_ordinal(day) for day in holidays}
    first, last = (start - reach, end) if sign > 0 else (start, end + reach)
    if last - first > _MOST_ENTRIES:
        raise CannotExpressError(
            f"{duration} with holidays from {holidays[0]} to {holidays[-1]}: too many days to list"
        )
    business = [
        day
        for day in range(start - margin, end + margin)
        if (day + WEEKDAY_OF_ORIGIN) % 7 < 5 and day not in none
    ]
    more = [
        abs(_landing(business, day, duration.amount, sign) - day)
        - weekdays[(day + WEEKDAY_OF_ORIGIN) % 7]
        for day in range(first, last + 1)
    ]
    return first - 1, [0, *more, 0]


def _landing(business: list[int], day: int, count: int, sign: int) -> int:
    if count == 0:
        return day
    if sign > 0:
        return business[bisect_right(business, day) + count - 1]
    return business[bisect_left(business, day) - count]


def _ordinal(day: date) -> int:
    return (day - date(1970, 1, 1)) // timedelta(days=1) + ORIGIN_DAYS
