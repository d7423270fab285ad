"""Pay statements as JSON: the contract of `schemas/statement.schema.json`, version 1.

Amounts are texts, since a number of JSON is read as a float by many.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from playgate.errors import Place
from playgate.pay.result import PayResult
from playgate.records import Record
from playgate.report.figures import instant
from playgate.report.json_text import json_pieces
from playgate.report.pay_words import exact
from playgate.version import __version__

__all__ = ["SCHEMA", "VERSION", "render"]

SCHEMA = "https://playgate.invalid/schemas/statement.schema.json"
VERSION = 1

_INSTANTS = frozenset(("as_of", "at", "start", "end", "kept"))


def render(result: PayResult) -> Iterator[str]:
    """Yields the result in pieces; its fields are those of `playgate.pay.result`."""
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "version": VERSION,
        "playgate": __version__,
        "kind": "pay",
    }
    for name, value in result.__dict__.items():
        key = "playbook_version" if name == "version" else name
        data[key] = iter(map(_plain, value)) if name == "statements" else _value(name, value)
    yield from json_pieces(data)
    yield "\n"


def _plain(record: Record) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in record.__dict__.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, Place):
        return value._asdict()
    if isinstance(value, Record):
        return _plain(value)
    if isinstance(value, tuple):
        return [_value("", each) for each in value]
    if isinstance(value, Decimal):
        return exact(value)
    return instant(value) if name in _INSTANTS else value
