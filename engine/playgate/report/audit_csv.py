"""The findings of an audit as CSV, one on each row, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

from playgate.audit.result import AuditResult
from playgate.findings import Finding
from playgate.report.audit_json import finding_object
from playgate.report.words import visible

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

# What a spreadsheet takes for a formula, its full-width twins included.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_LAYOUT = re.compile(r"([\t\r\n]+)")


def render(result: AuditResult) -> Iterator[str]:
    """A head and a row for each finding; rows end in CR LF, so write them without translation."""
    piece = _Piece()
    writer = csv.writer(piece, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    yield piece.text
    for finding in result.findings:
        writer.writerow(_row(finding))
        yield piece.text


class _Piece:
    """Holds what the writer wrote last."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def _row(finding: Finding) -> list[str]:
    place = finding.rule.place
    values: dict[str, Any] = finding_object(finding) | {
        "evidence": " ".join(witness.event_id for witness in finding.evidence),
        "file": place.file,
        "line": str(place.line),
    }
    return [_cell(values[column] or "") for column in COLUMNS]


def _cell(text: str) -> str:
    """The text with line breaks and tabs as they are, and an apostrophe before a formula."""
    if not text.isprintable():
        parts = _LAYOUT.split(text)
        text = "".join(part if i % 2 else visible(part) for i, part in enumerate(parts))
    return "'" + text if text.startswith(_FORMULA) else text
