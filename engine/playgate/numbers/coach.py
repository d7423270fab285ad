"""`coach`: per rep what is skipped, what it costs, what to ask and train, and when to meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from playgate.conditions.durations import Calendar, Duration
from playgate.conditions.instants import DAY, to_datetime
from playgate.findings import RuleInfo
from playgate.numbers.gather import ADHERENCE
from playgate.numbers.kpi import kpi_table
from playgate.numbers.peers import Peers, is_lower_better, share_figure
from playgate.numbers.result import Figure, KpiTable, Line
from playgate.numbers.statistics import fisher, sieved
from playgate.numbers.survey import Survey
from playgate.numbers.watch_result import Coached, CoachPlan, Next, Session, Skipped
from playgate.rules.list import list_rules

__all__ = ["coach"]

_MOST_SKIPPED = 5
_MOST_QUESTIONS = 5
_SURE = 0.05
_YEAR = 365


def coach(survey: Survey, seen: Mapping[str, int] | None = None) -> CoachPlan:
    """Returns a page for each rep; `seen` says when each was last met, besides what deals show."""
    return _Coach(survey, {**survey.gathered.sessions, **(seen or {})}).plan()


class _Coach:
    def __init__(self, survey: Survey, seen: Mapping[str, int]) -> None:
        self._survey = survey
        self._seen = seen
        self._peers = Peers(survey)
        self._rules: list[RuleInfo] = [rule.info for rule in list_rules(survey.playbook)]
        self._tables = [
            kpi_table(survey, self._peers, measure)
            for measure in survey.gathered.measures
            if measure.source == "playbook"
        ]
        self._adherence = kpi_table(survey, self._peers, survey.measure(ADHERENCE))
        self._revenue = self._mean_revenue()
        self._lost = {stage.id for stage in survey.playbook.stages if stage.ends == "lost"}

    def _mean_revenue(self) -> float | None:
        """Returns what a sale brings in the company, or `None` where no KPI says."""
        means = [table for table in self._tables if table.kind == "mean"]
        targets = self._survey.numbers.targets
        named = [table for table in means if targets and table.id == targets.revenue]
        return next((table.lines[0].figure.value for table in named or means), None)

    def plan(self) -> CoachPlan:
        """Returns the pages of all reps, those who need it most first."""
        groups = [each for each in self._adherence.groups if each.quarter == "top"]
        best = groups[0].reps if groups else ()
        lines = [line for line in self._adherence.lines if line.scope == "rep"]
        pages = [self._page(line, best) for line in lines]
        ordered = sorted(pages, key=_by_need)
        dates = _calendar(self._survey, ordered)
        return CoachPlan(
            self._survey.basis,
            best,
            tuple(Coached(**{**page.__dict__, "sessions": dates[page.id]}) for page in ordered),
            tuple(self._training(best, [line.id for line in lines])),
        )

    def _page(self, line: Line, best: tuple[str, ...]) -> Coached:
        rep, team = line.id, self._survey.team
        models = [each for each in best or team.reps if each != rep]
        skipped = self._skipped((rep,), models)
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
            best=self._peers.adherence(models),
            struggles=bool(reasons),
            reasons=reasons,
            skipped=skipped,
            train=_next(skipped),
            missed=missed,
            questions=self._questions(skipped),
            last_seen=self._seen.get(rep),
            sessions=(),
        )

    def _reasons(self, line: Line) -> Iterator[str]:
        """Yields in words each KPI by which a rep is clearly behind the other reps together."""
        for table in (self._adherence, *self._tables):
            own = next(each for each in table.lines if each.scope == "rep" and each.id == line.id)
            others = self._others(table, line.id)
            figure, theirs = own.figure, others.value
            measure = self._survey.measure(table.id)
            if theirs is None or not self._peers.is_enough(measure, own, others):
                continue
            if table.kind not in ("ratio", "count") or (
                table.source == "playbook" and (own.target != "missed" or not own.sure)
            ):
                continue
            pair = (others, figure) if is_lower_better(table) else (figure, others)
            if _is_below(*pair) and figure.value is not None:
                yield _reason(table, figure.value, theirs)

    def _others(self, table: KpiTable, rep: str) -> Figure:
        others = [each for each in self._survey.team.reps if each != rep]
        return self._peers.pooled(self._survey.measure(table.id), others)

    # Steps

    def _skipped(self, reps: Sequence[str], models: Sequence[str]) -> tuple[Skipped, ...]:
        """Returns the steps that the models do more often, the largest gap first."""
        found = [
            each
            for index, rule in enumerate(self._rules)
            if rule.level != "observe"
            for each in self._step(index, rule, reps, models)
        ]
        chances = sieved([each.chance for each in found])
        sieved_steps = [
            Skipped(**{**each.__dict__, "chance": chance})
            for each, chance in zip(found, chances, strict=True)
        ]
        ordered = sorted(sieved_steps, key=lambda each: (-each.gap, each.rule))
        return tuple(each for each in ordered if each.gap > 0)[:_MOST_SKIPPED]

    def _step(
        self, index: int, rule: RuleInfo, reps: Sequence[str], models: Sequence[str]
    ) -> Iterator[Skipped]:
        own, best = self._peers.followed(index, reps), self._peers.followed(index, models)
        if min(sum(own), sum(best)) < self._survey.basis.minimum:
            return
        figure, model = share_figure(*own), share_figure(*best)
        met_sold, met, unmet_sold, unmet = self._survey.gathered.outcomes[index]
        with_step = share_figure(met_sold, met - met_sold)
        without = share_figure(unmet_sold, unmet - unmet_sold)
        yield Skipped(
            rule.id,
            rule.title,
            own[1],
            figure,
            model,
            (model.value or 0) - (figure.value or 0),
            fisher(*own, *best),
            with_step,
            without,
            None if rule.stage in self._lost else self._cost(own[1], with_step, without),
            rule.why,
            rule.ask,
            rule.tools,
        )

    def _cost(self, times: int, with_step: Figure, without: Figure) -> float | None:
        """Returns how much less so many deals without the step bring, or `None` where chance
        explains it."""
        counts = [(each.part, each.count - each.part) for each in (with_step, without)]
        if min(with_step.count, without.count) < self._survey.basis.minimum or (
            self._revenue is None or fisher(*counts[0], *counts[1]) > _SURE
        ):
            return None
        less = (with_step.value or 0) - (without.value or 0)
        return times * less * self._revenue if less > 0 else None

    def _questions(self, skipped: Sequence[Skipped]) -> tuple[str, ...]:
        own = [each.ask for each in skipped if each.ask]
        general = self._survey.numbers.coaching.questions
        room = max(0, _MOST_QUESTIONS - len(general))
        return tuple(dict.fromkeys((*own[:room], *general)))

    def _training(self, best: Sequence[str], reps: Sequence[str]) -> Iterator[Next]:
        """Yields what most needs training in the whole team."""
        others = [rep for rep in reps if rep not in best]
        for each in self._skipped(others, best) if best and others else ():
            yield Next(each.rule, each.title, each.gap, each.chance <= _SURE)


def _is_below(one: Figure, other: Figure) -> bool:
    """Returns whether neither's value lies in the other's interval, and the one is the lower."""
    ends = one.value, one.high, other.value, other.low
    if None in ends:
        return False
    value, high, others, low = (each or 0.0 for each in ends)
    return high < others and value < low


def _reason(table: KpiTable, own: float, theirs: float) -> str:
    if table.kind == "ratio":
        return f"{table.title}: {own * 100:.0f} %, the others {theirs * 100:.0f} %"
    return f"{table.title}: {own:.1f} a week, the others {theirs:.1f}"


def _next(skipped: Sequence[Skipped]) -> Next | None:
    if not skipped:
        return None
    first = skipped[0]
    return Next(first.rule, first.title, first.gap, first.chance <= _SURE)


def _by_need(page: Coached) -> tuple[bool, float, str]:
    value = page.adherence.value
    return not page.struggles, 2.0 if value is None else value, page.id


# The calendar


def _calendar(survey: Survey, pages: Sequence[Coached]) -> dict[str, tuple[Session, ...]]:
    """Returns each rep's dates in the coming year.

    A rep who was met is due `every` after it; one who was not is met within the first `every`, in
    order of need. Those who struggle begin with a plan of weekly meetings.
    """
    zone, coaching = survey.playbook.zone, survey.numbers.coaching
    today = to_datetime(survey.as_of, zone).date()
    calendar = survey.playbook.calendar
    every = _days(coaching.every, calendar)
    unseen = [page.id for page in pages if page.last_seen is None]
    dates = {}
    for page in pages:
        sessions = []
        first = today + timedelta(days=1)
        if page.struggles:
            weeks = max(1, _days(coaching.intensive, calendar) // 7)
            monday = today + timedelta(days=7 - today.weekday())
            plan = [monday + timedelta(weeks=week) for week in range(weeks)]
            sessions += [Session(_open_day(survey, day), "intensive") for day in plan]
            due = plan[-1] + timedelta(days=every)
        elif page.last_seen is not None:
            due = max(first, to_datetime(page.last_seen, zone).date() + timedelta(days=every))
        else:
            place = unseen.index(page.id) + 1
            due = max(first, today + timedelta(days=every * place // (len(unseen) + 1)))
        while due <= today + timedelta(days=_YEAR):
            sessions.append(Session(_open_day(survey, due, earliest=first), "regular"))
            due += timedelta(days=every)
        dates[page.id] = tuple(sessions)
    return dates


def _days(duration: Duration, calendar: Calendar) -> int:
    match duration.unit:
        case "calendar day":
            days = duration.amount
        case "business day":
            days = duration.amount * 7 // len(calendar.workdays)
        case _:
            days = (duration.elapsed or 0) // DAY
    return max(1, days)


def _open_day(survey: Survey, day: date, *, earliest: date | None = None) -> str:
    """Returns the nearest working day: the one before, so that nobody waits longer (but not before
    `earliest`), else the one after."""
    calendar = survey.playbook.calendar
    before = day
    while earliest is not None and before > earliest and not calendar.is_business_day(before):
        before -= timedelta(days=1)
    day = before if calendar.is_business_day(before) else day
    while not calendar.is_business_day(day):
        day += timedelta(days=1)
    return day.isoformat()
