"""Moves: asked of the gate, and recorded or refused."""

from __future__ import annotations

import json
from collections.abc import Mapping

from playgate.conditions.instants import show_instant
from playgate.enforce.checks import check_name
from playgate.enforce.decide import Ruling, decide
from playgate.enforce.facts import KNOWN, field_events, new_event
from playgate.enforce.live import Live, last_move
from playgate.enforce.remedy import remedies
from playgate.enforce.values import Decision, UnmetRule
from playgate.errors import InputError
from playgate.findings import LEVELS
from playgate.history.event import Event
from playgate.judge.judge import Judge
from playgate.ledger.rows import DecisionRow
from playgate.model.playbook import Playbook
from playgate.records import replace

__all__ = ["check", "move", "open_deal"]


def check(
    live: Live,
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
    row = live.row(deal)
    playbook = live.pinned(row)
    check_name("stage", stage, [each.id for each in playbook.stages])
    events = live.events(row)
    current, since, mover = last_move(playbook, events)
    attempt = Event(deal, at, "stage", stage, "", actor, live.now, known_id or _UNNAMED, "", 0, 0)
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
    known = live.ledger.events.name_of(deal, known_id) if known_id else None
    if known is not None:
        if known != ("stage", stage):
            raise InputError(f"{known_id} is the id of another event: {' '.join(known)}")
        return _noted(blank, KNOWN, allowed=True), None
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
    judge = live.judge(playbook)
    ruling = decide(
        judge, live.reader(judge), events, attempt, since=row.first_decision_at, now=live.now
    )
    return _explained(live, blank, judge, ruling), ruling


def _explained(live: Live, blank: Decision, judge: Judge, ruling: Ruling) -> Decision:
    playbook = judge.playbook
    explainer = live.explainer(judge)
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
    live: Live,
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
    decision, ruling = check(
        live, deal, stage, at=at, actor=actor, expected=expected, known_id=known_id
    )
    if ruling is None:
        return decision
    if decision.allowed and not _passes(live, decision):
        decision = replace(decision, allowed=False, note=_NO_MOVE)
    if decision.allowed:
        move = new_event(live, deal, "stage", stage, "", at, actor, {}, known_id)
        decision = replace(decision, event_id=move.event_id)
        if not live.ledger.events.add([move], live=True):
            hint = "give this one an id"
            raise InputError(f"{deal} has the very same move already", hint=hint)
    live.ledger.decisions.add(_row(decision, live.now))
    return replace(decision, recorded=True)


def _passes(live: Live, decision: Decision) -> bool:
    """Whether the playbook's machine makes the move; its guard is the judge's answer."""
    machine = live.machine(decision.sha256)
    return machine.makes(decision.from_stage, decision.to_stage, guard=lambda: decision.allowed)


def open_deal(
    live: Live,
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
    row = live.ledger.deals.get(deal)
    if row is not None and row.playbook != playbook.sha256:
        other = live.playbook(row.playbook)
        raise InputError(
            f"{deal} is open already, under {other.name} version {other.version}",
            hint="a deal goes on under the playbook that it began with",
        )
    known = bool(known_id) and live.ledger.events.name_of(deal, known_id) is not None
    if row is not None and not known and live.current(deal)[0]:
        hint = f"playgate move {deal} {stage}" if stage else f"playgate next {deal}"
        raise InputError(f"{deal} is open already", hint=hint)
    live.ledger.deals.begin(deal, playbook.sha256)
    live.ledger.events.add(
        field_events(live, deal, playbook, fields, at, actor, known_id and f"{known_id}-field"),
        live=True,
    )
    target = stage or playbook.track[0].id
    return move(live, deal, target, at=at, actor=actor, known_id=known_id)


_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
_NO_MOVE = "the playbook's machine makes no such move"
_UNNAMED = "\0"
"""The id of an attempt that was given none; deriving the ledger's own takes long, so it waits for a
move."""


def _moved(since: int | None, mover: str, playbook: Playbook) -> str:
    """Returns when a deal was moved, and by whom."""
    at = f" at {show_instant(since, playbook.zone)}" if since is not None else ""
    return f"{at} by {mover}" if mover else at


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
