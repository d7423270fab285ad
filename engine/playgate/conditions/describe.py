"""Puts conditions into words, for titles and messages."""

from __future__ import annotations

from playgate.conditions.tree import (
    ActivityCount,
    ActivityPattern,
    All,
    Any,
    ChangeCount,
    ChangePattern,
    Condition,
    Count,
    FieldPattern,
    FieldTest,
    Not,
    Pattern,
    SetPattern,
    SignalRef,
    StageEntered,
    StagePattern,
)
from playgate.conditions.value_tests import describe_test, show_value

__all__ = [
    "describe",
    "describe_activity",
    "describe_change",
    "describe_counted",
    "describe_patterns",
    "describe_test",
    "show_value",
]


def describe(condition: Condition, *, inner: bool = False) -> str:
    """Says the condition as a phrase; `inner` where it stands within another one."""
    match condition:
        case FieldTest(field, test):
            return f"{field} {describe_test(test)}"
        case ActivityCount():
            return describe_activity(condition)
        case ChangeCount():
            return _describe_changes(condition)
        case StageEntered(stage, times, None):
            return f"stage {stage} entered{f' {times} times' if times > 1 else ''}"
        case StageEntered(stage, _, cap):
            often = "never entered" if cap == 0 else f"entered at most {cap} time"
            return f"stage {stage} {often}{'s' if cap and cap > 1 else ''}"
        case SignalRef(name):
            return name
        case All(parts):
            return _joined(parts, " and ", inner)
        case Any(parts, 1):
            return _joined(parts, " or ", inner)
        case Any(parts, at_least):
            listed = ", ".join(describe(part, inner=True) for part in parts)
            return f"at least {at_least} of ({listed})"
        case Not(part):
            return f"not ({describe(part)})"


def _joined(parts: tuple[Condition, ...], word: str, inner: bool) -> str:
    text = word.join(describe(part, inner=True) for part in parts)
    return f"({text})" if inner and len(parts) > 1 else text


def describe_activity(count: ActivityCount) -> str:
    """Says an activity demand as a phrase: what is asked, how often, and how it is narrowed."""
    text = describe_counted(count)
    if count.no_more_than is not None:
        return f"no {text}" if count.no_more_than == 0 else f"at most {count.no_more_than} {text}"
    return f"{count.times} times {text}" if count.times > 1 else text


def _describe_changes(count: ChangeCount) -> str:
    cap, often = count.no_more_than, ""
    if cap:
        often = f" at most {cap} time{'s' if cap > 1 else ''}"
    elif cap is None and count.times > 1:
        often = f" {count.times} times"
    return _changes(count.pattern, "never " if cap == 0 else "", often) + _spans(count)


def describe_counted(count: Count) -> str:
    """Says as a phrase what a demand counts."""
    pattern = count.pattern
    said = _changes(pattern) if isinstance(pattern, ChangePattern) else _activity(pattern)
    return said + _spans(count)


def _spans(count: Count) -> str:
    return "".join(each.words for each in count.spans)


_DIRECTIONS = {
    "": "changed",
    "later": "moved later",
    "earlier": "moved earlier",
    "higher": "raised",
    "lower": "lowered",
}


def describe_change(pattern: ChangePattern) -> str:
    """Says as a clause that a field is changed so."""
    was = "was " if pattern.to in ("higher", "lower") else ""
    return _changes(pattern, was)


def _changes(pattern: ChangePattern, before: str = "", often: str = "") -> str:
    narrowed = "".join(each.words for each in pattern.narrowings)
    return f"{pattern.field} {before}{_DIRECTIONS[pattern.to]}{often}{narrowed}"


def _activity(pattern: ActivityPattern) -> str:
    return " or ".join(pattern.names) + "".join(each.words for each in pattern.narrowings)


def describe_patterns(patterns: tuple[Pattern, ...], *, first: bool = False) -> str:
    """Says as a phrase which events may happen, any one of them, or only the `first`."""
    if first:
        return f"the first {' or '.join(map(_one, patterns))}"
    return " or ".join(map(_any, patterns))


def _any(pattern: Pattern) -> str:
    match pattern:
        case ActivityPattern():
            return _activity(pattern)
        case ChangePattern():
            return describe_change(pattern)
        case FieldPattern(field, test):
            return f"{field} {describe_test(test)}"
        case StagePattern():
            return f"the {_one(pattern)}"
        case SetPattern():
            return _one(pattern)


def _one(pattern: Pattern) -> str:
    """Says an event as what comes after `the first`."""
    match pattern:
        case ActivityPattern():
            return _activity(pattern)
        case StagePattern(stage):
            return f"move into {stage}"
        case SetPattern(field):
            return f"{field} set"
        case ChangePattern() | FieldPattern():
            return f"time {_any(pattern)}"
