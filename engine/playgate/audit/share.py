"""Adherence: the share of chances that were met, with its 95 % interval."""

from __future__ import annotations

from math import sqrt

from playgate.audit.chances import Chances
from playgate.audit.result import Share

__all__ = ["design_effect", "share", "share_over_deals", "student", "wilson"]

_Z = 1.959963984540054
"""The 97.5 % point of the normal distribution."""
_DOUBT = 2
"""So many pairs of the rarer verdict weigh as much as not knowing how far chances hang together."""


def share(met: int, unmet: int) -> Share:
    """Returns the share of chances (met or unmet) that were met, each on another deal, with
    Wilson's score interval (1927)."""
    chances = met + unmet
    if not chances:
        return Share(None, None, None)
    return Share(met / chances, *wilson(met / chances, chances))


def share_over_deals(chances: Chances) -> Share:
    """Returns the share of chances that were met, where deals had several each.

    The verdicts of one deal depend on each other. Wilson's interval is taken for a sample of the
    size that independent chances would need to know as much (Kish 1965; of such intervals it is
    among those that Franco, Little, Louis and Slud 2019 recommend for clustered samples).
    """
    if not chances.chances:
        return Share(None, None, None)
    value = chances.met / chances.chances
    return Share(value, *wilson(value, chances.chances / design_effect(chances)), chances)


def design_effect(found: Chances, independent: float | None = None) -> float:
    """Returns how many times the variance of a share is that of as many independent chances.

    `independent` is the variance of how many are met where chances are independent; it is less than
    the binomial one, which is taken without it, where they are not all alike.

    It is estimated for a ratio with deals as clusters (Cochran 1977), with Student's quantile in
    place of the normal one (Korn and Graubard 1998), both for as many deals of one size as would
    count as much. It lies between 1, where chances are independent, and what it is where those of a
    deal all agree. How far they do shows in pairs of the rarer verdict: the fewer there are, the
    nearer it is put to that upper end; of one deal, or where all is met, nothing else is known.
    """
    n, met = found.chances, found.met
    most = found.squared / n
    deals = n / most
    rarer = min(met, n - met)
    pairs = rarer * (rarer - 1) // 2
    if not pairs or deals <= 1:
        return most
    spread = met * met * found.squared - 2 * met * n * found.both + n * n * found.met_squared
    variance = spread / n / n * deals / (deals - 1)
    seen = variance / (met * (n - met) / n if independent is None else independent)
    effect = max(seen, 1.0) * (student(deals - 1) / _Z) ** 2
    known = pairs / (pairs + _DOUBT)
    return min(max(known * effect + (1 - known) * most, 1.0), most)


def student(freedom: float, z: float = _Z) -> float:
    """Returns the point of Student's distribution below which as much lies as below `z` in the
    normal one (97.5 %), by the expansion of Cornish and Fisher (1960); from three degrees of
    freedom on it is right to a hundredth."""
    square = z * z
    first = z * (square + 1) / 4
    second = z * ((5 * square + 16) * square + 3) / 96
    third = z * (((3 * square + 19) * square + 17) * square - 15) / 384
    fourth = z * ((((79 * square + 776) * square + 1482) * square - 1920) * square - 945) / 92160
    return z + (first + (second + (third + fourth / freedom) / freedom) / freedom) / freedom


def wilson(value: float, n: float) -> tuple[float, float]:
    """Returns Wilson's score interval of a share of so many independent chances."""
    z2 = _Z * _Z
    centre = value + z2 / (2 * n)
    spread = _Z * sqrt(value * (1 - value) / n + z2 / (4 * n * n))
    scale = 1 + z2 / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
