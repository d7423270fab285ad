"""The clock, which is read here and nowhere below."""

from __future__ import annotations

import time
from collections.abc import Callable

from playgate.conditions.instants import SKEW
from playgate.conditions.patience import within

__all__ = ["horizon", "in_time", "now"]


def now() -> int:
    """Reads the clock, once for a request; returns microseconds since 1970 in UTC."""
    return time.time_ns() // 1000


def horizon() -> int:
    """Returns the instant after which all that a history tells is the future."""
    return now() + SKEW


def in_time(seconds: float) -> Callable[[], Callable[[], bool]]:
    """Returns what begins a question that may take so many seconds."""
    return within(seconds, time.monotonic)
