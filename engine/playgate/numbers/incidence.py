"""How long it takes until something comes, where it may also never come: competing ends."""

from __future__ import annotations

from array import array
from math import exp, log, sqrt
from typing import NamedTuple

import numpy as np

from playgate.audit.share import student

__all__ = ["Incidence", "incidence"]

_Z = 1.959963984540054
_CLOSE = 1e-9
_LEAST = 3
"""Of so few and one more that come, an interval of the median says something."""


class Incidence(NamedTuple):
    """Which share comes at all, and by when a quarter, half and three quarters of these had come;
    `None` where that cannot be told."""

    share: float | None
    share_low: float | None
    share_high: float | None
    lower: float | None
    median: float | None
    upper: float | None
    low: float | None
    high: float | None
    """The interval of the median."""


_NOTHING = Incidence(None, None, None, None, None, None, None, None)


def incidence(came: array[float], ended: array[float], waiting: array[float]) -> Incidence:
    """Estimates the cumulative incidence of what comes, by Aalen and Johansen (1978).

    `came` are the durations until it came, `ended` those until something ended that it can come,
    `waiting` those so far of what still may. The interval of the median, among those that come, is
    all days on which half of them may have come, as Brookmeyer and Crowley (1982) take it; the
    variance is that of the delta method (Marubini and Valsecchi 1995), the quantile Student's.
    """
    if not len(came):
        return _NOTHING if not len(ended) else Incidence(0.0, None, None, *([None] * 5))
    curve = _Curve(came, ended, waiting)
    lower, median, upper = (curve.quantile(part) for part in (0.25, 0.5, 0.75))
    return Incidence(curve.share, *curve.share_interval(), lower, median, upper, *curve.around())


class _Curve:
    def __init__(self, came: array[float], ended: array[float], waiting: array[float]) -> None:
        times = np.concatenate([np.asarray(each, dtype=float) for each in (came, ended, waiting)])
        kinds = np.repeat([1, 2, 0], [len(came), len(ended), len(waiting)])
        self._times, place = np.unique(times, return_inverse=True)
        size = len(self._times)
        self._came = np.bincount(place[kinds == 1], minlength=size)
        self._left = np.bincount(place[kinds == 2], minlength=size)
        gone = np.bincount(place, minlength=size)
        self._at_risk = len(times) - np.concatenate([[0], np.cumsum(gone)[:-1]])
        done = self._came + self._left
        after = np.cumprod(1 - done / self._at_risk)
        self._before = np.concatenate([[1.0], after[:-1]])
        self._share = np.cumsum(self._before * self._came / self._at_risk)
        self.share = float(self._share[-1])
        self._last = int(np.flatnonzero(self._came)[-1])

    def quantile(self, part: float) -> float:
        """Returns the first day by which a part of those that come had come."""
        return float(self._times[self._first(part)])

    def _first(self, part: float) -> int:
        return int(np.flatnonzero(self._share >= part * self.share - _CLOSE)[0])

    def share_interval(self) -> tuple[float | None, float | None]:
        """Returns the interval of the share that comes, on the complementary log-log scale."""
        left, spread = 1 - self.share, self._spread(self._last, 0.0)
        if left <= _CLOSE or spread <= 0:
            return None, None
        width = _Z * spread / (left * log(left))
        return 1 - left ** exp(width), 1 - left ** exp(-width)

    def around(self) -> tuple[float | None, float | None]:
        """Returns the first and last day on which half of those that come may have come."""
        freedom = int(self._came.sum()) - 1
        if freedom < _LEAST:
            return None, None
        places, width = np.flatnonzero(self._came), student(freedom)
        return self._search(places, -width), self._search(places, width)

    def _search(self, places: np.ndarray, wanted: float) -> float | None:
        """Returns the first day on which what had come lies so many standard errors from half."""
        first, last = 0, len(places)
        while first < last:
            middle = (first + last) // 2
            place = int(places[middle])
            ahead = float(self._share[place]) - 0.5 * self.share
            if ahead >= wanted * self._spread(place, 0.5) - _CLOSE:
                last = middle
            else:
                first = middle + 1
        return float(self._times[places[first]]) if first < len(places) else None

    def _spread(self, place: int, part: float) -> float:
        """Returns the standard error of the share that had come by then, less a part of all that
        come."""
        until = np.arange(len(self._times)) <= place
        own = self._before / self._at_risk * (until - part)
        ahead = np.where(until, self._share[place] - self._share, 0.0)
        ahead -= part * (self.share - self._share)
        done = self._came + self._left
        staying = np.maximum(self._at_risk - done, 1)
        lost = np.where(self._at_risk > done, ahead / staying, 0.0)
        moved = (own - lost) * self._came - lost * self._left
        squares = (own - lost) ** 2 * self._came + lost**2 * self._left
        return sqrt(max(0.0, float((squares - moved**2 / self._at_risk).sum())))
