"""What differs between two versions as JSON: the contract of `schemas/diff.schema.json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.errors import Place
from playgate.report.json_text import json_pieces
from playgate.version import __version__
from playgate.versions.change import Change, Diff, Version

__all__ = ["diff_object", "render", "version_object"]

_SCHEMA = "https://playgate.invalid/schemas/diff.schema.json"


def render(diff: Diff) -> Iterator[str]:
    """Yields the differences, each on a line of its own."""
    head = {"schema": _SCHEMA, "version": 1, "playgate": __version__}
    yield from json_pieces({**head, **diff_object(diff)})
    yield "\n"


def diff_object(diff: Diff) -> dict[str, Any]:
    """Returns both versions, and what differs."""
    return {
        "old": version_object(diff.old),
        "new": version_object(diff.new),
        "changes": map(_change, diff.changes),
    }


def version_object(version: Version) -> dict[str, str]:
    """Returns a version as data."""
    return {
        "name": version.name,
        "version": version.version,
        "sha256": version.sha256,
        "file": version.file,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "part": change.part,
        "kind": change.kind,
        "id": change.id,
        "stage": change.stage or None,
        "old_id": change.old_id or None,
        "aspect": change.aspect or None,
        "old": change.old or None,
        "new": change.new or None,
        "old_place": _place(change.old_place),
        "new_place": _place(change.new_place),
    }


def _place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {"file": place.file, "line": place.line, "column": place.column}
