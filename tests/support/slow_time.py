"""Durations counted day by day and minute by minute, which is slow and obviously right."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from playgate.conditions.instants import Zone, day_end, load_zone, read_instant, to_datetime

__all__ = ["WEEKDAYS", "earlier", "is_work", "later"]

Json = Any

MICROSECONDS = {"second": 10**6, "minute": 60 * 10**6, "hour": 3600 * 10**6}
MINUTE = 60 * 10**6
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def later(book: dict[str, Json], duration: str, instant: int) -> int:
    """The instant so long after another."""
    return _shift(_known(book), duration, instant, 1)


def earlier(book: dict[str, Json], duration: str, instant: int) -> int:
    """The instant so long before another."""
    return _shift(_known(book), duration, instant, -1)


def is_work(book: dict[str, Json], instant: int) -> bool:
    """Whether people work then, by the clock of that place."""
    return _is_work(_known(book), to_datetime(instant, _zone(_known(book))))


Known = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""The zone, the days of work, their hours, and the holidays, as a playbook writes them."""


def _known(book: dict[str, Json]) -> Known:
    return (
        book.get("timezone", "UTC"),
        tuple(book.get("workdays", WEEKDAYS[:5])),
        tuple(book.get("hours", ("09:00", "17:00"))),
        tuple(book.get("holidays", ())),
    )


def _zone(known: Known) -> Zone:
    zone = load_zone(known[0])
    assert zone is not None
    return zone


@lru_cache(maxsize=20_000)
def _shift(known: Known, duration: str, instant: int, sign: int) -> int:
    found = re.fullmatch(r"([0-9]+) +(.*?)s?", duration)
    assert found is not None
    amount, unit = int(found[1]), found[2]
    match unit:
        case "day":
            return instant + sign * amount * 24 * MICROSECONDS["hour"]
        case "week":
            return instant + sign * amount * 7 * 24 * MICROSECONDS["hour"]
        case "calendar day":
            return _calendar_days(known, amount, instant, sign)
        case "business day":
            return _business_days(known, amount, instant, sign)
        case "business hour":
            return _business_hours(known, amount * MICROSECONDS["hour"], instant, sign)
    return instant + sign * amount * MICROSECONDS[unit]


def _calendar_days(known: Known, amount: int, instant: int, sign: int) -> int:
    zone = _zone(known)
    day = to_datetime(instant, zone).date() + sign * timedelta(days=amount)
    found = day_end(str(day), zone) if sign > 0 else read_instant(str(day), zone)
    assert found is not None
    return found


def _business_days(known: Known, amount: int, instant: int, sign: int) -> int:
    local = to_datetime(instant, _zone(known)).replace(tzinfo=None)
    while amount > 0:
        local += sign * timedelta(days=1)
        amount -= _is_working_day(known, local.date())
    found = read_instant(local.isoformat(), _zone(known))
    assert found is not None
    return found


def _business_hours(known: Known, amount: int, instant: int, sign: int) -> int:
    """Goes from one full minute to the next, and adds up those in which people work."""
    zone = _zone(known)
    while amount > 0:
        edge = (instant // MINUTE + 1 if sign > 0 else (instant - 1) // MINUTE) * MINUTE
        if _is_work(known, to_datetime(min(instant, edge), zone)):
            if abs(edge - instant) >= amount:
                return instant + sign * amount
            amount -= abs(edge - instant)
        instant = edge
    return instant


def _is_work(known: Known, local: datetime) -> bool:
    low, high = known[2]
    return _is_working_day(known, local.date()) and low <= local.strftime("%H:%M") < high


@lru_cache(maxsize=20_000)
def _is_working_day(known: Known, day: date) -> bool:
    if WEEKDAYS[day.weekday()] not in known[1]:
        return False
    return not any(_is_holiday(written, day) for written in known[3])


def _is_holiday(written: str, day: date) -> bool:
    """Text compares as days do; a range of days of every year may go over its end."""
    low, _, high = written.partition("..")
    high = high or low
    given = day.isoformat() if len(low) == 10 else f"{day:%m-%d}"
    return low <= given <= high if low <= high else given >= low or given <= high
