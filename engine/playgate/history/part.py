"""One of several equal parts of a history's deals, for those who share the work."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import compress

__all__ = ["PartOfDeals"]

_MOST_REMEMBERED = 100_000


class PartOfDeals(dict[str, bool]):
    """Says of a deal id whether the deal is in part `number` (from 0) of `count`.

    The answer depends on the id alone, so that all rows of a deal are in one part.
    """

    def __init__(self, number: int, count: int) -> None:
        super().__init__()
        self.number = number
        self.count = count

    def __missing__(self, deal: str) -> bool:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        checksum = zlib.crc32(deal.encode("utf-8", "surrogatepass"))
        found = self[deal] = checksum % self.count == self.number
        return found

    def of(
        self, lines: Sequence[int], columns: Sequence[Sequence[str]], deal: int
    ) -> tuple[Sequence[int], Sequence[Sequence[str]]]:
        """Returns the rows of the part's own deals, whose ids stand in column number `deal`."""
        own = list(map(self.__getitem__, columns[deal]))
        return list(compress(lines, own)), [list(compress(column, own)) for column in columns]
