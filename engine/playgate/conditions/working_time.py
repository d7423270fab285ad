"""Working time: an instant is one of work if the clock then shows working hours of a working day.

So what counts is the time that really passes: an hour that the clocks repeat counts twice, one that
they skip not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from playgate.conditions.calendar import MINUTE, Calendar
from playgate.conditions.instants import DAY, wall_clock

__all__ = ["WorkingTime"]

_Stretch = tuple[int, int]
_MOST_DAYS = 200 * 366
_NO_OFFSET = timedelta(0)


class WorkingTime:
    """The stretches of work of a calendar, found day by day and remembered."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._days: dict[int, tuple[_Stretch, ...]] = {}

    def after(self, instant: int, length: int) -> int | None:
        """Returns the first instant by which `length` of work has passed; `None` if that takes more
        than 200 years."""
        if length == 0:
            return instant
        first = instant // DAY
        for day in range(first, first + _MOST_DAYS):
            for start, end in self._stretches(day):
                start = max(start, instant)
                if end - start >= length:
                    return start + length
                length -= max(end - start, 0)
        return None

    def before(self, instant: int, length: int) -> int | None:
        """Returns the last instant from which `length` of work passes until `instant`; `None` as
        above."""
        if length == 0:
            return instant
        last = instant // DAY
        for day in range(last, last - _MOST_DAYS, -1):
            for start, end in reversed(self._stretches(day)):
                end = min(end, instant)
                if end - start >= length:
                    return end - length
                length -= max(end - start, 0)
        return None

    def _stretches(self, day: int) -> tuple[_Stretch, ...]:
        """Returns when people work between two midnights of UTC, in order."""
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = tuple(self._found(day * DAY, (day + 1) * DAY))
        return found

    def _found(self, start: int, end: int) -> Iterator[_Stretch]:
        """Yields the stretches between two instants; wherever the clocks change, one ends."""
        offset = self._offset(start)
        if offset != self._offset(end - 1):
            change = self._change(start, end - 1)
            yield from self._found(start, change)
            yield from self._found(change, end)
            return
        low, high = (minutes * MINUTE for minutes in self._calendar.hours)
        day = wall_clock(start + offset).date()
        midnight = (start + offset) // DAY * DAY - offset
        while midnight < end:
            if self._calendar.is_business_day(day):
                begin, finish = max(midnight + low, start), min(midnight + high, end)
                if begin < finish:
                    yield begin, finish
            midnight += DAY
            day += timedelta(days=1)

    def _change(self, low: int, high: int) -> int:
        """Returns the first instant of another offset than that of `low`."""
        offset = self._offset(low)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._offset(middle) == offset else (low, middle)
        return high

    def _offset(self, instant: int) -> int:
        passed = wall_clock(instant, self._calendar.zone).utcoffset() or _NO_OFFSET
        return passed // timedelta(microseconds=1)
