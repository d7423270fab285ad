"""A plan as JSON: the contract of `schemas/plan.schema.json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.plan.impact import AtGate, DealGroup, DealImpact, Plan
from playgate.report.diff_json import version_object
from playgate.report.figures import instant
from playgate.report.json_text import json_pieces
from playgate.version import __version__

__all__ = ["render"]

_SCHEMA = "https://playgate.invalid/schemas/plan.schema.json"


def render(plan: Plan) -> Iterator[str]:
    """Yields the whole plan; each deal, rule and rep on a line of its own."""
    yield from json_pieces(_plan(plan))
    yield "\n"


def _plan(plan: Plan) -> dict[str, Any]:
    amount = plan.amount
    return {
        "schema": _SCHEMA,
        "version": 1,
        "playgate": __version__,
        "old": version_object(plan.old),
        "new": version_object(plan.new),
        "policy": plan.policy,
        "as_of": instant(plan.as_of),
        "history": {"events": plan.events, "deals": plan.deals, "in_flight": plan.in_flight},
        "amount": None if amount is None else {"field": amount.field, "unit": amount.unit or None},
        "ended": _group(plan.ended),
        **{kind: _group(group) for kind, group in plan.groups},
        "stops_publish": plan.stops_publish,
        "roles_unknown": plan.roles_unknown,
        "problems": plan.problems,
        "arms": [{"version": version, "deals": deals} for version, deals in plan.arms],
        "deals": map(_deal, plan.impacts),
        "rules": (
            {"id": e.rule, "level": e.level, "flagged": e.flagged, "cleared": e.cleared}
            for e in plan.rules
        ),
        "reps": (
            {
                "actor": e.actor or None,
                "name": e.name or None,
                "was": e.was,
                "now": e.now,
                "flagged": e.flagged,
                "cleared": e.cleared,
            }
            for e in plan.reps
        ),
    }


def _group(group: DealGroup) -> dict[str, Any]:
    ended = group.won + group.lost
    return {
        "deals": group.deals,
        "amount": group.amount,
        "won": group.won,
        "lost": group.lost,
        "apart": dict(group.apart),
        "won_share": round(group.won / ended, 6) if ended else None,
    }


def _deal(each: DealImpact) -> dict[str, Any]:
    return {
        "deal": each.deal,
        "outcome": each.outcome,
        "stage": each.stage or None,
        "rep": each.rep or None,
        "amount": each.amount,
        "currency": each.currency or None,
        "blocked": _gate(each.blocked),
        "freed": _gate(each.freed),
        "more": _gate(each.more),
        "less": _gate(each.less),
        "stranded": each.stranded or None,
        "flagged": list(each.flagged),
        "cleared": list(each.cleared),
    }


def _gate(gate: AtGate | None) -> dict[str, Any] | None:
    if gate is None:
        return None
    return {"to_stage": gate.to_stage or None, "rules": list(gate.rules)}
