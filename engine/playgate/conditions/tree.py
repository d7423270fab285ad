"""The condition tree: what a playbook asks, as frozen values without behaviour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playgate.conditions.narrowing import Comparison, Named, Span, Trait
from playgate.conditions.value_tests import AttributeTest, FieldRef, Operand, Test
from playgate.records import Record, replace

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


class FieldTest(Record):
    """`{field: F, <test>}`: the field's value as of the instant passes the test."""

    field: str
    test: Test


class ActivityPattern(Record):
    """Activities of these names that every narrowing lets through."""

    names: tuple[str, ...]
    narrowings: tuple[Trait | Comparison, ...] = ()

    @property
    def traits(self) -> tuple[Trait, ...]:
        """What looks at an activity alone."""
        return tuple(each for each in self.narrowings if isinstance(each, Trait))

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """What compares who did it with who did the event that is judged."""
        return tuple(each for each in self.narrowings if isinstance(each, Comparison))

    @property
    def by_anyone(self) -> ActivityPattern:
        """The pattern without its comparisons."""
        return replace(self, narrowings=self.traits) if self.comparisons else self

    @property
    def tests(self) -> tuple[AttributeTest, ...]:
        """The tests of attributes that an activity must pass."""
        return tuple(test for each in self.narrowings for test in each.tests)

    @property
    def named(self) -> frozenset[Named]:
        """The outcomes and the values of attributes that are named."""
        return frozenset(
            named for each in self.narrowings for name in self.names for named in each.named(name)
        )


class ActivityCount(Record):
    """Enough (or no more than so many) matching activities are effective."""

    pattern: ActivityPattern
    times: int = 1
    no_more_than: int | None = None
    spans: tuple[Span, ...] = ()

    @property
    def lasts(self) -> bool:
        """Whether an activity that counts once counts ever after, whoever is judged."""
        return not self.pattern.comparisons and all(each.lasts for each in self.spans)


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
