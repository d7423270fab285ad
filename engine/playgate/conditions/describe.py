"""Conditions in words, for titles and messages."""

from __future__ import annotations

from datetime import UTC

from playgate.conditions.instants import show_instant
from playgate.conditions.tree import (
    ActivityCount,
    ActivityPattern,
    All,
    Any,
    Condition,
    FieldPattern,
    FieldRef,
    FieldTest,
    Not,
    Operand,
    Pattern,
    SignalRef,
    StageEntered,
    StagePattern,
    Test,
)

__all__ = ["describe", "describe_activity", "describe_patterns", "describe_test", "show_value"]

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
    "older_than": "is older than",
    "newer_than": "is newer than",
    "in_next": "is in the next",
}


def describe(condition: Condition, *, inner: bool = False) -> str:
    """The condition as a phrase."""
    match condition:
        case FieldTest(field, test):
            return f"{field} {describe_test(test)}"
        case ActivityCount():
            return describe_activity(condition)
        case StageEntered(stage):
            return f"stage {stage} entered"
        case SignalRef(name):
            return name
        case All(parts):
            return _joined(parts, " and ", inner)
        case Any(parts):
            return _joined(parts, " or ", inner)
        case Not(part):
            return f"not ({describe(part)})"


def _joined(parts: tuple[Condition, ...], word: str, inner: bool) -> str:
    text = word.join(describe(part, inner=True) for part in parts)
    return f"({text})" if inner and len(parts) > 1 else text


def describe_activity(count: ActivityCount) -> str:
    """An activity demand as a phrase: what, how often, narrowed how."""
    text = _activity(count.pattern)
    if count.no_more_than is not None:
        text = f"no {text}" if count.no_more_than == 0 else f"at most {count.no_more_than} {text}"
    elif count.times > 1:
        text = f"{count.times} times {text}"
    if count.since_stage:
        text += ", since the stage was entered"
    if count.in_last:
        text += f", in the last {count.in_last}"
    return text


def _activity(pattern: ActivityPattern) -> str:
    text = " or ".join(pattern.names)
    if pattern.outcome:
        text += f" {' or '.join(pattern.outcome)}"
    if pattern.by:
        text += f" by a {' or '.join(pattern.by)}"
    if pattern.parts:
        text += f" with the {' or '.join(pattern.parts)}"
    for test in pattern.where:
        text += f", {test.attribute} {describe_test(test.test)}"
    if pattern.actor:
        text += f", by {'the same' if pattern.actor == 'same' else 'another'} person"
    return text


def describe_patterns(patterns: tuple[Pattern, ...]) -> str:
    """Alternatives of what happens, as a phrase."""
    return " or ".join(_pattern(pattern) for pattern in patterns)


def _pattern(pattern: Pattern) -> str:
    match pattern:
        case ActivityPattern():
            return _activity(pattern)
        case FieldPattern(field, test):
            return f"{field} {describe_test(test)}"
        case StagePattern(stage):
            return f"the move into {stage}"


def describe_test(test: Test) -> str:
    """The test as a verb and its right side."""
    if test.operator == "is":
        return f"is {test.operands[0]}"
    words = _WORDS[test.operator]
    if test.duration is not None:
        return f"{words} {test.duration}"
    if test.operator == "between":
        return f"{words} {show_value(test.operands[0])} and {show_value(test.operands[1])}"
    return f"{words} {', '.join(map(show_value, test.operands))}"


def show_value(value: Operand | None) -> str:
    """A value as people write it."""
    if value is None:
        return "nothing"
    if isinstance(value, FieldRef):
        return value.field
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return show_instant(value, UTC)
    return value
