"""The findings of an audit as NDJSON: one on each line, the same object as in the JSON report."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.audit.result import AuditResult
from playgate.report.audit_json import finding_line

__all__ = ["render"]


def render(result: AuditResult) -> Iterator[str]:
    """Yields a line for each finding."""
    for finding in result.findings:
        yield finding_line(finding) + "\n"
