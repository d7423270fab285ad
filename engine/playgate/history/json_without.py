"""A JSON text in which something is no text, without the items in which it stands."""

from __future__ import annotations

import json
from typing import Any

from playgate.history.json_texts import NoTextError, in_form, read_texts, read_watched, refuse_deep
from playgate.history.paths import MISSING
from playgate.history.source import unreadable

__all__ = ["read_readable"]

_MARK = "\ufdd0"
"""Stands for a NUL while a text is parsed; it is no letter, and in no text."""


def read_readable(text: str) -> tuple[Any, list[tuple[int, str, str]]]:
    """Returns the data of a text, `MISSING` in the place of each item of its outermost lists in
    which something is no text; and of these items number, reason and hint.

    Raises `ValueError` where such a thing stands outside of them, and where the text is no JSON;
    `RecursionError` where it is too deep.
    """
    if "\0" not in text:
        try:
            return read_texts(text), []
        except NoTextError:
            pass
    data = read_watched(text.replace("\0", _MARK))
    refuse_deep(text, data)
    odd: list[tuple[int, str, str]] = []
    data = _without(data, odd)
    if _MARK in json.dumps(data, ensure_ascii=False, default=repr):
        raise ValueError(unreadable(text)[0])
    return in_form(data), odd


def _without(data: Any, odd: list[tuple[int, str, str]]) -> Any:
    if isinstance(data, dict):
        return {key: _without(value, odd) for key, value in data.items()}
    if not isinstance(data, list):
        return data
    found: list[Any] = []
    for number, item in enumerate(data, 1):
        why = _why_unreadable(item)
        if why:
            odd.append((number, *why))
        found.append(MISSING if why else item)
    return found


def _why_unreadable(item: Any) -> tuple[str, str] | None:
    shown = json.dumps(item, ensure_ascii=False)
    if _MARK in shown:
        return unreadable(shown)
    try:
        in_form(item)
    except NoTextError as error:
        return str(error), "write the character itself, or leave it out"
    return None
