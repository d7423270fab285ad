"""Reps among their peers: quarters, who stands apart, and what they do otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from playgate.audit.share import share
from playgate.findings import RuleInfo
from playgate.model.numbers import Kpi
from playgate.numbers.gather import ADHERENCE
from playgate.numbers.result import Apart, Difference, Figure, KpiTable, Line, Quarter, RepGroup
from playgate.numbers.samples import Measure, total
from playgate.numbers.statistics import fisher, rate_difference, sieved
from playgate.numbers.survey import Survey, figure
from playgate.rules.list import list_rules

__all__ = ["Peers", "is_lower_better", "share_figure"]

_LEAST = 4
_CHANCE = 0.1
_MOST = 5


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
        self._rules: list[RuleInfo] = [rule.info for rule in list_rules(survey.playbook)]
        self._activities = [each for each in survey.gathered.measures if each.source == "activity"]

    def pooled(self, measure: Measure, reps: Sequence[str]) -> Figure:
        """Returns the figure of several reps together."""
        samples = self._survey.gathered.samples[measure.kpi.id]
        weeks = self._survey.team.weeks(tuple(reps), measure.period)
        return figure(measure, total(samples[rep] for rep in reps if rep in samples), weeks)

    def rankable(self, measure: Measure, lines: Iterable[Line]) -> list[Line]:
        """Returns the reps whose figure rests on enough, the best first."""
        reps = [line for line in lines if line.scope == "rep" and line.figure.value is not None]
        usual = self.pooled(measure, [line.id for line in reps])
        ranked = [line for line in reps if self.is_enough(measure, line, usual)]
        sign = 1 if is_lower_better(measure.kpi) else -1
        return sorted(ranked, key=lambda line: (sign * (line.figure.value or 0), line.id))

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
        values = [line.figure.value for line in ranked]
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
            sure = own.high is not None and own.high < theirs
            found.append(
                Apart(
                    line.id,
                    line.name,
                    own.value,
                    theirs,
                    own.value / theirs - 1,
                    sure,
                    self.differences((line.id,), others),
                )
            )
        return tuple(found)

    def practices(
        self, ranked: Sequence[Line], groups: Sequence[RepGroup]
    ) -> tuple[Difference, ...]:
        """Returns what the best quarter does otherwise than the rest."""
        if not groups or groups[0].quarter != "top":
            return ()
        best = groups[0].reps
        return self.differences(best, [line.id for line in ranked if line.id not in best])

    # What is done otherwise

    def differences(self, here: Sequence[str], there: Sequence[str]) -> tuple[Difference, ...]:
        """Returns the rules (Fisher's exact test) and activities (an exact test of rates) in which
        two groups differ by more than chance explains."""
        found = [*self._by_rule(here, there), *self._by_activity(here, there)]
        chances = sieved([each.chance for each in found])
        clear = [
            Difference(each.kind, each.id, each.title, each.here, each.there, chance)
            for each, chance in zip(found, chances, strict=True)
            if chance <= _CHANCE
        ]
        return tuple(sorted(clear, key=lambda each: (each.chance, each.id))[:_MOST])

    def followed(self, index: int, reps: Sequence[str]) -> tuple[int, int]:
        """Returns how often some reps met a rule (by its place), and how often not."""
        rules = self._survey.gathered.rules
        counts = [rules[index, rep] for rep in reps if (index, rep) in rules]
        return sum(each[0] for each in counts), sum(each[1] for each in counts)

    def _by_rule(self, here: Sequence[str], there: Sequence[str]) -> Iterable[Difference]:
        for index, rule in enumerate(self._rules):
            own, other = self.followed(index, here), self.followed(index, there)
            if min(sum(own), sum(other)) >= self._minimum:
                chance = fisher(*own, *other)
                yield Difference(
                    "rule", rule.id, rule.title, share_figure(*own), share_figure(*other), chance
                )

    def _by_activity(self, here: Sequence[str], there: Sequence[str]) -> Iterable[Difference]:
        for measure in self._activities:
            own, other = self.pooled(measure, here), self.pooled(measure, there)
            if own.count + other.count < self._minimum:
                continue
            chance = rate_difference(self._rates(measure, here), self._rates(measure, there))
            name = measure.kpi.id.removeprefix("activity/")
            yield Difference("activity", name, measure.kpi.title, own, other, chance)

    def _rates(self, measure: Measure, reps: Sequence[str]) -> list[tuple[int, float]]:
        """Returns for each rep how many there were, and in how many weeks."""
        samples, team = self._survey.gathered.samples[measure.kpi.id], self._survey.team
        return [
            (samples[rep].part if rep in samples else 0, team.weeks((rep,), measure.period))
            for rep in reps
        ]

    # Adherence, for coaching

    def adherence(self, reps: Sequence[str]) -> Figure:
        """Returns how much of the playbook some reps follow together."""
        return self.pooled(self._survey.measure(ADHERENCE), reps)


def share_figure(part: int, rest: int) -> Figure:
    """Returns a share with its 95 % interval, which is Wilson's."""
    found = share(part, rest)
    return Figure(found.value, found.low, found.high, part + rest, part)
