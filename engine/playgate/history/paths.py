"""Paths into nested values: `field_id.0`, `properties.amount`.

A key beats a path: where an object has the key `a.b`, that is what `a.b` names. Through a list of
objects a path gives `Several` values. Text that holds JSON is looked into, as cells of CSV have it.
`[name=outcome]` behind a list leaves those of its objects that have this value.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from playgate.history.json_texts import read_texts

__all__ = ["ITEM", "MISSING", "Several", "at", "cuts", "head", "is_path", "opened", "steps_of"]

_MOST_DIGITS = 20
ITEM = "."
"""The path of an item itself, where it is no object."""


class _Missing:
    """Stands where a path leads nowhere."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False


MISSING = _Missing()


class Several(list[Any]):
    """What a path gives that leads through a list: the values found in its items."""

    __slots__ = ()


_CHOICE = re.compile(r"\[([^\[\]=]+)=([^\[\]]*)\]")
_POINT = re.compile(r"\.(?![^\[\]]*\])")

_Step = str | tuple[str, str]
"""A name or a number, or the key and the value that objects must have."""


def is_path(column: str) -> bool:
    """Returns whether a column's name may be a path into it."""
    return "." in column or _CHOICE.search(column) is not None


def head(path: str) -> str:
    """Returns the first step of a path."""
    return _CHOICE.split(path, maxsplit=1)[0].partition(".")[0]


@cache
def steps_of(path: str) -> tuple[_Step, ...]:
    """Returns the steps of a path."""
    steps: list[_Step] = []
    end = 0
    for found in _CHOICE.finditer(path):
        steps += _names(path[end : found.start()])
        steps.append((found[1], found[2]))
        end = found.end()
    return (*steps, *_names(path[end:])) if steps else tuple(path.split("."))


def _names(part: str) -> list[str]:
    return part.removeprefix(".").split(".") if part else []


@cache
def cuts(path: str) -> tuple[tuple[str, str], ...]:
    """Returns the ways to part a path into one to a list, and one from its items on."""
    found = [(path[: point.start()], path[point.end() :]) for point in _POINT.finditer(path)]
    return tuple((before, rest) for before, rest in found if not head(rest).isdecimal())


def at(data: Any, path: str) -> Any:
    """Returns what the path leads to in `data`, else `MISSING`."""
    if type(data) is dict and path in data:
        return data[path]
    return _follow(data, steps_of(path), 0)


def _follow(data: Any, steps: tuple[_Step, ...], place: int) -> Any:
    for index in range(place, len(steps)):
        step = steps[index]
        if type(data) is str:
            data = opened(data)
        if isinstance(step, tuple):
            data = _chosen(data, *step)
        elif isinstance(data, list):
            if not step.isdecimal():
                return _through(data, steps, index)
            data = (
                data[int(step)] if len(step) < _MOST_DIGITS and int(step) < len(data) else MISSING
            )
        elif type(data) is dict:
            data = data.get(step, MISSING)
        else:
            return MISSING
    return data


def _chosen(data: Any, key: str, text: str) -> Any:
    """Returns the objects of a list that have this value; an object that has another is missing."""
    if isinstance(data, list):
        return [item for item in data if type(item) is dict and _is(item.get(key), text)]
    return data if type(data) is dict and _is(data.get(key), text) else MISSING


def _is(value: Any, text: str) -> bool:
    return value == text if isinstance(value, str) else json.dumps(value) == text


def _through(items: list[Any], steps: tuple[_Step, ...], place: int) -> Several:
    found = Several()
    for item in items:
        value = _follow(item, steps, place)
        if isinstance(value, list):
            found += value
        elif value is not MISSING and value is not None:
            found.append(value)
    return found


def opened(text: str) -> Any:
    """Returns the list or object that a text holds as JSON, else the text."""
    if text[:1] not in ("{", "[") and text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return read_texts(text)
    except (ValueError, RecursionError):
        return text
