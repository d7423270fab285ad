"""The verdicts of one rule on many deals, and how several of one deal are combined."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from playgate.columns.arrays import Bools, Ints, none_of
from playgate.columns.deals import Dues, Moments

__all__ = [
    "CAUSES",
    "LATE",
    "LOGGED_LATE",
    "MET",
    "MISSING",
    "NO_CAUSE",
    "UNMET",
    "WAIVED",
    "Verdicts",
    "chosen",
    "no_verdicts",
]

MET, UNMET, WAIVED = 0, 1, 2
NO_CAUSE, LOGGED_LATE, LATE, MISSING = 0, 1, 2, 3
CAUSES = (None, "logged-late", "late", "missing")


class Verdicts(NamedTuple):
    """One verdict on each of some deals, in order of deals."""

    said: Ints
    """`MET`, `UNMET` or `WAIVED`."""
    dues: Dues
    is_good: Bools
    """Whether what is unmet was made good."""
    cause: Ints
    """The place among `CAUSES` of why it is unmet."""

    @property
    def deal(self) -> Ints:
        """The deal of each."""
        return self.dues.deal


def no_verdicts() -> Verdicts:
    """Returns the verdicts of a rule that is never due."""
    none = none_of()
    return Verdicts(none, Dues(none, none, Moments(*[none] * 5)), none.astype(np.bool_), none)


def chosen(deal: Ints, said: Ints, deals: int, at: Ints | None = None) -> Ints:
    """Returns the place of one verdict of each deal: the first unmet, else waived, else met.

    They are in order, by `at` where that is given.
    """
    found = np.full(deals, -1, np.int64)
    for each in (MET, WAIVED, UNMET):
        places = np.flatnonzero(said == each)
        if at is not None and len(places) > 1:
            its, when = deal[places], at[places]
            if ((its[1:] == its[:-1]) & (when[1:] < when[:-1])).any():
                places = places[np.lexsort((when, its))]
        found[deal[places][::-1]] = places[::-1]
    return found[found >= 0]
