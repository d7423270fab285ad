"""Live answers as JSON, one line each: the contracts of the decision and deal schemas."""

from __future__ import annotations

from typing import Any

from playgate.conditions.instants import show_instant
from playgate.enforce.remedy import Remedy
from playgate.enforce.values import (
    Allowed,
    Course,
    CourseEntry,
    Decision,
    Decisions,
    LiveResult,
    Merged,
    NotDecided,
    RecordedFact,
    Retracted,
    StageAnswer,
    Standing,
    UnmetRule,
    WaiverRequest,
)
from playgate.findings import Finding
from playgate.ledger.head import Head
from playgate.report.error_json import error_object
from playgate.report.head_json import head_object
from playgate.report.json_text import json_line

__all__ = ["render"]

_VERSION = 1


def render(result: LiveResult) -> str:
    """Renders what a live command answers, as one line."""
    if isinstance(result, Retracted | Merged | WaiverRequest):
        # Few answers need it, and every answer waits for what is imported.
        from playgate.report import taken_back_json

        return taken_back_json.render(result)
    return json_line(_object(result))


def _object(result: _Own) -> dict[str, Any]:
    match result:
        case Decision():
            return _answer("decision", _decision(result), result.head)
        case RecordedFact():
            return _answer("recorded", _recorded(result), result.head)
        case Standing():
            return _answer("standing", _standing(result), result.head)
        case Course():
            return _answer("history", _course(result), result.head)
        case Decisions():
            each = [_one(each) for each in result.each]
            return _answer("decisions", {"decisions": each}, result.head)
        case Allowed():
            return _answer("allowed", _allowed(result), result.head)


def _answer(kind: str, told: dict[str, Any], head: Head | None) -> dict[str, Any]:
    return {"version": _VERSION, "kind": kind, **told, "head": head_object(head)}


def _standing(standing: Standing) -> dict[str, Any]:
    return {
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
        "next": _object(standing.decision) if standing.decision else None,
    }


def _allowed(result: Allowed) -> dict[str, Any]:
    return {
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


def _course(course: Course) -> dict[str, Any]:
    return {"deal": course.deal, "entries": [_entry(entry) for entry in course.entries]}


def _decision(decision: Decision) -> dict[str, Any]:
    return {
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


def _one(each: Decision | NotDecided) -> dict[str, Any]:
    if isinstance(each, Decision):
        return _object(each)
    return {**error_object(each.error), "deal": each.deal}


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


_Own = Allowed | Course | Decision | Decisions | RecordedFact | Standing
"""What is shown here."""
