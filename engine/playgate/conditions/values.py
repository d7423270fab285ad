"""Reads text as typed values, and tells when a value counts as absent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Literal

from playgate.conditions.instants import Zone, read_instant
from playgate.records import Record

__all__ = [
    "CHOSEN",
    "FieldType",
    "Kind",
    "Reading",
    "Value",
    "attribute_text",
    "is_absent",
    "value_reader",
]

Kind = Literal["text", "choice", "choices", "number", "integer", "boolean", "date", "datetime"]
Value = str | float | bool | int
"""A text, a 64-bit float, a boolean, or an instant in microseconds.

Choices are a text, too: the options in the order of their declaration, joined by `CHOSEN`.
"""
CHOSEN = "; "

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_INFINITY = float("inf")


class FieldType(Record):
    """A declared type: its kind and, for a choice or choices, the options."""

    kind: Kind
    options: tuple[str, ...] = ()
    unit: str = ""
    title: str = ""
    currency: str = ""
    """The field that says in which currency the value is."""


class Reading(Record):
    """How a playbook reads values: its placeholders (trimmed, case-folded) and its time zone."""

    placeholders: frozenset[str]
    zone: Zone


def is_absent(text: str, reading: Reading) -> bool:
    """Whether `text` is empty, blank or a placeholder."""
    trimmed = text.strip()
    return not trimmed or trimmed.casefold() in reading.placeholders


def value_reader(kind: FieldType, reading: Reading) -> Callable[[str], Value | None]:
    """Returns the function that reads a text's value; `None` where it is absent or unreadable."""
    parse = _PARSERS[kind.kind](kind, reading)

    def read(text: str) -> Value | None:
        return None if is_absent(text, reading) else parse(text)

    return read


def attribute_text(value: Any) -> str:
    """Returns an event's attribute (JSON data) as the text that a test reads."""
    if isinstance(value, str):
        return value
    if value is None or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def _number(_: FieldType, __: Reading) -> Callable[[str], Value | None]:
    def parse(text: str) -> Value | None:
        trimmed = text.strip()
        if _NUMBER.fullmatch(trimmed) is None:
            return None
        number = float(trimmed)
        return number if -_INFINITY < number < _INFINITY else None

    return parse


def _integer(kind: FieldType, reading: Reading) -> Callable[[str], Value | None]:
    number = _number(kind, reading)

    def parse(text: str) -> Value | None:
        value = number(text)
        return value if isinstance(value, float) and value.is_integer() else None

    return parse


def _boolean(_: FieldType, __: Reading) -> Callable[[str], Value | None]:
    return lambda text: _BOOLEANS.get(text.strip().lower())


def _choice(kind: FieldType, _: Reading) -> Callable[[str], Value | None]:
    options = {option: option for option in kind.options}
    return lambda text: options.get(text.strip())


def _choices(kind: FieldType, _: Reading) -> Callable[[str], Value | None]:
    known = frozenset(kind.options)

    def parse(text: str) -> Value | None:
        items = {item.strip() for item in text.split(";")} - {""}
        if not items or not items <= known:
            return None
        return CHOSEN.join(option for option in kind.options if option in items)

    return parse


def _instant(_: FieldType, reading: Reading) -> Callable[[str], Value | None]:
    return lambda text: read_instant(text.strip(), reading.zone)


def _text(_: FieldType, __: Reading) -> Callable[[str], Value | None]:
    return lambda text: text


_PARSERS: dict[Kind, Callable[[FieldType, Reading], Callable[[str], Value | None]]] = {
    "text": _text,
    "choice": _choice,
    "choices": _choices,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "date": _instant,
    "datetime": _instant,
}
