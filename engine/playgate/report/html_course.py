"""The report's charts of the course of deals, each with the table behind it."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.language import say
from playgate.numbers.review import Review
from playgate.report import html_charts
from playgate.report.figures import percent
from playgate.report.html_parts import View
from playgate.report.html_view import labels
from playgate.report.numbers_words import number
from playgate.report.words import count

__all__ = ["charts"]


def charts(review: Review) -> Iterator[View]:
    """Yields the funnel and the time in each stage."""
    flows = [flow for flow in review.kpis.flows if flow.scope == "company" and flow.deals]
    names = dict(zip((flow.stage for flow in flows), labels([f.title for f in flows]), strict=True))
    if flows:
        yield {
            "id": "funnel",
            "title": say("How many came, and went on"),
            "note": say("Each deal's first time in a stage. The share is of those that left it."),
            "label": say("Bar chart: deals by stage"),
            "svg": html_charts.funnel_chart(
                [
                    {
                        "name": names[flow.stage],
                        "deals": flow.deals,
                        "label": say(
                            "{deals} · {share} on",
                            deals=count(flow.deals),
                            share=percent(flow.on.value),
                        ),
                    }
                    for flow in flows
                ]
            ),
            "head": (say("Stage"), say("Deals"), say("Went on"), say("Of those that left")),
            "ends": (1, 2, 3),
            "rows": [
                (flow.title, count(flow.deals), percent(flow.on.value), count(flow.on.count))
                for flow in flows
            ],
        }
    yield from _stays(review)


def _stays(review: Review) -> Iterator[View]:
    tables = [
        table
        for table in review.kpis.kpis
        if table.source == "stage" and table.lines[0].figure.value is not None
    ]
    found = [table.lines[0].figure for table in tables]
    if not tables:
        return
    longest = max(f.upper or f.value or 0 for f in found)
    named = labels([table.title for table in tables])
    yield {
        "id": "stay",
        "title": say("Days in each stage"),
        "note": say(
            "The bar holds the middle half of the deals, the mark is the median. Deals that "
            "are still there count with the days so far; a bar whose end is not seen "
            "yet reaches to the longest."
        ),
        "label": say("Range chart: days in each stage"),
        "svg": html_charts.stay_chart(
            [
                {
                    "name": name,
                    "lower": f.lower,
                    "median": f.value,
                    "upper": longest if f.upper is None else f.upper,
                }
                for name, f in zip(named, found, strict=True)
            ]
        ),
        "head": (
            say("Stage"),
            say("A quarter left by, days"),
            say("Half, days"),
            say("Three quarters, days"),
            say("Left"),
            say("Still there"),
        ),
        "ends": (1, 2, 3, 4, 5),
        "rows": [
            (
                table.title,
                _days(f.lower),
                _days(f.value),
                _days(f.upper),
                count(f.part),
                count(f.open),
            )
            for table, f in zip(tables, found, strict=True)
        ],
    }


def _days(given: float | None) -> str:
    return say("not yet") if given is None else number(given)
