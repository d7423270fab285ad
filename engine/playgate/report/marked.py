"""Text as Markdown (GitHub's), so that what is foreign in it stays what it is."""

from __future__ import annotations

import re

from playgate.report.words import visible

__all__ = ["code", "escaped", "row"]

_LIMIT = 240
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKS = re.compile(r"[\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_])")
# What GitHub would turn into a mention, a reference or a link by itself.
_MENTION = re.compile(r"(?<!\w)([@#])(?=\w)")
_LINK = re.compile(r"\b(https?|ftp)://|\b(www)\.", re.IGNORECASE)
_WORD_JOINER = "\u2060"


def row(cells: list[str]) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |\n"


def escaped(text: str) -> str:
    """Foreign text as it reads: nothing in it is a mark, a mention or a link."""
    shown = visible(text, limit=_LIMIT)
    marked = _MARKS.sub(r"\\\g<0>", shown).translate(_ENTITIES)
    quiet = _MENTION.sub(rf"\1{_WORD_JOINER}", marked)
    return _LINK.sub(_unlinked, quiet)


def _unlinked(found: re.Match[str]) -> str:
    return f"{found[1]}&#58;//" if found[1] else f"{found[2]}&#46;"


def code(text: str) -> str:
    """The text as code."""
    shown = visible(text, limit=_LIMIT)
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    room = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{room}{shown}{room}{fence}"
