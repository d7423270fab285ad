"""An audit as the tables of a workbook: those of the report as JSON, with typed cells."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from itertools import chain
from typing import Any

from playgate.audit.result import AuditResult
from playgate.conditions.instants import read_instant
from playgate.report.audit_tables import rows
from playgate.report.headline import deals_judged, headline, zone_of
from playgate.report.sheet import At, Book, Cell, Percent, Sheet, head

__all__ = ["book"]

_PARTS = (
    ("stages", "Stages"),
    ("rules", "Rules"),
    ("actors", "Reps"),
    ("findings", "Findings"),
    ("ungated", "Past the gate"),
    ("unknown_names", "Unknown names"),
    ("blind_spots", "Blind spots"),
    ("problems", "Problems"),
)
_SHARES = frozenset(("adherence", "low", "high"))
_INSTANTS = frozenset(("due_at", "made_good_at", "happened_at"))
_LISTS = frozenset(("evidence", "rules"))


def book(result: AuditResult) -> Book:
    """Returns the tables of an audit."""
    zone = zone_of(result)
    return Book(
        about=list(_about(result)),
        sheets=_sheets(result),
        zone=zone,
        zone_name="UTC" if zone is UTC else result.playbooks[0].zone,
        as_of=result.as_of,
    )


def _about(result: AuditResult) -> Iterator[tuple[str, Cell]]:
    told = headline(result)
    for name, file in told.playbooks:
        yield "Playbook", f"{name} ({file})"
    yield from (("Audit", line) for line in told.lines)
    yield "Deals judged", deals_judged(result)
    yield "As of", None if result.as_of is None else At(result.as_of)
    followed = result.adherence
    for name, share in (
        ("Steps followed", followed.value),
        ("At least (95 %)", followed.low),
        ("At most (95 %)", followed.high),
    ):
        yield name, None if share is None else Percent(share)
    yield from (("Met", result.met), ("Unmet", result.unmet), ("Waived", result.waived))


def _sheets(result: AuditResult) -> Iterator[Sheet]:
    """Yields each table that has rows."""
    for part, name in _PARTS:
        found = rows(result, part)
        first = next(found, None)
        if first is not None:
            yield Sheet(name, [head(each) for each in first], _cells(chain((first,), found)))


def _cells(found: Iterable[Mapping[str, Any]]) -> Iterator[list[Cell]]:
    for row in found:
        yield [_cell(name, value) for name, value in row.items()]


def _cell(name: str, value: Any) -> Cell:
    if value is None:
        return None
    if name in _SHARES:
        return Percent(value)
    if name in _INSTANTS:
        at = read_instant(value, UTC)
        return value if at is None else At(at)
    if name in _LISTS:
        return " ".join(json.loads(value))
    found: Cell = value
    return found
