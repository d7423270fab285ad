"""What `publish` and `migrate` answer, as text and as JSON (`schemas/migration.schema.json`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.conditions.instants import show_instant
from playgate.enforce.migrate import Fate, MigrationRun, Published
from playgate.report.head_json import head_object
from playgate.report.json_text import json_pieces
from playgate.report.words import plural, visible

__all__ = ["migrated_json", "migrated_text", "published_json", "published_text"]


def published_text(published: Published) -> Iterator[str]:
    """Yields lines on what was published, or what stands in its way."""
    name = visible(f"{published.name} version {published.version}")
    if published.stranded:
        many = plural(len(published.stranded), "deal")
        yield f"{name} is not published: {many} in flight would have no stage\n"
        for fate in published.stranded:
            deal = f"{fate.deal} (version {fate.from_version})"
            yield f"  {visible(deal)}: {visible(fate.reason)}\n"
        yield f"{visible(published.hint)}\n"
        return
    known = "is published" if published.is_new else "was published already: nothing was changed"
    yield f"{name} {known} ({published.sha256[:12]})\n"
    if published.deals:
        many = plural(published.deals, "deal is", "deals are")
        yield f"{many} in flight under other versions; policy: {published.policy}\n"
        if published.policy != "pin":
            yield f"next: playgate migrate --to {visible(published.version)} --dry-run\n"


def published_json(published: Published) -> Iterator[str]:
    """Returns the same as data."""
    yield from json_pieces(
        {
            "version": 1,
            "kind": "published",
            "playbook": _playbook(published),
            "policy": published.policy,
            "published": not published.stranded,
            "new": published.is_new,
            "deals": published.deals,
            "stranded": [_fate(fate) for fate in published.stranded],
            "hint": published.hint or None,
            "head": head_object(published.head),
        }
    )
    yield "\n"


def migrated_text(migration: MigrationRun) -> Iterator[str]:
    """Yields lines on what became, or would become, of each deal in flight."""
    name = visible(f"{migration.name} version {migration.version}")
    dry = " (dry run: nothing was changed)" if migration.dry_run else ""
    yield f"{name}, policy: {migration.policy}{dry}\n"
    for fate in migration.fates:
        yield f"  {visible(fate.deal)}  {_course(fate, migration)}\n"
    moved = sum(fate.migrates for fate in migration.fates)
    would = "would be migrated" if migration.dry_run else "migrated"
    stay = plural(len(migration.fates) - moved, "deal stays", "deals stay")
    yield f"{plural(moved, 'deal')} {would}, {stay} where they are"
    yield f"; {plural(migration.ended, 'deal has', 'deals have')} ended\n"


def _course(fate: Fate, migration: MigrationRun) -> str:
    if not fate.migrates:
        return visible(f"stays under version {fate.from_version}: {fate.reason}")
    stage = fate.to_stage or "no stage yet"
    if fate.from_stage != fate.to_stage:
        stage = f"{fate.from_stage} → {fate.to_stage}"
    return visible(f"version {fate.from_version} → {migration.version}, {stage}")


def migrated_json(migration: MigrationRun) -> Iterator[str]:
    """Yields the migration as JSON, with a line for each deal."""
    yield from json_pieces(
        {
            "version": 1,
            "kind": "migrated",
            "playbook": _playbook(migration),
            "policy": migration.policy,
            "at": show_instant(migration.at),
            "dry_run": migration.dry_run,
            "ended": migration.ended,
            "head": head_object(migration.head),
            "deals": map(_fate, migration.fates),
        }
    )
    yield "\n"


def _playbook(named: Published | MigrationRun) -> dict[str, str]:
    return {"name": named.name, "version": named.version, "sha256": named.sha256}


def _fate(fate: Fate) -> dict[str, Any]:
    return {
        "deal": fate.deal,
        "from_version": fate.from_version,
        "from_stage": fate.from_stage or None,
        "to_stage": fate.to_stage or None,
        "migrates": fate.migrates,
        "stranded": fate.stranded,
        "reason": fate.reason or None,
    }
