"""Tests of a value, as frozen values; their words; and one form for all that ask the same."""

from __future__ import annotations

from datetime import UTC

from playgate.conditions.durations import Duration
from playgate.conditions.instants import show_instant
from playgate.conditions.phrases import show_length
from playgate.conditions.values import FieldType, Value
from playgate.language import message, say
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
    "equals": message("is {value}"),
    "not_equals": message("is not {value}"),
    "one_of": message("is one of {value}"),
    "none_of": message("is none of {value}"),
    "more_than": message("is more than {value}"),
    "at_least": message("is at least {value}"),
    "less_than": message("is less than {value}"),
    "at_most": message("is at most {value}"),
    "contains": message("contains {value}"),
    "starts_with": message("starts with {value}"),
    "matches": message("matches {value}"),
    "includes": message("includes {value}"),
    "includes_any": message("includes any of {value}"),
    "includes_all": message("includes all of {value}"),
    "older_than": message("is older than {value}"),
    "newer_than": message("is newer than {value}"),
    "in_next": message("is in the next {value}"),
}


def describe_test(test: Test) -> str:
    """Says the test as a verb and its right side."""
    if test.operator == "is":
        return say("is present") if test.operands[0] == "present" else say("is absent")
    if test.operator == "between":
        low, high = map(_said, test.operands)
        return say("is between {low} and {high}", low=low, high=high)
    if test.duration is not None:
        value = show_length(test.duration)
    else:
        value = ", ".join(map(_said, test.operands))
    return say(_WORDS[test.operator], value=value)


def _said(value: Operand) -> str:
    """Returns a value as a phrase says it."""
    if isinstance(value, bool):
        return say("true") if value else say("false")
    return show_value(value)


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
        shift = show_length(value.shift)
        return f"{value.field} {say('plus') if value.sign > 0 else say('minus')} {shift}"
    shown = value.field if value.times == 1.0 else f"{show_value(value.times)} × {value.field}"
    if value.plus:
        sign = say("plus") if value.plus > 0 else say("minus")
        shown += f" {sign} {show_value(abs(value.plus))}"
    return shown
