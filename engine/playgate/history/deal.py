"""A deal: its events up to an instant, indexed the way that judging asks for them."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from playgate.conditions.facts import DueAt, FieldValues, Moment, Roles
from playgate.conditions.instants import day_end
from playgate.conditions.phrases import any_of
from playgate.conditions.values import Reading, Value, is_absent
from playgate.history.event import Event
from playgate.history.undeclared import UndeclaredWords
from playgate.language import say
from playgate.records import Record
from playgate.rules.waiving import MayWaive

__all__ = ["Deal", "DealReader", "Note", "Vocabulary", "Waiver", "no_roles", "responsible"]


class Vocabulary(Record, kw_only=True):
    """What a playbook understands of a history."""

    stages: frozenset[str]
    ending: frozenset[str]
    activities: frozenset[str]
    readers: Mapping[str, Callable[[str], Value | None]]
    types: Mapping[str, str]
    """What a field's values are, in words, for problems."""
    late_after: Callable[[int], int] | None
    """Returns until when an activity may be logged and still count from when it happened."""
    grace: Callable[[int], int] | None
    reading: Reading
    may_waive: MayWaive
    words: UndeclaredWords


class Waiver(NamedTuple):
    """An exception that is in effect from an instant on."""

    glob: str
    effective: int
    expires: int | None
    approver: str
    position: int
    held: frozenset[str]
    """The roles that the approver held then."""


class Note(NamedTuple):
    """A row that could not be used as it stands."""

    event: Event
    reason: str
    hint: str
    known: frozenset[str] = frozenset()
    """Names of which the nearest is the hint: to look for it takes long, and few are shown."""


def no_roles(_: str, __: int) -> frozenset[str]:
    """Returns no role, as nobody holds one where no people are given."""
    return frozenset()


class Deal:
    """The facts of one deal; positions are those in `events`, which are in order.

    `moves` are the positions of the stage events; `move_at` and `move_into` say when and whereto,
    `first_entry` which move first entered a stage. `unknown` has kind, name and instant of the
    events whose name the playbook does not know.
    """

    __slots__ = (
        "activities",
        "as_of",
        "cache",
        "dues",
        "effective",
        "ending",
        "events",
        "fields",
        "first_entry",
        "grace",
        "happened",
        "id",
        "move_at",
        "move_into",
        "moves",
        "notes",
        "roles",
        "unknown",
        "waivers",
    )

    def __init__(self, deal_id: str, as_of: int, roles: Roles) -> None:
        self.id = deal_id
        self.as_of = as_of
        self.roles = roles
        self.events: list[Event] = []
        self.happened: list[int] = []
        self.effective: list[int] = []
        self.activities: dict[str, list[int]] = {}
        self.fields: dict[str, FieldValues] = {}
        self.moves: list[int] = []
        self.move_at: list[int] = []
        self.move_into: list[str] = []
        self.first_entry: dict[str, int] = {}
        self.waivers: list[Waiver] = []
        self.notes: list[Note] = []
        self.unknown: list[tuple[str, str, int]] = []
        self.cache: dict[int, Any] = {}
        self.dues: dict[int, DueAt] = {}
        self.ending: frozenset[str] = frozenset()
        self.grace: Callable[[int], int] | None = None

    def due_at(self, move: int) -> DueAt:
        """Returns the moment at which rules fall due at a move, grace included."""
        due = self.dues.get(move)
        if due is None:
            at, position = self.move_at[move], self.moves[move]
            facts, stages = at, move + 1
            if self.grace is not None:
                facts = min(self.grace(at), self.as_of)
                stages = bisect_right(self.move_at, facts)
            moment = _new(Moment, (facts, facts, stages, self.events[position].actor))
            due = self.dues[move] = _new(DueAt, (at, position, moment))
        return due

    def plain_move_moment(self, move: int) -> Moment:
        """Returns what is seen from a move without grace, where a deadline starts."""
        at = self.move_at[move]
        moment: Moment = _new(Moment, (at, at, move + 1, self.events[self.moves[move]].actor))
        return moment

    def instant_moment(self, at: int, actor: str = "") -> Moment:
        """Returns what is seen from an instant that is no move."""
        moment: Moment = _new(Moment, (at, at, bisect_right(self.move_at, at), actor))
        return moment

    def event_moment(self, position: int, *, grace: bool) -> Moment:
        """Returns what is seen from an event once it is effective."""
        event = self.events[position]
        if event.kind == "stage":
            move = bisect_left(self.moves, position)
            return self.due_at(move).moment if grace else self.plain_move_moment(move)
        return self.instant_moment(self.effective[position], event.actor)

    def stage_at(self, at: int) -> str:
        """Returns the stage that the deal is in at an instant, ties included; empty before the
        first."""
        count = bisect_right(self.move_at, at)
        return self.move_into[count - 1] if count else ""

    def is_ended_before(self, at: int) -> bool:
        """Returns whether just before an instant the deal was ended."""
        count = bisect_left(self.move_at, at)
        return count > 0 and self.move_into[count - 1] in self.ending

    def first_end(self, start: int, until: int) -> int | None:
        """Returns when the deal first ended, from one instant to another, both included."""
        for at, into in zip(self.move_at, self.move_into, strict=True):
            if start <= at <= until and into in self.ending:
                return at
        return None

    @property
    def is_open(self) -> bool:
        """Whether its last move is into a stage that does not end it."""
        return bool(self.move_into) and self.move_into[-1] not in self.ending

    def field(self, name: str, at: int) -> Value | None:
        """Returns a field's value as of an instant, or `None` where it is absent."""
        track = self.fields.get(name)
        count = bisect_right(track.instants, at) if track else 0
        return track.values[count - 1] if track and count else None

    def waiver(self, excuses: Callable[[Waiver, str], bool], at: int, actor: str) -> Waiver | None:
        """Returns the first waiver in effect at an instant that excuses a rule, on an event of
        `actor` (or nobody)."""
        for waiver in self.waivers:
            if (
                waiver.effective <= at
                and (waiver.expires is None or at <= waiver.expires)
                and excuses(waiver, actor)
            ):
                return waiver
        return None


class DealReader:
    """Reads settled events into deals; it reads each distinct text of a value only once."""

    def __init__(self, vocabulary: Vocabulary, *, roles: Roles = no_roles) -> None:
        self._vocabulary = vocabulary
        self._roles = roles
        self._values: dict[str, dict[str, Value | None]] = {name: {} for name in vocabulary.readers}

    def read(self, deal_id: str, events: Sequence[Event], as_of: int) -> Deal:
        """Reads `events`, which are in order, into the deal as of an instant; later ones are left
        out."""
        vocabulary = self._vocabulary
        activities, stages = vocabulary.activities, vocabulary.stages
        deal = Deal(deal_id, as_of, self._roles)
        deal.ending = vocabulary.ending
        deal.grace = vocabulary.grace
        done = deal.activities
        passed_over: list[Event] = []
        apart: dict[int, int] = {}  # by position, what is effective when it did not happen
        current = ""
        position = 0
        for (happened, kind, name, recorded), event in zip(map(_SEEN, events), events, strict=True):
            if happened > as_of:
                break
            if kind == "activity":
                try:
                    done[name].append(position)
                except KeyError:
                    if name not in activities:
                        deal.unknown.append((kind, name, happened))
                        passed_over.append(event)
                        continue
                    done[name] = [position]
                if recorded > happened and vocabulary.late_after is not None:
                    apart[position] = self._effective(event)
            elif kind == "stage":
                if name == current or name not in stages:
                    if name != current:
                        self._unknown_stage(deal, event)
                    passed_over.append(event)
                    continue
                current = name
                deal.first_entry.setdefault(name, len(deal.moves))
                deal.moves.append(position)
                deal.move_at.append(happened)
                deal.move_into.append(name)
            elif kind == "field":
                if name not in vocabulary.readers:
                    deal.unknown.append((kind, name, happened))
                    passed_over.append(event)
                    continue
                self._field(deal, event, position)
            else:
                apart[position] = recorded
                self._waiver(deal, event, position)
            position += 1
        deal.events = _without(events[: position + len(passed_over)], passed_over)
        deal.happened = deal.effective = list(map(_HAPPENED, deal.events))
        if apart:
            deal.effective = deal.happened[:]
            for position, effective in apart.items():
                deal.effective[position] = effective
        if vocabulary.words.activities:
            self._undeclared(deal)
        return deal

    def _undeclared(self, deal: Deal) -> None:
        """Notes the words that the deal's activities do not declare; their events stay."""
        words = self._vocabulary.words
        for name in deal.activities:
            if name in words.activities:
                for position in deal.activities[name]:
                    event = deal.events[position]
                    for strange in words.of(name, event.value, event.attrs):
                        deal.notes.append(Note(event, *strange))

    def _effective(self, event: Event) -> int:
        late_after = self._vocabulary.late_after
        assert late_after is not None  # noqa: S101  (the caller asked)
        late = event.recorded_at > late_after(event.happened_at)
        return event.recorded_at if late else event.happened_at

    def _unknown_stage(self, deal: Deal, event: Event) -> None:
        deal.unknown.append(("stage", event.name, event.happened_at))
        reason = say('stage "{stage}" does not exist in the playbook', stage=event.name)
        deal.notes.append(Note(event, reason, "", self._vocabulary.stages))

    def _field(self, deal: Deal, event: Event, position: int) -> None:
        known = self._values[event.name]
        text = event.value
        try:
            value = known[text]
        except KeyError:
            value = self._vocabulary.readers[event.name](text)
            if len(known) < _REMEMBERED and len(text) <= _LONGEST_REMEMBERED:
                known[text] = value
        if value is None and text and not is_absent(text, self._vocabulary.reading):
            kind = self._vocabulary.types[event.name]
            reason = say(
                '"{value}" does not read as {kind}, the type of field {field}',
                value=text[:80],
                kind=kind,
                field=event.name,
            )
            deal.notes.append(Note(event, reason, say("it counts as absent")))
        track = deal.fields.get(event.name)
        if track is None:
            track = deal.fields[event.name] = _new(FieldValues, ([], [], []))
        track.instants.append(event.happened_at)
        track.values.append(value)
        track.positions.append(position)

    def _waiver(self, deal: Deal, event: Event, position: int) -> None:
        vocabulary = self._vocabulary
        if is_absent(event.value, vocabulary.reading):
            deal.notes.append(Note(event, say("a waiver without a reason has no effect"), ""))
            return
        held = self._roles(event.actor, event.recorded_at)
        may = vocabulary.may_waive.of(event.name)
        if all(roles is not None and roles.isdisjoint(held) for roles in may):
            deal.notes.append(
                _not_allowed(event, sorted({each for one in may for each in one or ()}))
            )
            return
        expires = None
        limit = json.loads(event.attrs).get("expires") if event.attrs else None
        if limit not in (None, ""):
            expires = day_end(str(limit).strip(), vocabulary.reading.zone)
            if expires is None:
                reason = say(
                    'a waiver that expires "{limit}" has no effect: that is no date', limit=limit
                )
                deal.notes.append(Note(event, reason, say("write a date as 2026-03-31")))
                return
        deal.waivers.append(
            Waiver(event.name, event.recorded_at, expires, event.actor, position, held)
        )


_REMEMBERED = 10_000
_LONGEST_REMEMBERED = 200
_SEEN = itemgetter(1, 2, 3, 6)
_new: Any = tuple.__new__  # what a named tuple's own does, without a call in Python
_HAPPENED = itemgetter(1)


def _not_allowed(event: Event, roles: list[str]) -> Note:
    """Says that who approved a waiver may not: only these roles may."""
    who = event.actor or say("nobody")
    if not roles:
        reason = say(
            "a waiver by {who} has no effect: nobody may waive {rule}", who=who, rule=event.name
        )
        return Note(event, reason, "")
    reason = say(
        "a waiver by {who} has no effect: only {roles} may waive", who=who, roles=any_of(roles)
    )
    return Note(event, reason, say("name the approver's role in the people file"))


def _without(events: Sequence[Event], passed_over: list[Event]) -> list[Event]:
    """Returns the events without those passed over, which are compared by identity."""
    if not passed_over:
        return list(events)
    gone = set(map(id, passed_over))
    return [event for event in events if id(event) not in gone]


def responsible(deal: Deal, position: int, *, doer: bool = False) -> str:
    """Returns whose an event is: the deal's owner as of then, else who did it, else who acted last
    before.

    With `doer`, who did it comes first (of an activity).
    """
    event = deal.events[position]
    if doer and event.actor:
        return event.actor
    owner = deal.field("owner", event.happened_at)
    if owner is not None:
        return str(owner)
    for before in range(position, -1, -1):
        if deal.events[before].actor and deal.events[before].kind != "waiver":
            return deal.events[before].actor
    return ""
