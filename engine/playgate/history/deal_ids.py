"""The ids of deals, without white space around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import is_not

__all__ = ["DealIds"]

_MOST_REMEMBERED = 1_000_000


class DealIds:
    """Trims the ids of deals, and tells once of each that is thereby made of two.

    It is made for all files of a history. Events live long, so alike ids are one in memory. Of more
    than a million deals it no longer remembers how all were written.
    """

    def __init__(self) -> None:
        self._bare: dict[str, str] = {}
        self._padded: dict[str, str] = {}
        self._told: set[str] = set()

    def of(
        self, lines: Sequence[int], ids: Sequence[str], problem: Callable[[int, str, str], None]
    ) -> Sequence[str]:
        """Returns the ids that stand on these lines, trimmed."""
        joined = "".join(ids)  # most ids have no white space at all
        found = ids if joined.split(None, 1) == [joined] else list(map(str.strip, ids))
        if self._padded or (found is not ids and any(map(is_not, found, ids))):
            for line, written, deal in zip(lines, ids, found, strict=True):
                self._look(line, written, deal, problem)
        elif len(self._bare) < _MOST_REMEMBERED:
            return list(map(self._bare.setdefault, ids, ids))
        return found

    def _look(
        self, line: int, written: str, deal: str, problem: Callable[[int, str, str], None]
    ) -> None:
        first = self._padded.get(deal, deal if deal in self._bare else written)
        if first != written and deal and deal not in self._told:
            self._told.add(deal)
            problem(
                line,
                f'"{first[:60]}" and "{written[:60]}" are one deal',
                "the white space around an id is no part of it",
            )
        if len(self._bare) < _MOST_REMEMBERED:
            if written == deal:
                self._bare.setdefault(deal, deal)
            else:
                self._padded.setdefault(deal, written)
