"""The deals of a ledger, as a table for people, as JSON and as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.conditions.instants import Zone, show_instant
from playgate.enforce.deal_list import DealLine, DealList
from playgate.findings import LEVELS
from playgate.report.csv_text import csv_pieces
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import instant
from playgate.report.head_json import head_object
from playgate.report.json_text import json_pieces
from playgate.report.tables import console, drawn, section_parts
from playgate.report.words import count, plural

__all__ = ["COLUMNS", "SCHEMA", "VERSION", "as_csv", "as_json", "as_text"]

SCHEMA = "https://playgate.invalid/schemas/deals.schema.json"
VERSION = 1
COLUMNS = (
    "deal",
    "playbook",
    "version",
    "stage",
    "ends",
    "governed",
    "rep",
    "name",
    "team",
    "since",
    "last_at",
    "open_block",
    "open_warn",
    "overdue",
    "next_due_at",
    "next_due",
    "stuck_since",
    "idle_since",
)


def as_json(found: DealList) -> Iterator[str]:
    """Yields the list in pieces of text, a deal on each line."""
    yield from json_pieces(
        {
            "schema": SCHEMA,
            "version": VERSION,
            "kind": "deals",
            "at": instant(found.at),
            "head": head_object(found.head),
            "deals": map(_object, found.deals),
        }
    )
    yield "\n"


def _object(line: DealLine) -> dict[str, Any]:
    overdue = {(finding.rule.id, finding.due_at) for finding in line.overdue}
    return {
        "deal": line.deal,
        "playbook": {"name": line.playbook, "version": line.version},
        "stage": line.stage or None,
        "stage_title": line.stage_title or None,
        "ends": line.ends or None,
        "governed": line.governed,
        "rep": line.rep or None,
        "name": line.rep_name or None,
        "team": line.team or None,
        "since": instant(line.since),
        "last_at": instant(line.last_at),
        "open": [
            {
                "rule": finding.rule.id,
                "level": finding.rule.level,
                "due_at": instant(finding.due_at),
                "overdue": (finding.rule.id, finding.due_at) in overdue,
                "message": finding.message,
            }
            for finding in line.open_findings
        ],
        "ahead": [
            {"rule": each.rule, "title": each.title, "due_at": instant(each.due_at)}
            for each in line.ahead
        ],
        "stuck_since": instant(line.stuck_since),
        "idle_since": instant(line.idle_since),
    }


def as_csv(found: DealList) -> Iterator[str]:
    """Yields a header and a row for each deal; rows end in CR LF."""
    yield from csv_pieces(COLUMNS, map(_row, found.deals))


def _row(line: DealLine) -> tuple[str, ...]:
    due = line.ahead[0] if line.ahead else None
    return (
        line.deal,
        line.playbook,
        line.version,
        line.stage,
        line.ends,
        "yes" if line.governed else "no",
        line.rep,
        line.rep_name,
        line.team,
        instant(line.since) or "",
        instant(line.last_at) or "",
        str(_at(line, "block")),
        str(_at(line, "warn")),
        str(len(line.overdue)),
        instant(due.due_at) or "" if due else "",
        due.rule if due else "",
        instant(line.stuck_since) or "",
        instant(line.idle_since) or "",
    )


def _at(line: DealLine, level: str) -> int:
    return sum(finding.rule.level == level for finding in line.open_findings)


def as_text(found: DealList, *, zone: Zone, limit: int, width: int, colour: bool) -> Iterator[str]:
    """Yields a table of at most `limit` deals, with days in `zone`."""
    if not found.deals:
        yield "no such deal\n"
        return
    shown = found.deals[:limit]
    several = len({line.playbook for line in found.deals}) > 1
    columns = (
        Column("Deal", "name"),
        *([Column("Playbook", "name")] if several else []),
        Column("Stage", "name"),
        Column("Rep", "name"),
        Column("Since", "mark"),
        Column("Block", "number"),
        Column("Warn", "number"),
        Column("Falls due", "mark"),
        Column("What", "message"),
    )
    rows = [_cells(line, zone, several=several) for line in shown]
    rest = len(found.deals) - len(shown)
    left_out = f"and {plural(rest, 'more deal')} (--limit)" if rest else ""
    section = Section(_headline(found, zone), columns, rows, left_out)
    yield drawn(console(width, colour=colour), *section_parts(section, width))


def _headline(found: DealList, zone: Zone) -> str:
    late = sum(bool(line.overdue) for line in found.deals)
    said = f", {count(late)} with something overdue" if late else ""
    return f"{plural(len(found.deals), 'deal')} as of {show_instant(found.at, zone)[:16]}{said}"


def _cells(line: DealLine, zone: Zone, *, several: bool) -> tuple[Cell, ...]:
    return (
        line.deal,
        *([line.playbook] if several else []),
        line.stage_title or "no stage yet",
        line.rep_name or line.rep or "nobody named",
        _day(line.since, zone),
        *(str(_at(line, level) or "") for level in ("block", "warn")),
        _day(line.ahead[0].due_at, zone) if line.ahead else "",
        _what(line, zone),
    )


def _what(line: DealLine, zone: Zone) -> Cell:
    """Returns what to see to first, and since when the deal has been left alone."""
    lines = [line.note] if line.note else []
    if line.overdue:
        lines.append(f"overdue: {line.overdue[0].rule.id}")
    elif line.open_findings:
        first = min(line.open_findings, key=lambda finding: LEVELS.index(finding.rule.level))
        lines.append(f"open: {first.rule.id}")
    elif line.ahead:
        lines.append(f"due: {line.ahead[0].rule}")
    if line.stuck_since is not None:
        lines.append(f"stuck since {_day(line.stuck_since, zone)}")
    if line.idle_since is not None:
        lines.append(f"idle since {_day(line.idle_since, zone)}")
    return tuple(lines) or ""


def _day(at: int | None, zone: Zone) -> str:
    return show_instant(at, zone)[:10] if at is not None else ""
