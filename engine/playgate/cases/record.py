"""A real deal → a case, with nobody's name in it, that the playbook answers as it did the deal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from playgate.cases.load import parse_cases
from playgate.cases.mask import Mask
from playgate.cases.model import APPLIES, Attempt, Case
from playgate.cases.run import Bench, Heard, Said
from playgate.cases.times import Clock, read_start
from playgate.conditions.instants import day_end, show_instant, to_datetime
from playgate.conditions.values import is_absent
from playgate.errors import Place
from playgate.history.event import Event, read_attrs
from playgate.history.people import People
from playgate.judge.after_verdict import cause_of, charged_to, is_made_good
from playgate.model.playbook import Playbook
from playgate.records import Record
from playgate.rules.list import glob_matches, list_rules

__all__ = ["RecordedCase", "record"]

_PLAIN = re.compile(r"[A-Za-z_][\w.@/+-]*(?: [\w.@/+-]+)*|[1-9][0-9]{0,14}|0", re.ASCII)
_NOT_TEXT = frozenset(("true", "false", "null"))
_NINE = "09:00:00"
_NOBODY = '""'


class RecordedCase(Record):
    """A case as YAML, and what its anonymous values made the playbook say otherwise."""

    text: str
    changed: tuple[str, ...]


class _Answer(NamedTuple):
    """One rule's answer, with names that compare."""

    group: str
    rule: str
    state: str
    cause: str
    charged: str


def record(
    playbook: Playbook,
    events: Sequence[Event],
    asked: Attempt | int,
    *,
    people: People | None,
    name: str,
) -> RecordedCase:
    """Makes a case of a deal's events (in order) and what is asked of it.

    The fields that no rule reads are left out, unless the playbook would then say something else.
    """
    events = [_logged_at_once(event, playbook) for event in events]
    real = Case(
        name=name,
        place=_NOWHERE,
        events=tuple(events),
        asked=asked,
        then_place=_NOWHERE,
        expected={},
    )
    bench = Bench(playbook, people)
    said = bench.say(real)
    best: RecordedCase | None = None
    for whole in (False, True):
        mask = Mask(playbook, people)
        writer = _Writer(playbook, mask, events, asked, whole=whole)
        text = writer.text(name, said)
        changed = _changed(playbook, text, set(_answers(said, mask)))
        if best is None or len(changed) < len(best.changed):
            best = RecordedCase(text, changed)
        if not changed:
            break
    assert best is not None  # noqa: S101  (there is a first)
    return best


_NOWHERE = Place("", 1, 1)


def _logged_at_once(event: Event, playbook: Playbook) -> Event:
    """Returns an event as recorded when it happened, unless it counts from when it was recorded."""
    if event.kind == "waiver" or _is_late(event, playbook):
        return event
    return event._replace(recorded_at=event.happened_at)


def _is_late(event: Event, playbook: Playbook) -> bool:
    if event.kind != "activity" or playbook.late_after is None:
        return False
    return event.recorded_at > playbook.late_after.after(playbook.calendar)(event.happened_at)


def _changed(playbook: Playbook, text: str, wanted: set[_Answer]) -> tuple[str, ...]:
    """Returns the rules that answer otherwise when the case is read again."""
    cases, mistakes = parse_cases(text.encode(), "case", playbook, fits_schema=True)
    if cases is None:
        return tuple(str(mistake) for mistake in mistakes)
    said = Bench(playbook, cases.people).say(cases.cases[0])
    found = set(_answers(said, None))
    return tuple(sorted({each.rule for each in wanted ^ found}))


def _answers(said: Said, mask: Mask | None) -> Iterator[_Answer]:
    if said.has_no_gate:
        yield _Answer("refused", APPLIES, "", "", "")
    for each in said.heard:
        state, cause, actor = _details(each, said)
        charged = actor if mask is None else mask.actors.get(actor, actor)
        yield _Answer(each.group, each.rule.rule.info.id, state, cause, charged)


def _details(each: Heard, said: Said) -> tuple[str, str, str]:
    due = each.verdict.due
    if each.verdict.verdict == "waived":
        return "waived", "", charged_to(said.deal, due)
    state = "made-good" if is_made_good(each.rule, said.deal, each.verdict) else "open"
    return state, cause_of(each.rule, said.deal, each.verdict) or "", charged_to(said.deal, due)


class _Writer:
    """Writes a case in the words of its file."""

    def __init__(
        self,
        playbook: Playbook,
        mask: Mask,
        events: Sequence[Event],
        asked: Attempt | int,
        *,
        whole: bool,
    ) -> None:
        self._playbook = playbook
        self._mask = mask
        self._asked = asked
        self._until = asked.event.happened_at if isinstance(asked, Attempt) else asked
        self._events = [each for each in events if self._is_kept(each, whole=whole)]
        self._zone = playbook.zone
        first = self._events[0].happened_at if self._events else self._until
        self._first_day = to_datetime(first, self._zone).date()
        start = read_start(self._first_day.isoformat(), playbook.calendar)
        assert start is not None  # noqa: S101  (it is a date)
        self._clock = Clock(start, playbook.calendar)
        self._last = start
        self._by = ""

    def _is_kept(self, event: Event, *, whole: bool) -> bool:
        if event.happened_at > self._until:
            return False
        playbook = self._playbook
        match event.kind:
            case "field":
                is_read = event.name in self._mask.fields or event.name == "owner"
                return event.name in playbook.fields and (whole or is_read)
            case "activity":
                return event.name in playbook.activities
            case "stage":
                return any(stage.id == event.name for stage in playbook.stages)
        return self._has_effect(event)

    def _has_effect(self, waiver: Event) -> bool:
        """Returns whether a waiver has a reason, a rule and a readable end; others waive
        nothing."""
        expires = read_attrs(waiver).get("expires")
        return (
            not is_absent(waiver.value, self._playbook.reading)
            and any(glob_matches(waiver.name, each.info.id) for each in list_rules(self._playbook))
            and (not expires or day_end(str(expires).strip(), self._playbook.zone) is not None)
        )

    def text(self, name: str, said: Said) -> str:
        """Returns the text of the whole file."""
        self._by = self._most_active()
        given = [self._step(group) for group in _together(self._events)]
        latest = max((event.happened_at for event in self._events), default=self._clock.start)
        when = self._when(latest)
        then = list(self._then(said))
        lines = [
            "# yaml-language-server: $schema=cases.schema.json",
            "# Made of a deal by `playgate case`: people and texts are not the real ones.",
            f"playbook: {_scalar(self._playbook.name)}",
            f"start: {self._first_day.isoformat()}",
        ]
        if self._mask.knows_people:
            people = ", ".join(
                f"{actor}: [{', '.join(roles)}]" if len(roles) != 1 else f"{actor}: {roles[0]}"
                for actor, roles in self._mask.roles.items()
            )
            lines.append(f"people: {{{people or 'nobody: []'}}}")
        if self._by:
            lines.insert(4, f"by: {self._by}")
        lines += ["", "cases:", f"  - case: {_scalar(name)}"]
        if isinstance(self._asked, Attempt) and self._asked.since is None:
            lines.append("    imported: true")
        if given:
            lines += ["    given:", *(f"      - {step}" for step in given)]
        return "\n".join([*lines, f"    when: {when}", *then]) + "\n"

    def _most_active(self) -> str:
        """Returns the actor who did most of it, or nobody where names are not known."""
        actors = [self._mask.actor(each.actor, each.recorded_at) for each in self._events]
        return max(actors, key=actors.count, default="")

    # Steps

    def _step(self, group: Sequence[Event]) -> str:
        event = group[0]
        happened = event.happened_at
        if event.kind == "waiver":
            happened = min(event.recorded_at, self._until)
        parts = []
        if happened != self._last:
            parts.append(f"at: {self._time(happened)}")
            self._last = happened
        match event.kind:
            case "stage":
                parts.append(f"move: {_scalar(event.name)}")
            case "activity":
                parts += self._activity(event)
            case "field":
                pairs = ", ".join(f"{_scalar(each.name)}: {self._value(each)}" for each in group)
                parts.append(f"set: {{{pairs}}}")
            case _:
                parts += [f"waive: {_scalar(event.name)}", "reason: A reason was given"]
                if expires := read_attrs(event).get("expires"):
                    parts.append(f"expires: {_scalar(str(expires).strip())}")
        parts += self._who(event)
        return f"{{{', '.join(parts)}}}"

    def _who(self, event: Event) -> list[str]:
        actor = self._mask.actor(event.actor, event.recorded_at)
        return [] if actor == self._by else [f"by: {actor or _NOBODY}"]

    def _activity(self, event: Event) -> Iterator[str]:
        yield f"do: {_scalar(event.name)}"
        if outcome := self._mask.outcome(event.value):
            yield f"outcome: {_scalar(outcome)}"
        attrs = read_attrs(event)
        if parts := self._mask.parts(attrs.get("with")):
            listed = ", ".join(map(_scalar, parts))
            yield f"with: {listed}" if len(parts) == 1 else f"with: [{listed}]"
        if where := self._mask.attributes(attrs):
            pairs = ", ".join(f"{_scalar(name)}: {_scalar(text)}" for name, text in where.items())
            yield f"where: {{{pairs}}}"
        if _is_late(event, self._playbook):
            yield f"logged: {self._time(event.recorded_at)}"

    def _value(self, event: Event) -> str:
        text = self._mask.value(event.name, event.value, event.recorded_at)
        kind = self._playbook.fields[event.name].kind
        return _scalar(text, number=kind in ("number", "integer")) if text else '""'

    # What is asked, and what must be said

    def _when(self, latest: int) -> str:
        if isinstance(self._asked, int):
            is_latest = self._asked == latest and not self._has_audit()
            return "audit" if is_latest else f"{{audit: {self._time(self._asked)}}}"
        event = self._asked.event
        asked = [f"move: {_scalar(event.name)}", f"at: {self._time(event.happened_at)}"]
        return f"{{{', '.join([*asked, *self._who(event)])}}}"

    def _has_audit(self) -> bool:
        return any(stage.id == "audit" for stage in self._playbook.stages)

    def _then(self, said: Said) -> Iterator[str]:
        is_audit = isinstance(self._asked, int)
        groups = ("finds", "observed") if is_audit else ("refused", "warned", "waived", "observed")
        yield "    then:"
        for group in groups:
            told = [APPLIES] if group == "refused" and said.has_no_gate else []
            for each in said.heard:
                if each.group == group:
                    rule = _scalar(each.rule.rule.info.id)
                    told.append(self._finding(each, said) if is_audit else rule)
            if told:
                yield f"      {group}:"
                yield from (f"        - {each}" for each in told)
            elif group != "waived":
                yield f"      {group}: []"

    def _finding(self, each: Heard, said: Said) -> str:
        state, cause, actor = _details(each, said)
        parts = [f"rule: {_scalar(each.rule.rule.info.id)}", f"state: {state}"]
        if cause and state != "waived":
            parts.append(f"cause: {cause}")
        if actor:
            parts.append(f"charged: {self._mask.actor(actor, each.verdict.due.at)}")
        return f"{{{', '.join(parts)}}}"

    def _time(self, instant: int) -> str:
        """Returns `day 3 14:30` where that reads as the same instant, else the instant in full."""
        moment = to_datetime(instant, self._zone)
        time = moment.time().isoformat()
        day = f"day {(moment.date() - self._first_day).days}"
        text = day if time == _NINE else f"{day} {time.removesuffix(':00')}"
        same = self._clock.read(text, before=self._last) == instant
        return text if same else show_instant(instant, self._zone)


def _together(events: Sequence[Event]) -> Iterator[list[Event]]:
    """Yields the events, fields that somebody set at once in one group."""
    group: list[Event] = []
    for event in events:
        if group and (
            event.kind != "field"
            or (event.happened_at, event.actor, "field")
            != (group[0].happened_at, group[0].actor, group[0].kind)
            or event.name in {each.name for each in group}
        ):
            yield group
            group = []
        group.append(event)
    if group:
        yield group


def _scalar(text: str, *, number: bool = False) -> str:
    """Returns the text as YAML that reads as this text; only of a number may it read as one."""
    if _PLAIN.fullmatch(text) and text not in _NOT_TEXT and (number or not text[0].isdigit()):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())
