"""When something happens in a case: `day 3`, `day 3 14:30`, `+2 hours`, or a date."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from playgate.conditions.durations import Calendar, read_duration
from playgate.conditions.instants import (
    EVENTS_FROM,
    EVENTS_UNTIL,
    from_datetime,
    is_bare_date,
    read_instant,
    show_instant,
    to_datetime,
)
from playgate.records import Record

__all__ = ["DEFAULT_START", "Clock", "read_start"]

DEFAULT_START = "2026-01-05"
_MORNING = "T09:00:00"
_DAY = re.compile(
    r"day (-?[0-9]{1,5})(?: ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?)?", re.ASCII
)


def read_start(text: str, calendar: Calendar) -> int | None:
    """Returns the instant of day 0: a bare date means nine in the morning."""
    return _of_events(read_instant(text + _MORNING if is_bare_date(text) else text, calendar.zone))


def _of_events(instant: int | None) -> int | None:
    return None if instant is None or not EVENTS_FROM <= instant <= EVENTS_UNTIL else instant


class Clock(Record):
    """Reads times of a case that starts at an instant.

    Days are those of the calendar in the playbook's zone, at the time of day of the start where
    none is given.
    """

    start: int
    calendar: Calendar

    def read(self, text: str, *, before: int) -> int | None:
        """Returns the instant that `text` means, `None` where it is none or none of an event; `+…`
        counts from `before`."""
        return _of_events(self._read(text, before))

    def _read(self, text: str, before: int) -> int | None:
        found = _DAY.fullmatch(text)
        if found is not None:
            return self._day(found)
        if text.startswith("+"):
            duration = read_duration(text[1:].strip())
            return duration.after(self.calendar)(before) if duration else None
        return read_instant(text, self.calendar.zone)

    def _day(self, found: re.Match[str]) -> int | None:
        days, hour, minute, second, part = found.groups()
        start = to_datetime(self.start, self.calendar.zone)
        try:
            at = (
                start.time()
                if hour is None
                else time(int(hour), int(minute), int(second or 0), int((part or "").ljust(6, "0")))
            )
            day = start.date() + timedelta(days=int(days))
            return from_datetime(datetime.combine(day, at, self.calendar.zone))
        except (ValueError, OverflowError):
            return None

    def as_date(self, text: str, *, before: int, timed: bool) -> str | None:
        """Returns what `day 30` means as the value of a date (or datetime); other texts stay as
        they are."""
        if not text.startswith(("day ", "+")):
            return text
        instant = self.read(text, before=before)
        if instant is None:
            return None
        if timed:
            return show_instant(instant, self.calendar.zone)
        return to_datetime(instant, self.calendar.zone).date().isoformat()
