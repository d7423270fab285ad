"""The live gate: ledger → judge → machine → append, or refuse."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from playgate.conditions.instants import day_end, show_instant
from playgate.documents.document import Document, nearest
from playgate.documents.stored import dump, load
from playgate.enforce.checks import check_name, check_value
from playgate.enforce.decide import Ruling, decide
from playgate.enforce.remedy import remedies
from playgate.enforce.values import Decision, RecordedFact, UnmetRule
from playgate.errors import InputError
from playgate.findings import LEVELS
from playgate.history.deal import DealReader
from playgate.history.event import Event, event_id
from playgate.history.people import People
from playgate.judge.explain import Explainer
from playgate.judge.judge import Judge, vocabulary
from playgate.ledger.rows import DealRow, DecisionRow, PlaybookRow
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook
from playgate.playbook.build import build
from playgate.records import replace
from playgate.rules.list import glob_matches

if TYPE_CHECKING:
    from playgate.machine import StageMachine
    from playgate.versions.carry import Carried

__all__ = ["Live"]


class Live:
    """Does the live commands on one ledger; `now` is when all that it does is recorded."""

    def __init__(self, ledger: Ledger, *, now: int) -> None:
        self.ledger = ledger
        self.now = now
        self._playbooks: dict[str, Playbook] = {}
        self._carried: dict[tuple[tuple[str, str, int], ...], Carried] = {}
        self._judges: dict[tuple[int, bool], Judge] = {}
        self._machines: dict[str, StageMachine] = {}
        self._readers: dict[str, DealReader] = {}
        self._explainers: dict[int, Explainer] = {}
        self._people: People | None = None
        self._people_known = False

    def refresh(self, now: int) -> None:
        """Goes on at a later time, at which it reads again what other processes may have
        changed."""
        self.now = now
        self._people_known = False
        self._readers.clear()

    # What the ledger knows

    def row(self, deal: str) -> DealRow:
        """Returns the deal; raises `InputError` where the ledger does not know it."""
        row = self.ledger.deal(deal)
        if row is None:
            near = self.ledger.near(deal)
            hint = f'did you mean "{near}"?' if near else "playgate open starts a deal"
            raise InputError(f"the ledger has no deal {deal}", hint=hint)
        return row

    def playbook(self, sha256: str) -> Playbook:
        """Returns the playbook of this content, as it stands in the ledger."""
        known = self._playbooks.get(sha256)
        if known is None:
            document = load(self.ledger.playbook(sha256).document)
            known = build(document, frozenset(), [])
            if known is None:
                raise InputError(f"the ledger's playbook {sha256[:12]} is damaged")
            self._playbooks[sha256] = known
        return known

    def pinned(self, row: DealRow) -> Playbook:
        """Returns the playbook that judges the deal: that which it began under, or was migrated
        to."""
        if row.migrated_at is None:
            return self.playbook(row.playbook)
        return self.carried(row.deal).playbook

    def events(self, row: DealRow) -> list[Event]:
        """Returns the deal's events in the words of the version that judges it."""
        events = self.ledger.events(row.deal)
        return events if row.migrated_at is None else [*self.carried(row.deal).translate(events)]

    def carried(self, deal: str) -> Carried:
        """Returns how a deal that was migrated is judged."""
        steps = tuple(
            (each.from_playbook, each.to_playbook, each.at) for each in self.ledger.migrations(deal)
        )
        if steps not in self._carried:
            from playgate.versions.carry import Migrated, carry  # few deals are migrated

            self._carried[steps] = carry(
                Migrated(at, self.playbook(old), self.playbook(new)) for old, new, at in steps
            )
        return self._carried[steps]

    def people(self) -> People | None:
        """Returns who is who, as the ledger knows it."""
        if not self._people_known:
            self._people = self.ledger.people()
            self._people_known = True
        return self._people

    def judge(self, playbook: Playbook) -> Judge:
        """Returns the playbook's judge, compiled once."""
        key = (id(playbook), self.people() is not None)  # the judge keeps it alive
        if key not in self._judges:
            self._judges[key] = Judge(playbook, has_people=key[1])
        return self._judges[key]

    def reader(self, judge: Judge) -> DealReader:
        """Returns the judge's reader of deals, for the people as they are known now."""
        sha256 = judge.playbook.sha256
        if sha256 not in self._readers:
            people = self.people()
            self._readers[sha256] = judge.reader(people.roles) if people else judge.reader()
        return self._readers[sha256]

    # Facts

    def keep(self, playbook: Playbook, document: Document, content: bytes) -> None:
        """Keeps the playbook whole in the ledger."""
        row = PlaybookRow(
            playbook.sha256,
            playbook.name,
            str(playbook.version),
            playbook.file,
            content,
            dump(document),
        )
        self.ledger.keep_playbook(row, self.now)
        self._playbooks[playbook.sha256] = playbook

    def log(
        self,
        deal: str,
        activity: str,
        outcome: str,
        *,
        at: int,
        actor: str,
        attrs: Mapping[str, object],
        known_id: str = "",
    ) -> RecordedFact:
        """Records that something was done."""
        playbook = self.playbook(self.row(deal).playbook)
        check_name("activity", activity, playbook.activities)
        event = self._event(deal, "activity", activity, outcome, at, actor, attrs, known_id)
        return self._record(deal, [event])

    def set(
        self, deal: str, fields: Mapping[str, str], *, at: int, actor: str, known_id: str = ""
    ) -> RecordedFact:
        """Records values of fields; an empty text clears one."""
        playbook = self.playbook(self.row(deal).playbook)
        return self._record(deal, self._fields(deal, playbook, fields, at, actor, known_id))

    def _fields(
        self,
        deal: str,
        playbook: Playbook,
        fields: Mapping[str, str],
        at: int,
        actor: str,
        known_id: str,
    ) -> list[Event]:
        readers = vocabulary(playbook).readers
        events = []
        for index, (name, value) in enumerate(fields.items()):
            check_name("field", name, playbook.fields)
            check_value(playbook, name, value, readers[name](value) is not None)
            own = known_id and (known_id if len(fields) == 1 else f"{known_id}-{index + 1}")
            events.append(self._event(deal, "field", name, value, at, actor, {}, own))
        return events

    def waive(
        self,
        deal: str,
        rule: str,
        reason: str,
        *,
        at: int,
        actor: str,
        expires: str = "",
        whole_glob: bool = False,
        known_id: str = "",
    ) -> RecordedFact:
        """Records an exception for one rule, or with `whole_glob` for all that a glob matches."""
        playbook = self.pinned(self.row(deal))
        judge = self.judge(playbook)
        ids = [each.rule.info.id for each in judge.rules]
        matched = [each for each in ids if glob_matches(rule, each)]
        if not matched:
            raise InputError(f'"{rule}" is no rule of {playbook.name}', hint=nearest(rule, ids))
        if "*" in rule and not whole_glob:
            hint = "name one rule, or say --all to cover " + ", ".join(matched[:5])
            raise InputError(f"{rule} covers {len(matched)} rules", hint=hint)
        self._check_waiver(playbook, reason, actor)
        if expires and day_end(expires.strip(), playbook.zone) is None:
            raise InputError(f'expires: "{expires}" is no date', hint="write it as 2026-03-31")
        attrs = {"expires": expires} if expires else {}
        event = self._event(deal, "waiver", rule, reason, at, actor, attrs, known_id)
        return self._record(deal, [event])

    def _check_waiver(self, playbook: Playbook, reason: str, actor: str) -> None:
        trimmed = reason.strip()
        if not trimmed or trimmed.casefold() in playbook.reading.placeholders:
            raise InputError("a waiver needs a reason", hint="--reason TEXT, for those who audit")
        allowed = playbook.may_waive
        if allowed is None:
            return
        people = self.people()
        held = people.roles(actor, self.now) if people else frozenset()
        if held.isdisjoint(allowed):
            who = f"{actor} ({', '.join(sorted(held)) or 'no known role'})"
            hint = "playgate people FILE tells the ledger who holds which role"
            raise InputError(f"{who} may not waive: only {' or '.join(allowed)} may", hint=hint)

    def _event(
        self,
        deal: str,
        kind: str,
        name: str,
        value: str,
        at: int,
        actor: str,
        attrs: Mapping[str, object],
        known_id: str,
    ) -> Event:
        text = _canonical(attrs) if attrs else ""
        event = Event(deal, at, kind, name, value, actor, self.now, known_id, text, 0, 0)
        return event._replace(event_id=event_id(event))

    def _record(self, deal: str, events: Sequence[Event]) -> RecordedFact:
        added = self.ledger.add_events(events, live=True)
        known = len(events) - added
        note = f"{known} of {len(events)} known already" if known else ""
        return RecordedFact(deal, tuple(events), added, _KNOWN if not added else note)

    # Moves

    def current(self, deal: str) -> tuple[str, int | None, str]:
        """Returns the stage that the deal is in, since when, and by whom it was moved there."""
        row = self.row(deal)
        return _current(self.pinned(row), self.events(row))

    def decide(
        self,
        deal: str,
        stage: str,
        *,
        at: int,
        actor: str,
        expected: str | None = None,
        known_id: str = "",
    ) -> tuple[Decision, Ruling | None]:
        """Returns what a move would be answered, with the judge's ruling if it was asked; nothing
        is recorded.

        `expected` is the stage that the deal was seen in: where it is another now, somebody else
        moved it meanwhile, and nothing is judged.
        """
        row = self.row(deal)
        playbook = self.pinned(row)
        check_name("stage", stage, [each.id for each in playbook.stages])
        events = self.events(row)
        current, since, mover = _current(playbook, events)
        attempt = Event(
            deal, at, "stage", stage, "", actor, self.now, known_id or _UNNAMED, "", 0, 0
        )
        blank = Decision(
            deal=deal,
            playbook=playbook.name,
            version=str(playbook.version),
            sha256=playbook.sha256,
            at=at,
            actor=actor,
            from_stage=current,
            to_stage=stage,
            allowed=False,
            recorded=False,
            event_id=attempt.event_id,
        )
        known = self.ledger.event_name(deal, known_id) if known_id else None
        if known is not None:
            if known != ("stage", stage):
                raise InputError(f"{known_id} is the id of another event: {' '.join(known)}")
            return _noted(blank, _KNOWN, allowed=True), None
        if current == stage:
            note = f"the deal is in {stage} already, moved there"
            return _noted(blank, note + _moved(since, mover, playbook)), None
        if expected is not None and expected != current:
            note = f"the deal is not in {expected or 'no stage'} any more: moved to {current}"
            return _noted(blank, note + _moved(since, mover, playbook)), None
        if since is not None and at < since:
            raise InputError(
                f"{deal} was moved into {current} later than that,{_moved(since, mover, playbook)}",
                hint="a move cannot lie before the deal's last one",
            )
        if row.migrated_at is not None and at < row.migrated_at:
            when = show_instant(row.migrated_at, playbook.zone)
            raise InputError(
                f"{deal} was migrated to version {playbook.version} later than that, at {when}",
                hint="a move cannot lie before it",
            )
        judge = self.judge(playbook)
        ruling = decide(
            judge, self.reader(judge), events, attempt, since=row.first_decision_at, now=self.now
        )
        return self._explained(blank, judge, ruling), ruling

    def _explained(self, blank: Decision, judge: Judge, ruling: Ruling) -> Decision:
        playbook = judge.playbook
        explainer = self._explainers.get(id(judge))
        if explainer is None:
            explainer = self._explainers[id(judge)] = Explainer(judge)
        demands = []
        for answer in ruling.answers:
            finding = explainer.finding(
                answer.rule, ruling.deal, answer.verdict, attempt=ruling.deal.moves[-1]
            )
            ways = (
                remedies(judge, answer.rule, ruling.deal, answer.verdict)
                if finding.state != "waived"
                else []
            )
            demands.append(UnmetRule(finding, answer.refuses, tuple(ways), playbook.may_waive))
        demands.sort(key=lambda each: (not each.refuses, LEVELS.index(each.finding.rule.level)))
        return replace(blank, allowed=ruling.allowed, demands=tuple(demands))

    def move(
        self,
        deal: str,
        stage: str,
        *,
        at: int,
        actor: str,
        expected: str | None = None,
        known_id: str = "",
    ) -> Decision:
        """Asks the gate and records the move or its refusal; must be called inside a
        transaction."""
        decision, ruling = self.decide(
            deal, stage, at=at, actor=actor, expected=expected, known_id=known_id
        )
        if ruling is None:
            return decision
        if decision.allowed and not self._passes(decision):
            decision = replace(decision, allowed=False, note=_NO_MOVE)
        if decision.allowed:
            move = self._event(deal, "stage", stage, "", at, actor, {}, known_id)
            decision = replace(decision, event_id=move.event_id)
            if not self.ledger.add_events([move], live=True):
                hint = "give this one an id"
                raise InputError(f"{deal} has the very same move already", hint=hint)
        self.ledger.add_decision(_row(decision, self.now))
        return replace(decision, recorded=True)

    def _passes(self, decision: Decision) -> bool:
        """Whether the playbook's machine makes the move; its guard is the judge's answer."""
        if decision.sha256 not in self._machines:
            from playgate.machine import StageMachine  # dear; a refusal needs none

            self._machines[decision.sha256] = StageMachine(self.playbook(decision.sha256))
        machine = self._machines[decision.sha256]
        return machine.makes(decision.from_stage, decision.to_stage, guard=lambda: decision.allowed)

    def open(
        self,
        deal: str,
        playbook: Playbook,
        *,
        stage: str,
        fields: Mapping[str, str],
        at: int,
        actor: str,
        known_id: str = "",
    ) -> Decision:
        """Opens a deal under a playbook that the ledger keeps; must be called inside a transaction.

        The fields are recorded even where the gate refuses the stage; `move` can then try again.
        """
        row = self.ledger.deal(deal)
        if row is not None and row.playbook != playbook.sha256:
            other = self.playbook(row.playbook)
            raise InputError(
                f"{deal} is open already, under {other.name} version {other.version}",
                hint="a deal goes on under the playbook that it began with",
            )
        known = bool(known_id) and self.ledger.event_name(deal, known_id) is not None
        if row is not None and not known and self.current(deal)[0]:
            hint = f"playgate move {deal} {stage}" if stage else f"playgate next {deal}"
            raise InputError(f"{deal} is open already", hint=hint)
        self.ledger.begin_deal(deal, playbook.sha256)
        self.ledger.add_events(
            self._fields(deal, playbook, fields, at, actor, known_id and f"{known_id}-field"),
            live=True,
        )
        target = stage or playbook.track[0].id
        return self.move(deal, target, at=at, actor=actor, known_id=known_id)


_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
_NO_MOVE = "the playbook's machine makes no such move"
_KNOWN = "known already: nothing was changed"
_UNNAMED = "\0"
"""The id of an attempt that was given none; deriving the ledger's own takes long, so it waits for a
move."""


def _moved(since: int | None, mover: str, playbook: Playbook) -> str:
    """Returns when a deal was moved, and by whom."""
    at = f" at {show_instant(since, playbook.zone)}" if since is not None else ""
    return f"{at} by {mover}" if mover else at


def _current(playbook: Playbook, events: Sequence[Event]) -> tuple[str, int | None, str]:
    """Returns the last stage that was entered, when, and by whom."""
    stages = {stage.id for stage in playbook.stages}
    current: tuple[str, int | None, str] = ("", None, "")
    moves = [event for event in events if event.kind == "stage" and event.name in stages]
    for event in sorted(moves, key=lambda event: event.happened_at):
        if event.name != current[0]:
            current = (event.name, event.happened_at, event.actor)
    return current


def _canonical(attrs: Mapping[str, object]) -> str:
    try:
        return json.dumps(
            attrs, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
    except (ValueError, RecursionError):
        raise InputError("attributes that are no JSON, or nested too deep") from None


def _noted(decision: Decision, note: str, *, allowed: bool = False) -> Decision:
    return replace(decision, allowed=allowed, demands=(), note=note)


def _row(decision: Decision, now: int) -> DecisionRow:
    findings = [
        {
            "rule": demand.finding.rule.id,
            "level": demand.finding.rule.level,
            "state": demand.finding.state,
            "refuses": demand.refuses,
            "message": demand.finding.message,
        }
        for demand in decision.demands
    ]
    return DecisionRow(
        decision.deal,
        decision.at,
        now,
        decision.actor,
        decision.from_stage,
        decision.to_stage,
        int(decision.allowed),
        decision.sha256,
        decision.event_id if decision.allowed else "",
        _ENCODE(findings),
    )
