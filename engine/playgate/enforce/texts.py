"""The texts of a request: in one form, such as a history can hold them, and none without bounds."""

from __future__ import annotations

from typing import Any

from playgate.documents.document import composed
from playgate.errors import InputError

__all__ = ["LONGEST_REQUEST", "LONGEST_TEXT", "composed_texts"]

LONGEST_TEXT = 100_000
"""How many characters a text of a request may have: what is judged of it is bounded so."""
LONGEST_REQUEST = 1_000_000
"""How many characters all texts of a request may have together."""

_DEEPEST = 20


def composed_texts(said: Any) -> Any:
    """Returns what a request says, its texts in Unicode's form C, so far down as is ever read;
    raises `InputError` for what no history can hold, and for what is longer than a request may
    be."""
    return _Composing().each(said, _DEEPEST)


class _Composing:
    """The texts of one request; functions that call each other would be left to the collector."""

    def __init__(self) -> None:
        self._left = LONGEST_REQUEST

    def each(self, found: Any, depth: int) -> Any:
        if isinstance(found, str):
            return self._text(found)
        if not depth or not isinstance(found, dict | list | tuple):
            return found
        if isinstance(found, dict):
            return {self._text(key): self.each(said, depth - 1) for key, said in found.items()}
        return [self.each(said, depth - 1) for said in found]

    def _text(self, found: str) -> str:
        self._left -= len(found)
        if len(found) > LONGEST_TEXT or self._left < 0:
            most = LONGEST_TEXT if len(found) > LONGEST_TEXT else LONGEST_REQUEST
            what = "a text" if len(found) > LONGEST_TEXT else "a request"
            message = f"{what} of more than {most:,} characters"
            hint = "record where it can be read, in place of the text itself"
            raise InputError(message, hint=hint, code="wrong-value")
        return found if found.isascii() and "\0" not in found else _form_c(found)


def _form_c(text: str) -> str:
    """Returns a text in form C; raises `InputError` for half a sign or a NUL, which no file can
    hold."""
    if "\0" in text:
        message = f"{ascii(text)[:60]} has a NUL character in it"
        raise InputError(message, hint="leave it out: no history can hold it", code="wrong-value")
    try:
        text.encode()
    except UnicodeEncodeError:
        message = f"{ascii(text)[:60]} is no Unicode text"
        raise InputError(message, hint="write it as UTF-8", code="wrong-value") from None
    return composed(text)
