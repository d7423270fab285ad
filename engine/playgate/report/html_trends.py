"""The report's KPIs week by week, each as a control chart with the table behind it."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.language import say, speaking
from playgate.numbers.review import Review
from playgate.numbers.trends import Trend, TrendWeek
from playgate.report import html_charts
from playgate.report.figures import percent
from playgate.report.html_view import View, shortened
from playgate.report.numbers_words import number
from playgate.report.words import count, plural

__all__ = ["trends"]

_MOST = 6


def trends(review: Review) -> Iterator[View]:
    """Yields a chart of each of the first KPIs."""
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


def _beyond_band(days: list[str]) -> str:
    if not days:
        return ""
    weeks, latest = plural(len(days), "week"), ", ".join(days[-3:])
    return say("Beyond the band in {weeks}: {days}.", weeks=weeks, days=latest)


def _drawn(week: TrendWeek) -> View:
    return {
        "monday": week.monday,
        "value": week.value,
        "low": week.low,
        "high": week.high,
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
