"""JSON as data whose fractions stay as they are written; what is doubled in it is refused.

`msgspec`, where it is installed, reads it several times faster than the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

from playgate.documents.document import composed, quoted

__all__ = ["DoubledKeyError", "read_lines", "read_texts"]

_BEFORE_COLONS = (" :", "\t:", "\n:", "\r:")


class DoubledKeyError(ValueError):
    """An object has one key twice, so that it is not known which of the values is meant."""


def read_texts(text: str) -> Any:
    """Returns the data in a JSON text, fractions as they are written.

    Raises `ValueError` where it is none or a key is doubled, `RecursionError` where it is too deep.
    """
    fast = None if "\\u" in text else _parser().text
    if fast is not None and (found := fast(text)) is not None:
        return found[0]
    data = _flat(text)
    if data is None:
        data = _BY_THE_BOOK.decode(text)
    return _in_form(data) if "\\u" in text else data


def _flat(text: str) -> dict[str, Any] | None:
    """Returns the data of an object without others in it, where no key of it can be doubled."""
    if text.count("{") != 1 or text[0] != "{" or any(each in text for each in _BEFORE_COLONS):
        return None
    data: dict[str, Any] = _UNWATCHED.decode(text)
    return data if len(data) == text.count('":') else None


def read_lines(block: str) -> list[Any] | None:
    """Returns the data of all lines of a block, or `None` where they have to be read one by one."""
    reader = None if "\\u" in block else _parser().lines
    return None if reader is None else reader(block)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        doubled = next(key for place, key in enumerate(keys) if key in keys[:place])
        raise DoubledKeyError(f"the key {quoted(doubled)} stands twice in one object")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_UNWATCHED = json.JSONDecoder(parse_float=str, parse_constant=_refuse)
_BY_THE_BOOK = json.JSONDecoder(object_pairs_hook=_once, parse_float=str, parse_constant=_refuse)


def _in_form(data: Any) -> Any:
    """Returns the data in Unicode's form C, as other texts are; raises `ValueError` for what is no
    text."""
    if isinstance(data, str):
        data.encode("utf-8")
        if "\0" in data:
            raise ValueError("a NUL character")
        return composed(data)
    if isinstance(data, list):
        return list(map(_in_form, data))
    if isinstance(data, dict):
        return {_in_form(key): _in_form(value) for key, value in data.items()}
    return data


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
            except (msgspec.DecodeError, RecursionError):
                return None
            return (data,) if _as_many(given, encoder.encode(data)) else None

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
