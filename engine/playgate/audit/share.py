"""Adherence: the share of chances that were met, with its 95 % interval."""

from __future__ import annotations

from math import sqrt

from playgate.audit.result import Share

__all__ = ["share"]

_Z = 1.959963984540054
"""The 97.5 % point of the normal distribution."""


def share(met: int, unmet: int, *, sample: int | None = None) -> Share:
    """Returns the share of chances (met or unmet) that were met, with Wilson's score interval
    (1927).

    The interval is for a sample of `sample`: the verdicts where they are on one rule, one for each
    deal, and the deals where they are on several rules, since the verdicts of one deal depend on
    each other.
    """
    chances = met + unmet
    if not chances:
        return Share(None, None, None)
    value = met / chances
    n = chances if sample is None else sample
    if n <= 0:
        return Share(value, None, None)
    z2 = _Z * _Z
    centre = value + z2 / (2 * n)
    spread = _Z * sqrt(value * (1 - value) / n + z2 / (4 * n * n))
    scale = 1 + z2 / n
    low, high = max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
    return Share(value, low, high, n)
