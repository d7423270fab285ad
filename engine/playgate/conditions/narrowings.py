"""The keys that narrow which activities count, each with all that it means, and a table of them.

A new key is a class here, in `happened.py` or in `spans.py`, and an entry in the table at the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal, Self

from playgate.conditions.comparisons import compile_test
from playgate.conditions.different import Different
from playgate.conditions.durations import Duration
from playgate.conditions.facts import DealFacts, Moment
from playgate.conditions.happened import Hours, On
from playgate.conditions.instants import Zone
from playgate.conditions.listed import Listed
from playgate.conditions.narrowing import (
    ActivityTerms,
    Changes,
    Compares,
    Comparison,
    Fits,
    Follows,
    Named,
    Narrowing,
    Read,
    Reader,
    Refusal,
    Span,
    Terms,
    Trait,
    Way,
    Where,
)
from playgate.conditions.phrases import any_of, somebody
from playgate.conditions.spans import InLast, Since
from playgate.conditions.value_tests import AttributeTest, describe_test, normal_test, show_value
from playgate.conditions.values import attribute_text, value_reader
from playgate.documents.document import Route
from playgate.language import say
from playgate.records import replace

__all__ = ["NARROWINGS", "OF_ACTIVITIES", "SPANS", "By"]


class Outcome(Listed):
    """The key `outcome`: how the activity ended."""

    key = "outcome"
    holds = "values"
    values: tuple[str, ...]

    @property
    def words(self) -> str:
        return f" {any_of(self.values)}"

    def named(self, activity: str) -> Iterator[Named]:
        return (("outcome", activity, text) for text in self.values)

    @property
    def way(self) -> Way:
        return Way(self.values[:1])

    def fits(self, terms: Terms) -> Fits:
        outcomes = frozenset(self.values)
        return lambda deal, position: deal.events[position].value in outcomes

    def shown(self, deal: DealFacts, position: int, zone: Zone) -> str:
        outcome = deal.events[position].value
        return say("was {outcome}", outcome=outcome) if outcome else say("had no outcome")

    def expression(self, done: ActivityTerms) -> Any:
        return done.is_in(done.value, set(self.values))


class By(Listed):
    """The key `by`: the roles of who did the activity, at the instant at which it takes effect."""

    key = "by"
    holds = "roles"
    values: tuple[str, ...]

    @classmethod
    def read(cls, reader: Reader, route: Route, data: Any) -> tuple[Self, ...] | None:
        roles = reader.roles(route)
        return None if roles is None else (cls(roles),)

    @property
    def words(self) -> str:
        return say(" by {who}", who=somebody(self.values))

    def reads(self) -> Iterator[Read]:
        return (("role", role) for role in self.values)

    @property
    def way(self) -> Way:
        return Way(roles=self.values)

    def fits(self, terms: Terms) -> Fits:
        roles = frozenset(self.values)
        return lambda deal, position: (
            not roles.isdisjoint(deal.roles(deal.events[position].actor, deal.effective[position]))
        )

    def shown(self, deal: DealFacts, position: int, zone: Zone) -> str:
        actor = deal.events[position].actor
        if not actor:
            return say("was by {actor}", actor=say("nobody named"))
        roles = ", ".join(sorted(deal.roles(actor, deal.effective[position])))
        return say("was by {actor} ({roles})", actor=actor, roles=roles or say("no known role"))

    def expression(self, done: ActivityTerms) -> Any:
        return done.holds_role(self.values)


class With(Listed):
    """The key `with`: parts that participants on the customer's side play, any one of them."""

    key = "with"
    holds = "values"
    values: tuple[str, ...]

    @property
    def words(self) -> str:
        return say(" with the {parts}", parts=any_of(self.values))

    def reads(self) -> Iterator[Read]:
        yield "attribute", self.key

    def named(self, activity: str) -> Iterator[Named]:
        return (("attribute", self.key, text) for text in self.values)

    @property
    def way(self) -> Way:
        return Way(("--with", self.values[0]))

    def fits(self, terms: Terms) -> Fits:
        parts = frozenset(self.values)
        return lambda deal, position: not parts.isdisjoint(_parts(deal.events[position].attrs))

    def shown(self, deal: DealFacts, position: int, zone: Zone) -> str:
        parts = say(" and the ").join(sorted(_parts(deal.events[position].attrs)))
        return say("was with the {parts}", parts=parts) if parts else say("was with nobody named")

    def expression(self, done: ActivityTerms) -> Any:
        return done.has_part(self.values)


@lru_cache(maxsize=1024)
def _parts(attrs: str) -> frozenset[str]:
    """Returns the parts that the participants on the customer's side play (`with`: text or
    list)."""
    if not attrs:
        return frozenset()
    parts = json.loads(attrs).get(With.key)
    if isinstance(parts, str):
        return frozenset((parts,))
    return (
        frozenset(part for part in parts if isinstance(part, str))
        if (isinstance(parts, list))
        else frozenset()
    )


class Attribute(Trait):
    """The key `where`: the test of one attribute at the instant at which the activity takes
    effect."""

    key = "where"
    holds = "attributes"
    asked: AttributeTest

    @classmethod
    def read(cls, reader: Reader, route: Route, data: Any) -> tuple[Self, ...] | None:
        tests = reader.attribute_tests(route, data)
        return None if tests is None else tuple(map(cls, tests))

    @property
    def words(self) -> str:
        return f", {self.asked.attribute} {describe_test(self.asked.test)}"

    @property
    def lengths(self) -> tuple[Duration, ...]:
        length = self.asked.test.duration
        return () if length is None else (length,)

    def is_within(self, other: Narrowing, order: Follows) -> bool:
        return (
            isinstance(other, Attribute)
            and self.asked.attribute == other.asked.attribute
            and self.asked.kind == other.asked.kind
            and order.test(self.asked.test, other.asked.test)
        )

    def normal(self) -> Self:
        return self._asking(normal_test(self.asked.test))

    def _asking(self, test: Any) -> Self:
        return replace(self, asked=replace(self.asked, test=test))

    def loosened(self, changes: Changes) -> Iterator[tuple[str, Self | None]]:
        attribute, test = self.asked.attribute, self.asked.test
        yield f"without where: {attribute} {describe_test(test)}", None
        for words, changed in changes.test(test):
            yield f"where {attribute} {words}", self._asking(changed)

    @property
    def tests(self) -> tuple[AttributeTest, ...]:
        return (self.asked,)

    def reads(self) -> Iterator[Read]:
        yield "attribute", self.asked.attribute

    def named(self, activity: str) -> Iterator[Named]:
        if self.asked.test.operator in ("equals", "not_equals", "one_of", "none_of"):
            for each in self.asked.test.operands:
                if isinstance(each, str):
                    yield "attribute", self.asked.attribute, each

    @property
    def way(self) -> Way:
        if self.asked.test.operator != "equals":
            return Way()
        return Way(("--attr", f"{self.asked.attribute}={show_value(self.asked.test.operands[0])}"))

    def fits(self, terms: Terms) -> Fits:
        read = value_reader(self.asked.kind, terms.reading)
        passes = compile_test(self.asked.test, terms.calendar)
        attribute = self.asked.attribute

        def fits(deal: DealFacts, position: int) -> bool:
            text = deal.events[position].attrs
            value = read(attribute_text(json.loads(text).get(attribute) if text else None))
            at = deal.effective[position]
            return passes(value, deal, Moment(at, at, 0, ""))

        return fits

    def shown(self, deal: DealFacts, position: int, zone: Zone) -> str:
        attribute, text = self.asked.attribute, deal.events[position].attrs
        value = attribute_text(json.loads(text).get(attribute) if text else None)
        if not value.strip():
            return say("had no {attribute}", attribute=attribute)
        return say("had {attribute} {value}", attribute=attribute, value=value)

    def expression(self, done: ActivityTerms) -> Any:
        return done.passes(self.asked)


class Actor(Comparison):
    """The key `actor`: the activity was done by who did the judged event, or by somebody else."""

    key = "actor"
    holds = "values"
    who: Literal["same", "other"]

    @classmethod
    def refused(cls, where: Where, data: Any) -> Refusal | None:
        if where.judged:
            return None
        message = "actor compares with who made the move that is judged: here none is"
        hint = "actor stands in entry, exit, activities (without within or every) and need"
        return Refusal(message, "actor-not-here", hint)

    @classmethod
    def read(cls, reader: Reader, route: Route, data: Any) -> tuple[Self, ...] | None:
        return (cls(data),)

    @property
    def words(self) -> str:
        return say(", by the same person") if self.who == "same" else say(", by another person")

    def is_within(self, other: Narrowing, order: Follows) -> bool:
        return self == other

    def loosened(self, changes: Changes) -> Iterator[tuple[str, Self | None]]:
        yield f"without actor: {self.who}", None

    @property
    def name(self) -> str:
        return self.who

    @property
    def way(self) -> Way:
        return Way(is_by_another=self.who == "other")

    def compares(self) -> Compares:
        same = self.who == "same"

        def compares(deal: DealFacts, position: int, judged: str) -> bool:
            actor = deal.events[position].actor
            return bool(actor and judged) and (actor == judged) == same

        return compares

    def expression(self, actor: Any, judged: Any) -> Any:
        known = (actor != "") & (judged != "")
        return known & ((actor == judged) if self.who == "same" else (actor != judged))


# Abstract classes are refused as arguments; in a tuple mypy would let them pass.
def _traits(*kinds: type[Trait]) -> tuple[type[Trait], ...]:
    return kinds


def _comparisons(*kinds: type[Comparison]) -> tuple[type[Comparison], ...]:
    return kinds


def _spans(*kinds: type[Span]) -> tuple[type[Span], ...]:
    return kinds


OF_ACTIVITIES: tuple[type[Trait] | type[Comparison] | type[Different], ...] = (
    *_traits(Outcome, By, With, Attribute, On, Hours),
    *_comparisons(Actor),
    Different,
)
"""The keys that narrow which activities count, in the order in which a phrase says them."""
SPANS = _spans(Since, InLast)
"""The keys that narrow from when on activities count."""
NARROWINGS: dict[str, type[Narrowing]] = {kind.key: kind for kind in (*OF_ACTIVITIES, *SPANS)}
"""All narrowings by their keys."""
