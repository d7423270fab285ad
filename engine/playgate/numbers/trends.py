"""Counts and ratios week by week, each week against what was usual before: control charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from playgate.language import say
from playgate.numbers.gather import ADHERENCE
from playgate.numbers.period import week_reader, week_start
from playgate.numbers.samples import Measure
from playgate.numbers.statistics import beyond
from playgate.numbers.survey import Survey
from playgate.numbers.weekly import BASELINE, Counts, Series, Weekly, usual_limits
from playgate.records import Record, replace

__all__ = ["Trend", "TrendWeek", "shown_weeks", "trends"]

_MOST = 53
"""How many weeks are shown."""


class TrendWeek(Record):
    """A week: how many, of how many (of a ratio), and between which limits that was to be expected;
    `None` where too little was known before, and of steps, of which those of a deal go together."""

    monday: str
    part: int
    whole: int
    value: float | None
    low: float | None
    high: float | None
    chance: float | None
    """How likely so much or more, or so little or less, is by chance; the smaller of the two."""
    is_beyond: bool = False
    """Whether chance is a poor explanation, with all weeks of all KPIs taken together."""


class Trend(Record):
    """A KPI of everyone together, by whole weeks."""

    id: str
    title: str
    kind: str
    weeks: tuple[TrendWeek, ...]


def trends(survey: Survey, steps: Mapping[int, Counts]) -> tuple[Trend, ...]:
    """Returns how much was followed (`steps` has met and unmet by week), then the counts and ratios
    that the playbook declares, week by week within the period."""
    found, weekly = survey.gathered, Weekly(survey)
    shown = shown_weeks(survey, weekly)
    if len(shown) < 2 or not any(found.weekly.values()):
        return ()
    followed = Trend(ADHERENCE, say("Steps followed"), "ratio", tuple(_steps(steps, shown)))
    declared = _taken_together(tuple(_declared(survey, weekly, shown)))
    return (*([followed] if steps else []), *declared)


def _taken_together(found: Sequence[Trend]) -> Iterator[Trend]:
    """Yields the trends with the weeks that are beyond the limits of all of them."""
    is_beyond = iter(beyond([week.chance for trend in found for week in trend.weeks]))
    for trend in found:
        weeks = tuple(replace(week, is_beyond=next(is_beyond)) for week in trend.weeks)
        yield replace(trend, weeks=weeks)


def _declared(survey: Survey, weekly: Weekly, shown: range) -> Iterator[Trend]:
    company = survey.team.members()[0]
    for measure in survey.gathered.measures:
        if measure.source == "playbook" and measure.kpi.kind in ("count", "ratio"):
            series = weekly.series(measure.kpi.id, company)
            weeks = tuple(_weeks(measure, series, weekly.first, shown))
            yield Trend(measure.kpi.id, measure.kpi.title, measure.kpi.kind, weeks)


def shown_weeks(survey: Survey, weekly: Weekly) -> range:
    """Returns the whole weeks of the period, the last of them where they are many."""
    week_of, period = week_reader(survey.playbook.zone), survey.gathered.period
    begun = max(weekly.first, week_of(period.start), weekly.last - _MOST + 1)
    return range(begun, min(weekly.last + 1, week_of(period.end)))


def _steps(steps: Mapping[int, Counts], shown: range) -> Iterator[TrendWeek]:
    for week in shown:
        met, unmet = steps.get(week, (0, 0))
        whole = met + unmet
        share = met / whole if whole else None
        yield TrendWeek(week_start(week).isoformat(), met, whole, share, None, None, None)


def _weeks(measure: Measure, series: Series, first: int, shown: range) -> list[TrendWeek]:
    is_ratio = measure.kpi.kind == "ratio"
    return [
        _week(
            week,
            series.over(range(week, week + 1)),
            series.each(range(max(first, week - BASELINE), week)),
            is_ratio=is_ratio,
        )
        for week in shown
    ]


def _week(week: int, seen: Counts, usual: Sequence[Counts], *, is_ratio: bool) -> TrendWeek:
    part, whole = seen
    limits = usual_limits(usual, seen, 1, is_ratio=is_ratio, minimum=1)
    of = whole if is_ratio else 1
    return TrendWeek(
        week_start(week).isoformat(),
        part,
        whole,
        part / of if of else None,
        None if limits is None else limits.low / of,
        None if limits is None else limits.high / of,
        None if limits is None else min(limits.below, limits.above),
    )
