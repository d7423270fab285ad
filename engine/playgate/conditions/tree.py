"""The condition tree: what a playbook asks, as frozen values without behaviour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from playgate.conditions.durations import Duration
from playgate.conditions.values import FieldType, Value
from playgate.records import Record

__all__ = [
    "ActivityCount",
    "ActivityPattern",
    "All",
    "Any",
    "AttributeTest",
    "Condition",
    "FieldPattern",
    "FieldRef",
    "FieldTest",
    "Not",
    "Operand",
    "Pattern",
    "SignalRef",
    "StageEntered",
    "StagePattern",
    "Test",
    "walk",
]


class FieldRef(Record):
    """The right side `{field: G}`."""

    field: str


Operand = Value | FieldRef


class Test(Record):
    """What a value must pass: an operator and its right side, read as the value's type."""

    operator: str
    operands: tuple[Operand, ...] = ()
    duration: Duration | None = None


class FieldTest(Record):
    """`{field: F, <test>}`: the field's value as of the instant passes the test."""

    field: str
    test: Test


class AttributeTest(Record):
    """One entry of `where`: an attribute, read as a type, passes a test."""

    attribute: str
    kind: FieldType
    test: Test


class ActivityPattern(Record):
    """Activities of these names, narrowed; an empty narrowing leaves all."""

    names: tuple[str, ...]
    outcome: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    """`with`: the parts of participants on the customer's side, any of them."""
    where: tuple[AttributeTest, ...] = ()
    actor: Literal["same", "other"] | None = None


class ActivityCount(Record):
    """Enough (or no more than so many) matching activities are effective."""

    pattern: ActivityPattern
    times: int = 1
    no_more_than: int | None = None
    since_stage: bool = False
    in_last: Duration | None = None


class StageEntered(Record):
    """`{stage: S, is: entered}`."""

    stage: str


class SignalRef(Record):
    """A named condition."""

    name: str


class All(Record):
    """Every part holds."""

    parts: tuple[Condition, ...]


class Any(Record):
    """At least one part holds."""

    parts: tuple[Condition, ...]


class Not(Record):
    """The part does not hold."""

    part: Condition


Condition = FieldTest | ActivityCount | StageEntered | SignalRef | All | Any | Not


class FieldPattern(Record):
    """Each event of a field whose new value passes the test as of that event."""

    field: str
    test: Test


class StagePattern(Record):
    """Each stage event into a stage."""

    stage: str


Pattern = ActivityPattern | FieldPattern | StagePattern


def walk(condition: Condition, signals: Mapping[str, Condition]) -> Iterator[Condition]:
    """The condition and all that it is made of, signals followed."""
    yield condition
    match condition:
        case All(parts) | Any(parts):
            for part in parts:
                yield from walk(part, signals)
        case Not(part):
            yield from walk(part, signals)
        case SignalRef(name) if name in signals:
            yield from walk(signals[name], signals)
