"""What is reckoned from another field's value, as `playgate.conditions.arithmetic` has it.

Engines differ in what they make of a product that no float can hold, so none is asked for it.
"""

from __future__ import annotations

import sys
from math import inf, isfinite, nextafter

import ibis

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.values.arithmetic import Keep
from playgate.bulk.values.durations import after, before, stepped
from playgate.bulk.values.expressions import Expr
from playgate.bulk.values.instants import within
from playgate.conditions.arithmetic import FIRST, LAST, days_of
from playgate.conditions.durations import Calendar
from playgate.conditions.value_tests import FieldRef, show_value

__all__ = ["reckoned"]

_LEAST, _GREATEST = 1e-15, 1e15
"""Factors between these lead no number that is read to one too small for a float."""
_MOST = 1e290
"""A summand up to this leads no float to one that is not finite."""


def reckoned(value: Expr, reference: FieldRef, calendar: Calendar, keep: Keep) -> Expr:
    """Reckons with a value; NULL where it is absent, or the result is.

    Raises `CannotExpressError` where a number of the playbook is too large or too small for that.
    """
    if reference.shift is None:
        return _number(value, reference, keep)
    days = days_of(reference)
    if days is not None:
        moved = stepped(days, calendar.zone, keep)(value)
    else:
        step = after if reference.sign > 0 else before
        moved = step(reference.shift, calendar, keep)(value)
    return within(moved, FIRST, LAST)


def _number(value: Expr, reference: FieldRef, keep: Keep) -> Expr:
    times, plus = reference.times, reference.plus
    if (times and not _LEAST <= abs(times) <= _GREATEST) or abs(plus) > _MOST:
        raise CannotExpressError(f"{show_value(reference)}: a number so large or so small")
    most = _most(abs(times))
    held = keep(ibis.ifelse(value.between(-most, most), value, ibis.null("float64")))
    return keep(held * ibis.literal(times, "float64")) + ibis.literal(plus, "float64")


def _most(times: float) -> float:
    """Returns the greatest float whose product is finite."""
    most = sys.float_info.max / max(times, 1.0)
    while not isfinite(most * times):
        most = nextafter(most, 0)
    while isfinite(nextafter(most, inf)) and isfinite(nextafter(most, inf) * times):
        most = nextafter(most, inf)
    return most
