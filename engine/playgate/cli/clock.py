"""The clock, which is read here and nowhere below."""

from __future__ import annotations

import time

from playgate.conditions.instants import SKEW

__all__ = ["horizon", "now"]


def now() -> int:
    """Reads the clock, once for a request; returns microseconds since 1970 in UTC."""
    return time.time_ns() // 1000


def horizon() -> int:
    """Returns the instant after which all that a history tells is the future."""
    return now() + SKEW
