"""Time zones as expressions, which give the offset at an instant, and of a wall clock.

Clock changes come from the zone itself, by asking it week after week. From some year on most zones
change by one rule, twice a year ("the last Sunday of March at 01:00"): there two comparisons of the
week's first day are enough. What lies before is looked up in tables, which stand in the expression
as texts of digits.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import ibis

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.values.arithmetic import (
    DAY_SECONDS,
    ORIGIN_SECONDS,
    Keep,
    as_it_is,
    day_of_year,
    entry,
    quotient,
)
from playgate.bulk.values.expressions import Expr
from playgate.conditions.instants import Zone

__all__ = ["clock_changes", "offset_at", "offset_of_wall"]

_START = datetime(1840, 1, 1, tzinfo=UTC)
_REGULAR = datetime(2090, 1, 1, tzinfo=UTC)  # Morocco's, by the moon, are listed up to 2087
_END = datetime(2120, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=7)
_NEVER = 10**12 - 1
_STRETCHES = (364, 182, 91, 45, 30, 14, 7, 1)


class _Change(NamedTuple):
    """From the second `at`, counted from the origin, another offset holds."""

    at: int
    before: int
    after: int


class _Yearly(NamedTuple):
    """A change comes on the first such weekday from a day of the year on, at a time of day."""

    time: int
    weekday: int
    day: int

    def reached(self, second: int) -> int:
        """Returns the day of the year on which the week began that the second lies in."""
        day = (second - self.time) // DAY_SECONDS
        return _day_of_year((day + self.weekday) // 7 * 7 - self.weekday)


class _Steps(NamedTuple):
    """These steps say which offset holds at which second."""

    changes: tuple[_Change, ...]
    """What a table has to say."""
    last: int
    """The offset after them; within the rule, at both ends of the year."""
    since: int = _NEVER
    """From when on the rule holds."""
    rule: tuple[_Yearly, _Yearly] | None = None
    between: int = 0
    """The offset between the rule's two changes."""


def clock_changes(zone: Zone) -> tuple[tuple[int, int, int], ...]:
    """Returns the changes of a zone's clocks up to 2120: each second from the origin at which
    another offset begins, the offset before and that after."""
    return () if zone is UTC else _changes(zone)


def offset_at(zone: Zone, second: Expr, keep: Keep = as_it_is) -> Expr:
    """Returns the zone's offset from UTC in seconds, at a second from the origin."""
    return 0 if zone is UTC else _offset(_steps(zone, False), keep(second), keep)


def offset_of_wall(zone: Zone, second: Expr, keep: Keep = as_it_is) -> Expr:
    """Returns the offset where the wall clock shows `second`, the first of a doubled one."""
    return 0 if zone is UTC else _offset(_steps(zone, True), keep(second), keep)


@lru_cache(maxsize=64)
def _steps(zone: Zone, wall: bool) -> _Steps:
    changes = tuple(
        change._replace(at=change.at + (max(change[1:]) if wall else 0))
        for change in _changes(zone)
    )
    if any(earlier.at >= later.at for earlier, later in pairwise(changes)):
        raise CannotExpressError(f"the zone {zone} has clock changes that overlap")
    regular = _seconds(_REGULAR)
    later = [change for change in changes if change.at >= regular]
    if not changes or not later:
        return _Steps(changes, changes[-1].after if changes else _offset_of(zone, _START))
    rule = _yearly(later[0::2], zone), _yearly(later[1::2], zone)
    outer, inner = later[0].before, later[0].after
    if rule[0].day > rule[1].day:
        rule, outer, inner = (rule[1], rule[0]), inner, outer

    def said(second: int) -> int:
        begun, ended = rule[0].reached(second), rule[1].reached(second)
        within = rule[0].day <= begun <= rule[1].day + 6 and ended < rule[1].day
        return inner if within else outer

    since = _since(changes, said)
    if since > regular + 366 * DAY_SECONDS:
        raise CannotExpressError(f"the zone {zone} changes its clocks by no simple yearly rule")
    kept = tuple(change for change in changes if change.at < since)
    return _Steps(kept, outer, since, rule, inner)


@lru_cache(maxsize=64)
def _changes(zone: Zone) -> tuple[_Change, ...]:
    found: list[_Change] = []
    moment, offset = _START, _offset_of(zone, _START)
    while moment < _END:
        following = moment + _STEP
        now = _offset_of(zone, following)
        if now != offset:
            found.append(_Change(_first_with(zone, moment, following, now), offset, now))
        moment, offset = following, now
    return tuple(found)


def _offset_of(zone: Zone, moment: datetime) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return 0 if offset is None else offset // timedelta(seconds=1)


def _first_with(zone: Zone, low: datetime, high: datetime, offset: int) -> int:
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // timedelta(seconds=2) * timedelta(seconds=1)
        if _offset_of(zone, middle) == offset:
            high = middle
        else:
            low = middle
    return _seconds(high)


def _seconds(moment: datetime) -> int:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return (moment - epoch) // timedelta(seconds=1) + ORIGIN_SECONDS


def _yearly(changes: Sequence[_Change], zone: Zone) -> _Yearly:
    """Finds the rule of changes that come once a year, in years of every form."""
    days = [change.at // DAY_SECONDS for change in changes]
    places = [_day_of_year(day) for day in days]
    times = {change.at % DAY_SECONDS for change in changes}
    weekdays = {-day % 7 for day in days}
    offsets = {change[1:] for change in changes}
    if len(times) * len(weekdays) * len(offsets) > 1 or max(places) - min(places) != 6:
        raise CannotExpressError(f"the zone {zone} changes its clocks by no simple yearly rule")
    return _Yearly(times.pop(), weekdays.pop(), min(places))


def _day_of_year(day: int) -> int:
    return (((day * 4 + 3) % 146_097 // 4) * 4 + 3) % 1461 // 4


def _since(changes: Sequence[_Change], said: Callable[[int], int]) -> int:
    """Finds the first change from which on all are those that the rule says, and no others."""
    since = _NEVER
    for change in reversed(changes):
        gap = min(since, changes[-1].at) - change.at
        if (said(change.at - 1), said(change.at)) != change[1:] or gap > 367 * DAY_SECONDS:
            break
        since = change.at
    return since


def _offset(steps: _Steps, second: Expr, keep: Keep) -> Expr:
    table = _table(steps, second, keep)
    if steps.rule is None:
        return table
    begin, end = steps.rule
    begun, ended = _week(begin, second, keep), _week(end, second, keep)
    if begin[:2] == end[:2]:
        within = begun.between(begin.day, end.day - 1)
    else:
        # Bounded above too: for an hour of March one of the weeks may lie in the year before.
        within = begun.between(begin.day, end.day + 6) & (ended < end.day)
    regular = ibis.ifelse(within, steps.between, steps.last)
    return ibis.ifelse(second >= steps.since, regular, table)


def _week(rule: _Yearly, second: Expr, keep: Keep) -> Expr:
    """Returns the day of the year on which the week began, as `_Yearly.reached`."""
    day = quotient(second - rule.time, DAY_SECONDS)
    return day_of_year(keep(quotient(day + rule.weekday, 7) * 7 - rule.weekday))


def _table(steps: _Steps, second: Expr, keep: Keep) -> Expr:
    """Looks up the offset by the number of changes so far.

    How many come before a stretch of days stands in a table; at most one falls into each.
    """
    changes = steps.changes
    if not changes:
        return steps.last
    offsets = [changes[0].before, *(change.after for change in changes)]
    instants = [change.at for change in changes]
    if len(changes) == 1:
        return ibis.ifelse(second < instants[0], offsets[0], offsets[1])
    size = _stretch(instants)
    start, end = instants[0] // DAY_SECONDS, instants[-1] // DAY_SECONDS
    number = (end - start) // size + 2
    passed = [bisect_left(instants, (start + at * size) * DAY_SECONDS) for at in range(number)]
    day = ibis.greatest(quotient(second, DAY_SECONDS) - start, 0)
    count = keep(entry(passed, ibis.least(quotient(day, size), number - 1)))
    return entry(offsets, count + ibis.ifelse(second >= entry([*instants, _NEVER], count), 1, 0))


def _stretch(instants: Sequence[int]) -> int:
    """Finds so many days that no two changes fall into one stretch."""
    start = instants[0] // DAY_SECONDS
    for size in _STRETCHES:
        places = {(at // DAY_SECONDS - start) // size for at in instants}
        if len(places) == len(instants):
            return size
    raise CannotExpressError("two clock changes on one day")
