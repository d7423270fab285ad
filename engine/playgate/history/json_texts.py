"""JSON as data whose fractions stay as they are written; what is doubled in it is refused.

`msgspec`, where it is installed, reads it several times faster than the standard library.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

from playgate.documents.document import composed, quoted

__all__ = [
    "TOO_DEEP",
    "WHICH",
    "DoubledKeyError",
    "NoTextError",
    "in_form",
    "is_once",
    "object_in",
    "once",
    "read_lines",
    "read_texts",
    "read_watched",
    "refuse_deep",
    "text_of",
    "why_not",
]

WHICH = "it is not known which of the two is meant"
"""What to say of a doubled key."""
_BEFORE_COLONS = (" :", "\t:", "\n:", "\r:")
_DEEPEST = 100
TOO_DEEP = f"no more than {_DEEPEST} lists and objects may lie in one another"
_BOXES = (dict, list)
_HALVES = re.compile("[\ud800-\udfff]")


class DoubledKeyError(ValueError):
    """An object has one key twice, so that it is not known which of the values is meant."""


class NoTextError(ValueError):
    """A character is written that no text can hold: a NUL, or half of one of two halves."""


def object_in(text: str, data: Any) -> dict[str, Any]:
    """Returns the data of a line, which must be an object; raises `ValueError` where it is none."""
    if type(data) is not dict:
        raise ValueError("a list" if type(data) is list else f"{text[:40]!r}")
    return data


def why_not(error: RecursionError | ValueError) -> tuple[str, str]:
    """Returns the reason why a line is no object that can be read, and a hint."""
    if isinstance(error, RecursionError):
        return "JSON nested too deep", TOO_DEEP
    if isinstance(error, DoubledKeyError):
        return str(error), WHICH
    return f"not a JSON object: {error}", "write one object on each line"


def read_texts(text: str) -> Any:
    """Returns the data in a JSON text, fractions as they are written.

    Raises `ValueError` where it is none or a key is doubled, `RecursionError` where it is too deep,
    which is long before Python is: whoever walks over it has steps of his own.
    """
    fast = None if "\\u" in text else _parser().text
    found = None if fast is None else fast(text)
    data = _flat(text) if found is None else found[0]
    if data is None:
        data = _BY_THE_BOOK.decode(text)
    refuse_deep(text, data)
    return in_form(data) if "\\u" in text else data


def refuse_deep(text: str, data: Any) -> None:
    """Raises `RecursionError` where the data of a text is nested too deep."""
    if _may_be_deep(text) and _is_deep(data):
        raise RecursionError


def _may_be_deep(text: str) -> bool:
    return text.count("[") + text.count("{") > _DEEPEST


def _is_deep(data: Any) -> bool:
    """Returns whether data is nested deeper than all who walk over it can follow."""
    level: list[Any] = [[data]]
    for _ in range(_DEEPEST + 1):
        inner = (box.values() if type(box) is dict else box for box in level)
        level = [each for items in inner for each in items if type(each) in _BOXES]
        if not level:
            return False
    return True


def _flat(text: str) -> dict[str, Any] | None:
    """Returns the data of an object without others in it, where no key of it can be doubled."""
    if text[:1] != "{" or not _is_simple(text):
        return None
    data: dict[str, Any] = _UNWATCHED.decode(text)
    return data if len(data) == text.count('":') else None


def read_watched(text: str) -> Any:
    """Does the same for what may be no text: half of a surrogate pair stays in it."""
    return _BY_THE_BOOK.decode(text)


def is_once(text: str, data: dict[str, Any]) -> bool:
    """Returns whether no key can be doubled in the text of an object; else that is to be looked
    at."""
    return len(data) == text.count('":') and _is_simple(text)


def _is_simple(text: str) -> bool:
    return text.count("{") == 1 and not any(each in text for each in _BEFORE_COLONS)


def read_lines(block: str) -> list[Any] | None:
    """Returns the data of all lines of a block, or `None` where they have to be read one by one."""
    reader = _parser().lines
    if reader is None or "\\u" in block or any(map(_may_be_deep, block.split("\n"))):
        return None
    return reader(block)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Returns an object of these keys; raises `DoubledKeyError` where one stands twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        times = Counter(key for key, _ in pairs)
        doubled = next(key for key in times if times[key] > 1)
        raise DoubledKeyError(f"the key {quoted(doubled)} stands twice in one object")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_UNWATCHED = json.JSONDecoder(parse_float=str, parse_constant=_refuse)
_BY_THE_BOOK = json.JSONDecoder(object_pairs_hook=once, parse_float=str, parse_constant=_refuse)


def in_form(data: Any) -> Any:
    """Returns the data in Unicode's form C, as other texts are; raises `NoTextError` for what is no
    text."""
    if isinstance(data, str):
        return composed(text_of(data))
    if isinstance(data, list):
        return list(map(in_form, data))
    if isinstance(data, dict):
        return {in_form(key): in_form(value) for key, value in data.items()}
    return data


def text_of(value: str) -> str:
    """Returns a value of whose characters none is one that no text can hold; else `NoTextError`."""
    if "\0" in value:
        raise NoTextError("a NUL character")
    half = _HALVES.search(value)
    if half:
        raise NoTextError(f"\\u{ord(half.group()):04x} is half of a character")
    return value


class _Parser:
    """The parser of `msgspec`, which keeps the last of doubled keys: so their number is compared
    with that of what it would write."""

    def __init__(self) -> None:
        self.text: Callable[[str], tuple[Any] | None] | None = None
        self.lines: Callable[[str], list[Any] | None] | None = None
        try:
            import msgspec
        except ImportError:
            return
        decoder = msgspec.json.Decoder(float_hook=str)
        encoder = msgspec.json.Encoder()

        def text(given: str) -> tuple[Any] | None:
            try:
                data = decoder.decode(given)
                written = encoder.encode(data)
            except (msgspec.DecodeError, RecursionError):
                return None
            return (data,) if _as_many(given, written) else None

        def lines(block: str) -> list[Any] | None:
            try:
                data = decoder.decode_lines(block)
            except (msgspec.DecodeError, RecursionError):
                return None
            return data if _as_many(block, encoder.encode_lines(data)) else None

        self.text, self.lines = text, lines


def _as_many(given: str, written: bytes) -> bool:
    """Returns whether all keys of a text are in what was written of it, so far as that is sure."""
    if any(space in given for space in _BEFORE_COLONS):
        return False
    return given.count('":') == written.count(b'":')


@cache
def _parser() -> _Parser:
    return _Parser()
