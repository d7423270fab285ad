"""The keys that narrow from when on activities count, each with all that it means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

from playgate.conditions.describe import describe_change, describe_patterns
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
from playgate.conditions.phrases import show_length
from playgate.conditions.tree import ChangePattern, Counted
from playgate.documents.document import Route
from playgate.language import say
from playgate.records import replace

__all__ = ["InLast", "Since"]


class Since(Span):
    """The key `since`: a stage, from whose first entry on things count, or an event, after the last
    of which they do.

    `since: stage` means the stage in which it stands.
    """

    key = "since"
    holds = "values"
    stage: str = ""
    """The stage that is meant; of `since: stage` it is empty until `of_stage` sets it."""
    is_own: bool = True
    """Whether it is the stage in which it stands."""
    after: Counted | None = None
    """The events, where it is none of a stage."""

    @classmethod
    def refused(cls, where: Where, data: Any) -> Refusal | None:
        if data == "stage" and not where.in_stage:
            hint = "only a stage's own entry, activities, exit and hold know their stage"
            return Refusal("since: stage stands outside a stage", "since-outside-stage", hint)
        if where.timed and isinstance(data, dict) and "stage" not in data:
            message = "since an event and within exclude each other"
            return Refusal(message, "narrowing", "within counts from when the stage was entered")
        return None

    @classmethod
    def read(cls, reader: Reader, route: Route, data: Any) -> tuple[Self, ...] | None:
        if data == "stage":
            return (cls(),)
        if "stage" in data:
            stage = reader.stage((*route, "stage"))
            return None if stage is None else (cls(stage, is_own=False),)
        event = reader.event(route)
        return None if event is None else (cls(is_own=False, after=event),)

    @property
    def words(self) -> str:
        return say(", since {what}", what=self._what)

    @property
    def _what(self) -> str:
        if isinstance(self.after, ChangePattern):
            return say("the last time {change}", change=describe_change(self.after))
        if self.after is not None:
            return say("the last {activity}", activity=describe_patterns((self.after,)))
        if self.stage:
            return say("{stage} was entered", stage=self.stage)
        return say("the stage was entered")

    def is_within(self, other: Narrowing, order: Follows) -> bool:
        return self == other

    def loosened(self, changes: Changes) -> Iterator[tuple[str, Self | None]]:
        yield f"without since: {'stage' if self.is_own else self._what}", None

    @property
    def lasts(self) -> bool:
        return self.after is None

    @property
    def entered(self) -> str:
        return self.stage

    @property
    def event(self) -> Counted | None:
        return self.after

    def of_stage(self, stage: str) -> Self:
        return replace(self, stage=stage) if self.is_own else self

    def renamed(self, stages: Mapping[str, str]) -> Self:
        return replace(self, stage=stages.get(self.stage, self.stage))

    def start(self, terms: Terms) -> SpanStart:
        return self._entry() if self.after is None else self._last(terms.matches(self.after))

    def _entry(self) -> SpanStart:
        stage = self.stage

        def start(deal: DealFacts, moment: Moment, _: bool) -> tuple[int, int] | None:
            entry = deal.first_entry.get(stage, moment.stages)
            return None if entry >= moment.stages else (deal.move_at[entry], -1)

        return start

    @staticmethod
    def _last(matches: Callable[[DealFacts], list[int]]) -> SpanStart:
        """Where it is asked again what was made good, the last event of then is meant."""

        def start(deal: DealFacts, moment: Moment, happened: bool) -> tuple[int, int]:
            instants = deal.happened if happened else deal.effective
            found = [each for each in matches(deal) if instants[each] <= moment.at]
            return _BEGINNING, found[-1] if found else -1

        return start

    def expression(self, starts: SpanInstants) -> Any:
        return starts.entry(self.stage)


_BEGINNING = -(2**63)


class InLast(Span):
    """The key `in_last`: activities count if they lie at most so long before the instant judged."""

    key = "in_last"
    holds = "values"
    length: Duration
    lasts = False
    entered = ""

    @classmethod
    def refused(cls, where: Where, data: Any) -> Refusal | None:
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
        return say(", in the last {length}", length=show_length(self.length))

    @property
    def lengths(self) -> tuple[Duration, ...]:
        return (self.length,)

    def is_within(self, other: Narrowing, order: Follows) -> bool:
        return isinstance(other, InLast) and order.length(self.length, other.length)

    def loosened(self, changes: Changes) -> Iterator[tuple[str, Self | None]]:
        yield "without in_last", None
        for words, length in changes.length(self.length):
            yield f"in the last {words}", replace(self, length=length)

    def start(self, terms: Terms) -> SpanStart:
        before = self.length.before(terms.calendar)
        return lambda deal, moment, _: (before(moment.at), -1)

    def expression(self, starts: SpanInstants) -> Any:
        return starts.before(self.length)
