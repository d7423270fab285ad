"""The cells of rows as a mapping asks for them: one text, or several.

A cell is a text; a tuple of texts where a path led through a list, or a lookup had several hits; or
`Odd` where it is a list or an object.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from playgate.history.paths import MISSING, Several

__all__ = ["Cell", "Odd", "cells_of", "first_filled", "one_each", "text_of", "texts_in"]


class Odd(str):
    """The text of what is no single value, and so no cell."""

    __slots__ = ()


Cell = str | tuple[str, ...]

_SHOWN = 40


def cells_of(values: Iterable[Any]) -> list[Cell]:
    """Returns the cells in a column of data."""
    found = list(values)
    kinds = {*map(type, found)}
    if kinds <= {str}:
        return found
    if kinds <= {str, int}:
        return list(map(str, found))
    return [_CELL.get(type(value), text_of)(value) for value in found]


def text_of(value: Any) -> str:
    """Returns a single value as its text."""
    if value is None or value is MISSING:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return Odd(json.dumps(value, ensure_ascii=False)) if value else ""
    return value if isinstance(value, str) else str(value)


def _several(values: Several) -> Cell:
    texts = [text_of(value) for value in values]
    odd = next((text for text in texts if isinstance(text, Odd)), None)
    return tuple(filter(None, texts)) if odd is None else odd


def _list(values: list[Any]) -> Cell:
    """A list stands for itself: only who wants several values may look into it."""
    return text_of(values)


def _same(cell: tuple[str, ...]) -> Cell:
    """Of a derived column the values are cells already."""
    return cell


_CELL: dict[type, Callable[[Any], Cell]] = {str: str, Several: _several, list: _list, tuple: _same}


def texts_in(cell: Cell) -> tuple[str, ...]:
    """Returns all texts of a cell, also of one that is a list of plain values."""
    if isinstance(cell, tuple):
        return cell
    if isinstance(cell, Odd) and cell.startswith("["):
        items = [text_of(item) for item in json.loads(cell)]
        if not any(isinstance(item, Odd) for item in items):
            return tuple(filter(None, items))
    return (cell,) if cell else ()


def first_filled(columns: Sequence[Sequence[Cell]]) -> Sequence[Cell]:
    """Returns of each row the first cell that is not empty."""
    if len(columns) == 1:
        return columns[0]
    return [next(filter(_is_filled, row), "") for row in zip(*columns, strict=True)]


def _is_filled(cell: Cell) -> bool:
    return bool(cell) if isinstance(cell, tuple) else bool(cell.strip())


def one_each(cells: Sequence[Cell]) -> Sequence[str]:
    """Returns the cells as single texts; several become `Odd`."""
    if tuple not in {*map(type, cells)}:
        return cells  # type: ignore[return-value]
    return [
        cell
        if isinstance(cell, str)
        else cell[0]
        if len(cell) == 1
        else Odd(json.dumps(cell, ensure_ascii=False))
        if cell
        else ""
        for cell in cells
    ]
