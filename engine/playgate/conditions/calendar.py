"""The working calendar of a playbook: its zone, its working days and hours, its holidays."""

from __future__ import annotations

from datetime import UTC, date, timedelta

from playgate.conditions.instants import SECOND, Zone
from playgate.records import Record

__all__ = ["MINUTE", "WEEKDAYS", "Calendar", "hours_words", "workdays_words"]

MINUTE = 60 * SECOND
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WORKDAYS = frozenset(range(5))
_HOURS = (9 * 60, 17 * 60)


class Calendar(Record):
    """How working days and hours are counted: in which zone, and which days are holidays."""

    zone: Zone = UTC
    holidays: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()
    """Holidays of every year, each as month and day."""
    workdays: frozenset[int] = _WORKDAYS
    """The days of the week on which people work; Monday is 0."""
    hours: tuple[int, int] = _HOURS
    """The hours of work on such a day, in minutes after midnight; the end is left out."""

    def is_business_day(self, day: date) -> bool:
        """Whether `day` is one of the working days of the week and not a holiday."""
        return (
            day.weekday() in self.workdays
            and day not in self.holidays
            and (day.month, day.day) not in self.yearly
        )

    @property
    def has_business_days(self) -> bool:
        """Whether the holidays of every year leave a day for work."""
        return len(self.yearly) < 365 or not self.yearly.issuperset(_DAYS_OF_EVERY_YEAR)


_DAYS_OF_EVERY_YEAR = frozenset(
    (day.month, day.day) for day in (date(2001, 1, 1) + timedelta(days) for days in range(365))
)


def workdays_words(calendar: Calendar) -> str:
    """Lists the days of the week on which people work: `monday, tuesday`."""
    return ", ".join(WEEKDAYS[day] for day in sorted(calendar.workdays))


def hours_words(calendar: Calendar) -> str:
    """Says the hours of work as a playbook writes them: `09:00 to 17:00`."""
    return " to ".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in calendar.hours)
