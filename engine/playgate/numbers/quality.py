"""`quality`: how much of what counts as met has a mark, by rep and rule: a signal for a talk."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import nlargest
from typing import NamedTuple

from playgate.audit.share import wilson
from playgate.history.deal import no_roles
from playgate.history.people import SYSTEM, People
from playgate.history.walk import walk
from playgate.judge.judge import Judge
from playgate.numbers.expected import Expected
from playgate.numbers.history import History
from playgate.numbers.marks import MARKS, Chance, Noted
from playgate.numbers.quality_result import Marked, QualityResult, RepMarks, RuleMarks
from playgate.numbers.result import Figure
from playgate.numbers.statistics import counted_against, sieved
from playgate.numbers.survey import Survey
from playgate.records import replace
from playgate.rules.list import list_rules

__all__ = ["noted_of", "quality", "quality_of"]

_DOUBT = 2
"""So many pairs of marks weigh as much as not knowing how far they go together."""
_DEALS = 5
"""So many deals are named for a talk."""


def noted_of(survey: Survey, people: People | None) -> Noted | None:
    """Returns what notes deals; `None` where the playbook switches that off."""
    looked_for = survey.numbers.quality
    if looked_for is None:
        return None
    programs = people.having(frozenset({SYSTEM})) if people else ()
    return Noted(
        survey.playbook,
        looked_for,
        period=survey.gathered.period,
        programs={*survey.playbook.automation, *programs},
    )


def quality(
    survey: Survey,
    history: History,
    people: People | None,
    progress: Callable[[int], None] | None = None,
) -> QualityResult:
    """Reads the deals once more, and returns what marks their facts have."""
    noted = noted_of(survey, people)
    if noted is not None:
        judge = Judge(survey.playbook, has_people=people is not None)
        reader = judge.reader(people.roles if people else no_roles)
        noted.begin(judge)
        rows, governs = history.deals(), judge.ever_governs
        for walked in walk(rows, reader, governs, as_of=survey.as_of, progress=progress):
            if walked.is_one and walked.governed:
                noted.add(walked.deal, judge.judge(walked.deal))
    return quality_of(survey, noted)


def quality_of(survey: Survey, noted: Noted | None) -> QualityResult:
    """Returns what the marks come to, for the company, its teams and its reps."""
    looked_for = survey.numbers.quality
    chances = list(noted.chances()) if noted is not None else []
    marks = tuple(each for each in MARKS if looked_for and getattr(looked_for, each))
    return QualityResult(survey.basis, marks, tuple(_Quality(survey, chances).lines()))


class _Alike(NamedTuple):
    """How far chances go together, from 0 to 1: those of one deal, and those of one rep whose facts
    were recorded in one week."""

    deal: float
    week: float


class _Quality:
    """Compares what is marked with what is to be expected, rule by rule at everybody's rate.

    The test is that of Mantel and Haenszel (1959). Its variance is inflated as chances of one deal
    go together, and so do those of one week, as a batch is logged at once: both ways are added
    (after Cameron, Gelbach and Miller 2011, who take off what both have in common). Chances are
    raised for the number of reps, and of rules and reps (Benjamini and Hochberg 1995).
    """

    def __init__(self, survey: Survey, chances: Sequence[Chance]) -> None:
        self._survey = survey
        self._rules = [rule.info for rule in list_rules(survey.playbook)]
        self._by_actor: dict[str, list[Chance]] = defaultdict(list)
        for each in chances:
            self._by_actor[each.rep].append(each)
        self._counts = {rep: _counts(self._by_actor.get(rep, ())) for rep in survey.team.reps}
        self._expected = Expected(self._counts, survey.team.ranked)
        self._alike = self._likeness()

    def lines(self) -> Iterator[RepMarks]:
        """Yields the company, its teams and its reps."""
        found = [
            self._line(member.scope, member.id, member.name, member.team, actors)
            for member in self._survey.team.members()
            for actors in [self._survey.team.actors(member)]
        ]
        tested = [each.chance for each in found if each.chance is not None]
        of_rules = [rule.chance for each in found for rule in each.rules if rule.chance is not None]
        raised, rules_raised = iter(sieved(tested)), iter(sieved(of_rules))
        for each in found:
            yield replace(
                each,
                chance=None if each.chance is None else next(raised),
                rules=tuple(
                    rule if rule.chance is None else replace(rule, chance=next(rules_raised))
                    for rule in each.rules
                ),
            )

    def _line(
        self, scope: str, name: str, title: str, team: str, actors: Iterable[str]
    ) -> RepMarks:
        own = [each for actor in actors for each in self._by_actor.get(actor, ())]
        by_rule: dict[int, list[Chance]] = defaultdict(list)
        for each in own:
            by_rule[each.rule].append(each)
        rep = name if scope == "rep" else None
        marked = self._marked(own, rep, None)
        rules = tuple(
            RuleMarks(
                self._rules[place].id,
                self._rules[place].title,
                *self._marked(some, rep, place),
                deals=_latest(some),
            )
            for place, some in sorted(by_rule.items())
        )
        return RepMarks(
            scope,  # type: ignore[arg-type]
            name,
            title,
            team,
            rep is not None and rep not in self._survey.team.ranked,
            *marked,
            rules=rules,
        )

    def _marked(
        self, own: Sequence[Chance], rep: str | None, rule: int | None
    ) -> tuple[Figure, float | None, float | None, Marked]:
        """Returns the share that is marked, what was to be expected, the chance of so large a
        difference, and the marks by kind."""
        n, marked = len(own), sum(bool(each.marks) for each in own)
        kinds = Counter(mark for each in own for mark in each.marks)
        effect = self._effect(own, rule)
        low, high = wilson(marked / n, n / effect) if n else (None, None)
        share = Figure(marked / n if n else None, low, high, n, marked)
        counted = Marked(*(kinds[mark] for mark in MARKS))
        if rep is None:
            return share, None, None, counted
        expected, variance = self._expected.moments(rep, rule)
        chance = None
        is_ranked = rep in self._survey.team.ranked
        if is_ranked and n >= self._survey.basis.minimum and expected and variance:
            chance = counted_against(marked, expected, variance * effect).chance
        return share, expected, chance, counted

    def _effect(self, own: Sequence[Chance], rule: int | None) -> float:
        """Returns how many times the variance is that of independent chances."""
        if not own:
            return 1.0
        weeks = _together((each.rep, each.week) for each in own)
        deals = _together(each.deal for each in own) if rule is None else 1.0
        return 1 + (deals - 1) * self._alike.deal + (weeks - 1) * self._alike.week

    def _likeness(self) -> _Alike:
        """Returns how far chances go together: the intraclass correlation of what is left once each
        rep's own level and each rule's are taken off."""
        left: list[tuple[Chance, float]] = []
        for rep in self._survey.team.ranked:
            own = self._by_actor.get(rep, ())
            expected, _ = self._expected.moments(rep)
            seen = sum(bool(each.marks) for each in own)
            level = seen / expected if expected else 0.0
            left += [
                (each, bool(each.marks) - min(1.0, self._expected.rate(each.rule) * level))
                for each in own
            ]
        marked = sum(bool(each.marks) for each, _ in left)
        rarer = min(marked, len(left) - marked)
        pairs = rarer * (rarer - 1) / 2
        known = pairs / (pairs + _DOUBT)

        def alike(keys: Iterable[object]) -> float:
            return known * _correlation(keys, [rest for _, rest in left]) + 1 - known

        return _Alike(
            alike((each.rep, each.deal) for each, _ in left),
            alike((each.rep, each.week) for each, _ in left),
        )


def _counts(own: Iterable[Chance]) -> Mapping[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for each in own:
        n, marked = found.get(each.rule, (0, 0))
        found[each.rule] = n + 1, marked + bool(each.marks)
    return found


def _together(keys: Iterable[object]) -> float:
    """Returns in how large a cluster a chance stands on average."""
    sizes = Counter(keys).values()
    return sum(size * size for size in sizes) / sum(sizes)


def _correlation(keys: Iterable[object], rests: Sequence[float]) -> float:
    sums: dict[object, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for key, rest in zip(keys, rests, strict=True):
        cluster = sums[key]
        cluster[0] += 1
        cluster[1] += rest
        cluster[2] += rest * rest
    pairs = sum(n * (n - 1) for n, _, _ in sums.values())
    squares = sum(rest * rest for rest in rests)
    if not pairs or not squares:
        return 0.0
    products = sum(whole * whole - own for _, whole, own in sums.values())
    return min(1.0, max(0.0, products / pairs / (squares / len(rests))))


def _latest(own: Iterable[Chance]) -> tuple[str, ...]:
    """Returns the deals with the latest marks."""
    marked = [(each.week, each.deal) for each in own if each.marks]
    return tuple(deal for _, deal in nlargest(_DEALS, marked))
