"""The findings of an audit as CSV, one on each row, safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.audit.result import AuditResult
from playgate.findings import Finding
from playgate.report.audit_json import finding_object
from playgate.report.csv_text import csv_pieces

__all__ = ["COLUMNS", "render"]

COLUMNS = (
    "rule",
    "level",
    "deal",
    "actor",
    "due_at",
    "from_stage",
    "to_stage",
    "cause",
    "state",
    "made_good_at",
    "message",
    "evidence",
    "waived_by",
    "waiver_reason",
    "file",
    "line",
    "playbook",
    "version",
)


def render(result: AuditResult) -> Iterator[str]:
    """Yields a header and a row for each finding; rows end in CR LF, so write them without
    translation."""
    yield from csv_pieces(COLUMNS, map(_row, result.findings))


def _row(finding: Finding) -> list[str]:
    place = finding.rule.place
    values: dict[str, Any] = finding_object(finding) | {
        "evidence": " ".join(witness.event_id for witness in finding.evidence),
        "file": place.file,
        "line": str(place.line),
    }
    return [values[column] or "" for column in COLUMNS]
