"""File → cases: text, schema, names and times, with all mistakes at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from playgate.cases.model import APPLIES, AnswerKind, Attempt, Case, CaseFile, MayLive, Named
from playgate.cases.story import Names, Teller
from playgate.cases.times import DEFAULT_START, Clock, read_start
from playgate.conditions.instants import day_end, is_bare_date
from playgate.documents.document import Document, Route, nearest, quoted
from playgate.documents.schema import check_schema
from playgate.documents.yaml12 import parse
from playgate.errors import Mistake
from playgate.history.event import Event
from playgate.history.people import People, Person
from playgate.model.playbook import Playbook
from playgate.rules.list import glob_matches, list_rules

__all__ = ["parse_cases"]

_MOST_STEPS = 100_000
"""How many steps a file may have, with its stories told out."""
_OF_MOVE: tuple[AnswerKind, ...] = ("refused", "warned", "waived", "observed")
_OF_AUDIT: tuple[AnswerKind, ...] = ("finds", "observed")


def parse_cases(
    content: bytes, file: str, playbook: Playbook, *, fits_schema: bool = False
) -> tuple[CaseFile | None, list[Mistake]]:
    """Reads `content` and returns its cases, or `None`, with every mistake in it by place.

    Warnings do not keep cases from being used. What is known to fit the schema is not held against
    it again.
    """
    document, mistakes = parse(content, file)
    if document is None:
        return None, mistakes
    if not fits_schema:
        mistakes.extend(check_schema(document, "cases")[0])
    if not isinstance(document.data, dict):
        return None, mistakes
    cases = _CaseReader(document, playbook, mistakes).read()
    wrong = any(mistake.level == "error" for mistake in mistakes)
    found = sorted(_once(mistakes), key=lambda mistake: mistake.place)
    return None if wrong else cases, found


def _once(mistakes: list[Mistake]) -> list[Mistake]:
    """Returns each mistake once, though a story is read wherever it is used, after the schema."""
    first: dict[tuple[object, ...], Mistake] = {}
    for mistake in mistakes:
        several_at_one_place = mistake.message if mistake.rule == "missing-key" else ""
        first.setdefault((mistake.place, mistake.rule, several_at_one_place), mistake)
    return list(first.values())


class _CaseReader:
    def __init__(self, document: Document, playbook: Playbook, mistakes: list[Mistake]) -> None:
        self._document = document
        self._data: dict[str, Any] = document.data
        self._playbook = playbook
        self._mistakes = mistakes
        rules = tuple(rule.info.id for rule in list_rules(playbook))
        if playbook.applies_to is not None:
            rules = (*rules, APPLIES)
        people = self._data.get("people")
        actors = tuple(people) if isinstance(people, dict) else None
        self._names = Names(playbook, rules, actors)
        self._told = 0
        self._start = self._read_start(("start",)) if "start" in self._data else None

    def read(self) -> CaseFile:
        named = self._data.get("playbook")
        if isinstance(named, str) and named != self._playbook.name:
            message = f"these are cases of {quoted(named)}, not of {quoted(self._playbook.name)}"
            self._report(("playbook",), message, "other-playbook", "name the playbook beside them")
        self._check_actor(("by",))
        people = self._people()
        self._check_stories()
        return CaseFile(
            file=self._document.file,
            playbook=self._playbook.name,
            people=people,
            cases=tuple(self._cases()),
            may_live=tuple(self._may_live()),
        )

    def _report(self, route: Route, message: str, rule: str, hint: str = "") -> None:
        self._mistakes.append(Mistake(self._document.place(route), message, rule, hint))

    def _read_start(self, route: Route) -> int | None:
        data = self._document.get(route)
        if not isinstance(data, str):
            return None
        start = read_start(data, self._playbook.calendar)
        if start is None:
            self._report(route, f"{quoted(data)} is no date", "date", "write a date as 2026-03-02")
        return start

    def _check_actor(self, route: Route) -> str:
        data = self._document.get(route)
        if not isinstance(data, str):
            return ""
        people = self._names.people
        if data and people is not None and data not in people:
            message = f"person {quoted(data)} does not exist"
            self._report(route, message, "unknown-person", nearest(data, people))
        return data

    def _people(self) -> People | None:
        data = self._data.get("people")
        if not isinstance(data, dict):
            return None
        persons = []
        for actor, held in data.items():
            roles = held if isinstance(held, list) else [held]
            for index, role in enumerate(roles):
                if not isinstance(role, str):
                    continue
                if role not in self._playbook.roles:
                    place: Route = ("people", actor, *([index] if isinstance(held, list) else []))
                    hint = nearest(role, self._playbook.roles)
                    self._report(place, f"role {quoted(role)} does not exist", "unknown-role", hint)
                persons.append(Person(actor, role=role))
        return People(persons)

    def _teller(self, start: int | None, by: str) -> Teller:
        calendar = self._playbook.calendar
        if start is None:
            start = self._start
        if start is None:
            start = read_start(DEFAULT_START, calendar)
        assert start is not None  # noqa: S101  (the default is a date)
        clock = Clock(start, calendar)
        return Teller(self._document, self._names, self._mistakes, clock=clock, by=by)

    def _check_stories(self) -> None:
        """Checks the stories that no case uses, too."""
        stories = self._data.get("stories")
        for name in stories if isinstance(stories, dict) else ():
            teller = self._teller(None, "")
            teller.steps(("stories", name))
            self._told += teller.told
            if self._told > _MOST_STEPS:
                return

    # Cases

    def _cases(self) -> Iterator[Case]:
        items = self._data.get("cases")
        first: dict[str, Route] = {}
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if not isinstance(item, dict):
                continue
            route: Route = ("cases", index)
            if self._told > _MOST_STEPS:
                message = f"more than {_MOST_STEPS:,} steps so far, stories told out"
                self._report(route, message, "too-many-values", "make two files of this one")
                return
            name = item.get("case")
            if isinstance(name, str):
                self._check_twice(name, (*route, "case"), first)
                case = self._case(route, item, name)
                if case is not None:
                    yield case

    def _check_twice(self, name: str, route: Route, first: dict[str, Route]) -> None:
        if name in first:
            related = self._document.place(first[name])
            message = f"another case has this name (on line {related.line})"
            place, hint = self._document.place(route), "say in what they differ"
            self._mistakes.append(Mistake(place, message, "duplicate-id", hint, related=related))
        first.setdefault(name, route)

    def _case(self, route: Route, data: dict[str, Any], name: str) -> Case | None:
        start = self._read_start((*route, "start")) if "start" in data else None
        by = self._check_actor((*route, "by") if "by" in data else ("by",))
        teller = self._teller(start, by)
        teller.steps((*route, "given"))
        self._told += teller.told
        if isinstance(known := data.get("deal"), dict):
            begun = min((event.happened_at for event in teller.events), default=teller.clock.start)
            given, teller.events = teller.events, []
            teller.set_fields((*route, "deal"), known, min(begun, teller.clock.start), "")
            known_events = [each._replace(event_id=f"deal-{each.name}") for each in teller.events]
            teller.events = [*known_events, *given]
        imported = data.get("imported") is True
        asked = self._asked((*route, "when"), data.get("when"), teller, imported)
        expected = self._expected((*route, "then"), data.get("then"), asked)
        if asked is None or expected is None:
            return None
        return Case(
            name=name,
            place=self._document.place((*route, "case")),
            events=tuple(sorted(teller.events, key=_happened)),
            asked=asked,
            then_place=self._document.place((*route, "then")),
            expected=expected,
            about=self._about((*route, "about")),
        )

    def _about(self, route: Route) -> tuple[str, ...]:
        data = self._document.get(route)
        globs = data if isinstance(data, list) else [data]
        for index, glob in enumerate(globs):
            if isinstance(glob, str):
                self._check_rule((*route, index) if isinstance(data, list) else route, glob)
        return tuple(glob for glob in globs if isinstance(glob, str))

    def _check_rule(self, route: Route, glob: str) -> None:
        if not any(glob_matches(glob, rule) for rule in self._names.rules):
            hint = nearest(glob, self._names.rules)
            self._report(route, f"rule {quoted(glob)} does not exist", "unknown-rule", hint)

    # What is asked

    def _asked(
        self, route: Route, data: object, teller: Teller, imported: bool
    ) -> Attempt | int | None:
        stages = [stage.id for stage in self._playbook.stages]
        latest = max((event.happened_at for event in teller.events), default=teller.clock.start)
        if data == "audit" and "audit" not in stages:
            return latest
        if isinstance(data, dict) and "audit" in data:
            written = data["audit"]
            if isinstance(written, str) and is_bare_date(written):
                return day_end(written, self._playbook.zone)
            return teller.instant((*route, "audit"), before=latest)
        if isinstance(data, str):
            stage, named, known = data, route, [*stages, "audit"]
        elif isinstance(data, dict) and isinstance(data.get("move"), str):
            stage, named, known = data["move"], (*route, "move"), stages
        else:
            return None
        written_at = isinstance(data, dict) and "at" in data
        at = teller.instant((*route, "at")) if written_at else latest
        if not teller.known("stage", stage, known, named) or at is None:
            return None
        return self._attempt(named, stage, at, teller, imported)

    def _attempt(
        self, route: Route, stage: str, at: int, teller: Teller, imported: bool
    ) -> Attempt | None:
        moves = [event for event in teller.events if event.kind == "stage"]
        moves.sort(key=_happened)
        if moves and moves[-1].name == stage:
            self._report(route, f"the deal is in {stage} already", "when", "ask for another stage")
            return None
        if moves and at < moves[-1].happened_at:
            message = f"the deal was moved into {moves[-1].name} later than that"
            self._report(route, message, "when", "a move cannot lie before the deal's last one")
            return None
        since = moves[0].happened_at if moves and not imported else None
        actor = teller.actor(route[:-1] if route[-1] == "move" else route)
        line = self._document.place(route).line
        event = Event("the deal", at, "stage", stage, "", actor, at, "attempt", "", 0, line)
        return Attempt(event, since)

    # What is expected

    def _expected(
        self, route: Route, data: object, asked: Attempt | int | None
    ) -> dict[AnswerKind, tuple[Named, ...]] | None:
        if not isinstance(data, str | dict):
            return None
        if asked is None:  # what is named there is checked all the same
            for group in (*_OF_MOVE, *_OF_AUDIT):
                list(self._named((*route, group), self._document.get((*route, group))))
            return None
        is_audit = isinstance(asked, int)
        groups = _OF_AUDIT if is_audit else _OF_MOVE
        main = groups[0]
        other = "allowed" if is_audit else "clean"
        wrong: Collection[str] = (data,) if isinstance(data, str) else data
        for key in wrong:
            if key == other or (key in (*_OF_MOVE, *_OF_AUDIT) and key not in groups):
                self._mistakes.append(self._wrong_kind(route, key, data, is_audit))
        expected: dict[AnswerKind, tuple[Named, ...]] = {main: ()}
        if isinstance(data, dict):
            for group in groups:
                if group in data:
                    expected[group] = tuple(self._named((*route, group), data[group]))
        return expected

    def _wrong_kind(self, route: Route, key: str, data: object, is_audit: bool) -> Mistake:
        place = self._document.key_place((*route, key) if isinstance(data, dict) else route)
        asks = "an audit" if is_audit else "a move"
        hint = (
            "write clean or {finds: [RULE, …]}"
            if is_audit
            else ("write allowed or {refused: [RULE, …]}")
        )
        return Mistake(place, f"{quoted(key)} is no answer to {asks}", "then", hint)

    def _named(self, route: Route, data: object) -> Iterator[Named]:
        items = data if isinstance(data, list) else [data]
        seen: set[str] = set()
        for index, item in enumerate(items):
            where = (*route, index) if isinstance(data, list) else route
            texts = item if isinstance(item, dict) else {"rule": item}
            rule = texts.get("rule")
            if not isinstance(rule, str):
                continue
            at = (*where, "rule") if isinstance(item, dict) else where
            if rule not in self._names.rules:
                hint = nearest(rule, self._names.rules)
                self._report(at, f"rule {quoted(rule)} does not exist", "unknown-rule", hint)
            if rule in seen and isinstance(item, dict):
                message = f"{quoted(rule)} stands twice"
                self._report(at, message, "duplicate-item", "keep one of them")
            seen.add(rule)
            if self._names.people is not None and isinstance(texts.get("charged"), str):
                self._check_actor((*where, "charged"))
            wanted = {key: texts[key] for key in _DETAILS if isinstance(texts.get(key), str)}
            yield Named(rule, self._document.place(at), **wanted)

    def _may_live(self) -> Iterator[MayLive]:
        items = self._data.get("may_live")
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict) and isinstance(item.get("mutant"), str):
                place = self._document.place(("may_live", index, "mutant"))
                yield MayLive(item["mutant"], str(item.get("why", "")), place)


_DETAILS = ("level", "state", "cause", "charged")


def _happened(event: Event) -> int:
    return event.happened_at
