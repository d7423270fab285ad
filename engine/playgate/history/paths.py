"""Paths into nested values: `field_id.0`, `properties.amount`.

A key beats a path: where an object has the key `a.b`, that is what `a.b` names. Through a list of
objects a path gives `Several` values. Text that holds JSON is looked into, as cells of CSV have it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from playgate.history.json_texts import read_texts

__all__ = ["ITEM", "MISSING", "Several", "at", "head", "opened"]

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


def head(path: str) -> str:
    """Returns the first step of a path."""
    return path.partition(".")[0]


def at(data: Any, path: str) -> Any:
    """Returns what the path leads to in `data`, else `MISSING`."""
    if type(data) is dict and path in data:
        return data[path]
    return _follow(data, _steps(path), 0)


@cache
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def _follow(data: Any, steps: tuple[str, ...], place: int) -> Any:
    for index in range(place, len(steps)):
        step = steps[index]
        if type(data) is str:
            data = opened(data)
        if isinstance(data, list):
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


def _through(items: list[Any], steps: tuple[str, ...], place: int) -> Several:
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
