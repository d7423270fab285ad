"""Where a deal stands: what is open, what falls due when, and the shortest way on."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate

from playgate.enforce.asides import asides
from playgate.enforce.decide import deal_as_of
from playgate.enforce.gate import ask_gate, why_not_governed
from playgate.enforce.live import Live
from playgate.enforce.sight import look
from playgate.enforce.values import Ahead, CourseEntry, Standing
from playgate.history.deal import Deal, DealReader
from playgate.history.event import Event
from playgate.judge.judge import Judge
from playgate.ledger.rows import MigrationRow
from playgate.model.playbook import Playbook, Stage
from playgate.rules.due import AtDeadline

__all__ = ["deadlines_ahead", "entries", "next_stage", "standing"]

_FAR = 200 * 366 * 86_400 * 1_000_000
"""Far enough ahead that every deadline has passed."""


def standing(live: Live, deal: str, *, at: int, actor: str) -> Standing:
    """Returns where the deal stands as of `at`, judged for a move by `actor`."""
    sight = look(live, deal, at)
    row, playbook, events, at = sight.row, sight.playbook, sight.events, sight.at
    judge = live.judge(playbook)
    reader = live.reader(judge)
    seen = deal_as_of(reader, deal, events, at=at, now=live.now)
    stage = seen.stage_at(at)
    explainer = live.explainer(judge)
    found = [
        explainer.finding(rule, seen, verdict)
        for rule, verdict in zip(judge.rules, judge.judge(seen), strict=True)
        if verdict is not None and verdict.verdict == "unmet"
    ]
    following = next_stage(playbook, judge, seen, stage)
    decision = None
    if following is not None and sight.at >= max(sight.since or 0, row.migrated_at or 0):
        decision, _ = ask_gate(live, sight, following.id, actor=actor)
    governed = judge.governs(seen) if decision is None else decision.governed is not False
    note = ""
    if not governed:
        why = decision.note if decision else ""
        note = why or why_not_governed(live, judge, seen, seen.instant_moment(at))
    return Standing(
        deal=deal,
        playbook=playbook.name,
        version=str(playbook.version),
        at=at,
        stage=stage,
        stage_title=playbook.stage(stage).title if stage else "",
        since=seen.move_at[-1] if seen.move_at else None,
        open_findings=tuple(each for each in found if each.state == "open"),
        ahead=deadlines_ahead(judge, reader, deal, events, at=at, now=live.now),
        next_stage=following.id if following else "",
        next_title=following.title if following else "",
        decision=decision,
        governed=governed,
        note=note,
        record=live.record,
    )


def deadlines_ahead(
    judge: Judge, reader: DealReader, deal: str, events: Sequence[Event], *, at: int, now: int
) -> tuple[Ahead, ...]:
    """Returns the deadlines still ahead, which would be missed if nothing more were done."""
    happened = [event for event in events if event.happened_at <= at]
    later = deal_as_of(reader, deal, happened, at=at + _FAR, now=now)
    found = []
    for rule in judge.rules:
        if not isinstance(rule.rule.due, AtDeadline):
            continue
        verdicts = rule.each(later) if rule.each else [rule.judge(later)]
        dues = [
            verdict.due.at
            for verdict in verdicts
            if verdict is not None and verdict.verdict == "unmet" and verdict.due.at > at
        ]
        if dues:
            found.append(Ahead(rule.rule.info.id, rule.rule.info.title, min(dues)))
    return tuple(sorted(found, key=lambda each: each.due_at))


def next_stage(playbook: Playbook, judge: Judge, deal: Deal, current: str) -> Stage | None:
    """Returns the next stage of the track that applies to the deal and is not optional."""
    track = playbook.track
    if current and playbook.stage(current).ends:
        return None
    place = next((i for i, stage in enumerate(track) if stage.id == current), -1)
    for stage in track[place + 1 :]:
        if stage.optional:
            continue
        moment = deal.instant_moment(deal.as_of)
        if stage.when is None or judge.condition(stage.when, stage.id)(deal, moment):
            return stage
    return None


def entries(live: Live, deal: str) -> list[CourseEntry]:
    """Returns the deal's events, decisions and migrations, in the order in which they happened."""
    live.row(deal)
    events = live.ledger.events.of(deal, retracted=True)
    retracted = {row.event_id for row in live.ledger.taken_back.retractions(deal)}
    places = {event.event_id: place for place, event in enumerate(events)}
    latest_by = _latest_by(events)
    # Each with its place: a decision stands before the move that it allowed, else where it was made
    found = [
        (
            (place, 1),
            CourseEntry(
                at=event.happened_at,
                recorded_at=event.recorded_at,
                kind=event.kind,
                name=event.name,
                value=event.value,
                actor=event.actor,
                event_id=event.event_id,
                live=event.source == 0,
                retracted=event.event_id in retracted,
            ),
        )
        for place, event in enumerate(events)
    ]
    for row in live.ledger.decisions.of(deal):
        refusing = [finding["rule"] for finding in json.loads(row.findings) if finding["refuses"]]
        place = places.get(row.event_id) if row.allowed else None
        found.append(
            (
                (latest_by(row.recorded_at), 2) if place is None else (place, 0),
                CourseEntry(
                    at=row.at,
                    recorded_at=row.recorded_at,
                    kind="decision",
                    name=row.to_stage,
                    value=row.from_stage,
                    actor=row.actor,
                    event_id=row.event_id,
                    live=True,
                    allowed=bool(row.allowed or row.shadow),
                    rules=tuple(refusing),
                    decision_id=row.decision_id,
                    shadow=bool(row.shadow),
                    would_refuse=bool(row.shadow and not row.allowed),
                    note=row.note,
                ),
            )
        )
    for step in live.ledger.migrations.of(deal):
        found.append(((latest_by(step.at), 3), _migration(live, step)))
    for aside in asides(live, deal):
        found.append(((latest_by(aside.at), 4), aside))
    return [entry for _, entry in sorted(found, key=lambda each: (each[1].at, each[0]))]


def _latest_by(events: Sequence[Event]) -> Callable[[int], int]:
    """Returns a function that gives the last place among events recorded by an instant; -1 where
    none was."""
    recorded = sorted((event.recorded_at, place) for place, event in enumerate(events))
    instants = [at for at, _ in recorded]
    latest = [-1, *accumulate((place for _, place in recorded), max)]
    return lambda at: latest[bisect_right(instants, at)]


def _migration(live: Live, step: MigrationRow) -> CourseEntry:
    old, new = live.playbook(step.from_playbook), live.playbook(step.to_playbook)
    return CourseEntry(
        at=step.at,
        recorded_at=step.at,
        kind="migration",
        name=str(new.version),
        value=str(old.version),
        actor=step.actor,
        event_id="",
        live=True,
        from_stage=step.from_stage,
        to_stage=step.to_stage,
        policy=step.policy,
    )
