"""Conditions with one thing changed: what they ask loosened, or a duration shifted.

Each change comes with its words, which read behind the name of what it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import TypeVar

from playgate.conditions import tree
from playgate.conditions.describe import describe, describe_patterns, describe_test, show_value
from playgate.conditions.durations import Duration
from playgate.conditions.narrowing import Changes, Narrowing
from playgate.records import replace

__all__ = [
    "CHANGES",
    "Changed",
    "ChangedPatterns",
    "condition_changes",
    "count_changes",
    "duration_changes",
    "pattern_changes",
]

Changed = Iterator[tuple[str, tree.Condition]]
ChangedPatterns = Iterator[tuple[str, tuple[tree.Pattern, ...]]]

_LOOSER = {"at_least": -1, "more_than": -1, "at_most": 1, "less_than": 1}
_BY_VALUE = frozenset(
    (
        *("equals", "not_equals", "one_of", "none_of", "contains", "starts_with", "matches"),
        *("includes", "includes_any", "includes_all"),
    )
)
"""The tests that, once changed, ask only that there is a value."""
_PRESENT = tree.Test("is", ("present",))
_N = TypeVar("_N", bound=Narrowing)
_C = TypeVar("_C", tree.ActivityCount, tree.ChangeCount)


def condition_changes(condition: tree.Condition) -> Changed:
    """Yields the condition with one thing changed, for each thing; signals are not looked into."""
    match condition:
        case tree.FieldTest(field, test):
            for changed in _test_changes(test):
                yield f"{field} {_instead(changed, test)}", tree.FieldTest(field, changed)
        case tree.ActivityCount():
            yield from count_changes(condition)
        case tree.ChangeCount():
            yield from count_changes(condition)
        case tree.StageEntered(stage, times, cap):
            if cap is not None:
                words = f"{stage} entered at most {cap + 1} instead of {cap}"
                yield words, replace(condition, no_more_than=cap + 1)
            elif times > 1:
                words = f"{stage} entered {times - 1} instead of {times} times"
                yield words, replace(condition, times=times - 1)
        case tree.All(parts):
            if len(parts) > 1:
                yield f"any instead of all of: {_listed(parts)}", tree.Any(parts)
            yield from _part_changes(parts, tree.All)
        case tree.Any(parts, at_least):
            if at_least > 1:
                words = f"at least {at_least - 1} instead of {at_least} of: {_listed(parts)}"
                yield words, replace(condition, at_least=at_least - 1)
            yield from _part_changes(parts, lambda left: tree.Any(left, min(at_least, len(left))))
        case tree.Not(part):
            for words, each in condition_changes(part):
                yield f"not ({words})", tree.Not(each)


def _listed(parts: tuple[tree.Condition, ...]) -> str:
    return ", ".join(describe(part) for part in parts)


def _part_changes(
    parts: tuple[tree.Condition, ...], kind: Callable[[tuple[tree.Condition, ...]], tree.Condition]
) -> Changed:
    for index, part in enumerate(parts):
        if len(parts) > 1:
            yield f"without {describe(part)}", kind(parts[:index] + parts[index + 1 :])
        for words, each in condition_changes(part):
            yield words, kind((*parts[:index], each, *parts[index + 1 :]))


def count_changes(count: _C) -> Iterator[tuple[str, _C]]:
    """The count with one thing changed, for each thing."""
    names = " or ".join(count.pattern.names)
    if count.no_more_than is not None:
        more = count.no_more_than + 1
        words = f"at most {more} {names} instead of {count.no_more_than}"
        yield words, replace(count, no_more_than=more)
    elif count.times > 1:
        words = f"{count.times - 1} times {names} instead of {count.times}"
        yield words, replace(count, times=count.times - 1)
    for words, spans in _narrowing_changes(count.spans):
        yield f"{names} {words}", replace(count, spans=spans)
    for words, pattern in _counted_changes(count.pattern):
        yield words, replace(count, pattern=pattern)


def pattern_changes(patterns: tuple[tree.Pattern, ...]) -> ChangedPatterns:
    """Yields alternatives of what happens with one thing changed, for each thing."""
    for index, pattern in enumerate(patterns):
        before, after = patterns[:index], patterns[index + 1 :]
        if before or after:
            yield f"without {describe_patterns((pattern,))}", before + after
        if isinstance(pattern, tree.Counted):
            for words, each in _counted_changes(pattern):
                yield words, (*before, each, *after)
        elif isinstance(pattern, tree.FieldPattern):
            for test in _test_changes(pattern.test):
                words = f"{pattern.field} {_instead(test, pattern.test)}"
                yield words, (*before, replace(pattern, test=test), *after)


def _counted_changes(pattern: tree.Counted) -> Iterator[tuple[str, tree.Counted]]:
    names = " or ".join(pattern.names)
    if isinstance(pattern, tree.ChangePattern) and pattern.to:
        yield f"{names} without to: {pattern.to}", replace(pattern, to="")
    for words, narrowings in _narrowing_changes(pattern.narrowings):
        yield f"{names} {words}", replace(pattern, narrowings=narrowings)


def _narrowing_changes(narrowings: tuple[_N, ...]) -> Iterator[tuple[str, tuple[_N, ...]]]:
    for index, each in enumerate(narrowings):
        for words, changed in each.loosened(CHANGES):
            new = () if changed is None else (changed,)
            yield words, (*narrowings[:index], *new, *narrowings[index + 1 :])


def _test_changes(test: tree.Test) -> Iterator[tree.Test]:
    if test.duration is not None:
        yield from (replace(test, duration=each) for _, each in duration_changes(test.duration))
    elif test.operator == "includes_all" and len(set(test.operands)) > 1:
        yield replace(test, operator="includes_any")
    elif test.operator in _BY_VALUE:
        yield _PRESENT
    elif test.operator == "between":
        low, high = test.operands
        steps = chain(((_moved(low, -1), high),), ((low, _moved(high, 1)),))
        yield from (replace(test, operands=each) for each in steps if each != test.operands)
    elif test.operator in _LOOSER:
        moved = _moved(test.operands[0], _LOOSER[test.operator])
        is_number = moved != test.operands[0]
        yield replace(test, operands=(moved,)) if is_number else _PRESENT


def _instead(changed: tree.Test, test: tree.Test) -> str:
    new, old = describe_test(changed), describe_test(test)
    return f"{new} instead of {old.removeprefix('is ') if new.startswith('is ') else old}"


def _moved(operand: tree.Operand, sign: int) -> tree.Operand:
    """Returns a number one step further: 1, or one of its last decimal place.

    Of what is reckoned from a field the summand or the length is moved, else the factor.
    """
    if isinstance(operand, tree.FieldRef):
        return operand if operand.is_plain else _reckoned_further(operand, sign)
    return _further(operand, sign) if isinstance(operand, float) else operand


def _reckoned_further(operand: tree.FieldRef, sign: int) -> tree.Operand:
    if operand.shift is not None:
        amount = operand.shift.amount + sign * operand.sign
        return replace(operand, shift=replace(operand.shift, amount=amount)) if amount else operand
    if operand.plus:
        return replace(operand, plus=_further(operand.plus, sign))
    return replace(operand, times=_further(operand.times, sign))


def _further(operand: float, sign: int) -> float:
    places = 0 if operand.is_integer() else len(show_value(operand).partition(".")[2])
    return round(operand + sign * 10.0**-places, places)


def duration_changes(duration: Duration) -> Iterator[tuple[str, Duration]]:
    """Yields the duration one unit shorter and one longer."""
    for amount in (duration.amount - 1, duration.amount + 1):
        if amount > 0:
            changed = replace(duration, amount=amount)
            yield f"{changed} instead of {duration}", changed


CHANGES = Changes(
    test=lambda test: ((_instead(each, test), each) for each in _test_changes(test)),
    length=duration_changes,
)
"""One step of a number or a duration, or any value at all."""
