"""Tests of a value, as frozen values; their words; and one form for all that ask the same."""

from __future__ import annotations

from datetime import UTC

from playgate.conditions.durations import Duration
from playgate.conditions.instants import show_instant
from playgate.conditions.values import FieldType, Value
from playgate.records import Record, replace

__all__ = [
    "AttributeTest",
    "FieldRef",
    "Operand",
    "Test",
    "describe_test",
    "normal_test",
    "show_value",
]


class FieldRef(Record):
    """The right side `{field: G}`: another field's value, or what is reckoned from it."""

    field: str
    times: float = 1.0
    plus: float = 0.0
    shift: Duration | None = None
    """How far from a date."""
    sign: int = 1
    """-1 where it lies so long before the date."""
    stepped: bool = False
    """Whether days and weeks are steps of the calendar, as the date has no time of day."""

    @property
    def is_plain(self) -> bool:
        """Whether it is the value itself."""
        return self.times == 1.0 and self.plus == 0.0 and self.shift is None


Operand = Value | FieldRef


class Test(Record):
    """A test that a value must pass: an operator and its right side, read as the value's type."""

    operator: str
    operands: tuple[Operand, ...] = ()
    duration: Duration | None = None


class AttributeTest(Record):
    """A test of an activity's attribute, which is read as a type."""

    attribute: str
    kind: FieldType
    test: Test


def normal_test(test: Test) -> Test:
    """Returns the test with its values sorted and each once, where their order means nothing."""
    if test.operator in ("one_of", "none_of", "includes_any", "includes_all"):
        return replace(test, operands=tuple(sorted(set(test.operands), key=repr)))
    return test


_WORDS = {
    "equals": "is",
    "not_equals": "is not",
    "one_of": "is one of",
    "none_of": "is none of",
    "more_than": "is more than",
    "at_least": "is at least",
    "less_than": "is less than",
    "at_most": "is at most",
    "between": "is between",
    "contains": "contains",
    "starts_with": "starts with",
    "matches": "matches",
    "includes": "includes",
    "includes_any": "includes any of",
    "includes_all": "includes all of",
    "older_than": "is older than",
    "newer_than": "is newer than",
    "in_next": "is in the next",
}


def describe_test(test: Test) -> str:
    """Says the test as a verb and its right side."""
    if test.operator == "is":
        return f"is {test.operands[0]}"
    words = _WORDS[test.operator]
    if test.duration is not None:
        return f"{words} {test.duration}"
    if test.operator == "between":
        return f"{words} {show_value(test.operands[0])} and {show_value(test.operands[1])}"
    return f"{words} {', '.join(map(show_value, test.operands))}"


def show_value(value: Operand | None) -> str:
    """Returns a value as people write it."""
    if value is None:
        return "nothing"
    if isinstance(value, FieldRef):
        return _show_reference(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return show_instant(value, UTC)
    return value


def _show_reference(value: FieldRef) -> str:
    if value.shift is not None:
        return f"{value.field} {'plus' if value.sign > 0 else 'minus'} {value.shift}"
    shown = value.field if value.times == 1.0 else f"{show_value(value.times)} × {value.field}"
    if value.plus:
        shown += f" {'plus' if value.plus > 0 else 'minus'} {show_value(abs(value.plus))}"
    return shown
