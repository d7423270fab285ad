"""The condition tree: what a playbook asks, as frozen values without behaviour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playgate.conditions.different import Different
from playgate.conditions.narrowing import Comparison, Named, Span, Trait
from playgate.conditions.value_tests import AttributeTest, FieldRef, Operand, Test
from playgate.records import Record, replace

__all__ = [
    "ActivityCount",
    "ActivityPattern",
    "All",
    "Any",
    "AttributeTest",
    "ChangeCount",
    "ChangePattern",
    "Condition",
    "Count",
    "Counted",
    "FieldPattern",
    "FieldRef",
    "FieldTest",
    "Not",
    "Operand",
    "Pattern",
    "SetPattern",
    "SignalRef",
    "StageEntered",
    "StagePattern",
    "Test",
    "starts_of",
    "walk",
]


class FieldTest(Record):
    """`{field: F, <test>}`: the field's value at the instant passes the test."""

    field: str
    test: Test


class ActivityPattern(Record):
    """Activities of these names that every narrowing lets through."""

    names: tuple[str, ...]
    narrowings: tuple[Trait | Comparison | Different, ...] = ()

    @property
    def traits(self) -> tuple[Trait, ...]:
        """The narrowings that look only at an activity."""
        return tuple(each for each in self.narrowings if isinstance(each, Trait))

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The narrowings that compare who did an activity with who did the judged event."""
        return tuple(each for each in self.narrowings if isinstance(each, Comparison))

    @property
    def different(self) -> Different | None:
        """What is counted in place of the activities; it stands only where they are counted."""
        return next((each for each in self.narrowings if isinstance(each, Different)), None)

    @property
    def by_anyone(self) -> ActivityPattern:
        """The pattern of the activities themselves, whoever did the judged event."""
        return replace(self, narrowings=self.traits)

    @property
    def tests(self) -> tuple[AttributeTest, ...]:
        """The tests of attributes that an activity must pass."""
        return tuple(test for each in self.narrowings for test in each.tests)

    @property
    def named(self) -> frozenset[Named]:
        """The outcomes and values of attributes that the pattern names."""
        return frozenset(
            named for each in self.narrowings for name in self.names for named in each.named(name)
        )


class ChangePattern(Record):
    """Each event that gives a field another present value than the last present one before it."""

    field: str
    to: str = ""
    """The direction: `later`, `earlier`, `higher` or `lower`; empty where any change matches."""
    narrowings: tuple[Trait, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The name of what changes."""
        return (self.field,)

    @property
    def traits(self) -> tuple[Trait, ...]:
        """The narrowings, all of which look only at an event."""
        return self.narrowings

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """None: changes compare with nobody."""
        return ()

    @property
    def tests(self) -> tuple[AttributeTest, ...]:
        """None: changes have no attributes."""
        return ()

    @property
    def different(self) -> None:
        """None: changes are counted themselves."""
        return None

    @property
    def by_anyone(self) -> ChangePattern:
        """The pattern itself."""
        return self


class ChangeCount(Record):
    """At least, or at most, a number of changes of a field are effective."""

    pattern: ChangePattern
    times: int = 1
    no_more_than: int | None = None
    spans: tuple[Span, ...] = ()

    @property
    def lasts(self) -> bool:
        """Whether a change that counts once counts ever after."""
        return all(each.lasts for each in self.spans)


class ActivityCount(Record):
    """At least, or at most, a number of matching activities are effective."""

    pattern: ActivityPattern
    times: int = 1
    no_more_than: int | None = None
    spans: tuple[Span, ...] = ()

    @property
    def lasts(self) -> bool:
        """Whether an activity that counts once counts ever after, whoever is judged."""
        return not self.pattern.comparisons and all(each.lasts for each in self.spans)


class StageEntered(Record):
    """`{stage: S, is: entered}`: the stage was entered at least, or at most, so often."""

    stage: str
    times: int = 1
    no_more_than: int | None = None

    @property
    def decisive(self) -> int:
        """The entry that decides: with it there are enough, or too many."""
        return self.times if self.no_more_than is None else self.no_more_than + 1


class SignalRef(Record):
    """The condition that a signal names holds."""

    name: str


class All(Record):
    """Every part holds."""

    parts: tuple[Condition, ...]


class Any(Record):
    """At least one part holds, or at least so many."""

    parts: tuple[Condition, ...]
    at_least: int = 1


class Not(Record):
    """The part does not hold."""

    part: Condition


Count = ActivityCount | ChangeCount
"""What is counted as of a moment."""
Counted = ActivityPattern | ChangePattern
"""The events that are counted."""
Condition = FieldTest | Count | StageEntered | SignalRef | All | Any | Not


class FieldPattern(Record):
    """Each event of a field whose new value passes the test at that event."""

    field: str
    test: Test


class StagePattern(Record):
    """Each stage event that leads into a stage."""

    stage: str


class SetPattern(Record):
    """Each event of a field that has an actor and changes what the field holds, from and to nothing
    included."""

    field: str


Pattern = Counted | FieldPattern | StagePattern | SetPattern


def starts_of(part: Condition | Pattern) -> Iterator[Counted]:
    """Yields the patterns of the events after which a count counts."""
    if isinstance(part, Count):
        yield from (each.event for each in part.spans if each.event is not None)


def walk(condition: Condition, signals: Mapping[str, Condition]) -> Iterator[Condition]:
    """Yields the condition and everything that it is made of, signals included."""
    yield condition
    match condition:
        case All(parts) | Any(parts):
            for part in parts:
                yield from walk(part, signals)
        case Not(part):
            yield from walk(part, signals)
        case SignalRef(name) if name in signals:
            yield from walk(signals[name], signals)
