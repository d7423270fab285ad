"""What a key that narrows counts must tell; the keys are in `narrowings.py` and `spans.py`.

Whatever needs a narrowing (the judge, expressions, words, proofs, mutants, remedies) asks it and
knows no key. A *trait* looks only at an activity, a *comparison* also at who did the judged event,
and a *span* is an instant from which activities count at all.
"""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, ClassVar, Literal, Protocol, Self

from playgate.conditions.durations import Calendar, Duration
from playgate.conditions.facts import DealFacts, Moment
from playgate.conditions.instants import Zone
from playgate.conditions.value_tests import AttributeTest, Test
from playgate.conditions.values import Reading
from playgate.documents.document import Route
from playgate.language import say
from playgate.records import Record

__all__ = [
    "ActivityTerms",
    "Changes",
    "Compares",
    "Comparison",
    "Fits",
    "Follows",
    "Named",
    "Narrowing",
    "OfActivity",
    "Read",
    "Reader",
    "Refusal",
    "Span",
    "SpanInstants",
    "SpanStart",
    "Terms",
    "Trait",
    "Way",
    "Where",
    "covers",
]

Fits = Callable[[DealFacts, int], bool]
"""Whether the activity at a position counts."""
Compares = Callable[[DealFacts, int, str], bool]
"""Whether the activity at a position counts, given the actor of the judged event."""
SpanStart = Callable[[DealFacts, Moment, bool], tuple[int, int] | None]
"""Returns what counts at a moment: from which instant, and after which position. `None`: nothing.

The last argument says whether it is told as if everything had been logged at once.
"""

Read = tuple[str, str]
"""What is looked up in a history: `role` or `attribute`, and its name."""
Named = tuple[str, str, str]
"""A value that is named: `outcome` or `attribute`, its name, and the text."""


class Where(Record):
    """The place of a condition, which decides what may be said in it."""

    in_stage: bool = False
    """Whether there is a stage that `since: stage` can mean."""
    judged: bool = False
    """Whether an event is judged here, so that `actor` can compare with who did it."""
    nested: bool = False
    """Whether it is inside another condition, where a rule's own settings cannot stand."""
    timed: bool = False
    """Whether it is beside `within`, which already says from when activities count."""
    repeated: bool = False
    """Whether it is beside `every`, which asks for one activity after the other."""


class Refusal(Record):
    """The reason why a key cannot stand in a place."""

    message: str
    rule: str
    hint: str


class Reader(Protocol):
    """Reads values of a document; it reports their mistakes and then returns `None`."""

    def roles(self, route: Route) -> tuple[str, ...] | None: ...
    def stage(self, route: Route) -> str | None: ...
    def event(self, route: Route) -> Any: ...
    def duration(self, route: Route) -> Duration | None: ...
    def attribute_tests(self, route: Route, data: Any) -> tuple[AttributeTest, ...] | None: ...
    def mistake(self, route: Route, message: str, rule: str, hint: str) -> None: ...


class Terms(Record):
    """How a playbook reads values and counts days, and which events match a pattern."""

    calendar: Calendar
    reading: Reading
    matches: Callable[[Any], Callable[[DealFacts], list[int]]]


class Follows(Record):
    """What is known about which tests and lengths imply others."""

    test: Callable[[Test, Test], bool]
    """Whether every value that passes the first test also passes the second."""
    length: Callable[[Duration, Duration], bool]
    """Whether the first duration is at most as long as the second."""


class Changes(Record):
    """Makes small changes, each told in words: `more than 2 instead of 3`."""

    test: Callable[[Test], Iterator[tuple[str, Test]]]
    length: Callable[[Duration], Iterator[tuple[str, Duration]]]


class Way(Record):
    """How somebody gets an activity that fits."""

    log: tuple[str, ...] = ()
    """What the command that logs it takes besides the activity's name."""
    roles: tuple[str, ...] = ()
    """The roles that can do it; empty where anybody can."""
    is_by_another: bool = False
    """Whether somebody else than who makes the judged move is to do it."""


class ActivityTerms(Protocol):
    """An activity as a writer of expressions sees it: each method gives a piece of an
    expression."""

    @property
    def value(self) -> Any: ...
    def is_in(self, value: Any, values: Collection[str] | Collection[int]) -> Any: ...
    def holds_role(self, roles: Collection[str]) -> Any: ...
    def has_part(self, parts: tuple[str, ...]) -> Any: ...
    def passes(self, asked: AttributeTest) -> Any: ...
    @property
    def weekday(self) -> Any: ...
    @property
    def second_of_day(self) -> Any: ...


class SpanInstants(Protocol):
    """The instants that a writer of expressions knows at a moment; empty where there are none."""

    def entry(self, stage: str) -> Any: ...
    def before(self, length: Duration) -> Any: ...


class Narrowing(Record, metaclass=ABCMeta):
    """What one key says to narrow a count."""

    key: ClassVar[str]
    holds: ClassVar[Literal["roles", "attributes", "values"]]
    """What stands under the key: names of roles, attributes by name, or values of its own."""

    @classmethod
    def refused(cls, where: Where, data: Any) -> Refusal | None:
        """Returns why the key cannot stand in this place; `None` where it can."""
        return None

    @classmethod
    @abstractmethod
    def read(cls, reader: Reader, route: Route, data: Any) -> tuple[Self, ...] | None:
        """Returns what stands under the key; `None` where that has mistakes."""

    @property
    @abstractmethod
    def words(self) -> str:
        """The phrase that follows what is narrowed, with the space or comma before it."""

    @property
    def lengths(self) -> tuple[Duration, ...]:
        """The durations that it measures."""
        return ()

    @abstractmethod
    def is_within(self, other: Narrowing, order: Follows) -> bool:
        """Whether it lets through only what the other, of the same key, lets through too."""

    def normal(self) -> Self:
        """Returns one form for all narrowings that say the same."""
        return self

    @abstractmethod
    def loosened(self, changes: Changes) -> Iterator[tuple[str, Self | None]]:
        """Yields it with one thing changed, each with words for the change; `None` drops it."""


class OfActivity(Narrowing):
    """A narrowing of which activities count, whenever they are done."""

    @property
    def tests(self) -> tuple[AttributeTest, ...]:
        """The tests of attributes, all of which must be passed."""
        return ()

    def reads(self) -> Iterator[Read]:
        """Yields what it looks up in a history, apart from activities and their outcomes."""
        yield from ()

    def named(self, activity: str) -> Iterator[Named]:
        """Yields the values that it names, for activities of that name."""
        yield from ()

    @property
    def way(self) -> Way:
        """How somebody gets an activity that fits."""
        return Way()


class Trait(OfActivity):
    """A narrowing that looks only at the activity."""

    @abstractmethod
    def fits(self, terms: Terms) -> Fits:
        """Returns the closure that the judge asks."""

    @abstractmethod
    def shown(self, deal: DealFacts, position: int, zone: Zone) -> str:
        """Says how an activity is that it does not let through: `was missed`."""

    @abstractmethod
    def expression(self, done: ActivityTerms) -> Any:
        """Returns the same as an expression; it is never empty."""


class Comparison(OfActivity):
    """A narrowing that compares who did an activity with who did the judged event."""

    @property
    @abstractmethod
    def name(self) -> str:
        """A word of letters that tells it from other comparisons."""

    @abstractmethod
    def compares(self) -> Compares:
        """Returns the closure that the judge asks."""

    def shown(self, deal: DealFacts, position: int, zone: Zone) -> str:
        """Says who did an activity that it does not let through."""
        actor = deal.events[position].actor or say("nobody named")
        return say("was by {actor}", actor=actor)

    @abstractmethod
    def expression(self, actor: Any, judged: Any) -> Any:
        """Returns the same as an expression of two texts, each empty where nobody is named."""


class Span(Narrowing):
    """An instant from which activities count; it may stand only where they are counted."""

    @property
    @abstractmethod
    def lasts(self) -> bool:
        """Whether what counts once counts ever after."""

    @property
    @abstractmethod
    def entered(self) -> str:
        """The stage that must have been entered for anything to count; empty where there is
        none."""

    @property
    def event(self) -> Any:
        """The pattern of the events after the last of which things count; `None` without one."""
        return None

    def of_stage(self, stage: str) -> Self:
        """Returns the span as it is meant in a stage."""
        return self

    def renamed(self, stages: Mapping[str, str]) -> Self:
        """Returns the span with stages by their newer names."""
        return self

    @abstractmethod
    def start(self, terms: Terms) -> SpanStart:
        """Returns the closure that the judge asks."""

    @abstractmethod
    def expression(self, starts: SpanInstants) -> Any:
        """Returns the same as an expression."""


def covers(wide: Collection[Narrowing], narrow: Collection[Narrowing], order: Follows) -> bool:
    """Whether all that `narrow` as a whole lets through is let through by all of `wide`, too."""
    return all(any(each.is_within(other, order) for each in narrow) for other in wide)
