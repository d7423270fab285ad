"""What winners do otherwise, as frozen values that every report renders.

Shares are fractions of 1, and effects differences of two of them, with intervals at 95 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playgate.numbers.result import Basis
from playgate.records import Record

__all__ = ["Effect", "NoDifference", "Practice", "PracticeGap", "Practices", "Threshold"]


class Effect(Record):
    """How much more often deals came to the outcome that did something than those that did not,
    among deals that are alike in what else is known (see `stratified`)."""

    done: int
    """Deals that did it."""
    done_well: int
    """Those of them that came to the outcome."""
    left: int
    left_well: int
    value: float | None
    """`None` where no two deals that are alike differ in it."""
    low: float | None
    high: float | None
    chance: float
    """How likely so large a difference is where there is none."""


class PracticeGap(Record):
    """How often the best quarter of the reps do it, and their middle half; what the middle half's
    deals would gain if they did it as often, at the effect that was confirmed."""

    best: float
    middle: float
    deals: int
    """The deals of the middle half."""
    gain: float
    """So many of them more would come to the outcome; below 0 never."""


class Threshold(Record):
    """How large an effect the half in which it was looked for shows at one of the thresholds that
    were tried: so many times, or within so long."""

    at: str
    learnt: Effect


class Practice(Record, kw_only=True):
    """Something that was done before the landmark by more of the deals that came to the outcome."""

    kind: str
    words: str
    rule: Mapping[str, Any]
    """It as a rule of a playbook, to stand under `sequence`."""
    learnt: Effect
    confirmed: Effect
    """In the half of the deals in which it was not looked for."""
    chance: float
    """The confirmed one's, raised for how many were tried there."""
    reps: int
    """In how many of the two halves of the reps it points the same way."""
    gap: PracticeGap | None
    thresholds: tuple[Threshold, ...]
    """All thresholds of it that were tried, from low to high; the rule has the one that the first
    half speaks for most. None where it has no threshold."""


class NoDifference(Record):
    """A rule of the playbook that, kept or not, makes no difference that could matter."""

    rule: str
    effect: Effect


class Practices(Record, kw_only=True):
    """What was looked for, and what stood the test."""

    basis: Basis
    outcome: str
    landmark: str
    reached: int
    """Deals that entered the landmark, all others are left out."""
    undecided: int
    """Those of them that are open and may still come to the outcome: left out, too."""
    decided: int
    well: int
    """Those of the decided that came to the outcome."""
    tried: int
    """How many candidates had enough deals on both sides."""
    promising: int
    """How many of them were tried again in the other half."""
    found: tuple[Practice, ...]
    alike: tuple[NoDifference, ...]
    margin: float
    """An effect whose whole interval is within so much makes no difference that could matter."""
