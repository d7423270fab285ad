"""Moves of the CRM against decisions of the gate: for people, as JSON and as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.conditions.instants import show_instant
from playgate.enforce.reconcile import Reconciled, Reconciliation, Result
from playgate.history.event import Event
from playgate.report.csv_text import csv_pieces
from playgate.report.head_json import head_object
from playgate.report.json_text import json_line
from playgate.report.words import by, equals, visible

__all__ = ["as_csv", "as_json", "as_text"]

_TITLES: dict[Result, str] = {
    "past-the-gate": "Past the gate",
    "allowed-but-not-made": "Allowed, but not made",
    "allowed-on-facts-that-never-came": "Allowed on facts that never came",
}
_MINUTE = 60 * 1_000_000


def as_text(found: Reconciliation) -> Iterator[str]:
    """Yields a summary, and what does not fit; moves that were gated are only counted."""
    gated, past = len(found.of("gated")), len(found.of("past-the-gate"))
    since = f" since {show_instant(found.since)}" if found.since is not None else ""
    yield (
        f"{_number(gated + past, 'move')} of {_number(found.deals, 'deal')} that met the gate"
        f"{since}: {gated} gated, {past} past the gate\n"
    )
    if found.imported_at is None:
        yield "no import yet: what the CRM did is not known\n"
    for result, title in _TITLES.items():
        items = found.of(result)
        if items:
            yield f"\n{title}\n"
            for item in items:
                yield from _item(item)
    open_ones = sum(not item.settled for item in found.items)
    if open_ones:
        minutes = found.window / _MINUTE
        yield (
            f"\n(open): the last import came less than {minutes:g} minutes after it, so that the"
            " rest may still come\n"
        )


def _item(item: Reconciled) -> Iterator[str]:
    move = f"{item.from_stage or '(new)'} → {item.to_stage}"
    how = f" ({visible(item.origin)})" if item.origin else f" {visible(item.decision_id)}"
    still = "" if item.settled else " (open)"
    told = f"{visible(item.deal)}  {visible(move)}{by(item.actor)}{how}{still}"
    yield f"  {show_instant(item.at)}  {told}\n"
    if item.result == "past-the-gate":
        yield f"    {_would(item)}\n"
    for fact in item.facts:
        yield f"    {_fact(fact)}\n"


def _would(item: Reconciled) -> str:
    if not item.governed:
        return "its playbook did not govern the deal"
    if item.would_allow:
        return "the gate would have allowed it"
    return f"the gate would have refused it: {', '.join(item.rules)}"


def _fact(fact: Event) -> str:
    return f"{fact.kind} {visible(fact.name)}{equals(fact.value)}, {show_instant(fact.happened_at)}"


def as_json(found: Reconciliation) -> Iterator[str]:
    """Yields the result as JSON: the contract of the reconcile schema."""
    head = {
        "version": 1,
        "kind": "reconcile",
        "at": show_instant(found.at),
        "window_seconds": found.window // 1_000_000,
        "since": _instant(found.since),
        "imported_at": _instant(found.imported_at),
        "deals": found.deals,
        "counts": {
            "gated": len(found.of("gated")),
            "past_the_gate": len(found.of("past-the-gate")),
            "allowed_but_not_made": len(found.of("allowed-but-not-made")),
            "allowed_on_facts_that_never_came": len(found.of("allowed-on-facts-that-never-came")),
        },
        "head": head_object(found.head),
    }
    yield json_line({**head, "results": [_data(each) for each in found.items]})
    yield "\n"


def _data(item: Reconciled) -> dict[str, Any]:
    would = None
    if item.result == "past-the-gate":
        would = {"allowed": item.would_allow, "governed": item.governed, "rules": list(item.rules)}
    return {
        "result": item.result,
        "deal": item.deal,
        "from_stage": item.from_stage or None,
        "to_stage": item.to_stage,
        "at": show_instant(item.at),
        "actor": item.actor or None,
        "event_id": item.event_id or None,
        "origin": item.origin or None,
        "decision_id": item.decision_id or None,
        "decided_at": _instant(item.decided_at),
        "asked_by": item.asked_by or None,
        "would": would,
        "facts": [
            {
                "happened_at": show_instant(fact.happened_at),
                "kind": fact.kind,
                "name": fact.name,
                "value": fact.value,
                "actor": fact.actor or None,
            }
            for fact in item.facts
        ],
        "settled": item.settled,
    }


_COLUMNS = (
    "result",
    "deal",
    "from_stage",
    "to_stage",
    "at",
    "actor",
    "event_id",
    "origin",
    "decision_id",
    "decided_at",
    "asked_by",
    "would",
    "rules",
    "facts",
    "settled",
)


def as_csv(found: Reconciliation) -> Iterator[str]:
    """Yields the results, a row each."""
    yield from csv_pieces(_COLUMNS, (_cells(item) for item in found.items))


def _cells(item: Reconciled) -> tuple[str, ...]:
    would = ""
    if item.result == "past-the-gate":
        said = "allowed" if item.would_allow else "refused"
        would = said if item.governed else "not governed"
    return (
        item.result,
        item.deal,
        item.from_stage,
        item.to_stage,
        show_instant(item.at),
        item.actor,
        item.event_id,
        item.origin,
        item.decision_id,
        _instant(item.decided_at) or "",
        item.asked_by,
        would,
        " ".join(item.rules),
        "; ".join(map(_fact, item.facts)),
        "yes" if item.settled else "no",
    )


def _instant(at: int | None) -> str | None:
    return None if at is None else show_instant(at)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
