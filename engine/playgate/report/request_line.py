"""A request as it is sent, one object of JSON, and its answer with the tag of the request."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from playgate.enforce.commands import Request
from playgate.errors import InputError
from playgate.records import Record
from playgate.report.error_json import error_object, render
from playgate.report.json_text import printable

__all__ = ["LONGEST_LINE", "RequestLine", "no_constant"]

LONGEST_LINE = 1_000_000
"""How many bytes a request may have."""
_LONGEST_TAG = 10_000


class _Written(float):
    """A number that knows how it was written, as a text field keeps it so."""

    text: str

    def __new__(cls, text: str) -> _Written:
        made = float.__new__(cls, text)
        if made in (float("inf"), float("-inf")):
            raise InputError(f"{text[:60]} is too large a number", code="wrong-value")
        made.text = text
        return made


def no_constant(name: str) -> object:
    """Refuses what Python's reader of JSON takes and JSON does not: NaN and the infinities."""
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Returns an object, in which every key may stand once."""
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(name for name, _ in pairs)
        twice = next(name for name in times if times[name] > 1)
        raise InputError(f"{json.dumps(twice)[:60]} is said twice", hint=_ONE, code="no-json")
    return found


_ONE = "one object on each line"
_DECODE = json.JSONDecoder(
    parse_constant=no_constant, parse_float=_Written, object_pairs_hook=_once
).decode
_DECODE_ANY = json.JSONDecoder().decode
_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


class RequestLine(Record):
    """A request, as it was read."""

    given: Mapping[str, Any]
    error: InputError | None
    """Why it is no request."""
    tag: str
    """What the answer gives back, as JSON; empty where there is nothing."""

    @classmethod
    def read(cls, line: bytes, *, what: str = "a line") -> RequestLine:
        """Reads a line, or `what` it is; what is wrong with it is told when it is asked for its
        request."""
        try:
            given = _object(line, what)
            return cls(given, None, _tag(given))
        except InputError as error:
            return cls({}, error, _tag_of(line))

    def request(self, defaults: Request) -> Request | InputError:
        """Returns what is asked for, with what it does not say itself, or what is wrong with it."""
        if self.error is not None:
            return self.error
        if self.given.get("tag") is not None and not self.tag:
            return InputError("tag is too long, or nested too deep", code="wrong-value")
        return {**defaults, **self.given}

    def tagged(self, answer: str) -> str:
        """Returns an answer, which is an object, with the tag of its request."""
        return f'{answer[:-1]}, "tag": {self.tag}}}' if self.tag else answer

    def wrong(self, error: InputError) -> str:
        """Returns the answer that tells of an error."""
        return self.tagged(render(error_object(error)))


def _object(line: bytes, what: str) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise InputError(f"{what} of more than a megabyte", hint=_ONE, code="no-json")
    try:
        given = _DECODE(line.decode(json.detect_encoding(line), "surrogatepass"))
    except (ValueError, RecursionError):
        raise InputError(f"{what} that is no JSON", hint=_ONE, code="no-json") from None
    if not isinstance(given, dict):
        raise InputError(f"{what} that is no JSON object", hint=_ONE, code="no-json")
    return given


def _tag(given: Mapping[str, Any]) -> str:
    """Returns the tag as JSON, or nothing where it is none that an answer can give back."""
    tag = given.get("tag")
    if tag is None:
        return ""
    try:
        text = _ENCODE(tag)
    except (ValueError, RecursionError):
        return ""
    return printable(text) if len(text) <= _LONGEST_TAG else ""


def _tag_of(line: bytes) -> str:
    """Returns the tag of a line that is no request, where one can be made out."""
    if len(line) > LONGEST_LINE:
        return ""
    try:
        given = _DECODE_ANY(line.decode(json.detect_encoding(line), "surrogatepass"))
    except (ValueError, RecursionError):
        return ""
    return _tag(given) if isinstance(given, dict) else ""
