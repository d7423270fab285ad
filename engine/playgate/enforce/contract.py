"""What a request may say: the contract of `schemas/request.schema.json`, without `jsonschema`.

Importing that library costs more than an answer. This reads the few keywords that the schema uses;
a test holds what it says of fuzzed requests against the library. Each key of the schema may carry
`x-also`, what others call it, so that the answer names the key that is meant.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from playgate.errors import InputError
from playgate.records import Record

__all__ = ["KEYWORDS", "check_request", "form_of", "load", "takes"]

KEYWORDS = frozenset(
    (
        *("type", "const", "enum", "pattern", "maxLength"),
        *("items", "minItems", "maxItems", "uniqueItems"),
        *("properties", "additionalProperties", "propertyNames", "minProperties", "maxProperties"),
        *("required", "oneOf"),
    )
)
"""The keywords of JSON Schema that are read here."""

_KINDS: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}
_WORDS = {
    "string": "text",
    "boolean": "true or false",
    "number": "a number",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_SHOWN = 60


class Shape(Record):
    """What a request of one command may and must say."""

    command: str
    keys: Mapping[str, Mapping[str, Any]]
    """What each key must be."""
    required: tuple[str, ...]
    one_of: tuple[str, ...]
    """Keys of which exactly one must be there."""
    plain: frozenset[str]
    """Keys that take any text which is not blank: most of them, so these are looked at first."""


def check_request(request: Mapping[str, Any]) -> None:
    """Raises `InputError` with all that is wrong in a request, `command` included."""
    command = request.get("command")
    if not isinstance(command, str):
        raise _wrong_type("command", command, ["string"])
    shape = _shapes().get(command)
    if shape is None:
        raise _no_command(command)
    wrong = list(_wrong(shape, request))
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        raise InputError(several=wrong, code=wrong[0].code)


def takes(command: str, key: str) -> bool:
    """Returns whether a request of a command may say this."""
    return key in _shapes()[command].keys


def form_of(command: str, key: str) -> Mapping[str, Any]:
    """Returns what a key of a command's request must be, as JSON Schema, with what it says of it;
    without what others call it."""
    form = _shapes()[command].keys[key]
    return {word: said for word, said in form.items() if not word.startswith(("x-", "$"))}


@cache
def load() -> Mapping[str, Any]:
    """Returns the schema, read without what finds other files: that takes longer than to read."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    installed = os.path.join(package, "schemas")
    root = os.path.dirname(os.path.dirname(package))
    folder = installed if os.path.isdir(installed) else os.path.join(root, "schemas")
    with open(os.path.join(folder, "request.schema.json"), "rb") as file:
        schema: Mapping[str, Any] = json.loads(file.read())
    return schema


@cache
def _shapes() -> Mapping[str, Shape]:
    """Returns the shape of every command, by name."""
    schema = load()
    shapes = {}
    for told in schema["oneOf"]:
        name = told["$ref"].removeprefix("#/$defs/")
        body = schema["$defs"][name]
        keys = {key: _resolved(said, schema) for key, said in body["properties"].items()}
        one_of = tuple(each["required"][0] for each in body.get("oneOf", ()))
        plain = frozenset(key for key, form in keys.items() if _is_plain(form))
        shapes[name] = Shape(name, keys, tuple(body["required"]), one_of, plain)
    return shapes


def _is_plain(form: Mapping[str, Any]) -> bool:
    asked = {word: form[word] for word in form.keys() & KEYWORDS}
    return asked == {"type": "string", "pattern": "\\S"}


def _resolved(said: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns a schema with what it refers to, its own words first."""
    if "$ref" in said:
        said = {**schema["$defs"][said["$ref"].removeprefix("#/$defs/")], **said}
    if "items" in said:
        said = {**said, "items": _resolved(said["items"], schema)}
    return said


def _wrong(shape: Shape, request: Mapping[str, Any]) -> Iterator[InputError]:
    meant = set()
    for name, value in request.items():
        if name in shape.plain and isinstance(value, str) and value and not value.isspace():
            continue
        if name in shape.keys:
            error = _wrong_value(name, value, shape.keys[name])
        else:
            error, key = _unknown(shape, name, request)
            meant.add(key)
        if error is not None:
            yield error
    hint = f"playgate {shape.command} --help has examples"
    for name in shape.required:
        if name not in request and name not in meant:
            yield _missing(shape, name, hint)
    there = [name for name in shape.one_of if name in request]
    if len(there) > 1:
        yield InputError(f"{' and '.join(there)} exclude each other", code="unknown-key")
    elif shape.one_of and not there and meant.isdisjoint(shape.one_of):
        yield _missing(shape, shape.one_of[0], hint)


def _missing(shape: Shape, name: str, hint: str) -> InputError:
    if name == "deal" and shape.command not in ("open", "ask"):
        hint = "which deal? playgate deals lists them"
    return InputError(f"{shape.command} needs {name.upper()}", hint=hint, code="missing-key")


# Names


def _unknown(shape: Shape, name: str, request: Mapping[str, Any]) -> tuple[InputError, str]:
    """Returns the error about a key that the command does not know, and the key that may be
    meant."""
    meant = _meant(shape, name, request)
    if meant:
        hint = f'did you mean "{meant}"?'
    else:
        others = [each for each, other in _shapes().items() if name in other.keys]
        hint = f"of {', '.join(others)} only" if others else f"known: {', '.join(shape.keys)}"
    message = f"{shape.command} takes no {_shown(name)}"
    return InputError(message, hint=hint, code="unknown-key"), meant


def _meant(shape: Shape, name: str, request: Mapping[str, Any]) -> str:
    """Returns the key that a name stands for: one that others call so, else the nearest one."""
    free = {key: form for key, form in shape.keys.items() if key not in request}
    folded = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[-\s]+", "_", name[:_SHOWN].strip()).casefold()
    names = {also: key for key, form in free.items() for also in form.get("x-also", ())}
    names.update((key, key) for key in free)
    if folded in names:
        return names[folded]
    from difflib import get_close_matches  # only here: few words are misspelt

    close = get_close_matches(folded, names, n=1, cutoff=0.6)
    return names[close[0]] if close else ""


def _no_command(name: str) -> InputError:
    also = ", ".join(_shapes())
    from playgate.documents.document import nearest

    hint = nearest(name, _shapes()) if name else ""
    return InputError(f"no request {_shown(name)}", hint=hint or also, code="unknown-name")


# Values


def _wrong_value(name: str, value: object, form: Mapping[str, Any]) -> InputError | None:
    """Returns what is wrong with a value, or `None` where it is as it must be."""
    kind = _kind(value)
    kinds = form.get("type", kind)
    if kind != kinds and kind not in ([kinds] if isinstance(kinds, str) else kinds):
        return _wrong_type(name, value, [kinds] if isinstance(kinds, str) else kinds)
    if "enum" in form and value not in form["enum"]:
        known = " or ".join(form["enum"])
        return InputError(f"{name} cannot be {_shown(value)}", hint=known, code="wrong-value")
    if "const" in form and value != form["const"]:
        return InputError(f"{name} cannot be {_shown(value)}", code="wrong-value")
    if isinstance(value, str):
        return _wrong_text(name, value, form)
    if isinstance(value, list):
        return _wrong_list(name, value, form)
    return _wrong_object(name, value, form) if isinstance(value, dict) else None


def _wrong_text(name: str, value: str, form: Mapping[str, Any]) -> InputError | None:
    if "pattern" in form and not re.search(form["pattern"], value):
        return _empty(name)
    return _too_long(name, value, form.get("maxLength"))


def _wrong_list(name: str, value: list[Any], form: Mapping[str, Any]) -> InputError | None:
    if len(value) < form.get("minItems", 0):
        return _empty(name)
    inner = form.get("items", {})
    for each in value if inner else ():  # what may be anything may be as deep as can be read
        error = _wrong_value(f"an item of {name}", each, inner)
        if error is not None:
            return error
    if form.get("uniqueItems") and len(set(value)) < len(value):
        twice = next(each for each in value if value.count(each) > 1)
        return InputError(f"{_shown(twice)} stands twice in {name}", code="wrong-value")
    return _too_long(name, value, form.get("maxItems"))


def _wrong_object(
    name: str, value: Mapping[str, Any], form: Mapping[str, Any]
) -> InputError | None:
    if len(value) < form.get("minProperties", 0):
        return _empty(name)
    known = form.get("properties", {})
    for key, each in value.items():
        if "propertyNames" in form and _wrong_text(name, key, form["propertyNames"]):
            return InputError(f"{name} has a name that is empty", code="wrong-value")
        if key in known:  # only `false` stands there: what belongs elsewhere
            hint = f"it stands beside {name}"
            return InputError(f"{_shown(key)} is no name in {name}", hint=hint, code="unknown-key")
        inner = form.get("additionalProperties")
        error = _wrong_value(f"{key[:_SHOWN]} in {name}", each, inner) if inner else None
        if error is not None:
            return error
    return _too_long(name, value, form.get("maxProperties"))


def _empty(name: str) -> InputError:
    hint = "fill it in, or leave it out"
    return InputError(f"{name} is empty", hint=hint, code="wrong-value")


def _too_long(
    name: str, value: Sequence[Any] | Mapping[str, Any], most: int | None
) -> InputError | None:
    if most is None or len(value) <= most:
        return None
    return InputError(f"{name} is longer than {most}", code="wrong-value")


def _wrong_type(name: str, value: object, kinds: Sequence[str]) -> InputError:
    kind = _kind(value)
    hint = ""
    if value is None:
        hint = "leave the key out where there is nothing to say"
    elif "string" in kinds and kind in ("number", "boolean"):
        hint = f'put it in quotes: "{_written(value)}"'
    elif kinds == ["boolean"] and kind == "string":
        hint = "without quotes"
    expected = " or ".join(_WORDS[each] for each in kinds)
    shown = _WORDS[kind] if kind in ("array", "object") else _shown(value)
    return InputError(f"{name} must be {expected}, not {shown}", hint=hint, code="wrong-type")


def _kind(value: object) -> str:
    return _KINDS.get(type(value)) or ("number" if isinstance(value, float) else "object")


def _written(value: object) -> str:
    return _shown(getattr(value, "text", value))


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    text = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return f'"{text}"' if isinstance(value, str) else text
