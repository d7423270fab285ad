"""Counts and ratios week by week, each week against what was usual before: control charts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from playgate.numbers.period import week_reader, week_start
from playgate.numbers.samples import Measure
from playgate.numbers.statistics import Limits, beyond, count_limits, ratio_limits
from playgate.numbers.survey import Survey
from playgate.records import Record, replace

__all__ = ["Trend", "TrendWeek", "trends"]

_BASELINE, _LEAST, _MOST = 26, 8, 53
"""How many weeks are what was usual, how few say nothing, and how many are shown."""


class TrendWeek(Record):
    """A week: how many, of how many (of a ratio), and between which limits that was to be expected;
    `None` where too little was known before."""

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


def trends(survey: Survey) -> tuple[Trend, ...]:
    """Returns the counts and ratios that the playbook declares, week by week within the period."""
    found = survey.gathered
    week_of = week_reader(survey.playbook.zone)
    seen = [week for kpi in found.weekly.values() for weeks in kpi.values() for week in weeks]
    if not seen:
        return ()
    # The first week and the running one are not whole.
    first, last = min(seen) + 1, week_of(survey.as_of + 1) - 1
    shown = range(max(first, week_of(found.period.start), last - _MOST + 1), last + 1)
    shown = range(shown.start, min(shown.stop, week_of(found.period.end)))
    if len(shown) < 2:
        return ()
    found_trends = tuple(
        Trend(
            measure.kpi.id,
            measure.kpi.title,
            measure.kpi.kind,
            tuple(_weeks(measure, _series(survey, measure), first, shown)),
        )
        for measure in found.measures
        if measure.source == "playbook" and measure.kpi.kind in ("count", "ratio")
    )
    return tuple(_taken_together(found_trends))


def _taken_together(found: Sequence[Trend]) -> Iterator[Trend]:
    """Yields the trends with the weeks that are beyond the limits of all of them."""
    is_beyond = iter(beyond([week.chance for trend in found for week in trend.weeks]))
    for trend in found:
        weeks = tuple(replace(week, is_beyond=next(is_beyond)) for week in trend.weeks)
        yield replace(trend, weeks=weeks)


_Counts = tuple[int, int]


def _series(survey: Survey, measure: Measure) -> dict[int, _Counts]:
    series: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for weeks in survey.gathered.weekly[measure.kpi.id].values():
        for week, (part, whole) in weeks.items():
            series[week][0] += part
            series[week][1] += whole
    return {week: (part, whole) for week, (part, whole) in series.items()}


def _weeks(
    measure: Measure, series: dict[int, _Counts], first: int, shown: range
) -> list[TrendWeek]:
    is_ratio = measure.kpi.kind == "ratio"
    return [
        _week(
            week,
            series.get(week, (0, 0)),
            [series.get(each, (0, 0)) for each in range(max(first, week - _BASELINE), week)],
            is_ratio=is_ratio,
        )
        for week in shown
    ]


def _week(week: int, seen: _Counts, usual: Sequence[_Counts], *, is_ratio: bool) -> TrendWeek:
    part, whole = seen
    limits = _limits(seen, usual, is_ratio=is_ratio)
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


def _limits(seen: _Counts, usual: Sequence[_Counts], *, is_ratio: bool) -> Limits | None:
    if len(usual) < _LEAST:
        return None
    if not is_ratio:
        return count_limits([part for part, _ in usual], seen[0], 1)
    part, whole = (sum(column) for column in zip(*usual, strict=True))
    return ratio_limits(part, whole, *seen) if whole and seen[1] else None
