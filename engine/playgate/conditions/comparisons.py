"""Compiles the tests on one value to closures, and says which operator fits which type."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Any

from playgate.conditions.arithmetic import reckoned
from playgate.conditions.durations import Calendar
from playgate.conditions.facts import DealFacts, Moment
from playgate.conditions.regex import compile_re2
from playgate.conditions.value_tests import FieldRef, Operand, Test
from playgate.conditions.values import CHOSEN, Kind, Value

__all__ = ["OPERATORS", "Passes", "compile_test", "fits_kind"]

Passes = Callable[[Value | None, DealFacts, Moment], bool]
"""Whether a value (`None` if absent) passes."""

_ANY: frozenset[Kind] = frozenset(
    ("text", "choice", "number", "integer", "boolean", "date", "datetime")
)
_ORDERED: frozenset[Kind] = frozenset(("number", "integer", "date", "datetime"))
_TEXTUAL: frozenset[Kind] = frozenset(("text", "choice"))
_DATED: frozenset[Kind] = frozenset(("date", "datetime"))

_CHOICES: frozenset[Kind] = frozenset(("choices",))

OPERATORS: dict[str, frozenset[Kind]] = {
    "is": _ANY | _CHOICES,
    "equals": _ANY,
    "not_equals": _ANY,
    "one_of": _ANY,
    "none_of": _ANY,
    "more_than": _ORDERED,
    "at_least": _ORDERED,
    "less_than": _ORDERED,
    "at_most": _ORDERED,
    "between": _ORDERED,
    "contains": _TEXTUAL,
    "starts_with": _TEXTUAL,
    "matches": _TEXTUAL,
    "includes": _CHOICES,
    "includes_any": _CHOICES,
    "includes_all": _CHOICES,
    "older_than": _DATED,
    "newer_than": _DATED,
    "in_next": _DATED,
}
"""Every operator, and the kinds of value that it can test."""


def fits_kind(operator: str, kind: Kind) -> bool:
    """Whether the operator can test a value of this kind."""
    return kind in OPERATORS[operator]


def compile_test(test: Test, calendar: Calendar) -> Passes:
    """Returns the closure that tests a value."""
    if test.operator == "is":
        return _presence(test.operands[0] == "present")
    if test.duration is not None:
        return _dated(test, calendar)
    if test.operator == "matches":
        finds = compile_re2(str(test.operands[0]))
        return lambda value, deal, moment: value is not None and finds(str(value))
    if any(isinstance(operand, FieldRef) for operand in test.operands):
        return _with_fields(test.operator, [_operand(each, calendar) for each in test.operands])
    return _literal(test.operator, test.operands)


def _presence(present: bool) -> Passes:
    return lambda value, deal, moment: (value is not None) == present


def _dated(test: Test, calendar: Calendar) -> Passes:
    assert test.duration is not None  # noqa: S101  (the caller asked)
    before, after = test.duration.before(calendar), test.duration.after(calendar)
    match test.operator:
        case "older_than":
            return lambda v, deal, moment: v is not None and v < before(moment.at)  # type: ignore[operator]
        case "newer_than":
            return lambda v, deal, moment: (
                v is not None and before(moment.at) <= v <= moment.at  # type: ignore[operator]
            )
        case _:
            return lambda v, deal, moment: (
                v is not None and moment.at <= v <= after(moment.at)  # type: ignore[operator]
            )


def _literal(operator: str, operands: tuple[Any, ...]) -> Passes:
    """Returns the closure for a test against values in the playbook, each as direct as possible."""
    right = operands[0]
    allowed = frozenset(operands)
    last = operands[-1]
    table: dict[str, Passes] = {
        "equals": lambda v, d, m: v is not None and v == right,
        "not_equals": lambda v, d, m: v is None or v != right,
        "one_of": lambda v, d, m: v is not None and v in allowed,
        "none_of": lambda v, d, m: v is None or v not in allowed,
        "more_than": lambda v, d, m: v is not None and v > right,
        "at_least": lambda v, d, m: v is not None and v >= right,
        "less_than": lambda v, d, m: v is not None and v < right,
        "at_most": lambda v, d, m: v is not None and v <= right,
        "between": lambda v, d, m: v is not None and right <= v <= last,
        "contains": lambda v, d, m: v is not None and right in str(v),
        "starts_with": lambda v, d, m: v is not None and str(v).startswith(right),
        "includes": lambda v, d, m: v is not None and right in _chosen(v),
        "includes_any": lambda v, d, m: v is not None and not allowed.isdisjoint(_chosen(v)),
        "includes_all": lambda v, d, m: v is not None and allowed.issubset(_chosen(v)),
    }
    return table[operator]


def _chosen(value: Any) -> list[str]:
    """Returns the options that a value of choices holds."""
    found: list[str] = value.split(CHOSEN)
    return found


_OperandAt = Callable[[DealFacts, Moment], Value | None]
"""The right side as of a moment; `None` where it is absent."""
_COMPARISONS: dict[str, Callable[[Any, list[Any]], bool]] = {
    "equals": lambda value, right: value == right[0],
    "not_equals": lambda value, right: value != right[0],
    "one_of": lambda value, right: value in right,
    "none_of": lambda value, right: value not in right,
    "more_than": lambda value, right: value > right[0],
    "at_least": lambda value, right: value >= right[0],
    "less_than": lambda value, right: value < right[0],
    "at_most": lambda value, right: value <= right[0],
    "between": lambda value, right: right[0] <= value <= right[1],
    "contains": lambda value, right: right[0] in value,
    "starts_with": lambda value, right: value.startswith(right[0]),
    "includes": lambda value, right: right[0] in _chosen(value),
    "includes_any": lambda value, right: not set(right).isdisjoint(_chosen(value)),
    "includes_all": lambda value, right: set(right).issubset(_chosen(value)),
}
_NEGATIVE = frozenset(("not_equals", "none_of"))
_LISTS = frozenset(("one_of", "none_of", "includes_any"))
"""The operators for which an absent item of the list is left out."""


def _with_fields(operator: str, operands: list[_OperandAt]) -> Passes:
    """Returns the closure for a test against another field, whose value is taken at the same
    moment."""
    compare = _COMPARISONS[operator]
    negative, is_list = operator in _NEGATIVE, operator in _LISTS

    def passes(value: Value | None, deal: DealFacts, moment: Moment) -> bool:
        right = [operand(deal, moment) for operand in operands]
        if is_list:
            right = [each for each in right if each is not None]
        if value is None or any(each is None for each in right):
            return negative
        return compare(value, right)

    return passes


def _operand(operand: Operand, calendar: Calendar) -> _OperandAt:
    if not isinstance(operand, FieldRef):
        return lambda deal, moment: operand
    field, made = operand.field, reckoned(operand, calendar)

    def at(deal: DealFacts, moment: Moment) -> Value | None:
        value = _field_value(field, deal, moment)
        return None if value is None else made(value)

    return at


def _field_value(field: str, deal: DealFacts, moment: Moment) -> Value | None:
    track = deal.fields.get(field)
    if track is None:
        return None
    last = bisect_right(track.instants, moment.facts)
    return track.values[last - 1] if last else None
