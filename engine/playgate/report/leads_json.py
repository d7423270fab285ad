"""Lists of prospects as JSON: the contract of `schemas/prospects.schema.json`, version 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from playgate.errors import Place
from playgate.leads.result import LeadsResult
from playgate.records import Record
from playgate.report.figures import instant, trimmed
from playgate.report.json_text import json_pieces
from playgate.version import __version__

__all__ = ["SCHEMA", "VERSION", "render"]

SCHEMA = "https://playgate.invalid/schemas/prospects.schema.json"
VERSION = 1

_INSTANTS = frozenset(("as_of", "since"))
_OF_REPS = frozenset(("leads", "due", "release"))


def render(result: LeadsResult, rep: str = "") -> Iterator[str]:
    """Yields the head's list, or what of it is a rep's; its fields are those of
    `playgate.leads.result`."""
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "version": VERSION,
        "playgate": __version__,
        "kind": "leads",
        "rep": rep,
        "short": result.is_short,
    }
    for name, value in result.__dict__.items():
        key = "playbook_version" if name == "version" else name
        if name in _OF_REPS:
            data[key] = iter(_value("", each) for each in value if rep in ("", each.rep))
        else:
            data[key] = _value(name, value)
    yield from json_pieces(data)
    yield "\n"


def _value(name: str, value: Any) -> Any:
    if isinstance(value, Place):
        return value._asdict()
    if isinstance(value, Record):
        return {each: _value(each, found) for each, found in value.__dict__.items()}
    if isinstance(value, tuple):
        return [_value("", each) for each in value]
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, float):
        return trimmed(value)
    return instant(value) if name in _INSTANTS else value
