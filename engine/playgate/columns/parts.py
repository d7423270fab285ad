"""The rows of a history in parts, each of some deals that follow each other by number."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import numpy.typing as npt

from playgate.columns.arrays import Ints
from playgate.columns.rows import Rows

__all__ = ["Parts"]

_MOST = 2**16 - 2


class Parts:
    """Parts of about as many rows as `limit`; of all deals, or of some by their ids."""

    def __init__(self, rows: Rows, limit: int, only: Collection[str]) -> None:
        self._rows = rows
        sizes = np.bincount(rows.deal, minlength=len(rows.words.deals))
        ends = np.cumsum(sizes)
        limit = max(limit, rows.size // _MOST + 1)
        self._part_of = np.zeros(0, np.uint16)
        self._begins = [0]
        while self._begins[-1] < len(sizes):
            begun = self._begins[-1]
            wanted = (ends[begun - 1] if begun else 0) + limit
            behind = int(np.searchsorted(ends, wanted, side="right"))
            self._begins.append(max(behind, begun + 1))
        lengths = np.diff(self._begins)
        self._part_of = np.repeat(np.arange(len(lengths)), lengths).astype(np.uint16)
        part = self._part_of[rows.deal]
        place = np.arange(rows.size, dtype=np.int32)
        if only:
            wanted_deals = np.array([deal in only for deal in rows.words.deals], np.bool_)
            place = np.flatnonzero(wanted_deals[rows.deal]).astype(np.int32)
            part = part[place]
        # Small numbers are sorted by counting.
        self._place = place[np.argsort(part, kind="stable")]
        self._ends = np.cumsum(np.bincount(part, minlength=len(lengths)))

    def all(self) -> Iterator[tuple[Ints, Ints]]:
        """Yields the numbers of the deals of each part, and its rows by deal."""
        for number in range(len(self._begins) - 1):
            low, high = self._begins[number], self._begins[number + 1]
            row = self._of(number)
            own = self._rows.deal[row] - low
            small: npt.NDArray[np.signedinteger] = own
            if high - low < _MOST:
                small = own.astype(np.uint16)
            yield np.arange(low, high), row[np.argsort(small, kind="stable")]

    def rows_of(self, deal: int) -> Ints:
        """Returns the rows of a deal, by its number."""
        row = self._of(int(self._part_of[deal]))
        found: Ints = row[self._rows.deal[row] == deal]
        return found

    def _of(self, number: int) -> Ints:
        low = self._ends[number - 1] if number else 0
        return self._place[low : self._ends[number]].astype(np.int64)
