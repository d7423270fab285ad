"""Puts conditions into words, for titles and messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from playgate.conditions.phrases import all_of, any_of
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
from playgate.language import message, say

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
        case StageEntered():
            return _entered(condition)
        case SignalRef(name):
            return name
        case All(parts):
            return _joined(parts, all_of, inner)
        case Any(parts, 1):
            return _joined(parts, any_of, inner)
        case Any(parts, at_least):
            listed = ", ".join(describe(part, inner=True) for part in parts)
            return say("at least {times} of ({listed})", times=at_least, listed=listed)
        case Not(part):
            return say("not ({condition})", condition=describe(part))


def _joined(parts: tuple[Condition, ...], join: Callable[[Iterator[str]], str], inner: bool) -> str:
    text = join(describe(part, inner=True) for part in parts)
    return f"({text})" if inner and len(parts) > 1 else text


def _entered(condition: StageEntered) -> str:
    stage, times, cap = condition.stage, condition.times, condition.no_more_than
    if cap == 0:
        return say("stage {stage} never entered", stage=stage)
    if cap is not None:
        return say(
            "stage {stage} entered at most {times} time",
            "stage {stage} entered at most {times} times",
            n=cap,
            stage=stage,
            times=cap,
        )
    if times > 1:
        return say("stage {stage} entered {times} times", stage=stage, times=times)
    return say("stage {stage} entered", stage=stage)


def describe_activity(count: ActivityCount) -> str:
    """Says an activity demand as a phrase: what is asked, how often, and how it is narrowed."""
    text = describe_counted(count)
    if count.no_more_than is not None:
        if count.no_more_than == 0:
            return say("no {activity}", activity=text)
        return say("at most {times} {activity}", times=count.no_more_than, activity=text)
    return say("{times} times {what}", times=count.times, what=text) if count.times > 1 else text


def _describe_changes(count: ChangeCount) -> str:
    cap, pattern = count.no_more_than, count.pattern
    changed = say((_NEVER if cap == 0 else _CHANGED)[pattern.to], field=pattern.field)
    if cap:
        changed = say(
            "{changed} at most {times} time",
            "{changed} at most {times} times",
            n=cap,
            changed=changed,
            times=cap,
        )
    elif cap is None and count.times > 1:
        changed = say("{changed} {times} times", changed=changed, times=count.times)
    return changed + _narrowed(pattern) + _spans(count)


def describe_counted(count: Count) -> str:
    """Says as a phrase what a demand counts."""
    pattern = count.pattern
    if isinstance(pattern, ChangePattern):
        changed = say(_CHANGED[pattern.to], field=pattern.field)
        return changed + _narrowed(pattern) + _spans(count)
    return _activity(pattern) + _spans(count)


def _spans(count: Count) -> str:
    return "".join(each.words for each in count.spans)


_CHANGED = {
    "": message("{field} changed"),
    "later": message("{field} moved later"),
    "earlier": message("{field} moved earlier"),
    "higher": message("{field} raised"),
    "lower": message("{field} lowered"),
}
"""What changes a field, by their direction."""
_NEVER = {
    "": message("{field} never changed"),
    "later": message("{field} never moved later"),
    "earlier": message("{field} never moved earlier"),
    "higher": message("{field} never raised"),
    "lower": message("{field} never lowered"),
}
_HAPPENS = _CHANGED | {
    "higher": message("{field} was raised"),
    "lower": message("{field} was lowered"),
}


def describe_change(pattern: ChangePattern) -> str:
    """Says as a clause that a field is changed so."""
    return say(_HAPPENS[pattern.to], field=pattern.field) + _narrowed(pattern)


def _narrowed(pattern: ActivityPattern | ChangePattern) -> str:
    return "".join(each.words for each in pattern.narrowings)


def _activity(pattern: ActivityPattern) -> str:
    return any_of(pattern.names) + _narrowed(pattern)


def describe_patterns(patterns: tuple[Pattern, ...], *, first: bool = False) -> str:
    """Says as a phrase which events may happen, any one of them, or only the `first`."""
    if first:
        return say("the first {event}", event=any_of(map(_one, patterns)))
    return any_of(map(_any, patterns))


def _any(pattern: Pattern) -> str:
    match pattern:
        case ActivityPattern():
            return _activity(pattern)
        case ChangePattern():
            return describe_change(pattern)
        case FieldPattern(field, test):
            return f"{field} {describe_test(test)}"
        case StagePattern():
            return say("the move into {stage}", stage=pattern.stage)
        case SetPattern():
            return _one(pattern)


def _one(pattern: Pattern) -> str:
    """Says an event as what comes after `the first`."""
    match pattern:
        case ActivityPattern():
            return _activity(pattern)
        case StagePattern(stage):
            return say("move into {stage}", stage=stage)
        case SetPattern(field):
            return say("{field} set", field=field)
        case ChangePattern() | FieldPattern():
            return say("time {event}", event=_any(pattern))
