"""What an experiment's arms differ by, and how sure that is: reps as clusters.

A value is a ratio of two sums over deals (how many came to the outcome, of how many). The
difference is that of the arms' values or, where people were named and not drawn, that of how far
each arm's value changed from before to after.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import sqrt
from typing import NamedTuple

from playgate.audit.share import student
from playgate.records import Record

__all__ = ["FEWEST_REPS", "Cell", "Difference", "Unit", "cells_of", "difference"]

FEWEST_REPS = 4
"""Of fewer reps nothing is told: in all where deals are drawn, else in each arm."""


class Unit(NamedTuple):
    """A deal: whose it is, its arm, whether it began while the experiment ran, and the two numbers
    that its arm's value is the ratio of; a deal of which nothing is known yet has 0 below."""

    rep: str
    treated: bool
    during: bool
    top: float
    bottom: float


class Cell(NamedTuple):
    """The deals of one arm, in one span of time."""

    treated: bool
    during: bool


class Difference(Record):
    """A difference with its 95 % interval; nothing of it is told where too few reps are known."""

    value: float | None
    low: float | None
    high: float | None
    reps: int
    """How many had deals that count."""


class _Sums(NamedTuple):
    top: float
    bottom: float


def cells_of(units: Iterable[Unit], *, compares_before: bool) -> dict[Cell, dict[str, _Sums]]:
    """Adds up deals by cell and rep; those of before count only where they are compared."""
    found: dict[Cell, dict[str, _Sums]] = {
        Cell(treated, during): {}
        for treated in (True, False)
        for during in ((True, False) if compares_before else (True,))
    }
    for unit in units:
        cell = Cell(unit.treated, unit.during)
        if cell in found and unit.bottom:
            known = found[cell].get(unit.rep, _Sums(0.0, 0.0))
            found[cell][unit.rep] = _Sums(known.top + unit.top, known.bottom + unit.bottom)
    return found


def difference(units: Iterable[Unit], *, drawn: bool) -> Difference:
    """Returns the difference of the arms, by what was assigned.

    Where deals were `drawn`, the same reps stand in both arms; else each is in one, and before and
    after are compared. Its variance is the jackknife's that leaves out one rep at a time (Efron and
    Stein 1981), by arm where reps are in one; the quantile is Student's, with the degrees of
    freedom of Welch (1947).
    """
    cells = cells_of(units, compares_before=not drawn)
    strata = _strata(cells, drawn=drawn)
    reps = len({rep for own in cells.values() for rep in own})
    value = _contrast(cells, None)
    if value is None or any(len(stratum) < FEWEST_REPS for stratum in strata):
        return Difference(None, None, None, reps)
    parts = [_variance(cells, stratum) for stratum in strata]
    if any(part is None for part in parts):
        return Difference(None, None, None, reps)
    known = [part for part in parts if part is not None]
    variance = sum(known)
    if not variance:
        return Difference(value, value, value, reps)
    spread = sum(part**2 / (len(stratum) - 1) for part, stratum in zip(known, strata, strict=True))
    reach = student(variance**2 / spread) * sqrt(variance)
    return Difference(value, value - reach, value + reach, reps)


def _strata(cells: Mapping[Cell, Mapping[str, _Sums]], *, drawn: bool) -> list[list[str]]:
    """Returns the reps who are left out one by one: all of them, or those of each arm."""
    arms: dict[bool, set[str]] = defaultdict(set)
    for cell, reps in cells.items():
        arms[not drawn and cell.treated].update(reps)
    return [sorted(arms[arm]) for arm in ((False,) if drawn else (False, True))]


def _variance(cells: Mapping[Cell, Mapping[str, _Sums]], reps: list[str]) -> float | None:
    left = [_contrast(cells, rep) for rep in reps]
    known = [each for each in left if each is not None]
    if len(known) < len(left):
        return None
    mean = sum(known) / len(known)
    return sum((each - mean) ** 2 for each in known) * (len(known) - 1) / len(known)


def _contrast(cells: Mapping[Cell, Mapping[str, _Sums]], without: str | None) -> float | None:
    """Returns the difference without a rep, `None` where a cell would be empty."""
    found = 0.0
    for cell, reps in cells.items():
        kept = [own for rep, own in reps.items() if rep != without]
        bottom = sum(own.bottom for own in kept)
        if bottom <= 0:
            return None
        ratio = sum(own.top for own in kept) / bottom
        found += ratio if cell.treated == cell.during else -ratio
    return found
