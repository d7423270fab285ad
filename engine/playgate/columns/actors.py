"""What is charged to whom, added up over the parts of a history, each of which numbers actors
anew."""

from __future__ import annotations

import numpy as np

from playgate.audit.tally import Counts
from playgate.columns.arrays import Ints, none_of

__all__ = ["ActorCounts", "added_to"]

_Verdicts = dict[tuple[int, int], Ints]
"""How many verdicts on a rule say one thing, by who is charged."""


class ActorCounts:
    """Adds up verdicts, and the chances of actors in deals."""

    def __init__(self, rules: int) -> None:
        self._names: dict[str, int] = {}
        self._verdicts: _Verdicts = {}
        self._size = rules + 1  # nobody has more chances in a deal
        self._keys, self._times = none_of(), none_of()

    def add(
        self, names: list[str], verdicts: _Verdicts, chances: list[tuple[Ints, Ints, Ints]]
    ) -> None:
        """Adds what was counted of one part, in which actors have these names.

        Chances are an actor's in one deal: how many, and how many were met.
        """
        known = self._names
        number = np.array([known.setdefault(name, len(known)) for name in names], np.int64)
        for key, times in verdicts.items():
            its = np.bincount(number[: len(times)], times, len(known)).astype(np.int64)
            self._verdicts[key] = added_to(self._verdicts.get(key, none_of()), its)
        keys = [(number[actor] * self._size + n) * self._size + met for actor, n, met in chances]
        new, often = np.unique(np.concatenate([none_of(), *keys]), return_counts=True)
        self._keys, place = np.unique(np.concatenate((self._keys, new)), return_inverse=True)
        times = np.concatenate((self._times, often))
        self._times = np.bincount(place, times, len(self._keys)).astype(np.int64)

    def counts(self) -> Counts:
        """Returns what was counted, by names."""
        names = list(self._names)
        found = Counts()
        for (rule, said), times in self._verdicts.items():
            for actor in np.flatnonzero(times).tolist():
                found.verdicts[rule, said, names[actor]] = int(times[actor])
        size = self._size
        for key, often in zip(self._keys.tolist(), self._times.tolist(), strict=True):
            found.by_actor[names[key // size // size], key // size % size, key % size] = often
        return found


def added_to(one: Ints, other: Ints) -> Ints:
    """Returns the sums of counts, of which one may have more than the other."""
    if len(one) < len(other):
        one, other = other, one
    found = one.copy()
    found[: len(other)] += other
    return found
