"""What the log holds: one entry for each thing that was recorded, as a value and as text.

An entry has a kind, what is said of nobody in particular (`open`), and up to three groups of
personal columns, each of which can be erased without the others: which deal (`deal`), who acted
(`who`), and what was said (`text`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

__all__ = ["GROUPS", "Entry", "Numbered", "decoded", "encoded"]

GROUPS = ("deal", "who", "text")
"""The groups of personal columns, in the order in which an entry has them."""
_Columns = tuple[Any, ...]


class Entry(NamedTuple):
    """Something that is recorded; the columns of each kind stand with the function in `apply` that
    makes rows of them. A group that says nothing is empty."""

    kind: str
    open: _Columns
    deal: _Columns = ()
    who: _Columns = ()
    text: _Columns = ()


Numbered = tuple[int, Entry]
"""An entry and its number in the log, counted from 1."""

_quoted = json.encoder.encode_basestring
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encoded(columns: Sequence[Any]) -> str:
    """Returns columns as a JSON list without spaces, put together by hand: there may be
    millions."""
    parts = [_quoted(each) if each.__class__ is str else _written(each) for each in columns]
    return f"[{','.join(parts)}]"


def decoded(kind: str, opened: str, *groups: str | None) -> Entry:
    """Returns the entry that was encoded; raises `ValueError` where a text is no JSON list."""
    return Entry(kind, _listed(opened), *(_listed(text) if text else () for text in groups))


def _listed(text: str) -> _Columns:
    found = json.loads(text)
    if not isinstance(found, list):
        raise ValueError(text)
    return tuple(found)
