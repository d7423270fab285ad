"""Experiments that are drawn, with the truth planted, and a second reckoning of what they show."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from statistics import mean, variance
from typing import NamedTuple

from playgate.numbers.experiment.estimate import Unit

__all__ = ["Truth", "drawn_units", "naive_difference", "naive_jackknife"]


class Truth(NamedTuple):
    """What lies behind deals: who sells how well, and what the change does."""

    drawn: bool
    reps: int
    per_rep: int
    effect: float
    treated_reps: int = 0
    base: float = 0.35
    between: float = 0.1
    """How far reps differ, as a standard deviation."""
    wander: float = 0.0
    """How far each wanders from one span to the next."""
    trend: float = 0.05
    """How far all change from before to after."""


def drawn_units(rng: Random, truth: Truth, *, equal: bool = False) -> list[Unit]:
    """Deals of reps with few and with many; by half of the deals or by whole reps."""
    units = []
    for number in range(truth.reps):
        own = truth.base + rng.gauss(0, truth.between)
        size = truth.per_rep * (1 if equal else 0.4 + 1.2 * rng.random())
        for during in (True,) if truth.drawn else (False, True):
            now = own + rng.gauss(0, truth.wander) + truth.trend * during
            for place in range(_deals(rng, size, equal=equal)):
                treated = rng.random() < 0.5 if truth.drawn else number < truth.treated_reps
                if equal and truth.drawn:
                    treated = place % 2 == 0
                chance = min(0.98, max(0.02, now + truth.effect * (treated and during)))
                units.append(Unit(f"r{number}", treated, during, rng.random() < chance, 1.0))
    return units


def _deals(rng: Random, size: float, *, equal: bool) -> int:
    return round(size) if equal else sum(rng.random() < 0.25 for _ in range(round(4 * size)))


def naive_difference(units: Sequence[Unit], *, drawn: bool) -> float:
    """The difference as it reads in words: of the arms, or of how far each changed."""

    def share(treated: bool, during: bool) -> float:
        own = [u for u in units if (u.treated, u.during) == (treated, during)]
        return sum(u.top for u in own) / sum(u.bottom for u in own)

    if drawn:
        return share(True, True) - share(False, True)
    return (share(True, True) - share(True, False)) - (share(False, True) - share(False, False))


def naive_jackknife(units: Sequence[Unit], *, drawn: bool) -> tuple[float, float]:
    """The variance, each rep left out in turn, and the degrees of freedom."""
    arms = (
        [{u.rep for u in units}]
        if drawn
        else [{u.rep for u in units if u.treated == arm} for arm in (False, True)]
    )
    parts = []
    for reps in arms:
        left = [
            naive_difference([u for u in units if u.rep != rep], drawn=drawn)
            for rep in sorted(reps)
        ]
        assert mean(left) == mean(left)
        parts.append((variance(left) * (len(left) - 1) ** 2 / len(left), len(left) - 1))
    whole = sum(part for part, _ in parts)
    return whole, whole**2 / sum(part**2 / free for part, free in parts)
