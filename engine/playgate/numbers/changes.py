"""What changed in a history between two instants: what a digest tells.

The history is looked at twice: as it is now, and as it was known then, without what happened or
was recorded later. So what is logged late for an earlier day is new, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from playgate.conditions.instants import DAY
from playgate.enforce.standing import deadlines_ahead
from playgate.findings import LEVELS, Finding, Level, State
from playgate.history.deal import Deal, no_roles, responsible
from playgate.history.event import Event, Problem, event_id
from playgate.history.money import Rates
from playgate.history.people import People
from playgate.history.spool import Spool
from playgate.history.walk import Rows, walk
from playgate.judge.after_verdict import state_of
from playgate.judge.explain import Explainer
from playgate.judge.judge import Judge
from playgate.ledger.rows import WaiverRequestRow
from playgate.model.playbook import Playbook
from playgate.numbers.alarms import alarms
from playgate.numbers.changes_result import (
    Changes,
    DueSoon,
    Missed,
    Moved,
    WaiverAsked,
    WaiverGiven,
)
from playgate.numbers.history import History
from playgate.numbers.occurrences import Reader
from playgate.numbers.readers import Readership
from playgate.numbers.stakes import Worth
from playgate.numbers.survey import Survey, survey
from playgate.numbers.today import today
from playgate.numbers.watch_result import AlarmSeen
from playgate.records import Record, replace
from playgate.versions.arms import JudgedSides, Side

__all__ = ["changes"]

_SOON = 7 * DAY


def changes(
    playbook: Playbook,
    history: History,
    *,
    people: People | None,
    since: int,
    as_of: int | None,
    readers: str,
    problems: Sequence[Problem] = (),
    rates: Rates | None = None,
    requests: Iterable[WaiverRequestRow] = (),
) -> Changes:
    """Returns what changed after `since` and until `as_of` (default: the latest event), for those
    whom `readers` names; raises `InputError` where nobody is called so."""
    now = survey(playbook, history, people=people, as_of=as_of, problems=problems, rates=rates)
    whom = Readership.named(readers, now.team, people)
    with _known(history, since) as known:
        before = _Look(playbook, people, since, rates)
        before.read(known.deals())
        alarms_then = (
            {}
            if known.latest is None
            else _alarms(survey(playbook, known, people=people, as_of=since, rates=rates), whom)
        )
    after = _Look(playbook, people, now.as_of, rates)
    after.read(history.deals(), before=before, since=since, whom=whom)
    alarms_now = _alarms(now, whom)
    return Changes(
        basis=replace(now.basis, start=None, end=None, period=""),
        since=since,
        readers=whom.scope,
        id=whom.id,
        name=whom.name,
        missed=tuple(sorted(after.missed, key=_gravest)),
        made_good=tuple(sorted(after.made_good, key=_gravest)),
        due=tuple(sorted(after.due, key=lambda each: (each.due_at, each.deal, each.rule))),
        begun=tuple(each for key, each in alarms_now.items() if key not in alarms_then),
        over=tuple(each for key, each in alarms_then.items() if key not in alarms_now),
        asked=tuple(_asked(requests, since, now.as_of, after, whom)),
        given=tuple(sorted(after.given, key=lambda each: (each.at, each.deal, each.rule))),
        moved=tuple(sorted(after.moved, key=lambda each: (each.at, each.deal))),
        names={actor: now.team.name(actor) for actor in sorted(after.actors)},
        today=today(now, history, whom.id, people=people, rates=rates)
        if whom.scope == "rep"
        else None,
    )


def _gravest(each: Missed) -> tuple[int, int, str, str]:
    return LEVELS.index(each.level), each.due_at, each.deal, each.rule


def _known(history: History, since: int) -> Spool:
    """Returns the history as it was known at an instant."""
    known = Spool()
    for _, events in history.deals():
        known.extend(each for each in events if _was_known(each, since))
    return known


def _was_known(event: Event, since: int) -> bool:
    return event.happened_at <= since and event.recorded_at <= since


# Alarms

_Key = tuple[str, str, str, str]


def _alarms(found: Survey, whom: Readership) -> dict[_Key, AlarmSeen]:
    return {
        (each.kpi, each.scope, each.id, each.kind): each
        for each in alarms(found).alarms
        if each.level == "alarm" and whom.reads(each.scope, each.id)
    }


# Waivers


def _asked(
    requests: Iterable[WaiverRequestRow], since: int, as_of: int, seen: _Look, whom: Readership
) -> Iterator[WaiverAsked]:
    """Yields the requests that came or were declined meanwhile; one that was approved is a waiver
    that was given."""
    for row in requests:
        at = row.answered_at if row.answer == "declined" else row.at
        if at is None or row.answer == "approved" or not since < at <= as_of:
            continue
        owner = seen.owners.get(row.deal)  # of deals of other playbooks it is not known
        if owner is not None and whom.owns(owner):
            seen.actors.update((owner, row.actor, row.answered_by))
            yield WaiverAsked(
                row.deal, owner, row.rule, row.reason, row.actor, at, row.answer or "open"
            )


# The deals


class _Standing(Record):
    """Where a deal stood: its stage, whether it could still be won, and what became of its
    verdicts."""

    stage: str
    state: str
    found: Mapping[str, State]
    waivers: frozenset[str]


_NOTHING = _Standing("", "", {}, frozenset())


class _Version(NamedTuple):
    """A version of the playbook: what words its findings, and the level of each of its rules."""

    explainer: Explainer
    levels: Mapping[str, Level]


class _Look:
    """A pass over a history as of an instant; the second is held against the first."""

    def __init__(
        self, playbook: Playbook, people: People | None, as_of: int, rates: Rates | None
    ) -> None:
        self._judge = Judge(playbook, has_people=people is not None)
        self._reader = self._judge.reader(people.roles if people else no_roles)
        self._sides = JudgedSides(self._judge, self._reader, people)
        self._versions: dict[int, _Version] = {}
        self._outcomes = Reader(self._judge)
        self._as_of = as_of
        self._standings: dict[str, _Standing] = {}
        self.worth = Worth(playbook, rates)
        self.owners: dict[str, str] = {}
        self.actors: set[str] = set()
        self.missed: list[Missed] = []
        self.made_good: list[Missed] = []
        self.due: list[DueSoon] = []
        self.given: list[WaiverGiven] = []
        self.moved: list[Moved] = []

    def read(
        self,
        rows: Rows,
        *,
        before: _Look | None = None,
        since: int = 0,
        whom: Readership | None = None,
    ) -> None:
        """Reads every deal; with `before`, notes what changed for whom it concerns."""
        for walked in walk(rows, self._reader, self._judge.ever_governs, as_of=self._as_of):
            if not walked.governed:
                continue
            side, judged = self._sides.of(walked)
            judge, deal = side.judge, walked.deal
            verdicts = [
                (rule, verdict, state_of(rule, judged, verdict))
                for rule, verdict in zip(judge.rules, judge.judge(judged), strict=True)
                if verdict is not None
                and verdict.verdict != "met"
                and rule.rule.info.level != "observe"
            ]
            stands = _Standing(
                deal.stage_at(self._as_of),
                self._state(deal),
                {rule.rule.info.id: state for rule, _, state in verdicts},
                frozenset(event_id(each) for each in deal.events if each.kind == "waiver"),
            )
            if before is None or whom is None:
                self._standings[deal.id] = stands
                continue
            owner = responsible(deal, len(deal.events) - 1)
            self.owners[deal.id] = owner
            stood = before._standings.get(deal.id, _NOTHING)
            for rule, verdict, state in verdicts:
                if state != "waived" and stood.found.get(rule.rule.info.id) != state:
                    found = self._version(judge).explainer.finding(rule, judged, verdict)
                    self._note(found, owner, whom)
            if whom.owns(owner):
                self._note_deal(deal, owner, stands, stood)
                if deal.is_open:
                    self.due.extend(self._due(side, judged, owner))

    def _version(self, judge: Judge) -> _Version:
        """Returns what tells the findings of a judge, which it keeps alive."""
        if id(judge) not in self._versions:
            levels = {rule.rule.info.id: rule.rule.info.level for rule in judge.rules}
            self._versions[id(judge)] = _Version(Explainer(judge), levels)
        return self._versions[id(judge)]

    def _state(self, deal: Deal) -> str:
        if self._outcomes.outcome(deal).sold is not None:
            return "sold"
        return "open" if deal.is_open else "lost"

    def _note(self, found: Finding, owner: str, whom: Readership) -> None:
        """Notes a finding that is new, or made good, where somebody is charged who is concerned."""
        charged = found.actor or owner
        if not whom.owns(charged):
            return
        self.actors.update((charged, owner))
        into = self.missed if found.state == "open" else self.made_good
        into.append(
            Missed(
                deal=found.deal,
                owner=owner,
                rule=found.rule.id,
                title=found.rule.title,
                level=found.rule.level,
                actor=charged,
                due_at=found.due_at,
                made_good_at=found.made_good_at,
                message=found.message,
            )
        )

    def _note_deal(self, deal: Deal, owner: str, stands: _Standing, stood: _Standing) -> None:
        self.actors.add(owner)
        if (stands.stage, stands.state) != (stood.stage, stood.state) and deal.move_at:
            worth = self.worth.amount(deal)
            self.moved.append(
                Moved(
                    deal=deal.id,
                    owner=owner,
                    from_stage=stood.stage,
                    to_stage=stands.stage,
                    state=stands.state,
                    was=stood.state,
                    at=deal.move_at[-1],
                    amount=worth.value if worth else None,
                    unit=(worth.currency or self.worth.unit) if worth else "",
                )
            )
        for event in deal.events:
            if event.kind == "waiver" and event_id(event) not in stood.waivers:
                self.actors.add(event.actor)
                at = event.happened_at
                self.given.append(
                    WaiverGiven(deal.id, owner, event.name, event.value, event.actor, at)
                )

    def _due(self, side: Side, deal: Deal, owner: str) -> Iterator[DueSoon]:
        levels = self._version(side.judge).levels
        for each in deadlines_ahead(
            side.judge, side.reader, deal.id, deal.events, at=self._as_of, now=self._as_of
        ):
            if levels[each.rule] != "observe" and each.due_at <= self._as_of + _SOON:
                yield DueSoon(deal.id, owner, each.rule, each.title, each.due_at)
