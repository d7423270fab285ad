"""What is reckoned from another field's value on the right side of a test.

Numbers are 64-bit floats, and the product is rounded before the sum. What is not finite, and a date
outside the years 1 to 9999, is absent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from playgate.conditions.durations import Calendar, Duration
from playgate.conditions.instants import DAY, Zone, from_datetime, wall_clock
from playgate.conditions.value_tests import FieldRef
from playgate.conditions.values import Value

__all__ = ["FIRST", "LAST", "days_of", "reckoned"]

FIRST = -719_162 * DAY
LAST = 2_932_897 * DAY - 1
"""The first and the last instant of a date, in the years 1 and 9999."""
_DAYS = {"day": 1, "week": 7}


def reckoned(reference: FieldRef, calendar: Calendar) -> Callable[[Any], Value | None]:
    """Returns the function that reckons with a present value."""
    if reference.is_plain:
        return lambda value: value
    if reference.shift is not None:
        return _moved(reference, reference.shift, calendar)
    times, plus = reference.times, reference.plus

    def number(value: Any) -> float | None:
        result: float = value * times + plus
        return result if isfinite(result) else None

    return number


def days_of(reference: FieldRef) -> int | None:
    """Returns how many days of the calendar are stepped; `None` where time passes as it does."""
    shift = reference.shift
    if shift is None or not reference.stepped:
        return None
    return reference.sign * shift.amount * _DAYS[shift.unit]


def _moved(reference: FieldRef, shift: Duration, calendar: Calendar) -> Callable[[Any], int | None]:
    days = days_of(reference)
    if days is not None:
        return lambda instant: _stepped(instant, days, calendar.zone)
    move = shift.after(calendar) if reference.sign > 0 else shift.before(calendar)

    def moved(instant: Any) -> int | None:
        found = move(instant)
        return found if FIRST <= found <= LAST else None

    return moved


def _stepped(instant: int, days: int, zone: Zone) -> int | None:
    """Steps so many days at the same wall-clock time in the zone."""
    try:
        local = wall_clock(instant, zone)
        # fold=0 takes the first of a doubled time; a skipped one keeps the offset from before.
        shifted = datetime.combine(
            local.date() + timedelta(days=days), local.time().replace(fold=0), zone
        )
        found = from_datetime(shifted)
    except OverflowError:
        return None
    return found if FIRST <= found <= LAST else None
