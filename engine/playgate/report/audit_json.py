"""An audit as JSON, version 1: the contract of `schemas/report.schema.json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.audit.result import (
    ActorTally,
    AuditResult,
    PlaybookFacts,
    RuleTally,
    Shadow,
    Share,
    StageTally,
)
from playgate.findings import Finding
from playgate.report.figures import instant
from playgate.report.json_text import json_lines, json_pieces
from playgate.version import __version__

__all__ = ["SCHEMA", "VERSION", "finding_line", "finding_object", "render", "report"]

SCHEMA = "https://playgate.invalid/schemas/report.schema.json"
VERSION = 1


def render(result: AuditResult) -> Iterator[str]:
    """Yields the whole audit in pieces of text; each item of a list stands on a line of its own."""
    yield from json_pieces(report(result))
    yield "\n"


def report(result: AuditResult) -> dict[str, Any]:
    """Returns the report's parts by name; of lists the items, which are read once: objects, or
    lines of JSON that say such."""
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "playgate": __version__,
        "engine": result.engine,
        "playbooks": map(_playbook, result.playbooks),
        "as_of": instant(result.as_of),
        "history": _history(result),
        "adherence": _overall(result),
        "stages": map(_stage, result.stages),
        "rules": map(_rule, result.rules),
        "findings": map(finding_line, result.findings),
        "actors": map(_actor, result.actors),
        "ungated": (
            {
                "deal": move.deal,
                "event_id": move.event_id,
                "stage": move.stage,
                "happened_at": instant(move.happened_at),
                "actor": move.actor or None,
                "origin": move.origin or None,
            }
            for move in result.ungated
        ),
        "shadow": _shadow(result.shadow) if result.shadow else None,
        "unknown_names": (
            {
                "playbook": unknown.playbook,
                "kind": unknown.kind,
                "name": unknown.name,
                "events": unknown.events,
                "hint": unknown.hint or None,
            }
            for unknown in result.unknown_names
        ),
        "blind_spots": (
            {
                "playbook": spot.playbook,
                "kind": spot.kind,
                "name": spot.name,
                "message": spot.message,
                "rules": spot.rules,
            }
            for spot in result.blind_spots
        ),
        "problems": (
            {
                "file": problem.file,
                "line": problem.line,
                "reason": problem.reason,
                "hint": problem.hint or None,
            }
            for problem in result.problems
        ),
    }


def _shadow(shadow: Shadow) -> dict[str, Any]:
    return {
        "decisions": shadow.decisions,
        "would_refuse": shadow.would_refuse,
        "not_governed": shadow.not_governed,
        "rules": [
            {
                "playbook": each.playbook,
                "rule": each.rule,
                "decisions": each.decisions,
                "deals": each.deals,
            }
            for each in shadow.rules
        ],
    }


def finding_object(finding: Finding) -> dict[str, Any]:
    """Returns a finding as in the report; what it does not have is `None`."""
    return dict(zip(_FINDING, _values(finding), strict=True))


def finding_line(finding: Finding) -> str:
    """Returns a finding as in the report, as JSON on one line."""
    return _line(_values(finding))


_FINDING = (
    *("playbook", "rule", "level", "deal", "actor", "due_at", "from_stage", "to_stage", "cause"),
    *("state", "made_good_at", "message", "evidence", "waived_by", "waiver_reason", "version"),
)
_line = json_lines(_FINDING)


def _values(finding: Finding) -> tuple[str | list[str] | None, ...]:
    rule = finding.rule
    return (
        rule.playbook,
        rule.id,
        rule.level,
        finding.deal,
        finding.actor or None,
        instant(finding.due_at),
        finding.from_stage or None,
        finding.to_stage or None,
        finding.cause,
        finding.state,
        instant(finding.made_good_at),
        finding.message,
        [witness.event_id for witness in finding.evidence],
        finding.waived_by or None,
        finding.waiver_reason or None,
        finding.version or None,
    )


def _playbook(facts: PlaybookFacts) -> dict[str, Any]:
    return {
        "name": facts.name,
        "version": facts.version,
        "sha256": facts.sha256,
        "deals": facts.deals,
    }


def _history(result: AuditResult) -> dict[str, Any]:
    facts = result.history
    return {
        "events": facts.events,
        "deals": facts.deals,
        "left_out": facts.left_out,
        "from": instant(facts.first),
        "to": instant(facts.last),
        "sources": facts.sources,
        "duplicates": facts.duplicates,
    }


def _overall(result: AuditResult) -> dict[str, Any]:
    counts = {"met": result.met, "unmet": result.unmet, "waived": result.waived}
    return counts | _share(result.adherence)


def _stage(tally: StageTally) -> dict[str, Any]:
    counts = {"playbook": tally.playbook, "id": tally.id, "deals": tally.deals}
    return counts | {"passed": tally.passed} | _share(tally.adherence)


def _rule(tally: RuleTally) -> dict[str, Any]:
    rule = tally.rule
    return {
        "playbook": rule.playbook,
        "id": rule.id,
        "stage": rule.stage or None,
        "level": rule.level,
        "title": rule.title,
        "file": rule.place.file,
        "line": rule.place.line,
        "column": rule.place.column,
        "met": tally.met,
        "unmet": tally.unmet,
        "waived": tally.waived,
        "not_applicable": tally.not_applicable,
    }


def _actor(tally: ActorTally) -> dict[str, Any]:
    return {
        "actor": tally.actor or None,
        "name": tally.name or None,
        "team": tally.team or None,
        "role": tally.role or None,
        "met": tally.met,
        "unmet": tally.unmet,
        "waived": tally.waived,
        **_share(tally.adherence),
        "deals": tally.deals,
    }


def _share(share: Share) -> dict[str, float | None]:
    return {
        "adherence": _rounded(share.value),
        "low": _rounded(share.low),
        "high": _rounded(share.high),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
