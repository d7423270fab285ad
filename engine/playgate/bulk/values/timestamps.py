"""Columns of dates and timestamps → instants: each engine has a function of its own for it.

Ibis would compile these through floats, or in the time zone of the session; so they are called by
name. What is not listed cannot be read as a timestamp there, only as text.
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
from playgate.bulk.values.stamps import instant, within
from playgate.bulk.values.zones import offset_of_wall
from playgate.conditions.instants import DAY, SECOND, Zone

__all__ = ["at_column", "at_text", "is_whole", "shown"]

FIRST = -719_162 * DAY
LAST = 2_932_897 * DAY - 1
"""The years 1 to 9999."""

_OFFSET = "([+-]([01][0-9]|2[0-3]):[0-5][0-9])"
_USUAL = (
    "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    rf"([T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|{_OFFSET})?)?"
)

_TO_MICROS = len("2026-01-31T14:05:00.123456")

_MICROS = {
    ("duckdb", True): "epoch_us",
    ("duckdb", False): "epoch_us",
    ("pyspark", True): "unix_micros",
    ("bigquery", True): "unix_micros",
    ("clickhouse", True): "toUnixTimestamp64Micro",
}


def at_column(column: Expr, backend: str, zone: Zone, keep: Keep = as_it_is) -> Expr:
    """The instants of a column of timestamps (without a zone: of `zone`'s clock) or dates.

    `CannotExpressError` where the backend has no exact way to them.
    """
    if column.type().is_date():
        column = column.cast("timestamp")
    zoned = column.type().timezone is not None
    instant = within(_micros(column, backend, zoned), FIRST, LAST)
    if zoned or zone is UTC:
        return instant
    instant = keep(instant)
    wall = keep(seconds(instant))
    return within(instant - number(SECOND) * offset_of_wall(zone, wall, keep), FIRST, LAST)


def at_text(text: Expr, backend: str, zone: Zone, keep: Keep = as_it_is) -> Expr:
    """The instants of a column of stamps in RFC 3339; NULL where one does not read.

    DuckDB reads the usual spellings itself, in a tenth of the time; others it leaves out.
    """
    if backend != "duckdb":
        return instant(text.nullif(""), zone, keep)
    usual = is_whole(text, _USUAL)
    plain = text.endswith("Z")
    # DuckDB 2 passes over the offset of what it casts; earlier versions did not.
    offset = keep(ibis.ifelse(plain, "Z", text.re_extract(f"({_OFFSET})$", 1)))
    length = ibis.least(text.length() - offset.length(), _TO_MICROS)
    wall = ibis.ifelse(usual, part(text, 0, length), ibis.null("string"))
    at = within(_micros(wall.try_cast("timestamp"), backend, zoned=False), FIRST, LAST)
    if zone is not UTC:
        at = keep(at)
    written = keep(ibis.ifelse(plain | (offset == ""), "+00:00", offset))
    minutes = whole(part(written, 1, 2)) * 60 + whole(part(written, 4, 2))
    shift: Expr = minutes * ibis.ifelse(part(written, 0, 1) == "-", -60, 60)
    if zone is not UTC:
        local = keep(offset_of_wall(zone, keep(seconds(at)), keep))
        shift = ibis.ifelse(offset == "", local, shift)
    return within(at - shift * SECOND, FIRST, LAST)


def is_whole(text: Expr, pattern: str) -> Expr:
    """Whether the whole text is as the expression says."""
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
    """The engine's own function of that name."""

    def one(a: Any) -> Any: ...
    def two(a: Any, b: Any) -> Any: ...

    shape = one if len(given) == 1 else two
    found: Callable[..., Expr] = ibis.udf.scalar.builtin(
        shape, name=name, signature=(tuple(given), result)
    )
    return found


def shown(instant: Expr, keep: Keep = as_it_is) -> Expr:
    """The instant in RFC 3339, as `playgate.conditions.instants.show_instant` writes it in UTC."""
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
    """The date of a day that is counted from the origin, the first of a March; cf. `stamps._day`.

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
