"""Reps among their peers: quarters, who stands apart, and who differs by more than chance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import hypot

from playgate.audit.share import share
from playgate.model.numbers import Kpi
from playgate.numbers.gather import ADHERENCE
from playgate.numbers.misses import misses
from playgate.numbers.result import Apart, Figure, KpiTable, Line, Quarter, RepGroup
from playgate.numbers.samples import Measure, Sample, total
from playgate.numbers.statistics import (
    fisher,
    lasting_difference,
    mean_difference,
    rate_difference,
    shrunken,
    sieved,
    two_sided,
)
from playgate.numbers.survey import Survey, figure

__all__ = ["Peers", "changes", "is_lower_better", "is_unlikely", "share_figure"]

Real = float | None

_LEAST = 4
_UNLIKELY = 0.05
_WIDE = 2 * 1.959963984540054
"""So many standard errors wide is an interval at 95 %."""


def is_unlikely(chance: float | None) -> bool:
    """Returns whether chance is a poor explanation: of what is called so, 5 % is chance."""
    return chance is not None and chance <= _UNLIKELY


def is_lower_better(kpi: Kpi | KpiTable) -> bool:
    """Returns whether less is better: of times, and of what has nothing but an upper target."""
    if kpi.at_least is None and kpi.at_most is not None:
        return True
    return kpi.kind == "time" and kpi.at_least is None


class Peers:
    """Compares the reps of a survey."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._minimum = survey.numbers.coaching.minimum
        self.misses = misses(survey)

    def pooled(self, measure: Measure, reps: Sequence[str]) -> Figure:
        """Returns the figure of several reps together."""
        weeks = self._survey.team.weeks(tuple(reps), measure.period)
        return figure(measure, self._sample(measure, reps), weeks)

    def rankable(self, measure: Measure, lines: Iterable[Line]) -> list[Line]:
        """Returns the reps whose figure rests on enough, the best first."""
        compared = self._survey.team.ranked
        reps = [line for line in lines if line.id in compared and line.scope == "rep"]
        reps = [line for line in reps if line.figure.value is not None]
        usual = self.pooled(measure, [line.id for line in reps])
        ranked = [line for line in reps if self.is_enough(measure, line, usual)]
        if measure.source == "adherence":
            return sorted(ranked, key=lambda line: (self._ratio(line.id), line.id))
        sign = 1 if is_lower_better(measure.kpi) else -1
        return sorted(ranked, key=lambda line: (sign * (line.figure.value or 0), line.id))

    def _ratio(self, rep: str) -> float:
        """Returns a rep's misses over those to be expected."""
        own = next(each for each in self.misses if each.scope == "rep" and each.id == rep)
        return own.misses / own.expected if own.expected else 1.0

    def drawn(self, measure: Measure, ranked: Sequence[Line]) -> tuple[dict[str, float], Real]:
        """Returns the reps' values drawn towards that of all, and which share of their spread is
        more than chance; nothing of a time, whose intervals may be open."""
        known = [
            (line.id, each.value, (each.high - each.low) / _WIDE)
            for line in ranked
            if (each := line.figure).value is not None
            and each.high is not None
            and each.low is not None
        ]
        if measure.kpi.kind == "time" or len(known) < max(len(ranked), _LEAST):
            return {}, None
        values, real = shrunken([each[1] for each in known], [each[2] for each in known])
        return dict(zip((each[0] for each in known), values, strict=True)), real

    def is_enough(self, measure: Measure, line: Line, usual: Figure) -> bool:
        """Returns whether a rep's figure rests on enough; `usual` is what the others do."""
        seen = float(line.figure.rests_on(measure.kpi.kind))
        if measure.kpi.kind == "count" and usual.value is not None:
            # A few where many were to be expected say something, too.
            seen = max(seen, usual.value * self._survey.team.weeks((line.id,), measure.period))
        return seen >= self._minimum

    def groups(self, measure: Measure, ranked: Sequence[Line]) -> tuple[RepGroup, ...]:
        """Returns the top quarter, the middle and the bottom quarter; nothing for fewer than four
        reps.

        Where equal figures lie on both sides of a border, all of them are in the middle.
        """
        if len(ranked) < _LEAST:
            return ()
        size = len(ranked) // 4
        ratios = measure.source == "adherence"
        values = [self._ratio(line.id) if ratios else line.figure.value for line in ranked]
        top = [line for line in ranked[:size] if line.figure.value != values[size]]
        bottom = [line for line in ranked[-size:] if line.figure.value != values[-size - 1]]
        middle = [line for line in ranked if line not in top and line not in bottom]
        parts: list[tuple[Quarter, list[Line]]] = [
            ("top", top),
            ("middle", middle),
            ("bottom", bottom),
        ]
        return tuple(
            RepGroup(quarter, reps, self.pooled(measure, reps))
            for quarter, lines in parts
            if (reps := tuple(line.id for line in lines))
        )

    def apart(self, measure: Measure, ranked: Sequence[Line]) -> tuple[Apart, ...]:
        """Returns who is so far under the other reps together as the KPI's `apart` says."""
        limit = measure.kpi.apart
        found = []
        for line in ranked if limit is not None and len(ranked) > 1 else ():
            others = [each.id for each in ranked if each.id != line.id]
            theirs, own = self.pooled(measure, others).value, line.figure
            if not theirs or own.value is None or own.value > theirs * (1 - (limit or 0)):
                continue
            change = own.value / theirs - 1
            found.append(
                Apart(line.id, line.name, own.value, theirs, change, is_unlikely(line.chance))
            )
        return tuple(found)

    # Tests

    def chances(self, measure: Measure, ranked: Sequence[Line]) -> dict[str, float]:
        """Returns for each ranked rep how likely so large a difference from the others together is
        by chance, raised for the number of reps."""
        if measure.source == "adherence":
            return {each.id: each.chance for each in self.misses if each.chance is not None}
        reps = [line.id for line in ranked]
        if len(reps) < 2 or measure.kpi.kind == "sum":
            return {}
        found = [self._chance(measure, rep, [each for each in reps if each != rep]) for rep in reps]
        return dict(zip(reps, sieved(found), strict=True))

    def _chance(self, measure: Measure, rep: str, others: Sequence[str]) -> float:
        own, theirs = self._sample(measure, (rep,)), self._sample(measure, others)
        match measure.kpi.kind:
            case "ratio":
                return fisher(own.part, own.rest, theirs.part, theirs.rest)
            case "count":
                return rate_difference(self._rates(measure, (rep,)), self._rates(measure, others))
            case "time":
                # An end in between stops the clock: how fast it comes until then is compared.
                return lasting_difference(
                    (own.values, own.ended + own.waiting),
                    (theirs.values, theirs.ended + theirs.waiting),
                )
        return mean_difference(own.values, theirs.values)

    def _sample(self, measure: Measure, reps: Sequence[str]) -> Sample:
        samples = self._survey.gathered.samples[measure.kpi.id]
        return total(samples[rep] for rep in reps if rep in samples)

    def _rates(self, measure: Measure, reps: Sequence[str]) -> list[tuple[int, float]]:
        """Returns for each rep how many there were, and in how many weeks."""
        samples, team = self._survey.gathered.samples[measure.kpi.id], self._survey.team
        return [
            (samples[rep].part if rep in samples else 0, team.weeks((rep,), measure.period))
            for rep in reps
        ]

    # Rules

    def followed(self, index: int, reps: Sequence[str]) -> tuple[int, int]:
        """Returns how often some reps met a rule (by its place), and how often not."""
        rules = self._survey.gathered.rules
        counts = [rules[index, rep] for rep in reps if (index, rep) in rules]
        return sum(each[0] for each in counts), sum(each[1] for each in counts)

    # Adherence, for coaching

    def adherence(self, reps: Sequence[str]) -> Figure:
        """Returns how much of the playbook some reps follow together."""
        return self.pooled(self._survey.measure(ADHERENCE), reps)


def changes(pairs: Iterable[tuple[Figure, Figure]]) -> list[float | None]:
    """Returns how likely each figure differs so much from its other one by chance, with all pairs
    taken together (Benjamini and Hochberg 1995); `None` where that cannot be told."""
    chances = [_change(*pair) for pair in pairs]
    raised = iter(sieved([each for each in chances if each is not None]))
    return [None if each is None else next(raised) for each in chances]


def _change(one: Figure, other: Figure) -> float | None:
    """Returns the chance of a difference by the intervals of both (Zou and Donner 2008)."""
    if one.value is None or other.value is None:
        return None
    above, below = (one, other) if one.value > other.value else (other, one)
    if above.low is None or below.high is None:
        return None
    down, up = (above.value or 0.0) - above.low, below.high - (below.value or 0.0)
    apart, spread = abs(one.value - other.value), hypot(down, up)
    if not spread:
        return 0.0 if apart else 1.0
    return two_sided(apart / spread * _WIDE / 2)


def share_figure(part: int, rest: int) -> Figure:
    """Returns a share with its 95 % interval, which is Wilson's."""
    found = share(part, rest)
    return Figure(found.value, found.low, found.high, part + rest, part)
