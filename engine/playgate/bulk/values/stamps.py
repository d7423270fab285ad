"""Texts of RFC 3339 → instants, as `playgate.conditions.instants` reads them.

One regular expression says whether a text is right, days of the month and leap years included. What
is not becomes NULL before anything is cut out of it: nothing but digits reaches a cast, in whatever
order an engine works.
"""

from __future__ import annotations

from datetime import UTC

import ibis

from playgate.bulk.values.arithmetic import (
    DAY_SECONDS,
    ORIGIN_SECONDS,
    Keep,
    as_it_is,
    part,
    quotient,
    whole,
)
from playgate.bulk.values.expressions import Expr
from playgate.bulk.values.patterns import SPACE, trimmed
from playgate.bulk.values.zones import offset_of_wall
from playgate.conditions.instants import DAY, SECOND, Zone

__all__ = ["day_end", "instant", "padded_instant", "within"]

_FIRST = -719_162 * DAY
_LAST = 2_932_897 * DAY - 1

_YEAR = "([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
_LEAP = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)"
_MONTH_AND_DAY = (
    "((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
)
_DATE = f"({_YEAR}-{_MONTH_AND_DAY}|{_LEAP}-02-29)"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
_OFFSET = "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?"
_STAMP = f"{_DATE}([Tt ]{_TIME}{_OFFSET})?"


def instant(text: Expr, zone: Zone, keep: Keep = as_it_is) -> Expr:
    """The instant that `text` names, in microseconds; NULL where it is not RFC 3339."""
    return _instant(keep(_only(text, _is_whole(text, _STAMP))), zone, keep)


def padded_instant(text: Expr, zone: Zone, keep: Keep = as_it_is) -> Expr:
    """The same of a text with white space around it."""
    right = text.re_search(f"^[{SPACE}]*{_STAMP}[{SPACE}]*$")
    return _instant(keep(_only(trimmed(text), right)), zone, keep)


def day_end(text: Expr, zone: Zone, keep: Keep = as_it_is) -> Expr:
    """The last microsecond of a bare date; anything else is read as it stands."""
    bare = keep(_only(text, _is_whole(text, _DATE) & (text != "9999-12-31")))
    midnight = keep((_day(bare) + 1) * DAY_SECONDS)
    end = _since_epoch(midnight - offset_of_wall(zone, midnight, keep)) - 1
    return ibis.ifelse(text.length() == 10, end, instant(text, zone, keep))


def within(number: Expr, low: int, high: int) -> Expr:
    """The number, or NULL where it is not between these two."""
    # Once instead of three times, since it may be long; NULL passes, whatever `least` makes of it.
    inside = ibis.greatest(ibis.least(number, high + 1), low - 1)
    return inside.nullif(high + 1).nullif(low - 1)


def _is_whole(text: Expr, pattern: str) -> Expr:
    # Some engines find `$` before a line break at the end too, but none behind this sign.
    return text.concat("|").re_search(f"^{pattern}[|]$")


def _only(text: Expr, condition: Expr) -> Expr:
    return ibis.ifelse(condition, text, ibis.null("string"))


def _instant(text: Expr, zone: Zone, keep: Keep) -> Expr:
    wall = keep(_wall(text))
    second = wall - _offset_of_text(text, wall, zone, keep)
    return within(_since_epoch(second) + _fraction(text), _FIRST, _LAST)


def _since_epoch(second: Expr) -> Expr:
    return (second - ORIGIN_SECONDS) * SECOND


def _wall(text: Expr) -> Expr:
    """Seconds from the origin that the wall clock shows."""
    full = text.concat("T00:00:00")  # after a bare date it stands where it belongs
    hours, minutes, seconds = (whole(part(full, place, 2)) for place in (11, 14, 17))
    return _day(text) * DAY_SECONDS + hours * 3600 + minutes * 60 + seconds


def _day(text: Expr) -> Expr:
    """Days from the origin. A year begins in March, so that a leap day is its last."""
    month = whole(part(text, 5, 2))
    months = whole(part(text, 0, 4)) * 12 + month + (400 * 12 - 3)
    before_century = quotient(months, 1200) * 146_097 >> 2
    before_year = quotient(months % 1200, 12) * 1461 >> 2
    before_month = quotient((month + 9) % 12 * 153 + 2, 5)
    return before_century + before_year + before_month + whole(part(text, 8, 2)) - 1


def _fraction(text: Expr) -> Expr:
    """Microseconds; further digits are dropped."""
    digits = part(text, 20, 12).re_replace("[^0-9].*$", "").concat("000000")
    return ibis.ifelse(part(text, 19, 1) == ".", whole(part(digits, 0, 6)), 0)


def _offset_of_text(text: Expr, wall: Expr, zone: Zone, keep: Keep) -> Expr:
    """The offset that is written, else that of the zone."""
    end = keep(text.right(6))
    is_given = part(end, 0, 1).isin(["+", "-"]) & (text.length() > 19)
    given = keep(ibis.ifelse(is_given, end, "+00:00"))
    sign = ibis.ifelse(part(given, 0, 1) == "-", -60, 60)
    offset = (whole(part(given, 1, 2)) * 60 + whole(part(given, 4, 2))) * sign
    if zone is UTC:
        return offset
    is_known = is_given | text.right(1).isin(["Z", "z"])
    return ibis.ifelse(is_known, offset, offset_of_wall(zone, wall, keep))
