"""Moves: asked of the gate, and recorded or refused."""

from __future__ import annotations

import json
from collections.abc import Mapping

from playgate.enforce.arms import arm_of, is_arm_of
from playgate.enforce.decide import Ruling
from playgate.enforce.facts import (
    KNOWN,
    check_all_fields,
    check_ids,
    field_events,
    keeps_record,
    new_event,
)
from playgate.enforce.gate import ask_gate, noted
from playgate.enforce.given import fact_rows
from playgate.enforce.live import Live
from playgate.enforce.sight import look
from playgate.enforce.values import Decision
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.ledger.rows import DecisionRow
from playgate.model.playbook import Playbook
from playgate.records import Record, replace

__all__ = ["AskedMove", "check", "decision_id", "decision_row", "move", "moved", "open_deal", "pin"]

_NOTHING: Mapping[str, str] = {}


class AskedMove(Record, kw_only=True):
    """A move that is asked for, and what comes with it."""

    deal: str
    stage: str
    """Where to; of a deal that is opened, empty for the first stage."""
    at: int
    actor: str
    fields: Mapping[str, str] = _NOTHING
    """What is known besides: recorded with the move, or not at all."""
    expected: str | None = None
    """The stage that the deal was seen in."""
    known_id: str = ""


def check(live: Live, asked: AskedMove) -> tuple[Decision, Ruling | None]:
    """Returns what a move would be answered, with the judge's ruling if it was asked; nothing is
    recorded."""
    decision, ruling, _ = _asked(live, asked)
    return decision, ruling


def _asked(live: Live, asked: AskedMove) -> tuple[Decision, Ruling | None, list[Event]]:
    """Returns also the values of fields as events, which the ledger has not."""
    deal, stage, actor, known_id = asked.deal, asked.stage, asked.actor, asked.known_id
    sight = look(live, deal, asked.at)
    own = known_id and f"{known_id}-field"
    facts = field_events(live, deal, sight.playbook, asked.fields, sight.at, actor, own)
    if known_id:
        move = new_event(live, deal, "stage", stage, "", asked.at, actor, {}, known_id)
        known = check_ids(live, facts)
        if check_ids(live, [move]):
            check_all_fields(live, deal, own, facts)
            if known < len(facts):
                hint = "what is known later is said by set"
                message = f"{known_id} is the id of a move that came without these fields"
                raise InputError(message, hint=hint, code="id-taken")
            told = noted(live, sight, stage, actor, known_id, note=KNOWN)
            return replace(told, allowed=True), None, facts
    expected = asked.expected
    decision, ruling = ask_gate(
        live, sight, stage, actor=actor, facts=facts, expected=expected, known_id=known_id
    )
    return decision, ruling, facts


def move(live: Live, asked: AskedMove) -> Decision:
    """Asks the gate and records the move, with the values of fields that it brings, or its refusal
    alone; must be called inside a transaction."""
    instead = f"playgate ask {asked.deal} {asked.stage}, and move the deal in the CRM"
    keeps_record(live, "move", instead)
    return moved(live, asked)


def moved(live: Live, asked: AskedMove, *, opens: bool = False) -> Decision:
    """Asks the gate and records what it says; `opens` lets in a deal that is not governed."""
    decision, ruling, facts = _asked(live, asked)
    if ruling is None:
        return decision
    if opens and not ruling.governed:
        decision = replace(decision, allowed=True, would_refuse=False)
    elif (
        decision.allowed
        and not decision.shadow
        and not live.makes(decision.sha256, decision.from_stage, decision.to_stage)
    ):
        decision = replace(decision, allowed=False, note=_NO_MOVE)
    brought = 0
    if decision.allowed:
        own, brought = _record(live, asked, decision.at, facts)
        decision = replace(decision, event_id=own)
    decision = replace(decision, recorded=True, decision_id=decision_id(live, decision))
    row = decision_row(
        decision,
        live.now,
        question=_asked_how(opens, brought, live.origin),
        facts=fact_rows(facts) if facts and not decision.allowed else "",
    )
    live.ledger.decisions.add(row)
    return decision


def _asked_how(opens: bool, brought: int, origin: str) -> str:
    """Returns what a decision must say, beside its columns, to be judged again: whether a deal was
    opened, which is let in where its playbook does not govern it, too, and how many values of
    fields were recorded just before the move. And from where it was asked, where that is told."""
    if not (opens or brought or origin):
        return ""
    said: dict[str, object] = {"opens": opens, "brought": brought}
    return _ENCODE({**said, "origin": origin} if origin else said)


def _record(live: Live, asked: AskedMove, at: int, facts: list[Event]) -> tuple[str, int]:
    """Records a move behind what comes with it; returns the id of its event, and how many values
    of fields were new."""
    deal, stage, actor = asked.deal, asked.stage, asked.actor
    move = new_event(live, deal, "stage", stage, "", at, actor, {}, asked.known_id)
    brought = live.ledger.events.add(facts, live=True)
    if not live.ledger.events.add([move], live=True):
        hint = "give this one an id"
        raise InputError(f"{deal} has the very same move already", hint=hint, code="id-taken")
    return move.event_id, brought


def open_deal(live: Live, asked: AskedMove, playbook: Playbook) -> Decision:
    """Opens a deal under a playbook that the ledger keeps; must be called inside a transaction.

    The deal is known from then on; its stage and the values of fields are recorded only where the
    gate lets it in. One that its playbook does not govern is let in, and the answer warns.
    """
    deal, stage = asked.deal, asked.stage
    keeps_record(live, "open", f"playgate ask {deal} {stage or 'STAGE'} takes up a deal of the CRM")
    known = bool(asked.known_id) and live.ledger.events.get(deal, asked.known_id) is not None
    rep = asked.fields.get("owner") or asked.actor
    pin(live, deal, playbook, begins=asked.at, rep=rep)
    if not known and live.current(deal)[0]:
        hint = f"playgate move {deal} {stage}" if stage else f"playgate next {deal}"
        raise InputError(f"{deal} is open already", hint=hint, code="deal-exists")
    return moved(live, replace(asked, stage=stage or playbook.track[0].id), opens=True)


def pin(live: Live, deal: str, playbook: Playbook, *, begins: int, rep: str) -> None:
    """Makes a deal known, judged by this playbook from then on, in the version of the arm that it
    begins in with its rep; raises `InputError` where another judges it already."""
    row = live.known_row(deal)
    if row is not None and row.playbook != playbook.sha256:
        other = live.playbook(row.playbook)
        if is_arm_of(other, playbook):
            return
        raise InputError(
            f"{deal} is open already, under {other.name} version {other.version}",
            hint="a deal goes on under the playbook that it began with",
            code="deal-exists",
        )
    if row is None:
        live.begin(deal, arm_of(live, playbook, deal, begins=begins, rep=rep))


_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
_NO_MOVE = "the playbook's machine makes no such move"


def decision_id(live: Live, decision: Decision) -> str:
    """Returns an id that no other decision has."""
    import hashlib  # only here: its import takes long, and what records nothing needs none

    told = [decision.deal, decision.to_stage, live.now, live.ledger.decisions.count(decision.deal)]
    return "d-" + hashlib.sha256(_ENCODE(told).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def decision_row(
    decision: Decision, now: int, *, question: str = "", facts: str = ""
) -> DecisionRow:
    """Returns a decision as the ledger keeps it; of one in shadow, what it would have been."""
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
        int(decision.allowed and not decision.would_refuse),
        decision.sha256,
        decision.event_id if decision.allowed and not decision.is_question else "",
        _ENCODE(findings),
        decision.decision_id,
        int(decision.shadow),
        int(decision.governed is not False),
        decision.note,
        question,
        facts,
    )
