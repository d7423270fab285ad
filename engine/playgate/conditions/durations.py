"""Durations as a playbook writes them: elapsed time, calendar days, business days and hours."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from playgate.conditions.calendar import Calendar
from playgate.conditions.instants import DAY, SECOND, from_datetime, wall_clock
from playgate.conditions.working_time import WorkingTime
from playgate.records import Record

__all__ = ["HOUR", "LONGEST", "Calendar", "Duration", "read_duration"]

HOUR = 3600 * SECOND
_ELAPSED = {"second": SECOND, "minute": 60 * SECOND, "hour": HOUR, "day": DAY, "week": 7 * DAY}
_UNITS = (*_ELAPSED, "calendar day", "business day", "business hour")
_FORM = re.compile(rf"([0-9]{{1,9}}) +({'|'.join(_UNITS)})s?", re.ASCII)
LONGEST = 200 * 366 * DAY
"""The longest duration; it stands for each that leads further, or out of the calendar."""


class Duration(Record):
    """A number of time units.

    A `day` is 24 hours. A `calendar day` reaches to the end of a day, or back to its midnight. A
    `business day` is one step of the calendar by the same clock. A `business hour` is one of work.
    """

    amount: int
    unit: str

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}{'' if self.amount == 1 else 's'}"

    @property
    def elapsed(self) -> int | None:
        """The length in microseconds; `None` for units whose length depends on the date."""
        unit = _ELAPSED.get(self.unit)
        return None if unit is None else self.amount * unit

    @property
    def is_nothing(self) -> bool:
        """Whether it leads nowhere; no calendar days still lead to the end of the day."""
        return self.amount == 0 and self.unit != "calendar day"

    @property
    def shortest(self) -> int:
        """A length in microseconds of which it is known that the duration is never shorter."""
        if self.unit == "calendar day":
            return 0
        elapsed = self.elapsed
        return elapsed if elapsed is not None else min(self.amount, 1)

    @property
    def counts_work(self) -> bool:
        """Whether its length depends on which days are working days."""
        return self.unit in ("business day", "business hour")

    def after(self, calendar: Calendar) -> Callable[[int], int]:
        """Returns the function that gives the instant this long after another."""
        return self._shift(calendar, 1)

    def before(self, calendar: Calendar) -> Callable[[int], int]:
        """Returns the function that gives the instant this long before another."""
        return self._shift(calendar, -1)

    def _shift(self, calendar: Calendar, sign: int) -> Callable[[int], int]:
        match self.unit:
            case "calendar day":
                return lambda instant: _whole_days(instant, self.amount, sign, calendar)
            case "business day":
                days: dict[date, date] = {}  # the same few dates come up again and again
                return lambda instant: _step(instant, self.amount, sign, calendar, days)
            case "business hour":
                return _work(self.amount * HOUR, sign, WorkingTime(calendar))
        length = sign * self.amount * _ELAPSED[self.unit]
        return lambda instant: instant + length


def _whole_days(instant: int, count: int, sign: int, calendar: Calendar) -> int:
    """Leads forward to the end of a day so many days later, or back to the midnight of one."""
    try:
        day = wall_clock(instant, calendar.zone).date()
        if sign < 0:
            return _midnight(day - timedelta(days=count), calendar)
        return _midnight(day + timedelta(days=count + 1), calendar) - 1
    except OverflowError:
        return instant + sign * LONGEST


def _midnight(day: date, calendar: Calendar) -> int:
    return from_datetime(datetime.combine(day, time.min, calendar.zone))


def _step(instant: int, count: int, sign: int, calendar: Calendar, days: dict[date, date]) -> int:
    """Steps day by day at the same wall-clock time until `count` business days are counted.

    `days` remembers to which day each day led.
    """
    try:
        local = wall_clock(instant, calendar.zone)
        start = day = local.date()
        if start in days:
            day, count = days[start], 0
        while count > 0:
            day += timedelta(days=sign)
            count -= calendar.is_business_day(day)
        days[start] = day
        # fold=0 takes the first of a doubled time; a skipped one keeps the offset from before.
        shifted = datetime.combine(day, local.time().replace(fold=0), calendar.zone)
        return from_datetime(shifted)
    except OverflowError:
        return instant + sign * LONGEST


def _work(length: int, sign: int, work: WorkingTime) -> Callable[[int], int]:
    step = work.after if sign > 0 else work.before

    def shift(instant: int) -> int:
        try:
            shifted = step(instant, length)
        except OverflowError:
            shifted = None
        return instant + sign * LONGEST if shifted is None else shifted

    return shift


def read_duration(text: str) -> Duration | None:
    """Returns the duration that `text` writes (`90 seconds`, `5 business days`), else `None`."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    amount, unit = int(found.group(1)), found.group(2)
    length = amount * (HOUR if unit == "business hour" else _ELAPSED.get(unit, DAY))
    return Duration(amount, unit) if length <= LONGEST else None
