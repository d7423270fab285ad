"""Instants: read from texts of RFC 3339 and from columns of dates or timestamps, and shown.

Texts are read as `playgate.conditions.instants` reads them. One regular expression says whether a
text is right, days of the month and leap years included. What is not becomes NULL before anything
is cut out of it: nothing but digits reaches a cast, in whatever order an engine works.

Each engine has a function of its own for columns of timestamps. Ibis would compile these through
floats, or in the time zone of the session; so they are called by name. A column that no listed
function reads cannot be read as a timestamp there, only as text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

import ibis

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.values.arithmetic import (
    DAY_SECONDS,
    ORIGIN_SECONDS,
    Keep,
    as_it_is,
    day_of_year,
    part,
    quotient,
    seconds,
    whole,
)
from playgate.bulk.values.expressions import Expr, number, sure
from playgate.bulk.values.regular_expressions import SPACE, trimmed
from playgate.bulk.values.zones import offset_of_wall
from playgate.conditions.instants import DAY, EVENTS_FROM, EVENTS_UNTIL, SECOND, Zone

__all__ = [
    "at_column",
    "at_text",
    "beyond_micros",
    "day_end",
    "event_at",
    "instant",
    "is_whole",
    "padded_instant",
    "shown",
    "within",
]

_FIRST = -719_162 * DAY
_LAST = 2_932_897 * DAY - 1
"""The years 1 to 9999."""

_YEAR = "([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
_LEAP = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)"
_MONTH_AND_DAY = (
    "((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
)
_DATE = f"({_YEAR}-{_MONTH_AND_DAY}|{_LEAP}-02-29)"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
_OFFSET = "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?"
_STAMP = f"{_DATE}([Tt ]{_CLOCK}{_OFFSET})?"

_SIGNED_OFFSET = "([+-]([01][0-9]|2[0-3]):[0-5][0-9])"
_USUAL = (
    "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    rf"([T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|{_SIGNED_OFFSET})?)?"
)

_TO_MICROS = len("2026-01-31T14:05:00.123456")

_MICROS = {
    ("duckdb", True): "epoch_us",
    ("duckdb", False): "epoch_us",
    ("pyspark", True): "unix_micros",
    ("bigquery", True): "unix_micros",
    ("clickhouse", True): "toUnixTimestamp64Micro",
}


# --- Texts of RFC 3339 ----------------------------------------------------------------------------


def instant(text: Expr, zone: Zone, keep: Keep = as_it_is) -> Expr:
    """Reads the instant that `text` names, in microseconds; NULL where it is not RFC 3339."""
    return _instant(keep(_only(text, is_whole(text, _STAMP))), zone, keep)


def padded_instant(text: Expr, zone: Zone, keep: Keep = as_it_is) -> Expr:
    """Reads the same from a text with white space around it."""
    right = text.re_search(f"^[{SPACE}]*{_STAMP}[{SPACE}]*$")
    return _instant(keep(_only(trimmed(text), right)), zone, keep)


def day_end(text: Expr, zone: Zone, keep: Keep = as_it_is) -> Expr:
    """Reads the last microsecond of a bare date; anything else is read as it stands."""
    bare = keep(_only(text, is_whole(text, _DATE) & (text != "9999-12-31")))
    midnight = keep((_day(bare) + 1) * DAY_SECONDS)
    end = _since_epoch(midnight - offset_of_wall(zone, midnight, keep)) - 1
    return ibis.ifelse(text.length() == 10, end, instant(text, zone, keep))


def within(number: Expr, low: int, high: int) -> Expr:
    """Returns the number, or NULL where it is not between these two."""
    # Once instead of three times, since it may be long; NULL passes, whatever `least` makes of it.
    inside = ibis.greatest(ibis.least(number, high + 1), low - 1)
    return inside.nullif(high + 1).nullif(low - 1)


def _only(text: Expr, condition: Expr) -> Expr:
    return ibis.ifelse(condition, text, ibis.null("string"))


def _instant(text: Expr, zone: Zone, keep: Keep) -> Expr:
    wall = keep(_wall(text))
    second = wall - _offset_of_text(text, wall, zone, keep)
    return within(_since_epoch(second) + _fraction(text), _FIRST, _LAST)


def _since_epoch(second: Expr) -> Expr:
    return (second - ORIGIN_SECONDS) * SECOND


def _wall(text: Expr) -> Expr:
    """Counts the seconds from the origin that the wall clock shows."""
    full = text.concat("T00:00:00")  # after a bare date it stands where it belongs
    hour, minute, second = (whole(part(full, place, 2)) for place in (11, 14, 17))
    return _day(text) * DAY_SECONDS + hour * 3600 + minute * 60 + second


def _day(text: Expr) -> Expr:
    """Counts the days from the origin. A year begins in March, so a leap day is its last."""
    month = whole(part(text, 5, 2))
    months = whole(part(text, 0, 4)) * 12 + month + (400 * 12 - 3)
    before_century = quotient(months, 1200) * 146_097 >> 2
    before_year = quotient(months % 1200, 12) * 1461 >> 2
    before_month = quotient((month + 9) % 12 * 153 + 2, 5)
    return before_century + before_year + before_month + whole(part(text, 8, 2)) - 1


def _fraction(text: Expr) -> Expr:
    """Reads the microseconds; further digits are dropped."""
    digits = part(text, 20, 12).re_replace("[^0-9].*$", "").concat("000000")
    return ibis.ifelse(part(text, 19, 1) == ".", whole(part(digits, 0, 6)), 0)


def _offset_of_text(text: Expr, wall: Expr, zone: Zone, keep: Keep) -> Expr:
    """Returns the offset that is written, else that of the zone."""
    end = keep(text.right(6))
    is_given = part(end, 0, 1).isin(["+", "-"]) & (text.length() > 19)
    given = keep(ibis.ifelse(is_given, end, "+00:00"))
    sign = ibis.ifelse(part(given, 0, 1) == "-", -60, 60)
    offset = (whole(part(given, 1, 2)) * 60 + whole(part(given, 4, 2))) * sign
    if zone is UTC:
        return offset
    is_known = is_given | text.right(1).isin(["Z", "z"])
    return ibis.ifelse(is_known, offset, offset_of_wall(zone, wall, keep))


# --- Columns of dates and timestamps --------------------------------------------------------------


def event_at(column: Expr, text: Expr, backend: str, zone: Zone, keep: Keep = as_it_is) -> Expr:
    """Reads when events happened, in a column of timestamps or dates, else in their `text`; NULL
    for what lies outside the years of events."""
    read, given = (at_column, column) if _is_instant(column) else (at_text, text)
    return within(keep(read(given, backend, zone, keep)), EVENTS_FROM, EVENTS_UNTIL)


def beyond_micros(column: Expr, text: Expr) -> Expr:
    """Returns the digits of stamps beyond the microsecond, as `conditions.instants` does."""
    if _is_instant(column):
        return ibis.literal("")
    seventh = part(text, _TO_MICROS, 1)
    digits = text.re_extract("^.{19}[.][0-9]{6}([0-9]+)", 1).fill_null("")
    return ibis.ifelse(seventh.isin(list("0123456789")), digits.re_replace("0+$", ""), "")


def _is_instant(column: Expr) -> bool:
    return bool(column.type().is_timestamp() or column.type().is_date())


def at_column(column: Expr, backend: str, zone: Zone, keep: Keep = as_it_is) -> Expr:
    """Reads a column of timestamps (without a zone: by `zone`'s clock) or dates.

    Raises `CannotExpressError` where the backend has no exact way to them.
    """
    if column.type().is_date():
        column = column.cast("timestamp")
    zoned = column.type().timezone is not None
    at = within(_micros(column, backend, zoned), _FIRST, _LAST)
    if zoned or zone is UTC:
        return at
    at = keep(at)
    wall = keep(seconds(at))
    return within(at - number(SECOND) * offset_of_wall(zone, wall, keep), _FIRST, _LAST)


def at_text(text: Expr, backend: str, zone: Zone, keep: Keep = as_it_is) -> Expr:
    """Reads a column of stamps in RFC 3339; NULL where one does not read.

    DuckDB reads the usual spellings itself, in a tenth of the time; others it leaves out.
    """
    if backend != "duckdb":
        return instant(text.nullif(""), zone, keep)
    usual = is_whole(text, _USUAL)
    plain = text.endswith("Z")
    # DuckDB 2 passes over the offset of what it casts; earlier versions did not.
    offset = keep(ibis.ifelse(plain, "Z", text.re_extract(f"({_SIGNED_OFFSET})$", 1)))
    length = ibis.least(text.length() - offset.length(), _TO_MICROS)
    wall = ibis.ifelse(usual, part(text, 0, length), ibis.null("string"))
    at = within(_micros(wall.try_cast("timestamp"), backend, zoned=False), _FIRST, _LAST)
    if zone is not UTC:
        at = keep(at)
    written = keep(ibis.ifelse(plain | (offset == ""), "+00:00", offset))
    minutes = whole(part(written, 1, 2)) * 60 + whole(part(written, 4, 2))
    shift: Expr = minutes * ibis.ifelse(part(written, 0, 1) == "-", -60, 60)
    if zone is not UTC:
        local = keep(offset_of_wall(zone, keep(seconds(at)), keep))
        shift = ibis.ifelse(offset == "", local, shift)
    return within(at - shift * SECOND, _FIRST, _LAST)


def is_whole(text: Expr, pattern: str) -> Expr:
    """Says whether the whole text is as the regular expression says."""
    # Some engines find `$` before a line break at the end too, but none behind this sign.
    return sure(text.concat("|").re_search(f"^({pattern})[|]$"))


def _micros(column: Expr, backend: str, zoned: bool) -> Expr:
    kind = column.type()
    if (backend, zoned) in _MICROS:
        return _function(_MICROS[backend, zoned], [kind], "int64")(column)
    if backend == "postgres":
        date_part = _function("date_part", ["string", kind], "float64")
        second = date_part("epoch", column.truncate("s")).cast("int64")
        return second * SECOND + date_part("microseconds", column).cast("int64") % SECOND
    if backend == "snowflake":
        return _function("date_part", ["string", kind], "int64")("epoch_microsecond", column)
    raise CannotExpressError(
        f"{column.get_name()}, a column of type {kind}, cannot be read exactly on {backend}: "
        "make it text in RFC 3339"
    )


def _function(name: str, given: list[Any], result: str) -> Callable[..., Expr]:
    """Returns the engine's own function of that name."""

    def one(a: Any) -> Any: ...
    def two(a: Any, b: Any) -> Any: ...

    shape = one if len(given) == 1 else two
    found: Callable[..., Expr] = ibis.udf.scalar.builtin(
        shape, name=name, signature=(tuple(given), result)
    )
    return found


def shown(instant: Expr, keep: Keep = as_it_is) -> Expr:
    """Writes the instant in RFC 3339, as `conditions.instants.show_instant` does in UTC."""
    second = keep(seconds(instant))
    day = keep(quotient(second, DAY_SECONDS))
    rest = keep(second - day * DAY_SECONDS)
    micros = keep(instant - (second - ORIGIN_SECONDS) * SECOND)
    clock = [quotient(rest, 3600), quotient(rest, 60) % 60, rest % 60]
    time = _digits(clock[0], 2) + ":" + _digits(clock[1], 2) + ":" + _digits(clock[2], 2)
    parts = _digits(micros, 6)
    fraction = ibis.cases(
        (micros == 0, ""), (micros % 1000 == 0, "." + part(parts, 0, 3)), else_="." + parts
    )
    return _date(day, keep) + "T" + time + fraction + "Z"


def _date(day: Expr, keep: Keep) -> Expr:
    """Writes the date of a day that is counted from the origin, the first of a March; cf. `_day`.

    C. Neri, L. Schneider: Euclidean affine functions and their application to calendar
    algorithms, 2022.
    """
    of_century = keep((day * 4 + 3) % 146_097 >> 2) * 4 + 3
    year = keep(quotient(day * 4 + 3, 146_097) * 100 + quotient(of_century, 1461) - 400)
    of_month = keep(day_of_year(day) * 5 + 2)
    month = keep(quotient(of_month, 153))
    date = quotient(of_month % 153, 5) + 1
    late = month >= 10
    return (
        _digits(ibis.ifelse(late, year + 1, year), 4)
        + "-"
        + _digits(ibis.ifelse(late, month - 9, month + 3), 2)
        + "-"
        + _digits(date, 2)
    )


def _digits(value: Expr, width: int) -> Expr:
    return part((value + 10**width).cast("string"), 1, width)
