"""Reads the right side of a test in a playbook as a value of the left side's type."""

from __future__ import annotations

from typing import Any

from playgate.conditions.english import with_article
from playgate.conditions.instants import Zone, read_instant
from playgate.conditions.values import FieldType, Kind, Value
from playgate.documents.document import nearest, written
from playgate.documents.hints import number_hint

__all__ = ["GROUP", "article", "kind_of", "read_literal"]

GROUP: dict[Kind, str] = {
    "text": "text",
    "choice": "text",
    "choices": "choices",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "date": "instant",
    "datetime": "instant",
}
"""The group of each kind; only types of one group can be compared with each other."""


def read_literal(data: Any, kind: FieldType, zone: Zone) -> tuple[Value | None, str]:
    """Returns the literal as a value of this type, or `None` and a hint."""
    match kind.kind:
        case "number" | "integer":
            if isinstance(data, bool) or not isinstance(data, int | float):
                return None, number_hint(data)
            if kind.kind == "integer" and not float(data).is_integer():
                return None, "an integer field holds whole numbers only"
            return float(data), ""
        case "boolean":
            return (data, "") if isinstance(data, bool) else (None, "write true or false")
        case "date" | "datetime":
            instant = read_instant(data, zone) if isinstance(data, str) else None
            return instant, "write a date as 2026-03-31 or 2026-03-31T09:00:00+01:00"
        case "choice" | "choices":
            if data in kind.options and isinstance(data, str):
                return data, ""
            return None, nearest(str(data), kind.options)
        case _:
            if isinstance(data, str):
                return data, ""
            return None, f'put it in quotes: "{written(data)}"'


def kind_of(values: list[Any]) -> FieldType:
    """Returns the type as which an attribute is read if a test has these values on its right."""
    if all(isinstance(value, bool) for value in values):
        return FieldType("boolean")
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return FieldType("number")
    return FieldType("text")


def article(kind: str) -> str:
    """Returns the type with its article, as a sentence names it."""
    if kind in ("text", "choices"):
        return kind
    return with_article(kind)
