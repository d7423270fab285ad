"""Whole numbers, and parts of texts, by functions that all engines have and read alike.

Division and remainder of negative numbers differ between engines, and a division may go through a
float. So all of it is done on numbers that are not negative: days and seconds count from
`ORIGIN_DAYS` before the epoch, at the start of a cycle of 400 years long before the year 1.
Divisors stay below a million and quotients exact: a float, or six decimals, then show on which
side of a whole number a quotient lies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ibis

from playgate.bulk.values.expressions import Expr

__all__ = [
    "DAY_SECONDS",
    "ORIGIN_DAYS",
    "ORIGIN_SECONDS",
    "WEEKDAY_OF_ORIGIN",
    "Keep",
    "as_it_is",
    "day_of_year",
    "entry",
    "part",
    "quotient",
    "seconds",
    "whole",
]

DAY_SECONDS = 86_400
ORIGIN_DAYS = 719_468 + 146_097
"""From 1 March of the year -400 to the epoch."""
ORIGIN_SECONDS = ORIGIN_DAYS * DAY_SECONDS
WEEKDAY_OF_ORIGIN = 2
"""The weekday of the origin, a Wednesday; Monday is 0."""
_ORIGIN = ORIGIN_SECONDS * 1_000_000


Keep = Callable[[Expr], Expr]
"""What is done with a value that is used more than once."""


def as_it_is(value: Expr) -> Expr:
    """Writes the value out wherever it is used: that is right everywhere, but long."""
    return value


@ibis.udf.scalar.builtin(name="substr")  # type: ignore[untyped-decorator]
def _substr(text: str, start: int, length: int) -> str:  # type: ignore[empty-body]
    """Calls SQL's own `substr`; that of Ibis writes the text twice, to allow a negative start."""


def part(text: Expr, start: int, length: int) -> Expr:
    """Cuts so many characters out of `text`, from the one at `start`, counted from 0."""
    return _substr(text, start + 1, length)


def whole(text: Expr) -> Expr:
    """Reads the number that digits write; the text must be safe for a cast on every row."""
    return text.cast("int64")


def entry(table: Sequence[int], index: Expr) -> Expr:
    """Looks up the number at `index` of a table, which is written out as a text of digits."""
    least = min(table)
    width = len(str(max(table) - least))
    digits = "".join(f"{number - least:0{width}}" for number in table)
    start = (index * width + 1).cast("int32")  # PostgreSQL takes no other for it
    return whole(_substr(ibis.literal(digits), start, width)) + least


def quotient(number: Expr, divisor: int) -> Expr:
    """Divides a number that is not negative, below 2**53, into a whole quotient."""
    return number // divisor


def seconds(instant: Expr) -> Expr:
    """Counts the whole seconds from the origin to an instant (microseconds since the epoch)."""
    # 1,000,000 is 64 times 15,625: the shift keeps the quotient exact where floats would not.
    return quotient((instant + _ORIGIN) >> 6, 15_625)


def day_of_year(day: Expr) -> Expr:
    """Returns the place of a day (counted from the origin) in its year; 1 March is 0.

    C. Neri, L. Schneider: Euclidean affine functions and their application to calendar
    algorithms, 2022.
    """
    of_century = (day * 4 + 3) % 146_097 >> 2
    return (of_century * 4 + 3) % 1461 >> 2
