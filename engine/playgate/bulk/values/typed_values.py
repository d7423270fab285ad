"""Texts read as typed values, and tests on these, as `playgate.conditions.values` has them.

White space, placeholders and numbers are read by regular expressions of the plainest kind (classes,
groups, counts), which all engines read alike; no engine's own trimming or folding of case is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import ibis

from playgate.bulk.values.arithmetic import Keep, as_it_is
from playgate.bulk.values.durations import after, before
from playgate.bulk.values.expressions import Expr, all_of, any_of, number, sure
from playgate.bulk.values.instants import padded_instant
from playgate.bulk.values.regular_expressions import SPACE, folded, plain, searched, trimmed
from playgate.conditions.durations import Calendar
from playgate.conditions.tree import FieldRef, Test
from playgate.conditions.values import FieldType, Reading, value_reader

__all__ = ["is_blank", "passes", "typed"]

FieldOf = Callable[[FieldRef], Expr]
"""What another field holds, or what is reckoned from it, as of the instant that is judged; NULL
where it is absent."""

_LONGEST_NUMBER = 200
_EXPONENTS = (  # none of which leads out of what a float holds
    "(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?0*[0-9]{1,2})?",
    "0([.]0+)?[eE][+-]?[0-9]{1,9}",
    "(0|[1-9][0-9]{0,7})([.][0-9]+)?[eE][+]?0*[12][0-9]{2}",
    "[1-9]([.][0-9]+)?[eE][+]?0*30[0-7]",
    "[1-9][0-9]{0,7}([.][0-9]+)?[eE]-0*([12][0-9]{2}|30[0-7])",
)
_NUMBER = f"^-?({'|'.join(_EXPONENTS)})$"
_WHOLE_FROM = 2.0**53
_TRUE = f"^[{SPACE}]*([tT][rR][uU][eE]|[yY][eE][sS]|1)[{SPACE}]*$"
_FALSE = f"^[{SPACE}]*([fF][aA][lL][sS][eE]|[nN][oO]|0)[{SPACE}]*$"


def is_blank(text: Expr, reading: Reading) -> Expr:
    """Says whether `text` is empty, blank, a placeholder or NULL."""
    words = "|".join(folded(each) for each in sorted(reading.placeholders) if each)
    middle = f"({words})?[{SPACE}]*" if words else ""
    return text.re_search(f"^[{SPACE}]*{middle}$").fill_null(True)


def typed(text: Expr, kind: FieldType, reading: Reading, keep: Keep = as_it_is) -> Expr:
    """Reads the value of `text`; NULL where it is absent or does not read as its type.

    A number of more than 200 characters, or within a few digits of the largest or the smallest
    that a 64-bit float can hold, counts as one that does not read: engines differ in what they
    make of it.
    """
    value = _PARSERS[kind.kind](text, kind, reading, keep)
    read = value_reader(kind, Reading(frozenset(), reading.zone))
    readable = frozenset(each for each in reading.placeholders if _reads(each, kind, read))
    if not readable and kind.kind != "text":
        return value
    blank = is_blank(text, Reading(readable, reading.zone) if kind.kind != "text" else reading)
    return ibis.ifelse(blank, ibis.null(value.type()), value)


def _reads(placeholder: str, kind: FieldType, read: Callable[[str], Any]) -> bool:
    if kind.kind in ("choice", "choices"):
        items = placeholder.split(";") if kind.kind == "choices" else [placeholder]
        return {item.strip() for item in items} - {""} <= {each.casefold() for each in kind.options}
    return read(placeholder) is not None


def _text(text: Expr, _: FieldType, __: Reading, ___: Keep) -> Expr:
    return text


def _choice(text: Expr, kind: FieldType, _: Reading, keep: Keep) -> Expr:
    found = keep(trimmed(text))
    return ibis.ifelse(found.isin(list(kind.options)), found, ibis.null("string"))


def _choices(text: Expr, kind: FieldType, _: Reading, keep: Keep) -> Expr:
    """Reads the chosen options in the order of their declaration, each between two semicolons."""
    space, text = f"[{SPACE}]*", keep(text)
    options = "|".join(plain(re.escape(option)) for option in kind.options)
    item = f"{space}({options})?{space}"
    reads = text.re_search(f"^{item}(;{item})*$")
    found = ibis.literal(";")
    for option in kind.options:
        is_chosen = text.re_search(f"(^|;){space}{plain(re.escape(option))}{space}(;|$)")
        found = found.concat(ibis.ifelse(is_chosen, f"{option};", ""))
    found = keep(found)
    return ibis.ifelse(reads & (found != ";"), found, ibis.null("string"))


def _number(text: Expr, _: FieldType, __: Reading, keep: Keep) -> Expr:
    found = keep(trimmed(text))
    reads = found.re_search(_NUMBER) & (found.length() <= _LONGEST_NUMBER)
    return ibis.ifelse(reads, found, ibis.null("string")).cast("float64")


def _integer(text: Expr, kind: FieldType, reading: Reading, keep: Keep) -> Expr:
    value = keep(_number(text, kind, reading, keep))
    # Beyond 2**53 all floats are whole; and they must not reach the cast.
    within = ibis.least(ibis.greatest(value, -_WHOLE_FROM), _WHOLE_FROM)
    is_whole = within.cast("int64").cast("float64") == within
    return ibis.ifelse(is_whole, value, ibis.null("float64"))


def _boolean(text: Expr, _: FieldType, __: Reading, ___: Keep) -> Expr:
    false = ibis.ifelse(text.re_search(_FALSE), False, ibis.null("boolean"))
    return ibis.ifelse(text.re_search(_TRUE), True, false)


def _instant(text: Expr, _: FieldType, reading: Reading, keep: Keep) -> Expr:
    return padded_instant(text, reading.zone, keep)


_PARSERS: dict[str, Callable[[Expr, FieldType, Reading, Keep], Expr]] = {
    "text": _text,
    "choice": _choice,
    "choices": _choices,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "date": _instant,
    "datetime": _instant,
}


def passes(
    test: Test, value: Expr, at: Expr, calendar: Calendar, field: FieldOf, keep: Keep = as_it_is
) -> Expr:
    """Says whether `value` (NULL: absent) passes the test at the instant `at`; never NULL."""
    if test.operator == "is":
        return value.notnull() if test.operands[0] == "present" else value.isnull()
    if test.duration is not None:
        return sure(_dated(test, value, at, calendar, keep))
    if test.operator == "matches":
        return sure(searched(value, str(test.operands[0])))
    right = [
        field(operand) if isinstance(operand, FieldRef) else _literal(operand)
        for operand in test.operands
    ]
    match test.operator:
        case "includes" | "includes_any":
            return any_of(sure(_includes(value, each)) for each in right)
        case "includes_all":
            return all_of(sure(_includes(value, each)) for each in right)
        case "one_of":
            return _any_equal(value, right)
        case "none_of":
            return ~_any_equal(value, right)
        case "not_equals":
            return ~sure(value == right[0])
    return sure(_COMPARISONS[test.operator](value, right))


def _dated(test: Test, value: Expr, at: Expr, calendar: Calendar, keep: Keep) -> Expr:
    assert test.duration is not None  # noqa: S101  (the caller asked)
    match test.operator:
        case "older_than":
            return value < before(test.duration, calendar, keep)(at)
        case "newer_than":
            return (value >= before(test.duration, calendar, keep)(at)) & (value <= at)
        case _:
            return (value >= at) & (value <= after(test.duration, calendar, keep)(at))


def _includes(value: Expr, option: Expr) -> Expr:
    return value.contains(ibis.literal(";").concat(option, ";"))


def _any_equal(value: Expr, right: list[Expr]) -> Expr:
    return any_of(sure(value == each) for each in right)


def _literal(value: Any) -> Expr:
    if isinstance(value, int) and not isinstance(value, bool):
        return number(value)
    return ibis.literal(value)


_COMPARISONS: dict[str, Callable[[Expr, list[Expr]], Expr]] = {
    "equals": lambda value, right: value == right[0],
    "more_than": lambda value, right: value > right[0],
    "at_least": lambda value, right: value >= right[0],
    "less_than": lambda value, right: value < right[0],
    "at_most": lambda value, right: value <= right[0],
    "between": lambda value, right: (value >= right[0]) & (value <= right[1]),
    "contains": lambda value, right: value.contains(right[0]),
    # Not `startswith`: SQLite has only LIKE for it, which knows wildcards and no case.
    "starts_with": lambda value, right: value.find(right[0]) == 0,
}
