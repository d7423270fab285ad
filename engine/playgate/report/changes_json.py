"""A digest as JSON, version 1: the contract of `schemas/digest.schema.json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.numbers.changes_result import Changes
from playgate.records import Record
from playgate.report.figures import instant
from playgate.report.json_text import json_pieces
from playgate.report.numbers_json import plain
from playgate.version import __version__

__all__ = ["SCHEMA", "VERSION", "render"]

SCHEMA = "https://playgate.invalid/schemas/digest.schema.json"
VERSION = 1
_LISTS = ("missed", "made_good", "due", "begun", "over", "asked", "given", "moved")
_INSTANTS = ("made_good_at", "at")


def render(found: Changes) -> Iterator[str]:
    """Yields the digest in pieces; its fields are those of `playgate.numbers.changes_result`."""
    basis = found.basis
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "version": VERSION,
        "playgate": __version__,
        "playbook": {
            "name": basis.playbook,
            "version": basis.version,
            "title": basis.title,
            "sha256": basis.sha256,
        },
        "since": instant(found.since),
        "as_of": instant(basis.as_of),
        "for": {"readers": found.readers, "id": found.id or None, "name": found.name or None},
        "deals": basis.deals,
        "problems": basis.problems,
        "names": found.names,
    }
    for name in _LISTS:
        data[name] = map(_item, getattr(found, name))
    if found.today is not None:
        own = plain(found.today)
        data["today"] = {name: own[name] for name in own if name != "basis"}
    yield from json_pieces(data)
    yield "\n"


def _item(record: Record) -> dict[str, Any]:
    return {
        name: instant(value) if name in _INSTANTS else value
        for name, value in plain(record).items()
    }
