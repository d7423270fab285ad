"""How many deals an experiment needs, told from the deals of before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import ceil, sqrt
from typing import NamedTuple

from playgate.audit.share import student
from playgate.numbers.experiment.estimate import FEWEST_REPS, Unit
from playgate.records import Record

__all__ = ["POWER", "Power", "Spread", "power_of", "spread_of"]

POWER = 0.8
"""How likely a difference of the wanted size is found."""
_BETA = 0.8416212335729143
"""The 80 % point of the normal distribution."""


class Spread(NamedTuple):
    """How far deals scatter, and how far a rep's own value wanders from one span to the next, as
    variances; `value` is what all come to."""

    value: float
    deals: float
    wander: float
    known: int
    """On how many deals this rests."""
    treated: float
    """Of them, those whose rep or id would try the change, as a fraction of 1."""
    reps: tuple[int, int]
    """How many reps there are in the control arm and in the other."""


class Power(Record):
    """What so many deals can show."""

    needed: int | None
    """So many deals, in all arms, find the wanted difference in 8 of 10 experiments; `None` where
    no number does, since too few reps take part."""
    smallest: float | None
    """The smallest difference that so many deals as are to be expected find as surely."""


def spread_of(units: Sequence[Unit]) -> Spread | None:
    """Returns how deals of before scattered; `None` of too few. Of a unit `during` says whether it
    is from the later half of that time."""
    known = [unit for unit in units if unit.bottom]
    reps = tuple(len({u.rep for u in known if u.treated == arm}) for arm in (False, True))
    if len(known) < 2:
        return None
    value = sum(unit.top for unit in known) / sum(unit.bottom for unit in known)
    mean = sum(unit.bottom for unit in known) / len(known)
    left = [(unit.top - value * unit.bottom) / mean for unit in known]
    return Spread(
        value,
        sum(each * each for each in left) / (len(left) - 1),
        _wander(known, left),
        len(known),
        sum(unit.treated for unit in known) / len(known),
        (reps[0], reps[1]),
    )


def _wander(units: Sequence[Unit], left: Sequence[float]) -> float:
    """Returns the variance of a rep's own value between the two halves, beyond what the deals'
    scatter explains (by moments, as DerSimonian and Laird 1986 take it)."""
    halves: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for unit, each in zip(units, left, strict=True):
        halves[unit.rep][unit.during].append(each)
    both = [pair for pair in halves.values() if all(pair)]
    free = sum(len(half) - 1 for pair in both for half in pair)
    if len(both) < FEWEST_REPS or not free:
        return 0.0
    within = sum(_squares(half) for pair in both for half in pair) / free
    steps = [_mean(late) - _mean(early) for early, late in both]
    weights = [1 / (1 / len(early) + 1 / len(late)) for early, late in both]
    whole = sum(weights)
    centre = sum(w * step for w, step in zip(weights, steps, strict=True)) / whole
    seen = sum(w * (step - centre) ** 2 for w, step in zip(weights, steps, strict=True))
    surplus = seen - (len(both) - 1) * within
    return max(0.0, surplus / (whole - sum(w * w for w in weights) / whole) / 2)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _squares(values: Sequence[float]) -> float:
    mean = _mean(values)
    return sum((each - mean) ** 2 for each in values)


def power_of(
    spread: Spread, *, drawn: bool, wanted: float, expected: float, is_share: bool
) -> Power:
    """Returns what experiments of this kind need and show; `expected` is how many deals will count.

    Where deals are drawn, the variance of the difference is that of two means. Else it is that of
    four, before and after, with as many deals before; and that of how far each rep's own value
    wanders, which no number of deals makes smaller.
    """
    part = spread.treated
    control, treated = spread.reps
    freedom = control + treated - 1 if drawn else control + treated - 2
    enough = control + treated if drawn else min(control, treated)
    if not 0 < part < 1 or enough < FEWEST_REPS:
        return Power(None, None)
    arms = _swollen(spread, wanted) / part + 1 / (1 - part) if is_share else 1 / part / (1 - part)
    before = 0.0 if drawn else 1 / part + 1 / (1 - part)
    each_deal = spread.deals * (arms + before)
    fixed = 0.0 if drawn else 2 * spread.wander * (1 / control + 1 / treated)
    reach = student(freedom) + student(freedom, _BETA)
    room = (wanted / reach) ** 2 - fixed
    needed = ceil(each_deal / room) if room > 0 else None
    smallest = reach * sqrt(each_deal / expected + fixed) if expected > 0 else None
    return Power(needed, smallest)


def _swollen(spread: Spread, wanted: float) -> float:
    """Returns how many times wider deals scatter where the wanted difference is there, as shares do
    that come nearer to a half."""
    was, is_then = spread.value, min(spread.value + wanted, 1.0)
    usual = was * (1 - was)
    return max(1.0, is_then * (1 - is_then) / usual) if usual > 0 else 1.0
