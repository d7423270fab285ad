"""Numbers, shares and foreign text as people read them; the same in every report for people."""

from __future__ import annotations

import re

from playgate.audit.result import Share
from playgate.conditions.instants import show_instant

__all__ = ["FEW_DEALS", "UNSAFE", "count", "instant", "percent", "plural", "share", "visible"]

FEW_DEALS = 10
"""Below so many deals a share says little, and is marked."""

UNSAFE = (
    r"\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
    r"\ud800-\udfff"
)
"""What must reach neither terminal nor page as it is (the inside of a character class).

Control characters, those that turn the direction of writing or hide, and halves of a pair.
"""

_UNSAFE = re.compile(f"[{UNSAFE}]")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str, *, limit: int = 0) -> str:
    """The text with unsafe characters written out (`\\x1b`), cut to `limit` characters if given."""
    if limit and len(text) > limit:
        text = text[: limit - 1] + "…"
    return _UNSAFE.sub(_written_out, text)


def _written_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    return _NAMED.get(found[0]) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def instant(value: int | None) -> str | None:
    """An instant as RFC 3339 in UTC; `None` stays."""
    return None if value is None else show_instant(value)


def count(number: int) -> str:
    """A whole number with its thousands apart: `12,345`."""
    return f"{number:,}"


def plural(number: int, one: str, many: str = "") -> str:
    """`1 deal`, `2 deals`; `many` where adding an s does not do."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def percent(value: float | None) -> str:
    """A share as whole percent; what is not quite all or nothing is not rounded to it."""
    if value is None:
        return "–"
    whole = round(value * 100)
    if whole == 100 and value < 1:
        return ">99 %"
    return "<1 %" if whole == 0 and value > 0 else f"{whole} %"


def share(value: Share) -> str:
    """A share with its interval: `87 % (82–91)`."""
    shown = percent(value.value)
    if value.low is None or value.high is None:
        return shown
    return f"{shown} ({round(value.low * 100)}–{round(value.high * 100)})"
