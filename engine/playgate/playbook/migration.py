"""The `migration` of a playbook: what becomes of deals that began under an earlier version."""

from __future__ import annotations

from typing import Any

from playgate.conditions.instants import day_end, show_instant
from playgate.conditions.names import NameReader, Names
from playgate.documents.document import Document, quoted
from playgate.model.playbook import Migration, Playbook

__all__ = ["migration_words", "policy_words", "read_migration"]

_POLICY = ("migration", "policy")
_MAP = ("migration", "stage_map")


def read_migration(*, document: Document, reader: NameReader, names: Names) -> Migration:
    """Reads the migration as its author meant it, and reports what is wrong with it."""
    policy, until = _policy(document, reader, names)
    return Migration(policy, until, _stage_map(document, reader, names))


def _policy(document: Document, reader: NameReader, names: Names) -> tuple[Any, int | None]:
    data = document.get(_POLICY)
    if not isinstance(data, str) or reader.is_damaged(_POLICY):
        return None, None
    policy, _, day = data.partition(" ")
    until = day_end(day.strip(), names.zone) if day else None
    if day and until is None:
        message, hint = f"{quoted(day.strip())} is no date", "write a date as 2026-09-30"
        reader.report(document.place(_POLICY), message, "date", hint)
    return policy, until


def _stage_map(document: Document, reader: NameReader, names: Names) -> dict[str, str]:
    """Reads where stages of earlier versions lead; only the targets can be checked, as they alone
    are known."""
    data = document.get(_MAP)
    found = {}
    for old, new in data.items() if isinstance(data, dict) else ():
        route = (*_MAP, old)
        if not reader.known_names("stage", route, names.stages):
            continue
        if old == new:
            message = f"stage {quoted(new)} leads to itself"
            hint = "leave it out: a stage that goes by the same id stays"
            reader.report(document.key_place(route), message, "same-stage", hint)
        found[old] = new
    return found


def policy_words(playbook: Playbook) -> str:
    """Returns the policy as its author wrote it; `pin` where nothing is said."""
    told = playbook.migration
    if told.until is None:
        return told.policy or "pin"
    return f"{told.policy} {show_instant(told.until, playbook.zone)[:10]}"


def migration_words(playbook: Playbook) -> str:
    """Returns the policy and the stage map on one line, empty where nothing is said."""
    told = playbook.migration
    leads = (f"{one} → {other}" for one, other in sorted(told.stage_map.items()))
    policy = policy_words(playbook) if told.policy else ""
    return "; ".join(each for each in (policy, ", ".join(leads)) if each)
