"""What kernels are made of: the ranges of deals in arrays, searched and spread all at once.

What belongs to a deal lies together in an array, deal after deal; `offsets` says where each begins.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = [
    "NEVER",
    "Bools",
    "Ints",
    "before",
    "by_instant",
    "distinct",
    "first_in_deal",
    "none_of",
    "number_pairs",
    "offsets",
    "spread",
    "taken",
    "until",
]

Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]

NEVER = 2**62
"""An instant that never comes."""


def offsets(deal: Ints, deals: int) -> Ints:
    """Returns where each deal begins in an array that is in order of deals, and its end."""
    found = np.zeros(deals + 1, np.int64)
    np.cumsum(np.bincount(deal, minlength=deals), out=found[1:])
    return found


def until(values: Ints, low: Ints, high: Ints, bound: Any) -> Ints:
    """Returns for each range the place behind the last value that is at most its bound."""
    return _bisected(values, low, high, np.asarray(bound, np.int64), ties=True)


def before(values: Ints, low: Ints, high: Ints, bound: Any) -> Ints:
    """Returns for each range the place behind the last value that is below its bound."""
    return _bisected(values, low, high, np.asarray(bound, np.int64), ties=False)


def _bisected(values: Ints, low: Ints, high: Ints, bound: Ints, *, ties: bool) -> Ints:
    """Halves all ranges at once: as often as the longest needs, and only those that are open."""
    low = np.array(low, np.int64)
    bound = np.broadcast_to(bound, low.shape)
    open_ = np.flatnonzero(low < high)
    high = np.array(high, np.int64)
    while len(open_):
        first, last = low[open_], high[open_]
        middle = (first + last) >> 1
        found = values[middle]
        goes = found <= bound[open_] if ties else found < bound[open_]
        low[open_] = first = np.where(goes, middle + 1, first)
        high[open_] = last = np.where(goes, last, middle)
        open_ = open_[first < last]
    return low


def spread(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Returns all places of all ranges, and before them the number of the range of each."""
    counts = np.maximum(high - low, 0)
    number = np.repeat(np.arange(len(counts)), counts)
    begins = np.cumsum(counts) - counts
    return number, np.arange(len(number)) + np.repeat(low - begins, counts)


def taken(values: Any, places: Ints, otherwise: Any) -> Any:
    """Returns the values at places; what is given otherwise where a place is outside."""
    inside = (places >= 0) & (places < len(values))
    if not len(values):
        return np.full(len(places), otherwise)
    return np.where(inside, values[np.where(inside, places, 0)], otherwise)


def distinct(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Returns each value once, in order; NumPy imports masked arrays to say the same."""
    in_order = np.sort(values)
    is_new = np.ones(len(in_order), np.bool_)
    is_new[1:] = in_order[1:] != in_order[:-1]
    return in_order[is_new]


def first_in_deal(deal: Ints, places: Ints, deals: int) -> Ints:
    """Returns for each deal the first of places that are given in order; -1 where it has none."""
    found = np.full(deals, -1, np.int64)
    found[deal[::-1]] = places[::-1]
    return found


def by_instant(deal: Ints, at: Ints) -> Ints | None:
    """Returns the places in order of deals and instants; `None` where they are in that order.

    They are given by deal; only deals that are out of order are sorted.
    """
    falls = (deal[1:] == deal[:-1]) & (at[1:] < at[:-1])
    if not falls.any():
        return None
    is_odd = np.zeros(int(deal[-1]) + 1, np.bool_)
    is_odd[deal[1:][falls]] = True
    some = np.flatnonzero(is_odd[deal])
    order = np.arange(len(deal))
    order[some] = some[np.lexsort((at[some], deal[some]))]
    return order


def number_pairs(*columns: Ints) -> tuple[Ints, Ints]:
    """Numbers the distinct rows of some columns.

    Returns the place of one row of each number, and each row's number.
    """
    keys = columns[0]
    for column in columns[1:]:
        _, left = np.unique(keys, return_inverse=True)
        distinct, right = np.unique(column, return_inverse=True)
        keys = left * max(len(distinct), 1) + right
    _, place, number = np.unique(keys, return_index=True, return_inverse=True)
    return place, number


def none_of() -> Ints:
    """Returns an array of nothing."""
    return np.zeros(0, np.int64)
