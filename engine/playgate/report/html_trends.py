"""The report's KPIs week by week, and the control charts behind alarms, each with its table."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.language import say, speaking
from playgate.numbers.control import ControlPoint
from playgate.numbers.review import Review
from playgate.numbers.trends import Trend, TrendWeek
from playgate.report import html_charts
from playgate.report.figures import percent
from playgate.report.html_parts import View, shortened
from playgate.report.numbers_words import alarm_word, number
from playgate.report.words import count, plural

__all__ = ["controls", "trends"]

_MOST = 7


def trends(review: Review) -> Iterator[View]:
    """Yields a chart of what was followed and of each of the first KPIs."""
    for place, trend in enumerate(review.trends[:_MOST]):
        is_share = trend.kind == "ratio"
        beyond = [speaking().day(week.monday) for week in trend.weeks if week.is_beyond]
        yield {
            "id": f"week{place}",
            "title": shortened(trend.title)
            if is_share
            else say("{kpi}, a week", kpi=shortened(trend.title)),
            "label": say("Line chart: {kpi} by week", kpi=shortened(trend.title)),
            "note": _beyond_band(beyond),
            "svg": html_charts.trend_chart([*map(_drawn, trend.weeks)], is_share=is_share),
            "head": (
                say("Week of"),
                say("Number"),
                *((say("Of"), say("Share")) if is_share else ()),
                say("Expected"),
            ),
            "ends": (1, 2, 3, 4),
            "rows": [_row(trend, week) for week in trend.weeks],
        }


def controls(review: Review) -> Iterator[View]:
    """Yields the control chart behind each of the gravest alarms."""
    for place, control in enumerate(review.controls):
        alarm, is_share = control.alarm, control.alarm.kind == "ratio"
        shown = percent if is_share else number
        beyond = [speaking().day(point.monday) for point in control.points if point.is_beyond]
        who = ""
        if alarm.scope == "team":
            who = f", {say('team {name}', name=alarm.name)}"
        elif alarm.scope == "rep":
            who = f", {alarm.name}"
        span = ""
        if alarm.weeks > 1:
            span = f", {say('{number} weeks together', number=alarm.weeks)}"
        yield {
            "id": f"control{place}",
            "title": shortened(f"{alarm.title}{who}{span}"),
            "label": say("Control chart: {kpi}", kpi=shortened(alarm.title + who)),
            "level": alarm.level,
            "level_said": alarm_word(alarm.level),
            "note": _beyond_limit(beyond),
            "svg": html_charts.trend_chart([*map(_point, control.points)], is_share=is_share),
            "head": (
                say("Week of"),
                say("Share") if is_share else say("Number"),
                say("Usual"),
                say("Limits"),
                say("Beyond"),
            ),
            "ends": (1, 2, 3),
            "rows": [
                (
                    speaking().day(point.monday),
                    shown(point.value),
                    shown(point.centre),
                    _between(shown(point.low), shown(point.high)),
                    say("yes") if point.is_beyond else "",
                )
                for point in control.points
            ],
        }


def _point(point: ControlPoint) -> View:
    return {
        "monday": point.monday,
        "value": point.value,
        "low": point.low,
        "high": point.high,
        "centre": point.centre,
        "colour": "var(--orange)" if point.is_beyond else "",
    }


def _beyond_band(days: list[str]) -> str:
    if not days:
        return ""
    weeks, latest = plural(len(days), "week"), ", ".join(days[-3:])
    return say("Beyond the band in {weeks}: {days}.", weeks=weeks, days=latest)


def _beyond_limit(days: list[str]) -> str:
    if not days:
        return ""
    weeks, latest = plural(len(days), "week"), ", ".join(days[-3:])
    return say("Beyond the limit in {weeks}: {days}.", weeks=weeks, days=latest)


def _drawn(week: TrendWeek) -> View:
    return {
        "monday": week.monday,
        "value": week.value,
        "low": week.low,
        "high": week.high,
        "centre": None,
        "colour": "var(--orange)" if week.is_beyond else "",
    }


def _row(trend: Trend, week: TrendWeek) -> tuple[str, ...]:
    if trend.kind != "ratio":
        return (
            speaking().day(week.monday),
            count(week.part),
            _between(number(week.low), number(week.high)),
        )
    shares = percent(week.low), percent(week.high)
    return (
        speaking().day(week.monday),
        count(week.part),
        count(week.whole),
        percent(week.value),
        _between(*shares),
    )


def _between(low: str, high: str) -> str:
    return "" if low == "–" else f"{low}–{high}"
