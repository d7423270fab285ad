"""Checks a document against one of the shipped JSON Schemas; the one door to `jsonschema`.

The schemas choose between alternatives with `if`/`then`/`else`, so what is reported is the one that
the author meant. A subschema may carry words of its own: `errorMessage` (with a hint after a bar)
and `errorRule` in place of its keyword's, `errorHint`, which names one of `HINTS`, `errorKeys`, one
of which a mapping must have, `errorHints` for keys that belong elsewhere and for values,
`typeHints` for a value of another type, and a `title` that says what it describes. At its top a
schema may have `errorWords`: words that others use, each with those that it may be here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Any

from playgate.documents.document import (
    Document,
    Route,
    nearest,
    quoted,
    resembles,
    shortened,
    written,
)
from playgate.documents.hints import HINTS, dash_hint, from_elsewhere, slip_hint
from playgate.documents.shipped import shipped
from playgate.errors import Mistake, Place

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
_MOST_HINTS = 100
_BESIDE = ("pay", "leads")
"""Schemas that speak of conditions and names as a playbook's does."""
_DASHED = re.compile(r"-[^\W\d]")


def load_schema(name: str) -> dict[str, Any]:
    """Returns the shipped schema `name` (`playbook`, `mapping`, …) as data."""
    loaded: dict[str, Any] = json.loads(shipped("schemas", f"{name}.schema.json").read_bytes())
    if name == "common":
        return _of_playbook(loaded)
    return _with_conditions(loaded) if name in _BESIDE else loaded


def _of_playbook(loaded: dict[str, Any]) -> dict[str, Any]:
    """Returns a schema, all properties of which are those of a playbook, without references to
    it."""
    playbook = load_schema("playbook")
    properties = {key: playbook["properties"][key] for key in loaded["properties"]}
    shared = {key: playbook[key] for key in ("errorWords", "$defs")}
    return {**loaded, **shared, "properties": properties}


def _with_conditions(loaded: dict[str, Any]) -> dict[str, Any]:
    """Returns a schema that speaks of parts of a playbook's with these in it, without references
    to another file."""
    playbook = load_schema("playbook")
    own = json.loads(json.dumps(loaded).replace('"playbook.schema.json#', '"#'))
    words = {**playbook["errorWords"], **own.get("errorWords", {})}
    return {**own, "errorWords": words, "$defs": {**playbook["$defs"], **own.get("$defs", {})}}


@cache
def _validator(name: str) -> Any:
    from jsonschema import Draft202012Validator, validators

    extend: Any = validators.extend
    # The library compares all pairs of mixed items, which takes too long, and reads 1.0 as whole.
    types = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    made = extend(Draft202012Validator, {"uniqueItems": _no_text_twice}, type_checker=types)
    return made(load_schema(name))


def _no_text_twice(_: Any, wanted: bool, items: Any, __: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    seen: set[str] = set()
    for index, item in enumerate(items if wanted and isinstance(items, list) else ()):
        if isinstance(item, str):
            if item in seen:
                yield ValidationError("stands twice", path=[index])
            seen.add(item)


def check_schema(document: Document, name: str) -> tuple[list[Mistake], frozenset[Route]]:
    """Returns the mistakes that schema `name` finds, and the routes whose values cannot be used."""
    validator = _validator(name)
    checked = _Checked(document, words=validator.schema.get("errorWords", {}))
    for error in validator.iter_errors(document.data):
        checked.add(error)
    return list(checked.mistakes), frozenset(checked.damaged)


class _Checked:
    """Turns the library's errors into mistakes with places and hints."""

    def __init__(self, document: Document, *, words: dict[str, list[str]]) -> None:
        self.mistakes: dict[Mistake, None] = {}
        self.damaged: set[Route] = set()
        self._document = document
        self._words = words

    def add(self, error: Any) -> None:
        """Takes in one error."""
        route: Route = tuple(error.absolute_path)
        if "propertyNames" in error.absolute_schema_path:
            key = error.instance
            message, hint = self._own_words((*route, key), error.schema, key)
            place = self._document.key_place((*route, key))
            self._report(place, f"key {quoted(key)} {message}", "wrong-form", hint)
        elif error.validator == "additionalProperties":
            self._unknown_keys(route, error)
        else:
            self.damaged.add(route)
            self._wrong_value(route, error)

    def _report(self, place: Place, message: str, rule: str, hint: str = "") -> None:
        self.mistakes.setdefault(Mistake(place, message, rule, hint))

    def _wrong_value(self, route: Route, error: Any) -> None:
        place, name, value = self._document.place(route), _name(route), error.instance
        wanted: Any = error.validator_value
        if "errorMessage" in error.schema:
            message, hint = self._own_words(route, error.schema, value)
            rule = error.schema.get("errorRule", "wrong-form")
            keyed = self._misspelt(route, error.schema, value)
            if not keyed:
                subject = f"{name} " if message.startswith("must") else ""
                self._report(place, f"{subject}{message}, not {_shown(value)}", rule, hint)
            return
        match error.validator:
            case "required":
                self._missing_key(route, error)
            case "type":
                kinds = [wanted] if isinstance(wanted, str) else wanted
                expected = " or ".join(_KINDS[kind] for kind in kinds)
                # What is no such file at all may be a secret: nothing of it is shown.
                shown = _shown(value) if route or not isinstance(value, str) else "text"
                message = f"{name} must be {expected}, not {shown}"
                own = error.schema.get("typeHints", {}).get(_KIND_OF.get(type(value)))
                self._report(place, message, "wrong-type", own or _type_hint(kinds, value))
            case "enum" | "const":
                values = wanted if error.validator == "enum" else [wanted]
                own = error.schema.get("errorHints", {}).get(written(value).lower())
                near = own or self._nearest(value, tuple(map(str, values)))
                self._report(place, f"{name} cannot be {_shown(value)}", "unknown-value", near)
            case "minItems" | "minProperties":
                self._report(place, f"{name} is empty", "empty", "fill it in, or leave it out")
            case "maxItems":
                message, hint = f"{name} has more than {wanted} items", "put several into one"
                self._report(place, message, "too-many-values", hint)
            case "maxProperties":
                message, hint = f"{name} has more than {wanted} entries", "let globs match several"
                self._report(place, message, "too-many-values", hint)
            case "uniqueItems":
                inside = _quoted_key(route[:-1])
                message = f"{_shown(value[route[-1]])} stands twice in {inside}"
                self._report(place, message, "duplicate-item", "leave one of them out")
            case "minimum":
                message = f"{name} must be at least {wanted}, not {_shown(value)}"
                self._report(place, message, "out-of-range")
            case _:
                self._report(place, f"{name} cannot be {_shown(value)}", "wrong-form")

    def _missing_key(self, route: Route, error: Any) -> None:
        # One error for each key that is missing; the library names it first in its message.
        missing = [key for key in error.validator_value if key not in error.instance]
        named = [key for key in missing if error.message.startswith(repr(key))]
        key = quoted(named[0] if named else missing[0])
        if not any(key in hint for _, hint in self._unknown(error)):
            message = f"key {key} is missing{_inside(route, error.schema)}"
            self._report(self._document.place(route), message, "missing-key")

    def _unknown_keys(self, route: Route, error: Any) -> None:
        for key, hint in self._unknown(error):
            self.damaged.add((*route, key))
            place = self._document.key_place((*route, key))
            message = f"unknown key {quoted(key)}{_inside(route, error.schema)}"
            self._report(place, message, "unknown-key", hint)

    def _unknown(self, error: Any) -> Iterator[tuple[str, str]]:
        """Yields the keys of a mapping that its schema does not know, each with a hint."""
        known = set(error.schema.get("properties", {}))
        hints, free = error.schema.get("errorHints", {}), known - set(error.instance)
        for number, key in enumerate(error.instance):
            if key not in known:
                near = self._nearest(key, free) if number < _MOST_HINTS else ""
                said = hints.get(key, "").replace("NAME", _last_key(error.absolute_path))
                yield key, said or slip_hint(error.instance, key) or near

    def _misspelt(self, route: Route, schema: Any, value: Any) -> bool:
        """Returns whether a mapping has none of the keys that it must begin with, but one near to
        them."""
        keys = schema.get("errorKeys", ())
        for key in value if keys and isinstance(value, dict) else ():
            if resembles(key, keys) or from_elsewhere(key, self._words, keys):
                place = self._document.key_place((*route, key))
                message = f"unknown key {quoted(key)}{_inside(route, schema)}"
                self._report(place, message, "unknown-key", self._nearest(key, keys))
                return True
        return False

    def _nearest(self, name: object, known: Collection[str]) -> str:
        """Returns a hint, or nothing once there are so many mistakes that nobody will read it."""
        if len(self.mistakes) >= _MOST_HINTS:
            return ""
        said = from_elsewhere(name, self._words, known)
        return said or nearest(name if isinstance(name, str) else "", known)

    def _own_words(self, route: Route, schema: Any, value: object) -> tuple[str, str]:
        message, _, hint = schema["errorMessage"].partition(" | ")
        if not hint and "errorHint" in schema and len(self.mistakes) < _MOST_HINTS:
            hint = HINTS[schema["errorHint"]](self._document, route, value)
        return message, hint


def _last_key(route: Iterable[str | int]) -> str:
    return next((step for step in reversed(tuple(route)) if isinstance(step, str)), "")


_KIND_OF: dict[type, str] = {str: "string", list: "array", type(None): "null"}


def _type_hint(kinds: list[str], value: object) -> str:
    if value is None:
        return (
            "write {} for nothing more to say"
            if "object" in kinds
            else ("fill it in, or leave the key out")
        )
    if "boolean" in kinds and isinstance(value, str):
        return "write true or false"
    if "string" in kinds and isinstance(value, bool | int | float):
        return f'put it in quotes: "{written(value)}"'
    if {"integer", "number"} & set(kinds) and isinstance(value, str):
        return "write a number, without quotes"
    if "array" in kinds and "string" not in kinds:
        first = next(iter(value), "") if isinstance(value, dict) else value
        if isinstance(first, str) and _DASHED.match(first):
            return dash_hint(first)
        return "start each item on a line of its own with a dash"
    return 'write it as "key: value", one to a line' if kinds == ["object"] else ""


def _quoted_key(route: Route) -> str:
    keys = [step for step in route if isinstance(step, str)]
    return quoted(keys[-1]) if keys else "the file"


def _name(route: Route) -> str:
    in_list = bool(route) and isinstance(route[-1], int)
    return f"an item of {_quoted_key(route)}" if in_list else _quoted_key(route)


def _inside(route: Route, schema: Any) -> str:
    if not route:
        return ""
    return f" in {schema['title']}" if "title" in schema else f" in {_quoted_key(route)}"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if value is None:
        return "an empty value"
    return quoted(value) if isinstance(value, str) else shortened(written(value))
