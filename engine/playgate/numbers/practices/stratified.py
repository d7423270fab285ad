"""The difference of two shares among deals that are alike (Mantel and Haenszel 1959)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from math import erfc, sqrt

from playgate.numbers.practices.result import Effect

__all__ = ["stratified"]

_NORMAL = 1.959963984540054


def stratified(deals: Mapping[tuple[Hashable, bool, bool], int]) -> Effect:
    """Returns how much more often deals came to an outcome that did something.

    `deals` are counted by their stratum, whether they did it, and whether they came to the outcome.
    The difference is pooled over the strata (Greenland and Robins 1985), its variance is Sato's
    (1989), which holds for few large strata and for many small ones; the chance is that of the
    test by Cochran (1954), Mantel and Haenszel, two-sided and without a correction for continuity.
    """
    tables: dict[Hashable, _Table] = {}
    for (stratum, done, well), number in deals.items():
        tables.setdefault(stratum, _Table()).add(number, done=done, well=well)
    parts = [table for table in tables.values() if table.done and table.left]
    weight = sum(table.weight for table in parts)
    whole = _Table()
    for table in tables.values():
        whole.take(table)
    counts = (whole.done, whole.done_well, whole.left, whole.left_well)
    if not weight:
        return Effect(*counts, None, None, None, 1.0)
    value = sum(table.pooled for table in parts) / weight
    squared = sum(value * table.skew + table.spread for table in parts)
    reach = _NORMAL * sqrt(max(0.0, squared)) / weight
    surplus, variance = sum(table.surplus for table in parts), sum(table.hazard for table in parts)
    chance = erfc(abs(surplus) / sqrt(2 * variance)) if variance else 1.0
    return Effect(*counts, value, max(-1.0, value - reach), min(1.0, value + reach), chance)


class _Table:
    """The deals of a stratum: how many did it or left it, and how many of these came to the
    outcome."""

    def __init__(self) -> None:
        self.done = self.done_well = self.left = self.left_well = 0

    def add(self, number: int, *, done: bool, well: bool) -> None:
        """Adds deals."""
        if done:
            self.done += number
            self.done_well += number * well
        else:
            self.left += number
            self.left_well += number * well

    def take(self, other: _Table) -> None:
        """Adds the deals of another stratum."""
        self.done += other.done
        self.done_well += other.done_well
        self.left += other.left
        self.left_well += other.left_well

    @property
    def _all(self) -> int:
        return self.done + self.left

    @property
    def weight(self) -> float:
        return self.done * self.left / self._all

    @property
    def pooled(self) -> float:
        """The difference in this stratum, times its weight."""
        return (self.done_well * self.left - self.left_well * self.done) / self._all

    @property
    def skew(self) -> float:
        """What Sato's variance multiplies with the difference."""
        done, left = self.done, self.left
        own = done**2 * self.left_well - left**2 * self.done_well + done * left * (left - done) / 2
        return own / self._all**2

    @property
    def spread(self) -> float:
        """What Sato's variance adds to it."""
        own = self.done_well * (self.left - self.left_well)
        other = self.left_well * (self.done - self.done_well)
        return (own + other) / self._all / 2

    @property
    def surplus(self) -> float:
        """How many more that did it came to the outcome than were to be expected."""
        return self.done_well - self.done * (self.done_well + self.left_well) / self._all

    @property
    def hazard(self) -> float:
        """The variance of that surplus, where there is no difference."""
        well, both = self.done_well + self.left_well, self._all
        return self.done * self.left * well * (both - well) / (both**2 * (both - 1))
