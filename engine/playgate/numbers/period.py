"""Periods and weeks in a playbook's time zone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from playgate.conditions.instants import DAY, Zone, from_datetime, to_datetime
from playgate.records import Record

__all__ = [
    "QUARTER_HOUR",
    "WEEK",
    "Period",
    "month_name",
    "month_reader",
    "read_period",
    "running",
    "week_reader",
    "week_start",
    "weeks_between",
]

WEEK = 7 * DAY
QUARTER_HOUR = 900_000_000
"""No zone's day begins within one."""

_FORM = re.compile(
    r"(?P<year>[0-9]{4})(?:-Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2])|-W(?P<week>[0-5][0-9]))?",
    re.ASCII,
)
_TRAILING = re.compile(r"(?:last )?(?P<count>[0-9]{1,5}) (?P<unit>day|week)s?", re.ASCII)
_NAMED = re.compile(r"(?P<which>this |last )?(?P<unit>week|month|quarter|year)", re.ASCII)


class Period(Record):
    """From `start` up to, not including, `end` (instants)."""

    label: str
    start: int
    end: int

    def __contains__(self, at: int) -> bool:
        return self.start <= at < self.end

    @property
    def weeks(self) -> float:
        """How many weeks it has."""
        return weeks_between(self.start, self.end)


def weeks_between(start: int, end: int) -> float:
    """Returns the weeks from `start` to `end`, 0 where that is no later; what is shorter than a day
    counts as one, since nothing is known of a week from some of its seconds."""
    return max(DAY, end - start) / WEEK if end > start else 0.0


def read_period(text: str, *, first: int, as_of: int, zone: Zone) -> Period | None:
    """Returns the period that `text` names, within `first`, where what is known begins, and
    `as_of`; without a text, all of that.

    `2026`, `2026-Q2`, `2026-05`, `2026-W14`, `2026-01-01..2026-03-31` (both days in), `last 90
    days`, `this quarter`, `last month`. `None` where it does not read.
    """
    text = " ".join(text.split())
    if not text:
        return Period("whole history", first, as_of + 1)
    trailing = _TRAILING.fullmatch(text)
    if trailing:
        length = int(trailing["count"]) * (DAY if trailing["unit"] == "day" else WEEK)
        label = f"last {trailing['count']} {trailing['unit']}s"
        return Period(label, max(first, as_of + 1 - length), as_of + 1)
    try:
        days = _days(text, to_datetime(as_of, zone).date())
    except (ValueError, OverflowError):
        return None
    if days is None:
        return None
    begun, end = (_midnight(day, zone) for day in days)
    start = max(first, begun)
    return Period(text, start, max(start, min(end, as_of + 1)))


def _days(text: str, today: date) -> tuple[date, date] | None:
    """Returns the first day, and the day after the last."""
    low, dots, high = text.partition("..")
    if dots:
        days = date.fromisoformat(low.strip()), date.fromisoformat(high.strip())
        return (days[0], days[1] + timedelta(days=1)) if days[0] <= days[1] else None
    named = _NAMED.fullmatch(text)
    if named:
        start = _start_of(named["unit"], today)
        if named["which"] == "last ":
            start = _start_of(named["unit"], start - timedelta(days=1))
        return start, _next(named["unit"], start)
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    year = int(found["year"])
    if found["quarter"]:
        start = date(year, 3 * int(found["quarter"]) - 2, 1)
        return start, _next("quarter", start)
    if found["month"]:
        start = date(year, int(found["month"]), 1)
        return start, _next("month", start)
    if found["week"]:
        start = date.fromisocalendar(year, int(found["week"]), 1)
        return start, start + timedelta(days=7)
    return date(year, 1, 1), date(year + 1, 1, 1)


def _start_of(unit: str, day: date) -> date:
    match unit:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return date(day.year, 1, 1)


def _next(unit: str, start: date) -> date:
    if unit == "week":
        return start + timedelta(days=7)
    if unit == "year":
        return date(start.year + 1, 1, 1)
    month = start.month + (3 if unit == "quarter" else 1)
    return date(start.year + (month > 12), (month - 1) % 12 + 1, 1)


def running(unit: str, as_of: int, zone: Zone) -> Period:
    """Returns the whole week, month, quarter or year in which an instant lies."""
    start = _start_of(unit, to_datetime(as_of, zone).date())
    return Period(f"this {unit}", _midnight(start, zone), _midnight(_next(unit, start), zone))


def _midnight(day: date, zone: Zone) -> int:
    return from_datetime(datetime.combine(day, datetime.min.time(), zone))


def week_reader(zone: Zone) -> Callable[[int], int]:
    """Returns the function from an instant to its week: a number that grows by one every Monday."""
    return _day_reader(zone, lambda day: (day.toordinal() - 1) // 7)


def month_reader(zone: Zone) -> Callable[[int], int]:
    """Returns the function from an instant to its month: a number that grows by one every month."""
    return _day_reader(zone, lambda day: 12 * day.year + day.month - 1)


def _day_reader(zone: Zone, number: Callable[[date], int]) -> Callable[[int], int]:
    known: dict[int, int] = {}

    def read(at: int) -> int:
        key = at // QUARTER_HOUR
        found = known.get(key)
        if found is None:
            found = known[key] = number(to_datetime(at, zone).date())
        return found

    return read


def month_name(month: int) -> str:
    """Returns a month as the calendar writes it: `2026-03`."""
    return f"{month // 12:04}-{month % 12 + 1:02}"


def week_start(week: int) -> date:
    """Returns the Monday on which a week begins."""
    return date.fromordinal(week * 7 + 1)
