"""A world whose every text tries to be more than text: names, titles, ids, values, files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

__all__ = ["NASTY", "NASTY_ID", "world"]

NASTY_ID = "a|`<b>&[x](javascript:1)"
"""What a playbook's ids may hold."""
NASTY = (
    f"\x1b[31m={NASTY_ID}\u202e\u2028\nforged: x\n| x |\r\t@me #1 \x07\x9b<script>alert(1)</script>"
)


def world(folder: Path) -> tuple[Path, Path, Path]:
    """Writes a playbook, a history and who is who, all of them hostile."""
    title, name = json.dumps(NASTY), json.dumps(NASTY_ID)
    r, m = json.dumps(f"r{NASTY_ID}"), json.dumps(f"m{NASTY_ID}")
    book = folder / "hostile.yaml"
    book.write_text(
        f"""
playbook: {name}
version: {name}
title: {title}
roles: [rep, {name}]
may_waive: [{name}]
fields:
  {name}: {{type: text, by: [{name}], level: warn}}
  amount: {{type: number, unit: {title}}}
activities:
  {name}: {{title: {title}, tools: [{title}]}}
segments:
  {name}: {{title: {title}, when: {{field: {name}, is: present}}}}
kpis:
  {name}: {{title: {title}, tips: {title}, count: {{activity: {name}}}, which: first}}
  {r}: {{title: {title}, ratio: {{of: {{activity: {name}}}, to: won}}, target: {{at_least: 65 %}}}}
  {m}: {{title: {title}, mean: {{field: amount, at: won}}}}
targets:
  {{goal: 5, per: year, revenue: {m}, ratios: [{r}], opportunities: {name}, activities: [{name}]}}
stages:
  - stage: {name}
    title: {title}
    story: {title}
    inputs: [{title}]
    exit: [{{field: {name}, equals: {title}, why: {title}, ask: {title}}}]
    activities: [{{do: {name}, why: {title}, ask: {title}, tools: [{title}]}}]
    time_limit: 2 days
  - {{stage: won, ends: won, title: {title}}}
  - {{stage: lost, ends: lost}}
""",
        encoding="utf-8",
    )
    history, people = folder / "history.csv", folder / "people.csv"
    rows = [
        (NASTY, "2026-01-01T00:00:00Z", "stage", NASTY_ID, "", NASTY),
        (NASTY, "2026-01-02T00:00:00Z", "field", NASTY_ID, NASTY, NASTY),
        (NASTY, "2026-01-03T00:00:00Z", "activity", "other " + NASTY, "", NASTY),
        (NASTY, "2026-02-03T00:00:00Z", "waiver", f"{NASTY_ID}/*", NASTY, NASTY),
        (NASTY, "2026-02-04T00:00:00Z", "stage", "won", "", NASTY),
        ("D", "2026-01-01T00:00:00Z", "stage", NASTY_ID, "", "ann"),
        ("D", "2026-01-01T00:00:01Z", "field", "amount", "5", "ann"),
        ("D", "2026-01-01T00:00:01Z", "activity", NASTY_ID, NASTY, "ann"),
        ("D", NASTY, NASTY, NASTY, NASTY, "ann"),
        ("D", "2026-02-01T00:00:00Z", "stage", "won", "", "ann"),
        ("E", "2026-01-01T00:00:00Z", "stage", NASTY_ID, "", "ann"),
    ]
    history.write_text(
        _csv([("deal", "happened_at", "kind", "name", "value", "actor"), *rows]),
        "utf-8",
        newline="",
    )
    team = [("actor", "name", "role", "team", "manager"), (NASTY, NASTY, NASTY_ID, NASTY, NASTY)]
    people.write_text(_csv([*team, ("ann", NASTY, "rep", NASTY, NASTY)]), "utf-8", newline="")
    return book, history, people


def _csv(rows: list[tuple[str, ...]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()
