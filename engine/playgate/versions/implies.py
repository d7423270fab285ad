"""Whether one condition follows from another: sound, and as complete as reading them allows.

`implies` says yes only where whatever meets the first meets the second too. Where it cannot tell
it says no, so that a change is then called just that, never a tightening.
"""

from __future__ import annotations

from playgate.conditions import narrowing, tree
from playgate.conditions.durations import Duration
from playgate.conditions.tree import Condition, Pattern, Test

__all__ = ["covers", "implies", "is_shorter"]


def implies(given: Condition, asked: Condition) -> bool:
    """Whether `asked` holds wherever `given` does; both in their normal form."""
    if given == asked:
        return True
    if isinstance(asked, tree.All):
        return all(implies(given, part) for part in asked.parts)
    if isinstance(given, tree.Any):
        return all(implies(part, asked) for part in given.parts)
    if isinstance(given, tree.All) and any(implies(part, asked) for part in given.parts):
        return True
    if isinstance(asked, tree.Any):
        return any(implies(given, part) for part in asked.parts)
    match given, asked:
        case tree.Not(one), tree.Not(other):
            return implies(other, one)
        case tree.FieldTest(field, one), tree.FieldTest(same, other) if field == same:
            return _test(one, other)
        case tree.ActivityCount(), tree.ActivityCount():
            return _count(given, asked)
    return False


def covers(wide: tuple[Pattern, ...], narrow: tuple[Pattern, ...]) -> bool:
    """Whether each event that one of `narrow` matches one of `wide` matches too."""
    return all(any(_pattern(each, other) for other in wide) for each in narrow)


def is_shorter(one: Duration | None, other: Duration | None) -> bool | None:
    """Whether a duration is shorter; `None` where they are equal or cannot be compared."""
    if one is None or other is None or one == other:
        return None
    if one.unit == other.unit:
        return one.amount < other.amount
    lengths = one.elapsed, other.elapsed
    if None in lengths or lengths[0] == lengths[1]:
        return None
    return bool(lengths[0] < lengths[1])  # type: ignore[operator]


def _pattern(given: Pattern, asked: Pattern) -> bool:
    if given == asked:
        return True
    match given, asked:
        case tree.ActivityPattern(), tree.ActivityPattern():
            return _activity(given, asked)
        case tree.FieldPattern(field, one), tree.FieldPattern(same, other) if field == same:
            return _test(one, other)
    return False


def _activity(given: tree.ActivityPattern, asked: tree.ActivityPattern) -> bool:
    """Whether each activity of the one kind is of the other: narrowed at least as much."""
    return set(given.names) <= set(asked.names) and narrowing.covers(
        asked.narrowings, given.narrowings, _ORDER
    )


def _count(given: tree.ActivityCount, asked: tree.ActivityCount) -> bool:
    if (given.no_more_than is None) != (asked.no_more_than is None):
        return False
    if given.no_more_than is not None and asked.no_more_than is not None:
        # A cap on more activities, over a longer time, is the stronger one.
        return given.no_more_than <= asked.no_more_than and _within(asked, given)
    return given.times >= asked.times and _within(given, asked)


def _within(given: tree.ActivityCount, asked: tree.ActivityCount) -> bool:
    """Whether all that the one counts the other counts too."""
    return _activity(given.pattern, asked.pattern) and narrowing.covers(
        asked.spans, given.spans, _ORDER
    )


# Tests of a value

_LOW = {"at_least": False, "more_than": True}
_HIGH = {"at_most": False, "less_than": True}


def _test(given: Test, asked: Test) -> bool:
    if given == asked:
        return True
    if asked.operator == "is":
        return asked.operands == ("present",) and given.operator not in _OF_ABSENT
    if given.duration is not None or asked.duration is not None:
        return given.operator == asked.operator and _window(given, asked)
    if any(isinstance(each, tree.FieldRef) for each in (*given.operands, *asked.operands)):
        return False  # where that field is absent, some tests hold and others do not
    if given.operator in _RULING_OUT:
        return asked.operator in _RULING_OUT and set(asked.operands) <= set(given.operands)
    is_point = given.operator == "between" and len(set(given.operands)) == 1
    if is_point or given.operator in ("equals", "one_of"):
        return all(_passes(value, asked) for value in given.operands)
    return _bounds(given, asked)


_ORDER = narrowing.Order(
    test=_test, length=lambda one, other: one == other or bool(is_shorter(one, other))
)


def _window(given: Test, asked: Test) -> bool:
    """Of one operator: `older_than` asks more the longer it is, the others the shorter."""
    if given.operator == "older_than":
        given, asked = asked, given
    return bool(is_shorter(given.duration, asked.duration))


_RULING_OUT = ("not_equals", "none_of")
_OF_ABSENT = frozenset(("is", *_RULING_OUT))
"""What an absent value may pass."""


def _passes(value: object, test: Test) -> bool:
    """Whether a value passes a test, so far as one can tell without a deal."""
    operands: tuple[object, ...] = test.operands
    match test.operator:
        case "equals" | "one_of":
            return value in operands
        case "not_equals" | "none_of":
            return value not in operands
        case "contains":
            return isinstance(value, str) and str(operands[0]) in value
        case "starts_with":
            return isinstance(value, str) and value.startswith(str(operands[0]))
    number = _number(value)
    if number is None:
        return False
    point = Test("between", (number, number))
    return _bounds(point, test)


def _bounds(given: Test, asked: Test) -> bool:
    """Whether the range of the one lies within that of the other."""
    one, other = _range(given), _range(asked)
    if one is None or other is None:
        return False
    (low, low_open), (high, high_open) = one
    (least, least_open), (most, most_open) = other
    from_below = least is None or (
        low is not None and (low > least or (low == least and (low_open or not least_open)))
    )
    from_above = most is None or (
        high is not None and (high < most or (high == most and (high_open or not most_open)))
    )
    return from_below and from_above


_End = tuple[float | None, bool]
"""A bound, and whether it is itself left out; no bound is `None`."""


def _range(test: Test) -> tuple[_End, _End] | None:
    numbers = [_number(each) for each in test.operands]
    if not numbers or None in numbers:
        return None
    if test.operator in _LOW:
        return (numbers[0], _LOW[test.operator]), (None, False)
    if test.operator in _HIGH:
        return (None, False), (numbers[0], _HIGH[test.operator])
    if test.operator == "between":
        return (numbers[0], False), (numbers[1], False)
    return None


def _number(value: object) -> float | None:
    """A number, or an instant; text and yes or no are none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else None  # type: ignore[return-value]
