"""What a cell says as a key: a part of its text, each of several that stand in it, or the one form
of an id that is written in two."""

from __future__ import annotations

from collections.abc import Sequence

from playgate.history.cells import Cell, texts_in
from playgate.history.mapping import ValueSource

__all__ = ["as_keys", "long_id"]

_SHORT = 15
_GROUP = 5
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def as_keys(cells: Sequence[Cell], value: ValueSource) -> Sequence[Cell]:
    """Returns the cells as the value's keys."""
    if not (value.split or value.after or value.id):
        return cells
    known: dict[Cell, Cell] = {}
    return [
        known[cell] if cell in known else known.setdefault(cell, _key(cell, value))
        for cell in cells
    ]


def _key(cell: Cell, value: ValueSource) -> Cell:
    texts: Sequence[str] = texts_in(cell)
    if value.split:
        texts = [part.strip() for text in texts for part in text.split(value.split)]
    if value.after:
        texts = [text.partition(value.after)[2].strip() for text in texts]
    if value.id:
        texts = [long_id(text) for text in texts]
    found = tuple(filter(None, texts))
    return found[0] if len(found) == 1 else found


def long_id(text: str) -> str:
    """Returns an id of Salesforce with the three signs behind it that say which of its letters are
    capitals; what is no such id stays as it is."""
    if len(text) != _SHORT or not (text.isascii() and text.isalnum()):
        return text
    groups = (text[start : start + _GROUP] for start in range(0, _SHORT, _GROUP))
    return text + "".join(_SIGNS[_capitals(group)] for group in groups)


def _capitals(group: str) -> int:
    return sum(1 << place for place, letter in enumerate(group) if letter.isupper())
