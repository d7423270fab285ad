"""When matches are answered, as `judge/answers.py` finds it."""

from __future__ import annotations

import numpy as np

from playgate.columns.arrays import NEVER, Ints, offsets, spread, taken
from playgate.columns.deals import Deals
from playgate.columns.patterns import ask_comparisons, matching
from playgate.conditions import tree
from playgate.conditions.narrowing import Comparison

__all__ = ["answered_by"]


def answered_by(
    deals: Deals, answers: tuple[tree.Pattern, ...], position: Ints, *, anywhere: bool
) -> Ints:
    """Returns the earliest instant of an answer to each match, later in order or anywhere.

    An answer is in effect by as of; where there is none it is `NEVER`.
    """
    found = np.full(len(position), NEVER, np.int64)
    for pattern in answers:
        comparisons = pattern.comparisons if isinstance(pattern, tree.ActivityPattern) else ()
        its = matching(deals, (pattern,))
        its = its[deals.effective[its] <= deals.as_of]
        deal = deals.deal[position]
        begins = offsets(deals.deal[its], deals.count)
        low, high = begins[deal], begins[deal + 1]
        if not anywhere:
            low = np.clip(np.searchsorted(its, position, side="right"), low, high)
        if comparisons:
            at = _compared(deals, comparisons, position, its, low, high)
        else:
            at = np.where(low < high, taken(_earliest_from(deals, its), low, NEVER), NEVER)
        found = np.minimum(found, at)
    return found


def _earliest_from(deals: Deals, position: Ints) -> Ints:
    """Returns for each position when the first of it and all later ones of its deal is effective.

    Deals are kept apart by giving later ones larger keys.
    """
    instants, deal = deals.effective[position], deals.deal[position]
    if ((deal[1:] > deal[:-1]) | (instants[1:] >= instants[:-1])).all():
        return instants
    distinct, rank = np.unique(instants, return_inverse=True)
    keys = deal * len(distinct) + rank
    least = np.minimum.accumulate(keys[::-1])[::-1]
    found: Ints = distinct[least % len(distinct)]
    return found


def _compared(
    deals: Deals,
    comparisons: tuple[Comparison, ...],
    position: Ints,
    its: Ints,
    low: Ints,
    high: Ints,
) -> Ints:
    number, place = spread(low, high)
    judged = deals.actor[position[number]]
    counts = ask_comparisons(comparisons, deals.actor[its[place]], judged)
    found = np.full(len(position), NEVER, np.int64)
    np.minimum.at(found, number[counts], deals.effective[its[place[counts]]])
    return found
