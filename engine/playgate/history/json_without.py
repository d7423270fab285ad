"""A JSON text in which something is no text, without the items in which it stands."""

from __future__ import annotations

import json
from typing import Any

from playgate.history.json_texts import read_watched
from playgate.history.paths import MISSING
from playgate.history.source import unreadable

__all__ = ["read_readable"]

_MARK = "\ufdd0"
"""Stands for a NUL while a text is parsed; it is no letter, and in no text."""


def read_readable(text: str) -> tuple[Any, list[tuple[int, str, str]]]:
    """Returns the data of a text with NULs in it, `MISSING` in the place of each item of its
    outermost lists in which they stand; and of these items number, reason and hint.

    Raises `ValueError` where one stands outside of them.
    """
    odd: list[tuple[int, str, str]] = []
    data = _without(read_watched(text.replace("\0", _MARK)), odd)
    if _MARK in _shown(data):
        raise ValueError(unreadable(text)[0])
    return data, odd


def _without(data: Any, odd: list[tuple[int, str, str]]) -> Any:
    if isinstance(data, dict):
        return {key: _without(value, odd) for key, value in data.items()}
    if not isinstance(data, list):
        return data
    found: list[Any] = []
    for number, item in enumerate(data, 1):
        is_odd = _MARK in (shown := _shown(item))
        if is_odd:
            odd.append((number, *unreadable(shown)))
        found.append(MISSING if is_odd else item)
    return found


def _shown(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, default=repr)
