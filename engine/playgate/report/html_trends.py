"""The report's KPIs week by week, and the control charts behind alarms, each with its table."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.numbers.control import ControlPoint
from playgate.numbers.review import Review
from playgate.numbers.trends import Trend, TrendWeek
from playgate.report import html_charts
from playgate.report.figures import percent
from playgate.report.html_view import View, shortened
from playgate.report.numbers_words import number
from playgate.report.words import count, plural

__all__ = ["controls", "trends"]

_MOST = 7


def trends(review: Review) -> Iterator[View]:
    """Yields a chart of what was followed and of each of the first KPIs."""
    for place, trend in enumerate(review.trends[:_MOST]):
        is_share = trend.kind == "ratio"
        beyond = [week.monday for week in trend.weeks if week.is_beyond]
        yield {
            "id": f"week{place}",
            "title": shortened(trend.title) + ("" if is_share else ", a week"),
            "label": f"Line chart: {shortened(trend.title)} by week",
            "note": f"Beyond the band in {plural(len(beyond), 'week')}: {', '.join(beyond[-3:])}."
            if beyond
            else "",
            "svg": html_charts.trend_chart([*map(_drawn, trend.weeks)], is_share=is_share),
            "head": ("Week of", "Number", *(("Of", "Share") if is_share else ()), "Expected"),
            "ends": (1, 2, 3, 4),
            "rows": [_row(trend, week) for week in trend.weeks],
        }


def controls(review: Review) -> Iterator[View]:
    """Yields the control chart behind each of the gravest alarms."""
    for place, control in enumerate(review.controls):
        alarm, is_share = control.alarm, control.alarm.kind == "ratio"
        say = percent if is_share else number
        beyond = [point.monday for point in control.points if point.is_beyond]
        who = {"company": "", "team": f", team {alarm.name}", "rep": f", {alarm.name}"}[alarm.scope]
        span = "" if alarm.weeks == 1 else f", {alarm.weeks} weeks together"
        yield {
            "id": f"control{place}",
            "title": shortened(f"{alarm.title}{who}{span}"),
            "label": f"Control chart: {shortened(alarm.title + who)}",
            "level": alarm.level,
            "note": f"Beyond the limit in {plural(len(beyond), 'week')}: {', '.join(beyond[-3:])}."
            if beyond
            else "",
            "svg": html_charts.trend_chart([*map(_point, control.points)], is_share=is_share),
            "head": ("Week of", "Share" if is_share else "Number", "Usual", "Limits", "Beyond"),
            "ends": (1, 2, 3),
            "rows": [
                (
                    point.monday,
                    say(point.value),
                    say(point.centre),
                    _between(say(point.low), say(point.high)),
                    "yes" if point.is_beyond else "",
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
        return week.monday, count(week.part), _between(number(week.low), number(week.high))
    shares = percent(week.low), percent(week.high)
    return week.monday, count(week.part), count(week.whole), percent(week.value), _between(*shares)


def _between(low: str, high: str) -> str:
    return "" if low == "–" else f"{low}–{high}"
