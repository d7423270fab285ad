"""`alarms`: counts and ratios beyond their control limits, each with what was seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from playgate.language import say, speaking
from playgate.numbers.narrow import EVERYONE, Chosen
from playgate.numbers.samples import Measure
from playgate.numbers.statistics import ACTION, BEYOND, WATCH, Limits, fewer_than, sieved
from playgate.numbers.survey import Survey
from playgate.numbers.target import target
from playgate.numbers.team import Member
from playgate.numbers.watch_result import Alarms, AlarmSeen, Looked
from playgate.numbers.weekly import BASELINE, Weekly, usual_limits
from playgate.records import replace

__all__ = ["alarms"]

_COUNT_WINDOWS = (1, 4)
_RATIO_WINDOWS = (4, 13)
_GOAL_WEEKS = 4

_WATCHED = 0.1
"""So many of all alarms and watches may be chance."""

Side = Literal["low", "high"]


class _Look(NamedTuple):
    """A look at a series: what was seen beyond the limits, and how likely it is by chance."""

    at: Looked
    chance: float | None = None
    alarm: AlarmSeen | None = None


def alarms(survey: Survey, chosen: Chosen = EVERYONE) -> Alarms:
    """Returns what lies beyond its limits, the gravest first, for those who are chosen.

    The chances of all looks, at everyone, are raised for their number (Benjamini and Hochberg
    1995): what is told of one does not hang on who is asked for.
    """
    watch = _Watch(survey)
    looks = [*watch.usual(), *watch.goals()]
    own = [alarm for alarm in _raised(looks) if chosen.has(alarm.scope, alarm.id)]
    looked = dict.fromkeys(look.at for look in looks if chosen.has(look.at.scope, look.at.id))
    return Alarms(
        survey.basis,
        tuple(sorted(_gravest(own), key=lambda each: (each.level, each.chance, each.kpi))),
        tuple(looked),
        sum(look.chance is not None for look in looks),
    )


def _raised(looks: list[_Look]) -> Iterator[AlarmSeen]:
    """Yields what is beyond its limits, and still is with all looks taken together."""
    made = [look for look in looks if look.chance is not None]
    for look, chance in zip(made, sieved([look.chance or 0.0 for look in made]), strict=True):
        if look.alarm is None or chance > _WATCHED:
            continue
        is_alarm = look.alarm.level == "alarm" and chance <= BEYOND
        yield replace(look.alarm, level="alarm" if is_alarm else "watch", raised=chance)


def _gravest(raised: list[AlarmSeen]) -> list[AlarmSeen]:
    """Keeps one alarm for each series, as a short look and a long one see the same thing."""
    first: dict[tuple[str, str, str, str], AlarmSeen] = {}
    for alarm in sorted(raised, key=lambda each: (each.chance, each.weeks)):
        first.setdefault((alarm.kpi, alarm.scope, alarm.id, alarm.kind), alarm)
    return list(first.values())


class _Watch:
    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._members = survey.team.members()
        self._weekly = Weekly(survey)
        self._last = self._weekly.last

    def usual(self) -> Iterator[_Look]:
        """Yields a look at each KPI's series against what was usual before."""
        for measure in self._survey.gathered.measures:
            if measure.kpi.alarm == "none" or measure.source != "playbook":
                continue
            for member in self._members:
                is_ratio = measure.kpi.kind == "ratio"
                for weeks in _RATIO_WINDOWS if is_ratio else _COUNT_WINDOWS:
                    yield from self._look(measure, member, weeks)

    def _look(self, measure: Measure, member: Member, weeks: int) -> Iterator[_Look]:
        kpi = measure.kpi
        start = self._last - weeks + 1
        series = self._weekly.series(kpi.id, member)
        usual = series.each(range(max(self._weekly.begin(member), start - BASELINE), start))
        seen = series.over(range(start, self._last + 1))
        limits = usual_limits(
            usual, seen, weeks, is_ratio=kpi.kind == "ratio", minimum=self._survey.basis.minimum
        )
        if limits is None:
            yield _Look(Looked(kpi.id, member.scope, member.id, "too-short"))
            return
        looked = Looked(kpi.id, member.scope, member.id, "within")
        sides: tuple[Side, ...] = (
            ("low", "high")
            if kpi.alarm == "both"
            else (("high",) if kpi.alarm == "high" else ("low",))
        )
        for side in sides:
            alarm = self._judged(measure, member, weeks, seen, limits, side, len(usual))
            yield _Look(looked, limits.below if side == "low" else limits.above, alarm)

    def _judged(
        self,
        measure: Measure,
        member: Member,
        weeks: int,
        seen: tuple[int, int],
        limits: Limits,
        side: Side,
        baseline: int,
    ) -> AlarmSeen | None:
        chance = limits.below if side == "low" else limits.above
        if chance >= WATCH:
            return None
        level: Literal["alarm", "watch"] = "alarm" if chance < ACTION else "watch"
        low, high = (
            (limits.low, limits.high) if level == "alarm" else (limits.watch_low, limits.watch_high)
        )
        kpi = measure.kpi
        is_ratio = kpi.kind == "ratio"
        return AlarmSeen(
            kind="ratio" if is_ratio else "count",
            level=level,
            side=side,
            scope=member.scope,
            id=member.id,
            name=member.name,
            kpi=kpi.id,
            title=kpi.title,
            weeks=weeks,
            start=self._weekly.instant(self._last - weeks + 1),
            until=self._weekly.instant(self._last + 1),
            seen=seen[0],
            of=seen[1] if is_ratio else None,
            usual=limits.centre,
            low=low,
            high=high,
            baseline_weeks=baseline,
            chance=chance,
            raised=chance,
            message=_said(
                kpi.title,
                _called(member.scope, member.name),
                weeks,
                seen,
                limits.centre,
                low,
                high,
                is_ratio=is_ratio,
                before=say("the {number} weeks before", number=baseline),
            ),
            tips=kpi.tips,
        )

    def goals(self) -> Iterator[_Look]:
        """Yields a look at the new opportunities against what the goal needs."""
        targets = self._survey.numbers.targets
        if targets is None:
            return
        measure = self._survey.measure(targets.opportunities)
        goals = {(goal.scope, goal.id): goal for goal in target(self._survey, {}).goals}
        weeks = range(self._last - _GOAL_WEEKS + 1, self._last + 1)
        for member in self._members:
            need = goals[member.scope, member.id].now.need
            looked = Looked(measure.kpi.id, member.scope, member.id, "within")
            is_new = member.scope == "rep" and member.id not in self._survey.team.ranked
            if not need or is_new or self._weekly.begin(member) > weeks[0]:
                yield _Look(Looked(measure.kpi.id, member.scope, member.id, "too-short"))
                continue
            seen = self._weekly.series(measure.kpi.id, member).over(weeks)
            limits = fewer_than(need * _GOAL_WEEKS, seen[0])
            alarm = self._judged(measure, member, _GOAL_WEEKS, seen, limits, "low", 0)
            yield _Look(looked, limits.below, alarm and _of_goal(alarm, need))


def _of_goal(alarm: AlarmSeen, need: float) -> AlarmSeen:
    message = _said(
        alarm.title,
        _called(alarm.scope, alarm.name),
        alarm.weeks,
        (alarm.seen, 0),
        alarm.usual,
        alarm.low,
        alarm.high,
        is_ratio=False,
        before=say("the goal, which needs {number} a week", number=_shown(need, 1)),
    )
    return replace(alarm, kind="goal", message=message)


def _called(scope: str, name: str) -> str:
    match scope:
        case "company":
            return say("the company")
        case "team":
            return say("team {name}", name=name)
    return name


def _shown(number: float, digits: int = 0) -> str:
    return speaking().number(number, digits)


def _said(
    title: str,
    who: str,
    weeks: int,
    seen: tuple[int, int],
    usual: float,
    low: float,
    high: float,
    *,
    is_ratio: bool,
    before: str,
) -> str:
    """Returns what was seen, what was to be expected, and the limits."""
    when = say("the last week") if weeks == 1 else say("the last {number} weeks", number=weeks)
    counted = str(seen[0])
    if is_ratio:
        counted = say("{part} of {whole}", part=seen[0], whole=seen[1])
    return say(
        "{kpi}, {who}: {counted} in {when}; {usual} were to be expected by {before} (limits {low} "
        "to {high})",
        kpi=title,
        who=who,
        counted=counted,
        when=when,
        usual=_shown(usual, 1),
        before=before,
        low=_shown(low),
        high=_shown(high),
    )
