"""The keys that narrow from when on activities count, each with all that it means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from playgate.conditions.durations import Duration
from playgate.conditions.facts import DealFacts, Moment
from playgate.conditions.narrowing import (
    Changes,
    Follows,
    Narrowing,
    Reader,
    Refusal,
    Span,
    SpanInstants,
    SpanStart,
    Terms,
    Where,
)
from playgate.documents.document import Route
from playgate.records import replace

__all__ = ["InLast", "Since"]


class Since(Span):
    """The key `since: stage`: activities count from the first entry of the stage in which it
    stands."""

    key = "since"
    holds = "values"
    stage: str = ""
    """The stage that is meant; empty until `of_stage` sets it."""
    lasts = True

    @classmethod
    def refused(cls, where: Where) -> Refusal | None:
        if where.in_stage:
            return None
        hint = "only a stage's own entry, activities, exit and hold know their stage"
        return Refusal("since: stage stands outside a stage", "since-outside-stage", hint)

    @classmethod
    def read(cls, reader: Reader, route: Route, data: Any) -> tuple[Self, ...] | None:
        return (cls(),)

    @property
    def words(self) -> str:
        return f", since {self.stage or 'the stage was entered'}"

    def is_within(self, other: Narrowing, order: Follows) -> bool:
        return self == other

    def loosened(self, changes: Changes) -> Iterator[tuple[str, Self | None]]:
        yield "without since: stage", None

    @property
    def entered(self) -> str:
        return self.stage

    def of_stage(self, stage: str) -> Self:
        return replace(self, stage=stage)

    def start(self, terms: Terms) -> SpanStart:
        stage = self.stage

        def start(deal: DealFacts, moment: Moment) -> int | None:
            entry = deal.first_entry.get(stage, moment.stages)
            return None if entry >= moment.stages else deal.move_at[entry]

        return start

    def expression(self, starts: SpanInstants) -> Any:
        return starts.entry(self.stage)


class InLast(Span):
    """The key `in_last`: activities count if they lie at most so long before the instant judged."""

    key = "in_last"
    holds = "values"
    length: Duration
    lasts = False
    entered = ""

    @classmethod
    def refused(cls, where: Where) -> Refusal | None:
        if not where.timed:
            return None
        message = "in_last and within exclude each other"
        return Refusal(message, "narrowing", "within counts earlier work too")

    @classmethod
    def read(cls, reader: Reader, route: Route, data: Any) -> tuple[Self, ...] | None:
        length = reader.duration(route)
        return None if length is None else (cls(length),)

    @property
    def words(self) -> str:
        return f", in the last {self.length}"

    @property
    def lengths(self) -> tuple[Duration, ...]:
        return (self.length,)

    def is_within(self, other: Narrowing, order: Follows) -> bool:
        return isinstance(other, InLast) and order.length(self.length, other.length)

    def loosened(self, changes: Changes) -> Iterator[tuple[str, Self | None]]:
        yield "without in_last", None
        for words, length in changes.length(self.length):
            yield f"in the last {words}", replace(self, length=length)

    def of_stage(self, stage: str) -> Self:
        return self

    def start(self, terms: Terms) -> SpanStart:
        before = self.length.before(terms.calendar)
        return lambda deal, moment: before(moment.at)

    def expression(self, starts: SpanInstants) -> Any:
        return starts.before(self.length)
