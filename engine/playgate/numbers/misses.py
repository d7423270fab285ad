"""What reps missed against what is to be expected of their work: each rule at everybody's rate."""

from __future__ import annotations

from collections.abc import Iterable

from playgate.audit.chances import all_chances, chances_of
from playgate.audit.share import design_effect, share
from playgate.numbers.expected import Expected
from playgate.numbers.gather import ADHERENCE
from playgate.numbers.result import Clean, Misses
from playgate.numbers.statistics import counted_against, sieved
from playgate.numbers.survey import Survey
from playgate.records import replace
from playgate.rules.list import list_rules

__all__ = ["clean", "misses"]

_HARDLY = 0.01
_ENOUGH = 30
"""A rule that is missed in fewer than so many of so many chances is practically never missed."""


def misses(survey: Survey) -> tuple[Misses, ...]:
    """Returns each team's and rep's misses against those to be expected.

    A rep is compared with all reps together, rule by rule, by the test of Mantel and Haenszel
    (1959), its variance inflated as deals are clusters whose chances go together as far as in all
    of them (Donald and Donner 1987), and the chances are raised for the number of reps (Benjamini
    and Hochberg 1995). Who is new is held against the others and not tested.
    """
    found = _Misses(survey)
    reps = [found.rep(rep) for rep in survey.team.reps]
    tested = [each for each in reps if each.chance is not None]
    raised = sieved([each.chance or 0.0 for each in tested])
    chances = dict(zip((each.id for each in tested), raised, strict=True))
    reps = [replace(each, chance=chances.get(each.id)) for each in reps]
    return (*found.teams(reps), *reps)


class _Misses:
    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        adheres = [rule.info.level != "observe" for rule in list_rules(survey.playbook)]
        rules: dict[str, dict[int, tuple[int, int]]] = {rep: {} for rep in survey.team.reps}
        for (place, rep), (met, unmet, _) in sorted(survey.gathered.rules.items()):
            if rep in rules and adheres[place]:
                rules[rep][place] = met + unmet, unmet
        self._expected = Expected(rules, survey.team.ranked)
        self._alike = self._likeness()

    def _likeness(self) -> float:
        """Returns how far the chances of a deal go together, from 0 to 1, over all reps: the
        intraclass correlation."""
        samples = self._survey.gathered.samples[ADHERENCE]
        whole = all_chances(
            chances_of(samples[rep].chances) for rep in self._survey.team.ranked if rep in samples
        )
        independent = sum(
            missed * (n - missed) / n for n, missed in self._expected.totals.values() if n
        )
        if not independent or whole.squared <= whole.chances:
            return 0.0
        effect = design_effect(whole, independent)
        return (effect - 1) / (whole.squared / whole.chances - 1)

    def rep(self, rep: str) -> Misses:
        team, sample = self._survey.team, self._survey.gathered.samples[ADHERENCE].get(rep)
        chances = chances_of(sample.chances) if sample else chances_of({})
        expected, independent = self._expected.moments(rep)
        seen = chances.chances - chances.met
        found = Misses(
            scope="rep",
            id=rep,
            name=team.name(rep),
            team=team.team(rep),
            deals=chances.deals,
            chances=chances.chances,
            misses=seen,
            expected=expected,
            ramps=rep not in team.ranked,
        )
        if (
            found.ramps
            or chances.deals < self._survey.basis.minimum
            or not independent
            or not expected
        ):
            return found
        together = chances.squared / chances.chances
        variance = independent * (1 + (together - 1) * self._alike)
        funnel = counted_against(seen, expected, variance)
        return replace(
            found,
            low=funnel.low,
            high=funnel.high,
            far_low=funnel.far_low,
            far_high=funnel.far_high,
            chance=funnel.chance,
        )

    def teams(self, reps: Iterable[Misses]) -> Iterable[Misses]:
        """Yields each team: what its reps missed, and what was to be expected of them."""
        every = list(reps)
        for member in self._survey.team.members():
            if member.scope == "team":
                own = [each for each in every if each.id in member.reps]
                yield Misses(
                    scope="team",
                    id=member.id,
                    name=member.name,
                    team=member.team,
                    deals=sum(each.deals for each in own),
                    chances=sum(each.chances for each in own),
                    misses=sum(each.misses for each in own),
                    expected=sum(each.expected for each in own),
                )


def clean(survey: Survey) -> Clean:
    """Returns how many deals had no miss at all, and the share of steps followed without those
    rules that are practically never missed."""
    deals = survey.gathered.followed["company", ""]
    without = sum(times for (n, met), times in deals.items() if n and n == met)
    whole = sum(times for (n, _), times in deals.items() if n)
    names, met, missed = [], 0, 0
    by_rule: dict[int, tuple[int, int]] = {}
    for (place, _), (own_met, own_missed, _) in survey.gathered.rules.items():
        done, left = by_rule.get(place, (0, 0))
        by_rule[place] = done + own_met, left + own_missed
    for place, rule in enumerate(list_rules(survey.playbook)):
        done, left = by_rule.get(place, (0, 0))
        if rule.info.level == "observe":
            continue
        if done + left >= _ENOUGH and left < _HARDLY * (done + left):
            names.append(rule.info.id)
        else:
            met, missed = met + done, missed + left
    return Clean(without, whole, share(met, missed).value, met + missed, tuple(names))
