"""An audit as SARIF 2.1.0: each finding at the line of the playbook that it broke."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from playgate.audit.result import AuditResult
from playgate.findings import Finding, Level, RuleInfo
from playgate.history.event import Problem
from playgate.report.figures import instant
from playgate.report.sarif import fingerprint, sarif_location, sarif_log, sarif_message

__all__ = ["render"]

_LEVELS: dict[Level, str] = {"block": "error", "warn": "warning", "observe": "note"}


def render(result: AuditResult) -> Iterator[str]:
    """Yields the log in pieces of text."""
    rules = [tally.rule for tally in result.rules]
    indexes = {rule.key: index for index, rule in enumerate(rules)}
    location = lru_cache(maxsize=1024)(_location)
    invocation = {
        "executionSuccessful": True,
        "toolExecutionNotifications": map(_notification, result.problems),
    }
    yield from sarif_log(
        map(_rule, rules),
        (
            _result(finding, index=indexes[finding.rule.key], place=location(finding.rule))
            for finding in result.findings
        ),
        run={
            "invocations": iter([invocation]),
            "properties": {
                "playbooks": [
                    {"name": facts.name, "version": facts.version, "sha256": facts.sha256}
                    for facts in result.playbooks
                ],
                "asOf": instant(result.as_of),
            },
        },
    )


def _rule(rule: RuleInfo) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": rule.id,
        "shortDescription": sarif_message(rule.title or rule.id),
        "help": sarif_message(_help(rule)),
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
        "properties": {"playbook": rule.playbook, "family": rule.family, "level": rule.level},
    }
    if rule.stage:
        described["properties"]["stage"] = rule.stage
    return described


def _help(rule: RuleInfo) -> str:
    lines = [
        rule.title or rule.id,
        rule.why and f"Why: {rule.why}",
        rule.ask and f"Ask: {rule.ask}",
        ", ".join(rule.tools) and f"Tools: {', '.join(rule.tools)}",
        f"Stands at {rule.place}.",
    ]
    return "\n".join(filter(None, lines))


def _location(rule: RuleInfo) -> dict[str, Any]:
    return sarif_location(rule.place.file, rule.place.line, rule.place.column)


def _result(finding: Finding, *, index: int, place: dict[str, Any]) -> dict[str, Any]:
    rule = finding.rule
    result: dict[str, Any] = {
        "ruleId": rule.id,
        "ruleIndex": index,
        "level": _LEVELS[rule.level],
        "message": sarif_message(f"deal {finding.deal}: {finding.message}"),
        "locations": [place | {"logicalLocations": [{"name": finding.deal, "kind": "deal"}]}],
        "partialFingerprints": {"ruleAndDeal/v1": fingerprint(rule.id, finding.deal)},
        "properties": _properties(finding),
    }
    if finding.state == "waived":
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": _justification(finding)}
        ]
    return result


def _properties(finding: Finding) -> dict[str, Any]:
    values = {
        "deal": finding.deal,
        "actor": finding.actor,
        "dueAt": instant(finding.due_at),
        "state": finding.state,
        "cause": finding.cause,
        "madeGoodAt": instant(finding.made_good_at),
        "evidence": [witness.event_id for witness in finding.evidence],
    }
    return {name: value for name, value in values.items() if value}


def _justification(finding: Finding) -> str:
    approver = f"waived by {finding.waived_by}" if finding.waived_by else "waived"
    return f"{approver}: {finding.waiver_reason}"


def _notification(problem: Problem) -> dict[str, Any]:
    hint = f" ({problem.hint})" if problem.hint else ""
    return {
        "level": "warning",
        "message": sarif_message(problem.reason + hint),
        "locations": [sarif_location(problem.file, problem.line)],
    }
