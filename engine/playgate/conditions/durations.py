"""Durations as a playbook writes them, in elapsed time or in business days."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from playgate.conditions.instants import DAY, SECOND, Zone, from_datetime, to_datetime
from playgate.records import Record

__all__ = ["Calendar", "Duration", "read_duration"]

_FORM = re.compile(r"([0-9]{1,9}) +(second|minute|hour|day|week|business day)s?", re.ASCII)
_ELAPSED = {
    "second": SECOND,
    "minute": 60 * SECOND,
    "hour": 3600 * SECOND,
    "day": DAY,
    "week": 7 * DAY,
}
_LONGEST = 200 * 366 * DAY


class Calendar(Record):
    """How business days are counted: in which time zone, and which days are holidays."""

    zone: Zone = UTC
    holidays: frozenset[date] = frozenset()

    def is_business_day(self, day: date) -> bool:
        """Whether `day` is a Monday to Friday and not a holiday."""
        return day.weekday() < 5 and day not in self.holidays


class Duration(Record):
    """A number of time units; a `day` is 24 hours, a `business day` is one step of the calendar."""

    amount: int
    unit: str

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}{'' if self.amount == 1 else 's'}"

    @property
    def elapsed(self) -> int | None:
        """The length in microseconds; `None` for business days, whose length depends on the
        date."""
        return None if self.unit == "business day" else self.amount * _ELAPSED[self.unit]

    def after(self, calendar: Calendar) -> Callable[[int], int]:
        """Returns the function that gives the instant this long after another."""
        return self._shift(calendar, 1)

    def before(self, calendar: Calendar) -> Callable[[int], int]:
        """Returns the function that gives the instant this long before another."""
        return self._shift(calendar, -1)

    def _shift(self, calendar: Calendar, sign: int) -> Callable[[int], int]:
        elapsed = self.elapsed
        if elapsed is None:
            days: dict[date, date] = {}  # the same few dates come up again and again

            def step(instant: int) -> int:
                return _step(instant, self.amount, sign, calendar, days)

            return step
        length = sign * elapsed
        return lambda instant: instant + length


def _step(instant: int, count: int, sign: int, calendar: Calendar, days: dict[date, date]) -> int:
    """Steps day by day at the same wall-clock time until `count` business days are counted.

    `days` remembers to which day each day led.
    """
    try:
        local = to_datetime(instant, calendar.zone)
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
        return instant + sign * _LONGEST


def read_duration(text: str) -> Duration | None:
    """Returns the duration that `text` writes (`90 seconds`, `5 business days`), else `None`."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    duration = Duration(int(found.group(1)), found.group(2))
    length = duration.elapsed if duration.elapsed is not None else duration.amount * DAY
    return duration if length <= _LONGEST else None
