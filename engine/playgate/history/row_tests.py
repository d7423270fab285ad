"""What hangs on few cells of a row: whether it fits, and what is known of rows alike in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Generic, TypeVar

from playgate.history.mapping import CellRule
from playgate.history.values import Row

__all__ = ["MOST_REMEMBERED", "Remembered", "cell_fits", "row_filter"]

_T = TypeVar("_T")
MOST_REMEMBERED = 20_000


def row_filter(where: Sequence[CellRule], positions: Mapping[str, int]) -> Callable[[Row], bool]:
    """Compiles what says whether a row fits all of the tests."""
    tests = [(positions[cells.column], cells) for cells in where]

    def fits(row: Row) -> bool:
        return all(cell_fits(row[place], cells) for place, cells in tests)

    return fits


def cell_fits(cell: str, test: CellRule) -> bool:
    """Returns whether a cell is what it must be."""
    is_like = test.like is not None and test.like.fullmatch(cell)
    if test.allowed is not None and cell not in test.allowed and not is_like:
        return False
    if test.present is not None and test.present is not bool(cell.strip()):
        return False
    return cell not in test.refused and not (test.unlike and test.unlike.fullmatch(cell))


class Remembered(dict[tuple[str, ...], _T], Generic[_T]):
    """Remembers what follows from the cells at some places, for each combination of them."""

    def __init__(self, work_out: Callable[[Row], _T], places: Sequence[int]) -> None:
        super().__init__()
        self._work_out = work_out
        self._places = places

    def __missing__(self, key: tuple[str, ...]) -> _T:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        row = [""] * (max(self._places, default=-1) + 1)
        for place, cell in zip(self._places, key, strict=True):
            row[place] = cell
        found = self[key] = self._work_out(row)
        return found

    def cells_at(self, place: int | None) -> set[str]:
        """Returns what stood at a place, so far as it is remembered."""
        if place not in self._places:
            return set()
        index = self._places.index(place)
        return {key[index] for key in self}

    def of_rows(self, count: int, cells: Sequence[Sequence[str]]) -> list[_T]:
        """Returns what follows for each of `count` rows."""
        deciding = [cells[place] for place in self._places]
        keys = zip(*deciding, strict=True) if deciding else repeat((), count)
        return list(map(self.__getitem__, keys))
