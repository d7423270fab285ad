"""A decision as the ledger keeps it, whole or in a proof: for people, and as data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from playgate.conditions.instants import show_instant
from playgate.ledger.rows import DecisionRow
from playgate.report.words import by, visible

__all__ = ["decided_object", "decided_text"]

_MARKS = {"block": "■", "warn": "▲", "observe": "·"}
_FINDING = ("rule", "level", "state", "refuses", "message")


def decided_object(row: DecisionRow) -> dict[str, Any]:
    """Returns a decision as data: the contract `decided` of `schemas/proved.schema.json`."""
    return {
        "deal": row.deal,
        "decision_id": row.decision_id or None,
        "at": show_instant(row.at),
        "recorded_at": show_instant(row.recorded_at),
        "actor": row.actor or None,
        "playbook": row.playbook,
        "from_stage": row.from_stage or None,
        "to_stage": row.to_stage,
        "allowed": bool(row.allowed or row.shadow),
        "governed": bool(row.governed),
        "shadow": bool(row.shadow),
        "would_refuse": bool(row.shadow and not row.allowed),
        "note": row.note or None,
        "findings": [{name: each[name] for name in _FINDING} for each in json.loads(row.findings)],
    }


def decided_text(row: DecisionRow) -> Iterator[str]:
    """Yields a decision in lines."""
    move = f"{visible(row.from_stage) or '(new)'} → {visible(row.to_stage)}"
    yield f"{visible(row.deal)}: {move} {_word(row)}, {show_instant(row.at)}{by(row.actor)}\n"
    if row.note:
        yield f"  {visible(row.note)}\n"
    for finding in json.loads(row.findings):
        refuses = "" if finding["refuses"] else f" ({finding['state']})"
        yield f"  {_MARKS.get(finding['level'], '·')} {visible(finding['rule'])}{refuses}\n"
        yield f"    {visible(finding['message'])}\n"


def _word(row: DecisionRow) -> str:
    if row.shadow:
        return "let through in shadow" + ("" if row.allowed else ": it would be refused")
    return "allowed" if row.allowed else "refused"
