"""How often somebody may ask: a bucket of tokens for each, which fills as time goes by."""

from __future__ import annotations

import math
from collections.abc import Callable

from playgate.serve.problems import TooManyError

__all__ = ["Buckets"]

_MOST_KNOWN = 10_000
_ROUNDING = 1e-9


class Buckets:
    """One bucket for each who asks; one that was full is forgotten."""

    def __init__(self, rate: float, *, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._most = max(1.0, 2 * rate)
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, whose: str) -> None:
        """Takes one out; raises `TooManyError` where none is left, with the seconds to wait."""
        wait = self.wait(whose)
        if wait > 0:
            raise TooManyError("this token asks too often", seconds=math.ceil(wait))

    def wait(self, whose: str) -> float:
        """Takes one out, or returns for how many seconds there is none."""
        at = self._clock()
        left, since = self._left.get(whose, (self._most, at))
        left = min(self._most, left + (at - since) * self._rate)
        if left < 1 - _ROUNDING:
            self._left[whose] = left, at
            return (1 - left) / self._rate
        if len(self._left) >= _MOST_KNOWN:
            self._left.clear()
        self._left[whose] = max(0.0, left - 1), at
        return 0.0
