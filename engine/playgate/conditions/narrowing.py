"""What a key that narrows what is counted must say; the keys stand in `narrowings.py`, `spans.py`.

Whatever rests on a narrowing (the judge, expressions, words, proofs, mutants, remedies) asks it,
and knows no key. A *trait* looks at an activity alone, a *comparison* at who did what is judged
besides, a *span* is an instant from which activities count at all.
"""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Collection, Iterator
from typing import Any, ClassVar, Literal, Protocol, Self

from playgate.conditions.durations import Calendar, Duration
from playgate.conditions.facts import DealFacts, Moment
from playgate.conditions.value_tests import AttributeTest, Test
from playgate.conditions.values import Reading
from playgate.documents.document import Route
from playgate.records import Record

__all__ = [
    "Changes",
    "Compares",
    "Comparison",
    "Done",
    "Fits",
    "Named",
    "Narrowing",
    "OfActivity",
    "Order",
    "Read",
    "Reader",
    "Refusal",
    "Span",
    "Start",
    "Starts",
    "Terms",
    "Trait",
    "Way",
    "Where",
    "covers",
]

Fits = Callable[[DealFacts, int], bool]
"""Whether the activity at a position is one that counts."""
Compares = Callable[[DealFacts, int, str], bool]
"""The same, beside who did the event that is judged."""
Start = Callable[[DealFacts, Moment], int | None]
"""The instant from which activities count at a moment; `None` where none does."""

Read = tuple[str, str]
"""What is looked at in a history: a `role` or an `attribute`, and its name."""
Named = tuple[str, str, str]
"""A value that is named: of an `outcome` or an `attribute`, its name, the text."""


class Where(Record):
    """Where a condition stands, and what may therefore be said in it."""

    in_stage: bool = False
    """`since: stage` has a stage to mean."""
    judged: bool = False
    """An event is judged here, so `actor` has somebody to compare with."""
    nested: bool = False
    """Inside another condition, where no rule's own settings can stand."""
    timed: bool = False
    """Beside `within`, which says from when on activities count."""


class Refusal(Record):
    """Why a key cannot stand somewhere."""

    message: str
    rule: str
    hint: str


class Reader(Protocol):
    """Reads values of a document; `None` where they have mistakes, which it reports."""

    def roles(self, route: Route) -> tuple[str, ...] | None: ...
    def duration(self, route: Route) -> Duration | None: ...
    def attribute_tests(self, route: Route, data: Any) -> tuple[AttributeTest, ...] | None: ...


class Terms(Record):
    """How a playbook reads values, and counts days."""

    calendar: Calendar
    reading: Reading


class Order(Record):
    """What is known of what follows from what."""

    test: Callable[[Test, Test], bool]
    """Whether what passes the first test passes the second, too."""
    length: Callable[[Duration, Duration], bool]
    """Whether the first is at most as long as the second."""


class Changes(Record):
    """Small changes, each with its words: `more than 2 instead of 3`."""

    test: Callable[[Test], Iterator[tuple[str, Test]]]
    length: Callable[[Duration], Iterator[tuple[str, Duration]]]


class Way(Record):
    """How one gets an activity that fits."""

    log: tuple[str, ...] = ()
    """What the command that logs it says besides its name."""
    roles: tuple[str, ...] = ()
    """The roles that can do it; empty where anybody can."""


class Done(Protocol):
    """An activity as an engine of expressions sees it: what it can say of one is written here."""

    @property
    def value(self) -> Any: ...
    def is_in(self, value: Any, values: Collection[str]) -> Any: ...
    def holds_role(self, roles: Collection[str]) -> Any: ...
    def has_part(self, parts: tuple[str, ...]) -> Any: ...
    def passes(self, asked: AttributeTest) -> Any: ...


class Starts(Protocol):
    """The instants that an engine of expressions knows at a moment, empty where there are none."""

    def entry(self, stage: str) -> Any: ...
    def before(self, length: Duration) -> Any: ...


class Narrowing(Record, metaclass=ABCMeta):
    """What one key narrows."""

    key: ClassVar[str]
    holds: ClassVar[Literal["roles", "attributes", "values"]]
    """What stands under the key: names of roles, attributes by name, or values of its own."""

    @classmethod
    @abstractmethod
    def refused(cls, where: Where) -> Refusal | None:
        """Why it cannot stand there, if it cannot."""

    @classmethod
    @abstractmethod
    def read(cls, reader: Reader, route: Route, data: Any) -> tuple[Self, ...] | None:
        """What stands under the key; `None` where that has mistakes."""

    @property
    @abstractmethod
    def words(self) -> str:
        """How it is said behind what it narrows, with the space or the comma before it."""

    @property
    @abstractmethod
    def lengths(self) -> tuple[Duration, ...]:
        """The durations that it measures."""

    @abstractmethod
    def is_within(self, other: Narrowing, order: Order) -> bool:
        """Whether it lets nothing through that the other, of the same key, does not."""

    @abstractmethod
    def normal(self) -> Self:
        """The same for all that say the same."""

    @abstractmethod
    def loosened(self, changes: Changes) -> Iterator[tuple[str, Self | None]]:
        """With one thing changed, in words that follow what it narrows; `None` is without it."""


class OfActivity(Narrowing):
    """A narrowing of which activities count, whenever they are done."""

    @property
    @abstractmethod
    def tests(self) -> tuple[AttributeTest, ...]:
        """The tests of attributes that must all be passed."""

    @abstractmethod
    def reads(self) -> Iterator[Read]:
        """What it looks at, apart from activities and their outcomes."""

    @abstractmethod
    def named(self, activity: str) -> Iterator[Named]:
        """The values that it names, of activities of that name."""

    @property
    @abstractmethod
    def way(self) -> Way:
        """How one gets an activity that fits."""


class Trait(OfActivity):
    """A narrowing that looks at an activity alone."""

    @abstractmethod
    def fits(self, terms: Terms) -> Fits:
        """The judge's closure."""

    @abstractmethod
    def expression(self, done: Done) -> Any:
        """The same as an expression; never empty."""


class Comparison(OfActivity):
    """A narrowing that compares who did an activity with who did the event that is judged."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Tells it from the others: a word of letters."""

    @abstractmethod
    def compares(self) -> Compares:
        """The judge's closure."""

    @abstractmethod
    def expression(self, actor: Any, judged: Any) -> Any:
        """The same as an expression over texts that are empty where nobody is named."""


class Span(Narrowing):
    """An instant from which activities count; it may stand only where they are counted."""

    @property
    @abstractmethod
    def lasts(self) -> bool:
        """Whether what counts once counts ever after."""

    @property
    @abstractmethod
    def entered(self) -> str:
        """The stage that must have been entered, else nothing counts; empty where none must."""

    @abstractmethod
    def of_stage(self, stage: str) -> Self:
        """The span as it is meant in a stage."""

    @abstractmethod
    def start(self, terms: Terms) -> Start:
        """The judge's closure."""

    @abstractmethod
    def expression(self, starts: Starts) -> Any:
        """The same as an expression."""


def covers(wide: Collection[Narrowing], narrow: Collection[Narrowing], order: Order) -> bool:
    """Whether all that is let through by the whole of `narrow` is by the whole of `wide`, too."""
    return all(any(each.is_within(other, order) for each in narrow) for other in wide)
