"""Errors as JSON: the contract of `schemas/error.schema.json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from playgate.errors import Code, InputError, Mistake
from playgate.report.json_text import json_line

__all__ = ["error_object", "errors_of", "plain", "render", "said"]

_VERSION = 2


def error_object(error: InputError) -> dict[str, Any]:
    """Returns an error as data: the first of what is wrong, and all of it."""
    return said([*errors_of(error)])


def said(errors: list[dict[str, Any]]) -> dict[str, Any]:
    """Returns the answer that tells of these errors, at least one."""
    return {"version": _VERSION, "kind": "error", "error": errors[0], "errors": errors}


def errors_of(error: InputError) -> Iterator[dict[str, Any]]:
    """Yields each thing that an error tells of."""
    # What makes the input wrong comes before what is only worth mending.
    for mistake in sorted(error.mistakes, key=lambda each: each.level != "error"):
        yield _placed(mistake)
    for each in error.several:
        yield from errors_of(each)
    if error.message or not (error.mistakes or error.several):
        message = "\n".join((error.message or error.code, *error.lines))
        yield plain(message, code=error.code, hint=error.hint)


def plain(message: str, *, code: Code, hint: str = "") -> dict[str, Any]:
    """Returns an error that has no place in a file."""
    return {
        "code": code,
        "message": message,
        "hint": hint or None,
        "file": None,
        "line": None,
        "column": None,
    }


def _placed(mistake: Mistake) -> dict[str, Any]:
    place = mistake.place
    return {
        "code": mistake.rule,
        "message": mistake.message,
        "hint": mistake.hint or None,
        "file": place.file,
        "line": place.line,
        "column": place.column,
    }


def render(told: Mapping[str, Any]) -> str:
    """Renders an answer as one line."""
    return json_line(told)
