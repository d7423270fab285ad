"""The control chart behind an alarm: the same look, as it would have been at the end of each week
before."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.numbers.period import week_start
from playgate.numbers.statistics import ACTION, WATCH, Limits, fewer_than
from playgate.numbers.survey import Survey
from playgate.numbers.watch_result import Alarms, AlarmSeen
from playgate.numbers.weekly import BASELINE, Counts, Series, Weekly, usual_limits
from playgate.records import Record

__all__ = ["Control", "ControlPoint", "controls"]

_MOST, _SHOWN = 6, 26
"""How many alarms have a chart, and how many weeks it shows."""


class ControlPoint(Record):
    """What was seen in the weeks that end with a week, what was usual, and between which limits it
    was to be expected; a share of a ratio, else a number. `None` where too little was known."""

    monday: str
    """Of the last of the weeks."""
    value: float | None
    centre: float | None
    low: float | None
    high: float | None
    is_beyond: bool


class Control(Record):
    """An alarm, and the weeks until it."""

    alarm: AlarmSeen
    points: tuple[ControlPoint, ...]


def controls(survey: Survey, alarms: Alarms) -> tuple[Control, ...]:
    """Returns the charts of the gravest alarms. Limits are those that the alarm crossed: of an
    alarm beyond three standard deviations, of a watch beyond two."""
    weekly = Weekly(survey)
    members = {(each.scope, each.id): each for each in survey.team.members()}
    found = []
    for alarm in alarms.alarms[:_MOST]:
        member = members[alarm.scope, alarm.id]
        series = weekly.series(alarm.kpi, member)
        points = _points(alarm, series, weekly, weekly.begin(member), survey.basis.minimum)
        found.append(Control(alarm, tuple(points)))
    return tuple(found)


def _points(
    alarm: AlarmSeen, series: Series, weekly: Weekly, begin: int, minimum: int
) -> Iterator[ControlPoint]:
    first = max(begin + alarm.weeks - 1, weekly.last - _SHOWN + 1)
    for week in range(first, weekly.last + 1):
        start = week - alarm.weeks + 1
        seen = series.over(range(start, week + 1))
        if alarm.kind == "goal":
            limits: Limits | None = fewer_than(alarm.usual, seen[0])
        else:
            limits = usual_limits(
                series.each(range(max(begin, start - BASELINE), start)),
                seen,
                alarm.weeks,
                is_ratio=alarm.kind == "ratio",
                minimum=minimum,
            )
        yield _point(alarm, week, seen, limits)


def _point(alarm: AlarmSeen, week: int, seen: Counts, limits: Limits | None) -> ControlPoint:
    of = seen[1] if alarm.kind == "ratio" else 1
    monday, value = week_start(week).isoformat(), seen[0] / of if of else None
    if limits is None:
        return ControlPoint(monday, value, None, None, None, False)
    is_alarm = alarm.level == "alarm"
    low, high, chance = (
        (limits.low, limits.high, ACTION)
        if is_alarm
        else (limits.watch_low, limits.watch_high, WATCH)
    )
    beyond = limits.below if alarm.side == "low" else limits.above
    return ControlPoint(monday, value, limits.centre / of, low / of, high / of, beyond < chance)
