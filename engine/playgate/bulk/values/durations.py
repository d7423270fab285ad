"""Durations as expressions, which lead from an instant to one so long after or before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import ibis

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.values.arithmetic import (
    DAY_SECONDS,
    ORIGIN_DAYS,
    ORIGIN_SECONDS,
    Keep,
    as_it_is,
    quotient,
    seconds,
)
from playgate.bulk.values.expressions import Expr, number, when
from playgate.bulk.values.instants import within
from playgate.bulk.values.working_days import days_to_work
from playgate.bulk.values.zones import clock_changes, offset_at, offset_of_wall
from playgate.conditions.calendar import MINUTE, Calendar
from playgate.conditions.durations import HOUR, LONGEST, Duration
from playgate.conditions.instants import DAY, SECOND, Zone, from_datetime

__all__ = ["after", "before", "stepped"]

InstantFunction = Callable[[Expr], Expr]
"""From an instant to another."""

_EPOCH = datetime(1970, 1, 1)
_FIRST_YEAR = 1900
"""No event lies before it."""


def after(duration: Duration, calendar: Calendar, keep: Keep = as_it_is) -> InstantFunction:
    """Returns the function from an instant to the one so long after it."""
    return _shift(duration, calendar, 1, keep)


def before(duration: Duration, calendar: Calendar, keep: Keep = as_it_is) -> InstantFunction:
    """Returns the function from an instant to the one so long before it."""
    return _shift(duration, calendar, -1, keep)


def _shift(duration: Duration, calendar: Calendar, sign: int, keep: Keep) -> InstantFunction:
    if duration.unit == "calendar day":
        return _to_whole_days(duration.amount, calendar.zone, sign, keep)
    if duration.unit == "business day":
        return _in_business_days(duration.amount, calendar, sign, keep)
    if duration.unit == "business hour" and duration.amount:
        return _in_business_hours(duration, calendar, sign, keep)
    length = sign * (duration.elapsed or 0)
    return lambda instant: instant + number(length)


def stepped(days: int, zone: Zone, keep: Keep = as_it_is) -> InstantFunction:
    """Returns the function from an instant to the same wall clock so many days later, or earlier.

    What that leads out of the years of the calendar is NULL.
    """
    return _step(zone, lambda _: number(days), keep)


def _in_business_days(amount: int, calendar: Calendar, sign: int, keep: Keep) -> InstantFunction:
    days_from = days_to_work(amount, calendar, sign, keep)
    step = _step(calendar.zone, lambda day: keep(days_from(day)) * sign, keep)
    return lambda instant: step(instant).fill_null(instant + number(sign * LONGEST))


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


# Calendar days


def _to_whole_days(amount: int, zone: Zone, sign: int, keep: Keep) -> InstantFunction:
    """Leads forward to the end of a day, or back to the midnight of one."""
    first = (date.min - _EPOCH.date()).days + ORIGIN_DAYS
    last = (date.max - _EPOCH.date()).days + ORIGIN_DAYS
    steps, less = (amount + 1, 1) if sign > 0 else (-amount, 0)

    def stepped(instant: Expr) -> Expr:
        second = keep(seconds(instant))
        offset = keep(offset_at(zone, second, keep)) if zone is not UTC else 0
        today = keep(within(quotient(second + offset, DAY_SECONDS), first, last))
        midnight = keep(within(today + steps, first, last) * DAY_SECONDS)
        found = midnight - offset_of_wall(zone, midnight, keep) - ORIGIN_SECONDS
        return (found * SECOND - less).fill_null(instant + number(sign * LONGEST))

    return stepped


# Business hours


def _in_business_hours(
    duration: Duration, calendar: Calendar, sign: int, keep: Keep
) -> InstantFunction:
    """Leads on or back over working time, on days that all have equally much of it.

    What was worked on the first day already is added, so that it counts from the day's beginning
    (backwards: from its end). Then whole days are left, of which there are up to two more than
    the duration has, and a part of the last one.
    """
    _refuse_clock_changes(duration, calendar)
    zone = calendar.zone
    low, high = (minutes * MINUTE for minutes in calendar.hours)
    whole, part = divmod(duration.amount * HOUR, high - low)
    first = days_to_work(1, calendar, 1, keep)
    ways = [days_to_work(whole + more, calendar, sign, keep) for more in range(3)]

    def stepped(instant: Expr) -> Expr:
        second = keep(seconds(instant))
        offset = keep(offset_at(zone, second, keep)) if zone is not UTC else 0
        day = keep(quotient(second + offset, DAY_SECONDS))
        clock = keep(instant + offset * SECOND - (day - ORIGIN_DAYS) * DAY)
        worked = clock - low if sign > 0 else number(high) - clock
        worked = ibis.least(ibis.greatest(worked, 0), high - low)
        rest = keep(part + when(first(day - 1) == 1, worked, number(0)))
        more = keep(when(rest == 0, number(0), when(rest <= high - low, number(1), number(2))))
        start = keep(day - sign)
        days = keep(
            ibis.cases(
                (more == 0, ways[0](start)), (more == 1, ways[1](start)), else_=ways[2](start)
            )
        )
        last = rest - (more - 1) * (high - low)
        begin = keep((start + days * sign) * DAY_SECONDS + low // SECOND)
        begun = begin - offset_of_wall(zone, begin, keep) - ORIGIN_SECONDS
        return begun * SECOND + (last if sign > 0 else (high - low) - last)

    return stepped


def _refuse_clock_changes(duration: Duration, calendar: Calendar) -> None:
    """Raises `CannotExpressError` where clocks change while people work."""
    days = [day for day in _days_of_changes(calendar) if calendar.is_business_day(day)]
    if days:
        what = f"its clocks change on {days[-1]} in working hours"
        raise CannotExpressError(f"{duration} in {calendar.zone}: {what}")


def _days_of_changes(calendar: Calendar) -> Iterator[date]:
    """Yields the days whose working hours, were they days of work, have another length."""
    low, high = (timedelta(minutes=minutes) for minutes in calendar.hours)
    for at, *offsets in clock_changes(calendar.zone):
        begin, end = (
            _EPOCH + timedelta(seconds=at - ORIGIN_SECONDS + offset) for offset in sorted(offsets)
        )
        midnight = datetime.combine(begin.date(), datetime.min.time())
        while midnight < end:
            if midnight + low < end and begin < midnight + high and begin.year >= _FIRST_YEAR:
                yield midnight.date()
            midnight += timedelta(days=1)
