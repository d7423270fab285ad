"""`coach`: per rep what is skipped, what it costs, what to ask and train, and when to meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from playgate.conditions.instants import to_datetime
from playgate.findings import RuleInfo
from playgate.language import say, speaking
from playgate.numbers.coaching_calendar import Due, Year, days_of
from playgate.numbers.kpi import kpi_table
from playgate.numbers.onboarding import Learnt, hires
from playgate.numbers.peers import Peers, is_lower_better, is_unlikely, share_figure
from playgate.numbers.person_goals import work_of
from playgate.numbers.result import Figure, KpiTable, Line
from playgate.numbers.statistics import fisher, sieved
from playgate.numbers.survey import Survey
from playgate.numbers.trainings import trainings
from playgate.numbers.watch_result import (
    Coached,
    CoachPlan,
    Next,
    Session,
    Skipped,
    Train,
    Workload,
)
from playgate.records import replace
from playgate.rules.list import list_rules

__all__ = ["coach"]

_MOST_SKIPPED = 5
_MOST_QUESTIONS = 5


def coach(
    survey: Survey,
    seen: Mapping[str, int] | None = None,
    *,
    learnt: Learnt | None = None,
    peers: Peers | None = None,
    tables: Sequence[KpiTable] = (),
) -> CoachPlan:
    """Returns a page for each rep; `seen` says when each was last met, besides what deals show, and
    `learnt` which lessons who is new had. `peers` and `tables` save work where they are there
    already."""
    peers = peers or Peers(survey)
    compared = [
        each for each in survey.gathered.measures if each.source in ("playbook", "adherence")
    ]
    tables = tables or [kpi_table(survey, peers, each) for each in compared]
    met = {**survey.gathered.sessions, **(seen or {})}
    plan = _Coach(survey, met, peers, tables).plan()
    planned = trainings(survey, plan.reps)
    return replace(plan, planned=planned, hires=hires(survey, learnt))


class _Coach:
    def __init__(
        self, survey: Survey, seen: Mapping[str, int], peers: Peers, tables: Sequence[KpiTable]
    ) -> None:
        self._survey = survey
        self._seen = seen
        self._peers = peers
        self._rules: list[RuleInfo] = [rule.info for rule in list_rules(survey.playbook)]
        self._lost = {stage.id for stage in survey.playbook.stages if stage.ends == "lost"}
        self._tables = [table for table in tables if table.source == "playbook"]
        self._adherence = next(table for table in tables if table.source == "adherence")

    def plan(self) -> CoachPlan:
        """Returns the pages of all reps, those who need it most first."""
        lines = [line for line in self._adherence.lines if line.scope == "rep"]
        pages = [self._page(line) for line in lines]
        ordered = sorted(pages, key=_by_need)
        dates, workload = _year(self._survey, ordered)
        return CoachPlan(
            self._survey.basis,
            tuple(replace(page, sessions=tuple(dates[page.id])) for page in ordered),
            tuple(self._training()),
            workload,
        )

    def _page(self, line: Line) -> Coached:
        rep, team = line.id, self._survey.team
        others = [each for each in team.ranked if each != rep]
        skipped = self._skipped(rep, others)
        reasons = tuple(self._reasons(line))
        missed = tuple(
            table.id
            for table in self._tables
            for each in table.lines
            if each.scope == "rep" and each.id == rep and each.target == "missed" and each.sure
        )
        return Coached(
            id=rep,
            name=line.name,
            team=line.team,
            manager=team.name(team.manager(rep)),
            adherence=line.figure,
            others=self._peers.adherence(others),
            struggles=bool(reasons),
            reasons=reasons,
            skipped=skipped,
            train=_next(skipped),
            missed=missed,
            questions=self._questions(skipped),
            last_seen=self._seen.get(rep),
            sessions=(),
            ramps_until=team.ramps_until(rep),
            work=work_of(self._survey, rep),
        )

    def _reasons(self, line: Line) -> Iterator[str]:
        """Yields in words each KPI by which a rep is behind the other reps together, which chance
        explains badly."""
        if is_unlikely(line.chance):
            own = next(
                each for each in self._peers.misses if each.scope == "rep" and each.id == line.id
            )
            if own.misses > own.expected:
                yield say(
                    "Steps missed: {misses}, {expected} were to be expected",
                    misses=speaking().number(own.misses),
                    expected=speaking().number(own.expected),
                )
        for table in self._tables:
            own_line = next(
                each for each in table.lines if each.scope == "rep" and each.id == line.id
            )
            theirs, value = self._others(table, line.id).value, own_line.figure.value
            if theirs is None or value is None or not is_unlikely(own_line.chance):
                continue
            if table.kind not in ("ratio", "count") or not (
                own_line.target == "missed" and own_line.sure
            ):
                continue
            if value > theirs if is_lower_better(table) else value < theirs:
                yield _reason(table, value, theirs)

    def _others(self, table: KpiTable, rep: str) -> Figure:
        others = [each for each in self._survey.team.ranked if each != rep]
        return self._peers.pooled(self._survey.measure(table.id), others)

    # Steps

    def _is_habit(self, rule: RuleInfo) -> bool:
        """Whether a rule speaks of work that can be done better; of a lost deal nothing can."""
        return rule.level != "observe" and rule.stage not in self._lost

    def _skipped(self, rep: str, others: Sequence[str]) -> tuple[Skipped, ...]:
        """Returns the steps that the other reps together do more often, those first that are missed
        most beyond what their share lets expect: so many, and all that chance explains badly."""
        found = [
            each
            for index, rule in enumerate(self._rules)
            if self._is_habit(rule)
            for each in self._step(index, rule, rep, others)
        ]
        chances = sieved([each.chance for each in found])
        steps = [replace(each, chance=chance) for each, chance in zip(found, chances, strict=True)]
        ordered = sorted(steps, key=lambda each: (-each.surplus, each.rule))
        return tuple(
            each
            for place, each in enumerate(ordered)
            if each.surplus > 0 and (place < _MOST_SKIPPED or is_unlikely(each.chance))
        )

    def _step(
        self, index: int, rule: RuleInfo, rep: str, others: Sequence[str]
    ) -> Iterator[Skipped]:
        own, theirs = self._peers.followed(index, (rep,)), self._peers.followed(index, others)
        if min(sum(own), sum(theirs)) < self._survey.basis.minimum:
            return
        yield Skipped(
            rule.id,
            rule.title,
            own[1],
            own[1] - sum(own) * theirs[1] / sum(theirs),
            share_figure(*own),
            share_figure(*theirs),
            fisher(*own, *theirs),
            rule.why,
            rule.ask,
            rule.tools,
        )

    def _questions(self, skipped: Sequence[Skipped]) -> tuple[str, ...]:
        own = [each.ask for each in skipped if each.ask]
        general = self._survey.numbers.coaching.questions
        room = max(0, _MOST_QUESTIONS - len(general))
        return tuple(dict.fromkeys((*own[:room], *general)))

    def _training(self) -> Iterator[Next]:
        """Yields the steps that are missed most in the whole team."""
        reps = self._survey.team.reps
        counts = [self._peers.followed(index, reps) for index in range(len(self._rules))]
        missed = [
            Next(rule.id, rule.title, unmet, unmet / (met + unmet))
            for rule, (met, unmet) in zip(self._rules, counts, strict=True)
            if self._is_habit(rule) and unmet and met + unmet >= self._survey.basis.minimum
        ]
        yield from sorted(missed, key=lambda each: (-each.unmet, each.rule))[:_MOST_SKIPPED]


def _reason(table: KpiTable, own: float, theirs: float) -> str:
    if table.kind == "ratio":
        own, theirs = own * 100, theirs * 100
        return say(
            "{kpi}: {own}, the others {theirs}",
            kpi=table.title,
            own=speaking().percent(f"{own:.0f}"),
            theirs=speaking().percent(f"{theirs:.0f}"),
        )
    return say(
        "{kpi}: {own} a week, the others {theirs}",
        kpi=table.title,
        own=speaking().number(own, 1),
        theirs=speaking().number(theirs, 1),
    )


def _next(skipped: Sequence[Skipped]) -> Train | None:
    """Returns what to train: the step that is missed most beyond expectation, sure ones first."""
    if not skipped:
        return None
    first = next((each for each in skipped if is_unlikely(each.chance)), skipped[0])
    return Train(first.rule, first.title, first.surplus, is_unlikely(first.chance))


def _by_need(page: Coached) -> tuple[bool, bool, float, str]:
    value, is_new = page.adherence.value, page.ramps_until is not None
    return is_new, not page.struggles, 2.0 if value is None else value, page.id


def _year(
    survey: Survey, pages: Sequence[Coached]
) -> tuple[dict[str, list[Session]], tuple[Workload, ...]]:
    """Returns each rep's dates in the coming year, and what they come to for each manager.

    A rep who was met is due `every` after it; one who was not is met within the first `every`, in
    order of need. Those who struggle begin with a plan of weekly meetings.
    """
    zone, coaching = survey.playbook.zone, survey.numbers.coaching
    today, calendar = to_datetime(survey.as_of, zone).date(), survey.playbook.calendar
    every, most = days_of(coaching.every, calendar), coaching.sessions_per_week
    weekly = max(1, days_of(coaching.intensive, calendar) // 7)
    unseen = [page.id for page in pages if page.last_seen is None]
    dues: dict[str, list[Due]] = {}
    for page in pages:
        if page.last_seen is not None:
            due = to_datetime(page.last_seen, zone).date() + timedelta(days=every)
        else:
            place = unseen.index(page.id) + 1
            due = today + timedelta(days=every * place // (len(unseen) + 1))
        manager = survey.team.manager(page.id)
        own = Due(page.id, due, weekly if page.struggles else 0)
        dues.setdefault(manager, []).append(own)
    years = {
        manager: Year(
            own, first=today + timedelta(days=1), every=every, most=most, calendar=calendar
        )
        for manager, own in sorted(dues.items())
    }
    return (
        {rep: held for year in years.values() for rep, held in year.sessions.items()},
        tuple(
            year.workload(manager, survey.team.name(manager) if manager else "", most)
            for manager, year in years.items()
        ),
    )
