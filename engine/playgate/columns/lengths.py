"""Durations added to many instants at once.

What is not plain arithmetic is asked of the judge's own functions, once for each day where the wall
clock stays, else once for each distinct instant.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from playgate.columns.arrays import Bools, Ints
from playgate.conditions.durations import LONGEST, Calendar, Duration
from playgate.conditions.instants import DAY, Zone, wall_clock

__all__ = ["WallClock", "each_distinct", "shifted"]

_NEAR = 3 * DAY
"""So near to a change of the clock the judge's own function is asked."""
_SECOND = 1_000_000
_REMEMBERED = 100_000


class WallClock:
    """The wall clock of a zone over a span of time; its offsets are constant between changes."""

    def __init__(self, zone: Zone, first: int, last: int) -> None:
        self._zone = zone
        days = range(first - _NEAR, last + _NEAR + 2 * DAY, DAY)
        told = [_offset(zone, at) for at in (days[0], days[-1])]
        if zone.utcoffset(None) is None:  # it differs by date
            told = [_offset(zone, at) for at in days]
            pairs = zip(days, days[1:], told, told[1:], strict=False)
            self.changes = np.array(
                [self._change(early, late) for early, late, one, other in pairs if one != other],
                np.int64,
            )
        else:
            self.changes = np.zeros(0, np.int64)
        begins = [days[0], *self.changes.tolist()]
        self._offsets = np.array([_offset(zone, at) for at in begins], np.int64)

    def _change(self, early: int, late: int) -> int:
        """Returns the second from which another offset holds."""
        before, low, high = _offset(self._zone, early), early // _SECOND, late // _SECOND
        while high - low > 1:
            middle = (low + high) // 2
            if _offset(self._zone, middle * _SECOND) == before:
                low = middle
            else:
                high = middle
        return high * _SECOND

    def offset(self, instants: Ints) -> Ints:
        """Returns how far the wall clock is ahead of UTC."""
        found: Ints = self._offsets[np.searchsorted(self.changes, instants, side="right")]
        return found

    def local(self, instants: Ints) -> Ints:
        """Returns what the wall clock shows, in microseconds since it showed 1970."""
        return instants + self.offset(instants)

    def is_near_change(self, instants: Ints) -> Bools:
        """Tells which instants are near to a change of the clock."""
        low = np.searchsorted(self.changes, instants - _NEAR)
        found: Bools = np.searchsorted(self.changes, instants + _NEAR) > low
        return found


def _offset(zone: Zone, instant: int) -> int:
    offset = wall_clock(instant, zone).utcoffset()
    assert offset is not None  # noqa: S101  (it is aware)
    return (offset.days * 86_400 + offset.seconds) * _SECOND + offset.microseconds


def each_distinct(function: Callable[[int], int], instants: Ints) -> Ints:
    """Returns what a function makes of each instant; it is asked once for each distinct one."""
    distinct, number = np.unique(instants, return_inverse=True)
    found: Ints = np.array([function(each) for each in distinct.tolist()], np.int64)[number]
    return found


def shifted(length: Duration, calendar: Calendar, instants: Ints, *, sign: int = 1) -> Ints:
    """Returns the instants so long after (or, by the sign, before) others."""
    if length.elapsed is not None:
        return instants + sign * length.elapsed
    if not len(instants):
        return instants
    shift = _remembered(length, calendar, sign)
    if length.unit == "business hour":
        return each_distinct(shift, instants)
    clock = WallClock(calendar.zone, int(instants.min()), int(instants.max()))
    day = clock.local(instants) // DAY
    days, place, number = np.unique(day, return_index=True, return_inverse=True)
    if length.unit == "calendar day":  # it depends on nothing but the day
        found: Ints = np.array([shift(at) for at in instants[place].tolist()], np.int64)[number]
        return found
    return _stepped(shift, calendar.zone, instants, days, number, clock)


@lru_cache(maxsize=64)
def _remembered(length: Duration, calendar: Calendar, sign: int) -> Callable[[int], int]:
    """Returns what shifts an instant, once for each: other deals have the same days."""
    shift = length.after(calendar) if sign > 0 else length.before(calendar)
    return lru_cache(maxsize=_REMEMBERED)(shift)


def _stepped(
    shift: Callable[[int], int],
    zone: Zone,
    instants: Ints,
    days: Ints,
    number: Ints,
    clock: WallClock,
) -> Ints:
    """Steps from day to day as noon does, where no change of the clock is near."""
    noon = days * DAY + DAY // 2
    noon -= clock.offset(noon)
    led = np.array([shift(each) for each in noon.tolist()], np.int64)
    beyond = np.abs(led - noon) == LONGEST
    there = WallClock(zone, int(led.min()), int(led.max()))
    step = (there.local(led) // DAY - days)[number] * DAY
    local = clock.local(instants) + step
    found = local - there.offset(local - clock.offset(instants))
    found = np.where(beyond[number], instants + (led - noon)[number], found)
    near = clock.is_near_change(instants) | there.is_near_change(led[number])
    if near.any():
        found[near] = each_distinct(shift, instants[near])
    return found
