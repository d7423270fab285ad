"""`target`: from a revenue goal back to the new opportunities that it needs per week."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from math import ceil, prod
from typing import Any

from playgate.conditions.instants import DAY
from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.language import say
from playgate.model.numbers import Targets
from playgate.model.playbook import Playbook
from playgate.numbers.goal_forecast import GoalForecast
from playgate.numbers.onboarding import asked_share
from playgate.numbers.period import WEEK, Period, running, week_reader
from playgate.numbers.result import Figure, Goal, Input, Likely, Need, PlanStep, TargetResult
from playgate.numbers.samples import Sample
from playgate.numbers.statistics import simulate, span_of, span_over
from playgate.numbers.survey import Survey
from playgate.numbers.team import Member
from playgate.records import Record, replace

__all__ = ["WhatIf", "target"]

GOAL = "goal"
_FOUR = 4


class WhatIf(Record):
    """A what-if: an input set to a value, or changed by a share of its own."""

    value: float
    relative: bool
    said: str


def target(
    survey: Survey, changes: Mapping[str, WhatIf], forecast: GoalForecast | None = None
) -> TargetResult:
    """Returns the way to the goal for the company, its teams and its reps, and what is likely to
    come where there is a forecast."""
    targets = goal_of(survey.playbook, changes)
    way = _Way(survey, targets, changes, forecast)
    return TargetResult(
        survey.basis,
        survey.numbers.kpi(targets.revenue).unit,
        targets.per,
        way.period.start,
        way.period.end,
        tuple(f"{name}={change.said}" for name, change in changes.items()),
        tuple(way.goal(member) for member in survey.team.members()),
        tuple(way.notes()),
        survey.numbers.kpi(targets.opportunities).tips,
    )


def goal_of(playbook: Playbook, changes: Mapping[str, WhatIf]) -> Targets:
    """Returns the goal that a playbook declares; raises `InputError` where there is none, or the
    changes do not fit it."""
    targets = playbook.numbers.targets if playbook.numbers else None
    if targets is None:
        raise InputError(f"{playbook.name} declares no targets", hint="docs/numbers.md shows how")
    named = (
        GOAL,
        targets.revenue,
        *targets.ratios,
        targets.opportunities,
        *targets.activities,
        *([targets.cycle] if targets.cycle else []),
    )
    for name, change in changes.items():
        if name not in named:
            hint = nearest(name, named)
            raise InputError(
                f'--what-if: the goal does not rest on "{name}"', hint=hint, code="unknown-name"
            )
        value = 1 + change.value if change.relative else change.value
        if value <= 0 or (name in targets.ratios and not change.relative and value > 1):
            hint = "a ratio is a share, such as 70%" if name in targets.ratios else ""
            raise InputError(
                f'--what-if: {name} cannot be "{change.said}"', hint=hint, code="wrong-value"
            )
    return targets


class _Way:
    def __init__(
        self,
        survey: Survey,
        targets: Targets,
        changes: Mapping[str, WhatIf],
        forecast: GoalForecast | None,
    ) -> None:
        self._survey = survey
        self._forecast = forecast
        self._targets = targets
        self._changes = changes
        self._kpis = {kpi.id: kpi for kpi in survey.numbers.kpis}
        self._members = {(each.scope, each.id): each for each in survey.team.members()}
        self._figures: dict[tuple[str, str, str], Figure] = {}
        self.period: Period = running(targets.per, survey.as_of, survey.playbook.zone)
        self._this_week = week_reader(survey.playbook.zone)(survey.as_of)

    def notes(self) -> Iterator[str]:
        """Yields notes on what is odd about the goals."""
        reps, own = set(self._survey.team.reps), self._targets.reps
        strangers = sorted(set(own) - reps)
        if strangers:
            named = ", ".join(strangers)
            yield (
                say("a goal is set for {rep}, who is no rep here", rep=named)
                if len(strangers) == 1
                else say("goals are set for {reps}, who are no reps here", reps=named)
            )
        if reps and reps <= set(own) and sum(own[rep] for rep in reps) < self._targets.goal:
            yield say("every rep has a goal of their own, and together they stay below the goal")

    def goal(self, member: Member) -> Goal:
        """Returns a member's goal, and the way there."""
        amount = self._amount(member)
        inputs = tuple(self._inputs(member))
        now = self._need(member, amount, inputs, changed=False)
        after = self._need(member, amount, inputs, changed=True) if self._changes else None
        used = after or now
        each = _yield(self._changed(inputs) if after else inputs, self._targets)
        gathered, actors = self._survey.gathered, self._actors(member)
        sold = sum(gathered.sold.get(rep, 0.0) for rep in actors)
        apart: dict[str, float] = defaultdict(float)
        for rep in actors:
            for currency, value in gathered.sold_apart.get(rep, {}).items():
                apart[currency] += value
        expected = self._expected(member, inputs)
        last_day, catch_up = self._catch_up(
            self._amount_changed(amount), inputs, sold, expected, each
        )
        asked = self._asked(member)
        return Goal(
            scope=member.scope,
            id=member.id,
            name=member.name,
            team=member.team,
            reps=len(member.reps),
            goal=amount,
            per_week=amount / self.period.weeks,
            inputs=(*inputs, *self._overridden(inputs, amount)),
            now=now,
            changed=after,
            steps=tuple(self._steps(member, used, inputs, asked)),
            sold=sold,
            sold_apart=tuple(sorted(apart.items())),
            expected=expected,
            last_day=last_day,
            catch_up=catch_up,
            out_of_reach=self._is_out_of_reach(member, last_day, catch_up),
            asked=asked,
            likely=self._likely(member, sold, self._amount_changed(amount)),
        )

    def _asked(self, member: Member) -> float | None:
        """Returns which share of the plan is asked of a rep who is new."""
        share = asked_share(self._survey, member.id) if member.scope == "rep" else 1.0
        return share if share < 1 else None

    def _likely(self, member: Member, sold: float, goal: float) -> Likely | None:
        if self._forecast is None:
            return None
        reps = None if member.scope == "company" else frozenset(self._actors(member))
        return self._forecast.likely(reps, sold, goal)

    def _expected(self, member: Member, inputs: tuple[Input, ...]) -> float | None:
        """Returns what the open opportunities may bring; what-if speaks of new ones."""
        mean = next((each.value for each in inputs if each.id == self._targets.revenue), None)
        return self._survey.gathered.prospects.worth(self._actors(member), mean)

    def _is_out_of_reach(
        self, member: Member, last_day: int | None, catch_up: float | None
    ) -> bool | None:
        """Returns whether what is missing can no longer be opened in time, or takes more a week
        than in any four weeks before; `None` where that cannot be told."""
        if last_day is None:
            return None
        if catch_up is None:
            return True
        weekly = self._survey.gathered.weekly[self._targets.opportunities]
        opened: Counter[int] = Counter()
        for rep in self._actors(member):
            for week, (times, _) in weekly[rep].items() if rep in weekly else ():
                opened[week] += times
        whole = range(min(opened, default=0), self._this_week)
        if len(whole) < _FOUR:
            return None
        best = max(
            sum(opened[week] for week in range(first, first + _FOUR))
            for first in whole[: 1 - _FOUR]
        )
        return catch_up * _FOUR > best

    def _actors(self, member: Member) -> tuple[str, ...]:
        return self._survey.team.actors(member)

    def _amount(self, member: Member) -> float:
        own, reps = self._targets.reps, self._survey.team.reps
        if member.scope == "company":
            return self._targets.goal
        others = [rep for rep in reps if rep not in own]
        rest = self._targets.goal - sum(own[rep] for rep in reps if rep in own)
        each = rest / len(others) if others else 0.0
        return sum(own.get(rep, each) for rep in member.reps)

    def _amount_changed(self, amount: float) -> float:
        return self._apply(GOAL, amount, scale=amount / self._targets.goal) or 0.0

    def _apply(self, name: str, value: float | None, *, scale: float = 1) -> float | None:
        """Returns a value after what-if; a value that is set is the company's, and is scaled for
        others."""
        change = self._changes.get(name)
        if change is None:
            return value
        if change.relative:
            return None if value is None else value * (1 + change.value)
        return change.value * scale

    # Inputs

    def _inputs(self, member: Member) -> Iterator[Input]:
        """Yields the revenue per sale, the ratios, and the cycle: the member's own where they rest
        on enough, else the team's, else the company's."""
        targets = self._targets
        named = (targets.revenue, *targets.ratios, *([targets.cycle] if targets.cycle else []))
        for name in named:
            owner = self._owner_of(name, member)
            found = self._figure(name, owner)
            source: Any = "own" if owner == member else owner.scope
            yield Input(
                name,
                self._kpis[name].title,
                self._kpis[name].kind,
                found.value,
                found.low,
                found.high,
                found.count,
                source,
            )

    def _owner_of(self, name: str, member: Member) -> Member:
        kind, minimum = self._kpis[name].kind, self._survey.numbers.coaching.minimum
        ways = [member, self._members.get(("team", member.team)), self._members["company", ""]]
        for owner in ways[:-1]:
            if owner is None:
                continue
            found = self._figure(name, owner)
            if found.rests_on(kind) >= minimum and found.value:
                return owner
        return self._members["company", ""]

    def _figure(self, name: str, member: Member) -> Figure:
        key = name, member.scope, member.id
        if key not in self._figures:
            measure = self._survey.measure(name)
            self._figures[key] = self._survey.figure(measure, member)
        return self._figures[key]

    def _changed(self, inputs: tuple[Input, ...]) -> tuple[Input, ...]:
        return tuple(
            replace(
                each,
                value=_capped(each, self._apply(each.id, each.value)),
                low=None,
                high=None,
                source="what-if",
            )
            if each.id in self._changes
            else each
            for each in inputs
        )

    def _overridden(self, inputs: tuple[Input, ...], amount: float) -> Iterator[Input]:
        yield from (each for each in self._changed(inputs) if each.source == "what-if")
        if GOAL in self._changes:
            value = self._amount_changed(amount)
            yield Input(GOAL, "Goal", "sum", value, None, None, 0, "what-if")

    # The need

    def _need(
        self, member: Member, amount: float, inputs: tuple[Input, ...], *, changed: bool
    ) -> Need:
        if changed:
            amount, inputs = self._amount_changed(amount), self._changed(inputs)
        per_week = amount / self.period.weeks
        measure = self._survey.measure(self._targets.opportunities)
        weeks = self._survey.team.weeks(member.reps, measure.period) / max(1, len(member.reps))
        events = self._survey.sample(measure.kpi.id, member).part
        does = events / weeks if weeks > 0 else None
        scale = self._pace(member) if changed else 1.0
        if does is not None:
            does *= scale
        each = _yield(inputs, self._targets)
        if not each:
            return Need(None, None, None, does, None, None, None, None, None)
        need = per_week / each
        drawn = self._drawn(member, inputs, events, weeks)
        low, high = span_over(per_week, drawn[0])
        barometer = None if does is None or not need else does / need
        span = span_of(drawn[1] * scale * drawn[0] / per_week) if weeks > 0 and per_week else None
        brings = None if does is None else does * each
        return Need(
            need,
            low,
            high,
            does,
            barometer,
            span.low if span else None,
            span.high if span else None,
            brings,
            None if brings is None or not per_week else brings / per_week,
        )

    def _pace(self, member: Member) -> float:
        """Returns how many times as many opportunities are opened after what-if."""
        targets, scale = self._targets, 1.0
        for name in (targets.opportunities, *targets.activities):
            change = self._changes.get(name)
            if change is None:
                continue
            measure = self._survey.measure(name)
            weeks = self._survey.team.weeks(member.reps, measure.period)
            part = self._survey.sample(name, member).part
            if change.relative:
                scale *= 1 + change.value
            elif part and weeks:
                scale *= change.value / (part / weeks)
        return scale

    def _drawn(
        self, member: Member, inputs: tuple[Input, ...], events: int, weeks: float
    ) -> tuple[Any, Any]:
        """Returns draws of what an opportunity brings, and of how many are opened per week."""
        fixed, ratios, means = 1.0, [], []
        for each in inputs:
            if each.id == self._targets.cycle:
                continue
            sample = self._sample(each, member)
            if sample is None:
                fixed *= each.value or 0.0
            elif each.kind == "ratio":
                ratios.append((sample.part, sample.part + sample.rest))
            else:
                means.append(sample.values)
        drawn = simulate(ratios, means, [(events, weeks)] if weeks > 0 else [])
        each_brings = fixed * prod(drawn.ratios) * prod(drawn.means)
        return each_brings, drawn.rates[0] if drawn.rates else 0.0

    def _sample(self, each: Input, member: Member) -> Sample | None:
        """Returns what an input rests on, or `None` where what-if has set it."""
        if each.source == "what-if":
            return None
        return self._survey.sample(each.id, self._owner_of(each.id, member))

    # The plan

    def _steps(
        self, member: Member, used: Need, inputs: tuple[Input, ...], asked: float | None
    ) -> Iterator[PlanStep]:
        """Yields what leads to an opportunity, the opportunity, and what comes of it; of who is new
        the share that is asked."""
        targets = self._targets
        if asked is not None and used.need is not None:
            used = replace(used, need=used.need * asked)
        opened = self._survey.sample(targets.opportunities, self._members["company", ""]).part
        for name in targets.activities:
            done = self._survey.sample(name, self._members["company", ""]).part
            need = used.need * done / opened if used.need is not None and opened else None
            yield self._counted(name, member, need)
        yield self._counted(targets.opportunities, member, used.need)
        left = used.need
        values = {each.id: each for each in (self._changed(inputs) if self._changes else inputs)}
        for name in targets.ratios:
            share = values[name].value
            left = left * share if left is not None and share is not None else None
            yield PlanStep(name, self._kpis[name].title, left, None, None, None)

    def _counted(self, name: str, member: Member, need: float | None) -> PlanStep:
        measure = self._survey.measure(name)
        weeks = self._survey.team.weeks(member.reps, measure.period) / max(1, len(member.reps))
        part = self._survey.sample(name, member).part
        weekly = self._survey.gathered.weekly[name]
        done = sum(
            weekly[rep][self._this_week][0]
            for rep in self._actors(member)
            if rep in weekly and self._this_week in weekly[rep]
        )
        to_go = None if need is None else max(0, ceil(need - 1e-9) - done)
        does = part / weeks if weeks > 0 else None
        return PlanStep(name, self._kpis[name].title, need, does, done, to_go)

    def _catch_up(
        self,
        amount: float,
        inputs: tuple[Input, ...],
        sold: float,
        expected: float | None,
        each: float | None,
    ) -> tuple[int | None, float | None]:
        """Returns until when a new opportunity can still be sold in the period, and how many per
        week."""
        used = {one.id: one.value for one in (self._changed(inputs) if self._changes else inputs)}
        cycle = used.get(self._targets.cycle)
        if cycle is None or each is None or not each or expected is None:
            return None, None
        last_day = self.period.end - round(cycle * DAY)
        gap = amount - sold - expected
        if gap <= 0:
            return last_day, 0.0
        weeks = (last_day - self._survey.as_of) / WEEK
        return last_day, gap / (weeks * each) if weeks > 0 else None


def _yield(inputs: tuple[Input, ...], targets: Targets) -> float | None:
    """Returns the revenue that a new opportunity brings on average."""
    values = [each.value for each in inputs if each.id != targets.cycle]
    return None if None in values else prod(value or 0.0 for value in values)


def _capped(each: Input, value: float | None) -> float | None:
    """Returns the value of an input, at most 1 where it is a ratio."""
    return min(value, 1.0) if value is not None and each.kind == "ratio" else value
