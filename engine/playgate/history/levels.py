"""Rows as they lie in one another: the file's own, and in them the items of their lists.

A name is sought inside first, then outward. All is done level by level and column by column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Any

from playgate.history.paths import ITEM, MISSING, at, cuts, head, opened
from playgate.records import Record

__all__ = ["Cells", "Items", "Level", "Nest", "items_of"]


class Items:
    """A level of data, as JSON has it."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def column(self, path: str) -> list[Any]:
        """Returns what the path leads to in each, or `MISSING`."""
        if path == ITEM:
            return self.items
        if "." not in path:
            try:
                return [item[path] for item in self.items]
            except (KeyError, TypeError, IndexError):
                pass
        first = head(path)
        return [
            at(item, path)
            if (type(item) is dict and (path in item or first in item))
            or (type(item) is list and first.isdecimal())
            else MISSING
            for item in self.items
        ]

    def take(self, places: Sequence[int]) -> Items:
        """Returns the items at these places."""
        items = self.items
        return Items([items[place] for place in places])


class Cells:
    """A level of columns, as CSV has them."""

    def __init__(self, columns: Mapping[str, Sequence[Any]], count: int) -> None:
        self.columns = columns
        self._count = count

    def column(self, path: str) -> list[Any]:
        """Returns what the path leads to in each, or `MISSING`."""
        if path in self.columns:
            return list(self.columns[path])
        first = head(path)
        if first in self.columns and first != path:
            rest = path[len(first) :].removeprefix(".")
            return [at(opened(cell), rest) for cell in self.columns[first]]
        return [MISSING] * self._count

    def take(self, places: Sequence[int]) -> Cells:
        """Returns the cells of the rows at these places."""
        taken = {name: [column[place] for place in places] for name, column in self.columns.items()}
        return Cells(taken, len(places))


Level = Items | Cells


class Nest(Record):
    """Rows with all that lies around them, outermost first."""

    lines: Sequence[int]
    """Where each row stands in its file."""
    levels: tuple[Level, ...]
    numbers: Sequence[str] = ()
    """The number of each row, where it is not its line: `12.1`, `12.2` are the items of line 12."""
    is_document: bool = False
    """Whether the file has no lines, so that the rows of its list are counted."""

    def column(self, path: str) -> list[Any]:
        """Returns what the path leads to for each row: the innermost that knows it; else
        `MISSING`."""
        found: list[Any] = []
        for level in reversed(self.levels):
            column = level.column(path)
            if found:
                column = [
                    outer if inner is MISSING else inner
                    for inner, outer in zip(found, column, strict=True)
                ]
            found = column
            if MISSING not in found:
                break
        return found

    def take(self, places: Sequence[int]) -> Nest:
        """Returns the rows at these places."""
        return Nest(
            [self.lines[place] for place in places],
            tuple(level.take(places) for level in self.levels),
            [self.numbers[place] for place in places] if self.numbers else (),
            self.is_document,
        )

    def kept(self, wanted: Sequence[object]) -> Nest:
        """Returns the wanted rows."""
        if all(wanted):
            return self
        return self.take(list(compress(range(len(self.lines)), wanted)))

    def inside(self, level: Level) -> Nest:
        """Returns the rows with one more level, inside the others."""
        return Nest(self.lines, (*self.levels, level), self.numbers)

    def row_numbers(self) -> Sequence[str]:
        """Returns the number of each row."""
        return self.numbers or list(map(str, self.lines))

    def each(self, path: str, *, numbered: bool = False, counted: bool = False) -> Nest:
        """Returns a row for each item of the list that the path leads to, and of each list on the
        way; they are `counted` where the file has no lines."""
        for before, rest in cuts(path):
            if any(isinstance(_looked_into(value), list) for value in self.column(before)):
                outer = self.each(before, numbered=numbered)
                return outer.each(rest, numbered=numbered, counted=counted)
        places: list[int] = []
        items: list[Any] = []
        numbers: list[str] = []
        own = self.row_numbers() if numbered else ()
        for place, value in enumerate(self.column(path)):
            inner = items_of(value)
            items += inner
            places += [place] * len(inner)
            if numbered:
                numbers += [f"{own[place]}.{count}" for count in range(1, len(inner) + 1)]
        outer = self.take(places)
        lines = outer.lines
        if counted:
            lines = range(1, len(items) + 1)
        found = Nest(lines, (*outer.levels, Items(items)), numbers)
        # An item that is no text is not there, though it counts.
        return found.kept([item is not MISSING for item in items]) if MISSING in items else found


def items_of(value: Any) -> list[Any]:
    """Returns the items of a list; what is no list is its only item, nothing has none."""
    value = _looked_into(value)
    if isinstance(value, list):
        return value
    return [] if value is MISSING or value is None or value == "" or value is False else [value]


def _looked_into(value: Any) -> Any:
    return opened(value) if isinstance(value, str) else value
