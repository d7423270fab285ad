"""A ledger in a few lines, and as JSON: the contract of the ledger schema."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.conditions.instants import show_instant
from playgate.enforce.overview import Overview
from playgate.report.json_text import json_line
from playgate.report.words import visible

__all__ = ["as_json", "as_text"]

_KEEPERS = {
    "ledger": "this ledger: log, set and move record facts and moves",
    "crm": "the CRM: facts and moves come by import, and ask only decides",
}


def as_text(found: Overview) -> Iterator[str]:
    """Yields what a ledger holds, for people."""
    mode = "shadow: every move is let through" if found.shadow else "enforced"
    names = ", ".join(f"{name} version {version}" for name, version in found.playbooks)
    came = "no import yet" if found.imported_at is None else f"last import {_at(found)}"
    decisions = f"{found.allowed} allowed, {found.refused} refused"
    shadow = f", {found.in_shadow} in shadow" if found.in_shadow else ""
    yield f"{visible(found.path)}\n"
    yield f"  record     {_KEEPERS[found.record]}\n"
    yield f"  gate       {mode}\n"
    yield f"  playbooks  {visible(names) or 'none yet'}\n"
    erased = f", {found.erased} of them erased" if found.erased else ""
    yield f"  deals      {found.deals}{erased}\n"
    yield f"  events     {found.recorded} recorded here, {found.imported} imported ({came})\n"
    yield f"  decisions  {decisions}{shadow}\n"


def as_json(found: Overview) -> Iterator[str]:
    """Yields what a ledger holds, as JSON."""
    yield (
        json_line(
            {
                "version": 1,
                "kind": "ledger",
                "path": found.path,
                "record": found.record,
                "shadow": found.shadow,
                "playbooks": [
                    {"name": name, "version": version} for name, version in found.playbooks
                ],
                "deals": found.deals,
                "erased": found.erased,
                "events": {"recorded": found.recorded, "imported": found.imported},
                "decisions": {
                    "allowed": found.allowed,
                    "refused": found.refused,
                    "shadow": found.in_shadow,
                },
                "imported_at": None if found.imported_at is None else _at(found),
            }
        )
        + "\n"
    )


def _at(found: Overview) -> str:
    assert found.imported_at is not None  # noqa: S101  (the caller asked)
    return show_instant(found.imported_at)
