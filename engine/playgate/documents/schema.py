"""Checks a document against one of the shipped JSON Schemas; the one door to `jsonschema`.

The schemas choose between alternatives with `if`/`then`/`else`, so what is reported is the one that
the author meant. A subschema may carry `errorMessage`, which then speaks in place of its keyword.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from playgate.documents.document import Document, Route, nearest
from playgate.documents.shipped import shipped
from playgate.errors import Mistake

__all__ = ["check_schema", "load_schema"]

_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}


def load_schema(name: str) -> dict[str, Any]:
    """The shipped schema `name` (`playbook`, `mapping`, …) as data."""
    loaded: dict[str, Any] = json.loads(shipped("schemas", f"{name}.schema.json").read_bytes())
    return loaded


@cache
def _validator(name: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(load_schema(name))


def check_schema(document: Document, name: str) -> tuple[list[Mistake], frozenset[Route]]:
    """The mistakes that schema `name` finds, and the routes whose values cannot be used."""
    mistakes: dict[tuple[object, ...], Mistake] = {}
    damaged: set[Route] = set()
    for error in _validator(name).iter_errors(document.data):
        route: Route = tuple(error.absolute_path)
        if error.validator != "additionalProperties" or "errorMessage" in error.schema:
            damaged.add(route)
        for mistake in _mistakes(document, route, error):
            mistakes.setdefault((mistake.place, mistake.rule, mistake.message), mistake)
    return list(mistakes.values()), frozenset(damaged)


def _mistakes(document: Document, route: Route, error: Any) -> list[Mistake]:
    place = document.place(route)
    if "errorMessage" in error.schema:
        message, _, hint = error.schema["errorMessage"].partition(" | ")
        rule = error.schema.get("errorRule", "wrong-form")
        return [Mistake(place, f"{message}, not {_shown(error.instance)}", rule, hint)]
    match error.validator:
        case "additionalProperties":
            return _unknown_keys(document, route, error)
        case "required":
            # One error for each key that is missing; the library names it first in its message.
            missing = [key for key in error.validator_value if key not in error.instance]
            named = [key for key in missing if error.message.startswith(repr(key))]
            where = f"key {_quoted(named[0] if named else missing[0])} is missing"
            return [Mistake(place, where + _inside(route), "missing-key")]
        case "type":
            allowed = error.validator_value
            kinds = [allowed] if isinstance(allowed, str) else allowed
            expected = " or ".join(_KINDS[kind] for kind in kinds)
            hint = _type_hint(kinds, error.instance)
            message = f"{_name(route)} must be {expected}, not {_shown(error.instance)}"
            return [Mistake(place, message, "wrong-type", hint)]
        case "enum" | "const":
            values = (
                error.validator_value if error.validator == "enum" else [error.validator_value]
            )
            message = f"{_name(route)} cannot be {_shown(error.instance)}"
            hint = nearest(str(error.instance), map(str, values))
            return [Mistake(place, message, "unknown-value", hint)]
        case "minItems" | "minProperties":
            return [Mistake(place, f"{_name(route)} is empty", "empty")]
        case "uniqueItems":
            return [Mistake(place, f"{_name(route)} names something twice", "duplicate-item")]
        case "minimum" | "exclusiveMinimum" | "maximum":
            bound = "at most" if error.validator == "maximum" else "at least"
            message = f"{_name(route)} must be {bound} {error.validator_value}"
            return [Mistake(place, f"{message}, not {_shown(error.instance)}", "out-of-range")]
        case _:
            message = f"{_name(route)} cannot be {_shown(error.instance)}"
            return [Mistake(place, message, "wrong-form")]


def _unknown_keys(document: Document, route: Route, error: Any) -> list[Mistake]:
    known = set(error.schema.get("properties", {}))
    found = []
    for key in error.instance:
        if key not in known:
            place = document.key_place((*route, key))
            hint = nearest(key, known - set(error.instance))
            message = f"unknown key {_quoted(key)}{_inside(route)}"
            found.append(Mistake(place, message, "unknown-key", hint))
    return found


def _type_hint(kinds: list[str], value: object) -> str:
    if "boolean" in kinds and isinstance(value, str):
        return "write true or false"
    if "string" in kinds and isinstance(value, bool | int | float):
        return f'put it in quotes: "{_plain(value)}"'
    if "array" in kinds and "string" not in kinds:
        return "start each item on a line of its own with a dash"
    return ""


def _plain(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _name(route: Route) -> str:
    keys = [step for step in route if isinstance(step, str)]
    if not keys:
        return "the file"
    return _quoted(keys[-1]) if isinstance(route[-1], str) else f"an item of {_quoted(keys[-1])}"


def _inside(route: Route) -> str:
    keys = [step for step in route if isinstance(step, str)]
    return f" in {_quoted(keys[-1])}" if keys else ""


def _quoted(key: str) -> str:
    return json.dumps(key if len(key) <= 60 else key[:57] + "…", ensure_ascii=False)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if value is None:
        return "nothing"
    text = _plain(value)
    return _quoted(text) if isinstance(value, str) else text[:60]
