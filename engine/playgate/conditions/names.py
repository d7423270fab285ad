"""Knows what a document's conditions may name, and reads names and durations in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from playgate.conditions.activity_words import ActivityWords
from playgate.conditions.durations import Duration, read_duration
from playgate.conditions.instants import Zone
from playgate.conditions.values import FieldType
from playgate.documents.document import Document, Route, nearest, quoted, shortened
from playgate.errors import Mistake, Place
from playgate.records import Record

__all__ = ["NameReader", "Names"]

_MOST_HINTS = 100


class Names(Record):
    """Everything that a playbook declares and conditions may name."""

    fields: Mapping[str, FieldType]
    activities: Mapping[str, ActivityWords]
    signals: Collection[str]
    stages: Collection[str]
    roles: Collection[str]
    zone: Zone
    parts: tuple[str, ...] = ()
    unsure: Collection[str] = ()
    """The kinds (`field`, `stage`, …) with unreadable names; no name of theirs is called
    unknown."""
    untyped: Collection[str] = ()
    """The fields whose type could not be read."""


class NameReader:
    """Reads names and durations of one document, and collects what is wrong with them."""

    def __init__(
        self,
        document: Document,
        names: Names,
        *,
        damaged: Iterable[Route] = (),
        mistakes: list[Mistake],
    ) -> None:
        self._document = document
        self._names = names
        self._damaged = frozenset(
            route[:length] for route in damaged for length in range(len(route) + 1)
        )
        self._mistakes = mistakes
        self._expressions: set[str] = set()
        self._steps = 0
        """Those of all expressions so far."""

    def report(
        self, place: Place, message: str, rule: str, hint: str = "", related: Place | None = None
    ) -> None:
        """Adds a mistake to those collected."""
        self._mistakes.append(Mistake(place, message, rule, hint, related=related))

    def mistake(self, route: Route, message: str, rule: str, hint: str) -> None:
        """Adds a mistake in the value at `route`."""
        self.report(self._document.place(route), message, rule, hint)

    def warn(self, place: Place, message: str, rule: str, hint: str) -> None:
        """Adds a warning to the mistakes collected."""
        self._mistakes.append(Mistake(place, message, rule, hint, level="warning"))

    def is_damaged(self, route: Route) -> bool:
        """Whether the schema found the value at `route`, or a part of it, unusable."""
        return route in self._damaged

    def _known(self, kind: str, name: str, known: Collection[str], route: Route) -> bool:
        if name in known:
            return True
        if kind not in self._names.unsure:
            hint = self._hint(kind, name, known) if len(self._mistakes) < _MOST_HINTS else ""
            message = f"{kind} {quoted(name)} does not exist"
            self.report(self._document.place(route), message, f"unknown-{kind}", hint)
        return False

    def _hint(self, kind: str, name: str, known: Collection[str]) -> str:
        if kind == "signal" and (said := self._as_condition(name)):
            return said
        plural = "activities" if kind == "activity" else f"{kind}s"
        # Every playbook knows the field `owner`, so it says nothing about what is declared.
        return nearest(name, known) if set(known) - {"owner"} else f'declare it under "{plural}"'

    def _as_condition(self, name: str) -> str:
        """Says how to ask for what `name` means where that is not a signal; else `""`."""
        if name in self._names.activities:
            return f"{shortened(name)} is an activity: write {{activity: {shortened(name)}}}"
        if name in self._names.fields:
            return f"{shortened(name)} is a field: write {{field: {shortened(name)}, is: present}}"
        if name in self._names.stages:
            return f"{shortened(name)} is a stage: write {{stage: {shortened(name)}, is: entered}}"
        return ""

    def known_names(
        self, kind: str, route: Route, known: Collection[str]
    ) -> tuple[str, ...] | None:
        """Returns the names at `route` (one or a list); `None` where one is unknown."""
        if self.is_damaged(route):
            return None
        data = self._document.get(route)
        if isinstance(data, str):
            return (data,) if self._known(kind, data, known, route) else None
        if not isinstance(data, list):
            return None
        good = [self._known(kind, name, known, (*route, i)) for i, name in enumerate(data)]
        return tuple(data) if data and all(good) else None

    def word_place(self, route: Route, word: str) -> Place:
        """Returns where a word stands under a key: as its value, in its list, or as a key in it."""
        data = self._document.get(route)
        if isinstance(data, list) and word in data:
            return self._document.place((*route, data.index(word)))
        if isinstance(data, dict) and word in data:
            return self._document.key_place((*route, word))
        return self._document.place(route)

    def duration(self, route: Route, *, zero: bool = False) -> Duration | None:
        """Returns the duration at `route`, or `None`; zero is accepted only if `zero` is set."""
        if self.is_damaged(route):
            return None
        duration = read_duration(self._document.get(route))
        place = self._document.place(route)
        if duration is None:
            self.report(place, "a duration of more than 200 years", "duration", "shorten it")
        elif duration.is_nothing and not zero:
            hint = "write how long, or leave it out"
            self.report(place, "a duration of nothing makes no sense here", "duration", hint)
            return None
        return duration
