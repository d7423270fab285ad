"""Live answers as JSON, one line each: the contracts of the decision and deal schemas."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from playgate.conditions.instants import show_instant
from playgate.enforce.remedy import Remedy
from playgate.enforce.values import (
    Allowed,
    Course,
    CourseEntry,
    Decision,
    Decisions,
    Merged,
    RecordedFact,
    Retracted,
    StageAnswer,
    Standing,
    UnmetRule,
    WaiverRequest,
)
from playgate.findings import Finding

__all__ = ["VERSION", "decision_object", "render", "render_entries", "render_standing"]

VERSION = 1


Answer = (
    Allowed
    | Decision
    | RecordedFact
    | Standing
    | Course
    | Decisions
    | Retracted
    | Merged
    | WaiverRequest
)
"""What a live command answers."""


def render(result: Answer) -> str:
    """Renders what a live command answers: a decision, what was recorded, where a deal
    stands, all that happened to it, or what was taken back or asked for."""
    match result:
        case Decision():
            return _line(decision_object(result))
        case RecordedFact():
            return _line(_recorded(result))
        case Standing():
            return render_standing(result)
        case Course():
            return render_entries(result.deal, result.entries)
        case Decisions():
            return _line(_decisions(result))
        case Allowed():
            return _line(_allowed(result))
        case Retracted() | Merged() | WaiverRequest():
            from playgate.report import taken_back_json

            return taken_back_json.render(result)


def render_standing(standing: Standing) -> str:
    """Returns where a deal stands, as JSON."""
    return _line(
        {
            "version": VERSION,
            "kind": "standing",
            "deal": standing.deal,
            "playbook": {"name": standing.playbook, "version": standing.version},
            "at": show_instant(standing.at),
            "stage": standing.stage or None,
            "since": _instant(standing.since),
            "open": [_finding(finding) for finding in standing.open_findings],
            "ahead": [
                {"rule": each.rule, "title": each.title, "due_at": show_instant(each.due_at)}
                for each in standing.ahead
            ],
            "governed": standing.governed,
            "next_stage": standing.next_stage or None,
            "next": decision_object(standing.decision) if standing.decision else None,
        }
    )


def _allowed(result: Allowed) -> dict[str, Any]:
    return {
        "version": VERSION,
        "kind": "allowed",
        "deal": result.deal,
        "playbook": {"name": result.playbook, "version": result.version},
        "at": show_instant(result.at),
        "actor": result.actor or None,
        "stage": result.stage or None,
        "governed": result.governed,
        "stages": [_stage(each, result.deal) for each in result.stages],
    }


def _stage(answer: StageAnswer, deal: str) -> dict[str, Any]:
    decision = answer.decision
    demands = [(each.refuses, _demand(each, deal)) for each in decision.demands]
    return {
        "stage": answer.stage,
        "title": answer.title,
        "ends": answer.ends or None,
        "is_current": decision.from_stage == answer.stage,
        "allowed": decision.allowed,
        "shadow": decision.shadow,
        "would_refuse": decision.would_refuse,
        "note": decision.note or None,
        "missing": [demand for refuses, demand in demands if refuses],
        "reports": [demand for refuses, demand in demands if not refuses],
    }


def render_entries(deal: str, entries: Sequence[CourseEntry]) -> str:
    """Returns a deal's events and decisions, as JSON."""
    shown = [_entry(entry) for entry in entries]
    return _line({"version": VERSION, "kind": "history", "deal": deal, "entries": shown})


def decision_object(decision: Decision) -> dict[str, Any]:
    """Returns a decision as data."""
    return {
        "version": VERSION,
        "kind": "decision",
        "deal": decision.deal,
        "playbook": {
            "name": decision.playbook,
            "version": decision.version,
            "sha256": decision.sha256,
        },
        "at": show_instant(decision.at),
        "actor": decision.actor or None,
        "from_stage": decision.from_stage or None,
        "to_stage": decision.to_stage or None,
        "fields": list(decision.fields),
        "allowed": decision.allowed,
        "governed": decision.governed,
        "shadow": decision.shadow,
        "would_refuse": decision.would_refuse,
        "recorded": decision.recorded,
        "decision_id": decision.decision_id or None,
        "event_id": decision.event_id or None if decision.allowed and decision.recorded else None,
        "note": decision.note or None,
        "ignored": list(decision.ignored),
        "findings": [_demand(demand, decision.deal) for demand in decision.demands],
    }


def _decisions(result: Decisions) -> dict[str, Any]:
    told = []
    for each in result.each:
        if isinstance(each, Decision):
            told.append(decision_object(each))
        else:
            from playgate.report.error_json import error_object

            told.append({**error_object(each.error), "deal": each.deal})
    return {"version": VERSION, "kind": "decisions", "decisions": told}


def _demand(demand: UnmetRule, deal: str) -> dict[str, Any]:
    return {
        **_finding(demand.finding),
        "refuses": demand.refuses,
        "remedies": [_remedy(remedy, deal) for remedy in demand.remedies],
        "waivable_by": None if demand.waivable_by is None else list(demand.waivable_by),
    }


def _remedy(remedy: Remedy, deal: str) -> dict[str, Any]:
    return {
        "words": remedy.words,
        "command": remedy.command_for(deal) or None,
        "roles": list(remedy.roles),
        "kind": remedy.kind,
        "one_of": [[_remedy(each, deal) for each in way] for way in remedy.one_of],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    rule = finding.rule
    return {
        "rule": rule.id,
        "level": rule.level,
        "state": finding.state,
        "due_at": show_instant(finding.due_at),
        "cause": finding.cause,
        "message": finding.message,
        "why": rule.why or None,
        "ask": rule.ask or None,
        "file": rule.place.file,
        "line": rule.place.line,
        "evidence": [
            {
                "event_id": witness.event_id,
                "kind": witness.kind,
                "name": witness.name,
                "value": witness.value,
                "actor": witness.actor or None,
                "happened_at": show_instant(witness.happened_at),
            }
            for witness in finding.evidence
        ],
        "waived_by": finding.waived_by or None,
        "waiver_reason": finding.waiver_reason or None,
    }


def _recorded(result: RecordedFact) -> dict[str, Any]:
    return {
        "version": VERSION,
        "kind": "recorded",
        "deal": result.deal,
        "events": [event.event_id for event in result.events],
        "added": result.added,
        "note": result.note or None,
        "ignored": list(result.ignored),
        "would_refuse": result.would_refuse,
        "findings": [_demand(demand, result.deal) for demand in result.demands],
    }


def _entry(entry: CourseEntry) -> dict[str, Any]:
    return {
        "at": show_instant(entry.at),
        "recorded_at": show_instant(entry.recorded_at),
        "kind": entry.kind,
        "name": entry.name,
        "value": entry.value,
        "actor": entry.actor or None,
        "event_id": entry.event_id or None,
        "live": entry.live,
        "allowed": entry.allowed,
        "rules": list(entry.rules),
        "from_stage": entry.from_stage or None,
        "to_stage": entry.to_stage or None,
        "policy": entry.policy or None,
        "decision_id": entry.decision_id or None,
        "shadow": entry.shadow,
        "would_refuse": entry.would_refuse,
        "note": entry.note or None,
        "retracted": entry.retracted,
    }


def _instant(at: int | None) -> str | None:
    return None if at is None else show_instant(at)


_line = json.JSONEncoder(ensure_ascii=False).encode
