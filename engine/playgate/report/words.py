"""Counts and foreign text as people read them; imports next to nothing: every report needs it."""

from __future__ import annotations

import re

from playgate.language import say, speaking

__all__ = ["UNSAFE", "by", "count", "equals", "more", "plural", "visible"]

UNSAFE = (
    r"\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
    r"\ud800-\udfff"
)
"""What must reach neither terminal nor page as it is (the inside of a character class).

Control characters, those that turn the direction of writing or hide, and halves of a pair.
"""

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str, *, limit: int = 0) -> str:
    """Returns the text with unsafe characters written out (`\x1b`), cut to `limit` characters if
    given."""
    if limit and len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isascii() and text.isprintable():
        return text
    return re.sub(f"[{UNSAFE}]", _written_out, text)


def _written_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    return _NAMED.get(found[0]) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def count(number: int) -> str:
    """Returns a whole number with its thousands apart: `12,345`."""
    return speaking().number(number)


def plural(number: int, one: str, many: str = "") -> str:
    """Returns `1 deal` or `2 deals`; `many` is the plural where adding an s does not do."""
    return say(f"{{n}} {one}", f"{{n}} {many or one + 's'}", n=number)


def more(number: int, one: str = "", many: str = "") -> str:
    """Returns `and 2 more deals` of what is left out, or nothing where nothing is."""
    if number <= 0:
        return ""
    if not one:
        return say("and {n} more", n=number)
    return say(f"and {{n}} more {one}", f"and {{n}} more {many or one + 's'}", n=number)


def equals(value: str) -> str:
    """Returns ` = VALUE`, or nothing where there is none."""
    return f" = {visible(value)}" if value else ""


def by(actor: str) -> str:
    """Returns ` by ACTOR`, or nothing where nobody is named."""
    return f" by {visible(actor)}" if actor else ""
