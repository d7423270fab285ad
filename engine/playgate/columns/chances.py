"""How many chances deals had, and actors in them, and how many were met."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from playgate.columns.arrays import Bools, Ints, none_of

__all__ = ["DealChances", "times_of"]


class DealChances:
    """Collects the chances of some deals, rule by rule."""

    def __init__(self, deals: int) -> None:
        self._deals = deals
        self._pieces: list[tuple[Ints, Ints, Bools]] = []

    def take(self, deal: Ints, actor: Ints, is_met: Bools) -> None:
        """Takes chances, each with its deal and who is charged."""
        self._pieces.append((deal, actor, is_met))

    def all(self) -> tuple[Ints, Ints, Bools]:
        """Returns all chances so far."""
        if not self._pieces:
            return none_of(), none_of(), np.zeros(0, np.bool_)
        deal, actor, is_met = (np.concatenate(column) for column in zip(*self._pieces, strict=True))
        return deal, actor, is_met

    def of_deals(self) -> tuple[Ints, Ints]:
        """Returns of each deal that had chances how many, and how many were met."""
        deal, _, is_met = self.all()
        n = np.bincount(deal, minlength=self._deals)
        has = np.flatnonzero(n)
        return n[has], np.bincount(deal[is_met], minlength=self._deals)[has]

    def of_actors(self, group_of: Ints | None = None) -> tuple[Ints, Ints, Ints]:
        """Returns actors, or their groups, once for each deal in which they had chances, how many,
        and how many were met."""
        deal, actor, is_met = self.all()
        if group_of is not None:
            actor = group_of[actor]
        size = int(actor.max(initial=0)) + 1
        # Each rule's chances come deal by deal, and what is nearly in order is merged.
        key = np.sort((deal * size + actor) * 2 + is_met, kind="stable")
        pair = key >> 1
        begins = np.flatnonzero(np.diff(pair, prepend=-1))
        met = np.add.reduceat(key & 1, begins) if len(begins) else none_of()
        return pair[begins] % size, np.diff(begins, append=len(key)), met


def times_of(*columns: Ints) -> Iterator[tuple[Any, int]]:
    """Yields rows of numbers, each once, and how often it is there."""
    sizes = [int(column.max(initial=0)) + 1 for column in columns]
    keys, times = np.unique(np.ravel_multi_index(columns, sizes), return_counts=True)
    rows = (column.tolist() for column in np.unravel_index(keys, sizes))
    yield from zip(zip(*rows, strict=True), times.tolist(), strict=True)
