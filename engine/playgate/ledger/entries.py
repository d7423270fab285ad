"""What the log holds: one entry for each thing that was recorded, as a value and as text.

An entry has a kind, an instant, what is said of nobody in particular (`open`), and up to three
groups of personal columns, each of which can be erased without the others: which deal (`deal`), who
acted (`who`), and what was said (`text`).
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

__all__ = ["GROUPS", "Columns", "Entry", "Numbered", "columns_of", "encoded"]

GROUPS = ("deal", "who", "text")
"""The groups of personal columns, in the order in which an entry has them."""
Columns = tuple[Any, ...]


class Entry(NamedTuple):
    """Something that is recorded; the columns of each kind stand with the function in `apply` that
    makes rows of them. A group that says nothing is empty."""

    kind: str
    at: int | None
    """When it happened, where somebody said so."""
    open: Columns
    deal: Columns = ()
    who: Columns = ()
    text: Columns = ()


Numbered = tuple[int, Entry]
"""An entry and its number in the log, counted from 1."""

_quoted = json.encoder.encode_basestring
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encoded(columns: Columns) -> str | None:
    """Returns columns as JSON with commas between them, or `None` where there are none; put
    together by hand: there may be millions."""
    if not columns:
        return None
    if len(columns) == 1 and columns[0].__class__ is str:
        return _quoted(columns[0])
    return ",".join(
        [
            _quoted(x) if x.__class__ is str else str(x) if x.__class__ is int else _written(x)
            for x in columns
        ]
    )


def columns_of(text: str | None) -> Columns:
    """Returns the columns that were encoded; raises `ValueError` where they cannot be read."""
    if text is None:
        return ()
    if text.startswith('"') and text.find('"', 1) == len(text) - 1 and "\\" not in text:
        return (text[1:-1],)  # one plain text, as most are
    return tuple(json.loads(f"[{text}]"))
