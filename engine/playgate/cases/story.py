"""Steps → events: a case's history, told in the words of its playbook."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from playgate.cases.times import Clock
from playgate.conditions.instants import DAY
from playgate.conditions.values import FieldType, is_absent, value_reader
from playgate.documents.document import Document, Route, nearest, quoted, shortened
from playgate.errors import Mistake, Place
from playgate.history.event import Event
from playgate.history.undeclared import UndeclaredWords
from playgate.model.playbook import Playbook
from playgate.records import Record
from playgate.rules.list import glob_matches

__all__ = ["Names", "Teller", "value_text"]

_MOST_STEPS = 5_000
_DEEPEST = 20
_MOST_HINTS = 100
_FORMS = {
    "number": "write it as 12500.50",
    "integer": "write a whole number",
    "boolean": "write true or false",
    "date": "write it as 2026-03-31 or day 30",
    "datetime": "write it as 2026-03-31T09:00:00+01:00 or day 30 09:00",
}


class Names(Record):
    """What a case may speak of: its playbook, the ids of the rules, and who there is."""

    playbook: Playbook
    rules: tuple[str, ...]
    people: Collection[str] | None
    """Actors; `None` where the file names nobody."""


class Teller:
    """Reads the steps of one case one after the other and keeps their events."""

    def __init__(
        self, document: Document, names: Names, mistakes: list[Mistake], *, clock: Clock, by: str
    ) -> None:
        self._document = document
        self._names = names
        self._words = UndeclaredWords(names.playbook)
        self._mistakes = mistakes
        self._by = by
        self._stories: list[str] = []
        self._added = 0
        self.clock = clock
        self.events: list[Event] = []
        self.last = clock.start
        self.told = 0
        """How many steps were told."""

    def report(self, route: Route, message: str, rule: str, hint: str = "") -> None:
        """Collects a mistake at the value of a route."""
        self._mistakes.append(Mistake(self.place(route), message, rule, hint))

    def place(self, route: Route) -> Place:
        """Returns where the value of a route stands."""
        return self._document.place(route)

    def known(self, kind: str, name: str, known: Collection[str], route: Route) -> bool:
        """Returns whether there is such a name, and reports where there is none."""
        if name in known:
            return True
        message = f"{kind} {quoted(name)} does not exist"
        self.report(route, message, f"unknown-{kind}", self._near(name, known))
        return False

    def _near(self, name: str, known: Collection[str]) -> str:
        """Returns a hint, or nothing once there are so many mistakes that nobody will read it."""
        return nearest(name, known) if len(self._mistakes) < _MOST_HINTS else ""

    def actor(self, route: Route) -> str:
        """Returns who is named under `by`, else the actor who does everything."""
        data = self._document.get((*route, "by"))
        if isinstance(data, str) and data and self._names.people is not None:
            self.known("person", data, self._names.people, (*route, "by"))
        return data if isinstance(data, str) else self._by

    def instant(self, route: Route, *, before: int | None = None) -> int | None:
        """Returns the instant written at a route, or `None` where there is none, or none that can
        be read."""
        data = self._document.get(route)
        if not isinstance(data, str):
            return None
        found = self.clock.read(data, before=self.last if before is None else before)
        if found is None or abs(found - self.clock.start) > _MOST_DAYS * DAY:
            hint = 'write "day 3", "day 3 14:30", "+2 hours" or a date'
            self.report(route, f"{quoted(data)} is no time", "when", hint)
            return None
        return found

    # Steps

    def steps(self, route: Route) -> None:
        """Reads the steps at a route: a story's name, or a list."""
        data = self._document.get(route)
        if isinstance(data, str):
            self._use(route, route, data, ())
        for index in range(len(data) if isinstance(data, list) else 0):
            if self.told >= _MOST_STEPS:
                self._too_long((*route, index))
                return
            self._step((*route, index))

    def _too_long(self, route: Route) -> None:
        """Reports where a case has too many steps, as stories that use stories grow fast."""
        if self.told == _MOST_STEPS:
            message = f"more than {_MOST_STEPS:,} steps, stories told out"
            self.report(route, message, "too-many-values", "tell a shorter story")
        self.told += 1

    def _step(self, route: Route) -> None:
        self.told += 1
        data = self._document.get(route)
        if isinstance(data, str):
            self._use(route, route, data, ())
            return
        if not isinstance(data, dict):
            return
        at = self.instant((*route, "at"))
        self.last = self.last if at is None else at
        match data:
            case {"do": str() | list()}:
                self._done(route, data)
            case {"set": dict() as values}:
                self.set_fields((*route, "set"), values, self.last, self.actor(route))
            case {"move": str() as stage}:
                stages = [each.id for each in self._names.playbook.stages]
                self.known("stage", stage, stages, (*route, "move"))
                self._add(route, "stage", stage, "", self.actor(route))
            case {"waive": str() as rule}:
                self._waived(route, data, rule)
            case {"use": str() as story}:
                self._use(route, (*route, "use"), story, _texts(data.get("without")))

    def _add(
        self,
        route: Route,
        kind: str,
        name: str,
        value: str,
        actor: str,
        *,
        at: int | None = None,
        recorded: int | None = None,
        attrs: Mapping[str, object] | None = None,
    ) -> None:
        happened = self.last if at is None else at
        self._added += 1
        text = json.dumps(attrs, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        self.events.append(
            Event(
                "the deal",
                happened,
                kind,
                name,
                value,
                actor,
                happened if recorded is None else recorded,
                f"step-{self._added}",
                text if attrs else "",
                0,
                self.place(route).line,
            )
        )

    def _done(self, route: Route, data: dict[str, Any]) -> None:
        logged = self.instant((*route, "logged"), before=self.last)
        if logged is not None and logged < self.last:
            message = "it cannot be logged before it was done"
            self.report((*route, "logged"), message, "when", 'write "+3 days" for three days later')
        attrs: dict[str, object] = {}
        where = data.get("where")
        for name, value in where.items() if isinstance(where, dict) else ():
            attrs[name] = value_text(value)
        if parts := _texts(data.get("with")):
            attrs["with"] = list(parts)
        outcome = data.get("outcome", "")
        for index, name in enumerate(_texts(data["do"])):
            place = (*route, "do", index) if isinstance(data["do"], list) else (*route, "do")
            self.known("activity", name, self._names.playbook.activities, place)
            self._declared_words(route, name, outcome, attrs)
            self._add(
                route,
                "activity",
                name,
                outcome if isinstance(outcome, str) else "",
                self.actor(route),
                recorded=logged,
                attrs=attrs,
            )

    def _declared_words(
        self, route: Route, name: str, outcome: Any, attrs: Mapping[str, object]
    ) -> None:
        """Warns of words that the activity does not declare: a real deal may have them."""
        if name in self._words.activities and isinstance(outcome, str):
            text = json.dumps(attrs) if attrs else ""
            for reason, hint in self._words.of(name, outcome, text):
                place = self._document.place(route)
                mistake = Mistake(place, reason, "unknown-word", hint, level="warning")
                self._mistakes.append(mistake)

    def set_fields(self, route: Route, values: Mapping[str, Any], at: int, actor: str) -> None:
        """Records the new values of fields as events."""
        playbook = self._names.playbook
        for name, data in values.items():
            if isinstance(data, list | dict):
                continue
            kind = playbook.fields.get(name)
            if kind is None:
                where = (*route, name)
                message = f"field {quoted(name)} does not exist"
                hint = self._near(name, playbook.fields)
                mistake = Mistake(self._document.key_place(where), message, "unknown-field", hint)
                self._mistakes.append(mistake)
                continue
            text = self._field_value((*route, name), kind, value_text(data))
            self._add((*route, name), "field", name, text, actor, at=at)

    def _field_value(self, route: Route, kind: FieldType, text: str) -> str:
        reading = self._names.playbook.reading
        if kind.kind in ("date", "datetime"):
            timed = kind.kind == "datetime"
            text = self.clock.as_date(text, before=self.last, timed=timed) or text
        if not is_absent(text, reading) and value_reader(kind, reading)(text) is None:
            options = f"options: {', '.join(kind.options)}" if kind.options else ""
            message = f"{quoted(text)} does not read as {kind.kind}"
            self.report(route, message, "wrong-value", options or _FORMS.get(kind.kind, ""))
        return text

    def _waived(self, route: Route, data: dict[str, Any], rule: str) -> None:
        if not any(glob_matches(rule, each) for each in self._names.rules):
            message = f"rule {quoted(rule)} does not exist"
            hint = self._near(rule, self._names.rules)
            self.report((*route, "waive"), message, "unknown-rule", hint)
        reason = data.get("reason")
        if isinstance(reason, str) and is_absent(reason, self._names.playbook.reading):
            message = "a waiver without a reason has no effect"
            self.report((*route, "reason"), message, "empty", "say why, for those who audit")
        attrs: dict[str, object] = {}
        if isinstance(expires := data.get("expires"), str):
            timed = ":" in expires or expires.startswith("+")
            text = self.clock.as_date(expires, before=self.last, timed=timed)
            self.instant((*route, "expires"), before=self.last)
            attrs["expires"] = text or ""
        value = reason if isinstance(reason, str) else ""
        self._add(route, "waiver", rule, value, self.actor(route), attrs=attrs)

    # Stories

    def _use(self, route: Route, named: Route, story: str, without: tuple[str, ...]) -> None:
        stories = self._document.get(("stories",))
        known = stories if isinstance(stories, dict) else {}
        if not self.known("story", story, known, named):
            return
        if story in self._stories or len(self._stories) >= _DEEPEST:
            message = f"story {shortened(story)} uses itself"
            self.report(named, message, "story", "a story may only use others")
            return
        begun = len(self.events)
        self._stories.append(story)
        self.steps(("stories", story))
        self._stories.pop()
        if without:
            told = self.events[begun:]
            names = {event.name for event in told}
            for name in without:
                if name not in names:
                    hint = self._near(name, names)
                    message = f"story {shortened(story)} has no {quoted(name)} to leave out"
                    self.report((*route, "without"), message, "without", hint)
            self.events[begun:] = [event for event in told if event.name not in without]


_MOST_DAYS = 100 * 366


def _texts(data: object) -> tuple[str, ...]:
    if isinstance(data, str):
        return (data,)
    return tuple(each for each in data if isinstance(each, str)) if isinstance(data, list) else ()


def value_text(value: object) -> str:
    """Returns a value of YAML as the text that a history has."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
