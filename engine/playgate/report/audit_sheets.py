"""An audit as the tables of a workbook: those of the report as JSON, with typed cells."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from itertools import chain
from typing import Any

from playgate.audit.result import AuditResult
from playgate.conditions.instants import read_instant
from playgate.language import message, say
from playgate.report.audit_tables import rows
from playgate.report.headline import deals_judged, headline, zone_of
from playgate.report.sheet import At, Book, Cell, Percent, Sheet, head

__all__ = ["PARTS", "book"]

PARTS = (
    ("stages", message("Stages")),
    ("rules", message("Rules")),
    ("actors", message("Reps")),
    ("findings", message("Findings")),
    ("ungated", message("Past the gate")),
    ("unknown_names", message("Unknown names")),
    ("blind_spots", message("Blind spots")),
    ("problems", message("Problems")),
)
"""The parts of an audit that are tables, and what these are called."""
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
        yield say("Playbook"), f"{name} ({file})"
    yield from ((say("Audit"), line) for line in told.lines)
    yield say("Deals judged"), deals_judged(result)
    yield say("As of"), None if result.as_of is None else At(result.as_of)
    followed = result.adherence
    for name, share in (
        (say("Steps followed"), followed.value),
        (say("At least (95 %)"), followed.low),
        (say("At most (95 %)"), followed.high),
    ):
        yield name, None if share is None else Percent(share)
    yield say("Met"), result.met
    yield say("Unmet"), result.unmet
    yield say("Waived"), result.waived


def _sheets(result: AuditResult) -> Iterator[Sheet]:
    """Yields each table that has rows."""
    for part in PARTS:
        found = rows(result, part[0])
        first = next(found, None)
        if first is not None:
            yield Sheet(
                say(part[1]), [head(each) for each in first], _cells(chain((first,), found))
            )


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
