"""The report's charts of the course of deals, each with the table behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from playgate.audit.share import share as share_of
from playgate.language import say
from playgate.numbers.review import Review
from playgate.report import html_charts
from playgate.report.figures import percent, share
from playgate.report.html_deals import way_key
from playgate.report.html_view import Ids, View, labels
from playgate.report.numbers_words import number
from playgate.report.words import count

__all__ = ["charts", "ways"]


def charts(review: Review) -> Iterator[View]:
    """Yields the funnel, the flow, the time in each stage, and what came of deals by how they were
    led."""
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
        yield {
            "key": [(colour, word) for word, colour in html_charts.kinds().values()],
            "id": "flow",
            "title": say("Where they went from each stage"),
            "note": say("A skip leaves out a stage that applies to the deal."),
            "label": say("Stacked bar chart: where deals went from each stage"),
            "svg": html_charts.flow_chart(
                [
                    {"name": names[flow.stage], "kind": kind, "deals": deals}
                    for flow in flows
                    for kind, deals in _kinds(flow.went, flow.open)
                ]
            ),
            "head": (
                say("Stage"),
                *(word for word, _ in html_charts.kinds().values()),
                say("Whereto"),
            ),
            "ends": (1, 2, 3, 4, 5),
            "rows": [
                (
                    flow.title,
                    *(count(deals) for _, deals in _kinds(flow.went, flow.open)),
                    ", ".join(f"{each.stage} {count(each.deals)}" for each in flow.went),
                )
                for flow in flows
            ],
        }
    yield from _stays(review)
    yield from _outcomes(review)


def _kinds(went: Sequence[Any], still: int) -> list[tuple[str, int]]:
    sums = dict.fromkeys(html_charts.kinds(), 0)
    sums["open"] = still
    for each in went:
        sums[each.kind] += each.deals
    return list(sums.items())


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
            "The bar holds the middle half of the deals, the mark is the median. Deals that are "
            "still there count with the days so far (Kaplan–Meier); a bar whose end is not seen "
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
            say("A quarter left by"),
            say("Half"),
            say("Three quarters"),
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
    return say("not yet") if given is None else say("{days} d", days=number(given))


def _outcomes(review: Review) -> Iterator[View]:
    bands = review.work.bands
    if not bands:
        return
    landmark = review.playbook.stage(review.work.landmark).title
    rows = [
        (_band_name(band.low, band.high), band, share_of(band.won, band.deals - band.won))
        for band in bands
    ]
    yield {
        "id": "outcome",
        "title": say("Won, by how much of the playbook was followed"),
        "note": say(
            "An association, not a proof. Decided deals that came to {stage}, by the steps "
            "followed until there; the line is the 95 % interval.",
            stage=landmark,
        ),
        "label": say("Bar chart: share won by share of steps followed"),
        "svg": html_charts.outcome_chart(
            [
                {"name": name, "value": found.value, "low": found.low, "high": found.high}
                for name, _, found in rows
            ]
        ),
        "head": (say("Steps followed"), say("Decided deals"), say("Won"), say("Share won")),
        "ends": (1, 2, 3),
        "rows": [
            (name, count(band.deals), count(band.won), share(found)) for name, band, found in rows
        ],
    }


def _band_name(low: float, high: float) -> str:
    if low == high:
        return say("all of them")
    if not low:
        return say("under {share}", share=percent(high))
    return say("{low} to under {high}", low=round(low * 100), high=percent(high))


def ways(review: Review, way_id: Ids) -> Iterator[View]:
    """Yields the commonest ways that deals went, and what came of it."""
    titles = {stage.id: stage.title for stage in review.playbook.stages}
    for place, way in enumerate(review.work.ways, 1):
        key = way_key(way.stages)
        yield {
            "id": way_id(key),
            "key": way_id.key(key),
            "text": say("way {number}", number=place),
            "stages": " → ".join(titles.get(stage, stage) for stage in way.stages),
            "deals": count(way.deals),
            "of_all": percent(way.deals / review.work.deals),
            "days": number(way.days),
            "passed_by": ", ".join(titles.get(stage, stage) for stage in way.passed_by),
        }
