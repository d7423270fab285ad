"""The ways that deals go, the steps from stage to stage, and deals by month of start: counted a
second time from the rows, and on a few deals of which one sees what they come to."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from playgate.history.event import Event
from playgate.history.spool import Spool
from playgate.numbers.cohorts import SOLD
from playgate.numbers.period import Period
from playgate.numbers.prospects import Prospects
from playgate.numbers.work_result import Worklist
from playgate.numbers.worklist import worklist
from support.counting import SHIPPED, sample_work
from support.numbers_oracle import History
from support.parity import load

HOUR = 3_600_000_000
DAY = 24 * HOUR
ZONE = ZoneInfo("Europe/Paris")


def _moves(rows: list[Any]) -> list[tuple[str, Any]]:
    return [(row["name"], row["at"]) for row in rows if row["kind"] == "stage"]


def test_the_commonest_ways_are_those_of_the_rows() -> None:
    told = History(SHIPPED / "bank-sales")
    ways: Counter[tuple[str, ...]] = Counter()
    days: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for rows in told.governed().values():
        way = tuple(stage for stage, _ in _moves(rows))
        if not way:
            continue
        ways[way] += 1
        ended = told.ended(rows)
        if ended is not None:
            days[way].append((ended - rows[0]["at"]) / timedelta(days=1))
    found = sample_work("bank-sales")
    assert [way.deals for way in found.ways] == sorted(ways.values(), reverse=True)[:10]
    assert found.deals == len(told.governed())
    for way in found.ways:
        assert ways[way.stages] == way.deals
        assert way.days == (pytest.approx(median(days[way.stages])) if days[way.stages] else None)


def test_the_steps_are_those_of_the_rows() -> None:
    """How often, which share of those that went on, and after how long (the median)."""
    told = History(SHIPPED / "bank-sales")
    days: dict[tuple[str, str], list[float]] = defaultdict(list)
    came: Counter[str] = Counter()
    last: Counter[str] = Counter()
    for rows in told.governed().values():
        moves = _moves(rows)
        came.update({stage for stage, _ in moves})
        last.update(stage for stage, _ in moves[-1:])
        for (stage, since), (into, at) in pairwise(moves):
            days[stage, into].append((at - since) / timedelta(days=1))
    left: Counter[str] = Counter()
    for (stage, _), found in days.items():
        left[stage] += len(found)
    course = sample_work("bank-sales").course
    assert {(each.out_of, each.into): each.times for each in course.edges} == {
        edge: len(found) for edge, found in days.items()
    }
    for each in course.edges:
        own = days[each.out_of, each.into]
        assert each.days == pytest.approx(median(own))
        assert each.share == len(own) / left[each.out_of]
    assert {stop.stage: (stop.deals, stop.last) for stop in course.stops} == {
        stage: (came[stage], last[stage]) for stage in came
    }


def test_cohorts_are_those_of_the_rows() -> None:
    """By the month of the first row: sold, and into or past a stage, by the end of each month."""
    told = History(SHIPPED / "bank-sales")

    def month(at: Any) -> int:
        local = at.astimezone(ZONE)
        return int(12 * local.year + local.month)

    deals: Counter[int] = Counter()
    when: dict[tuple[int, str], list[int]] = defaultdict(list)
    for rows in told.governed().values():
        begun = month(rows[0]["at"])
        deals[begun] += 1
        moves = _moves(rows)
        sold = [at for stage, at in moves if stage in told.sale]
        if sold:
            when[begun, SOLD].append(month(sold[0]) - begun)
        for place, name in enumerate(told.track):
            into = {name, *told.track[place + 1 :]}
            reached = [at for stage, at in moves if stage in into]
            if reached:
                when[begun, name].append(month(reached[0]) - begun)
    running = month(told.as_of)
    found = sample_work("bank-sales").cohorts
    assert [each.deals for each in found] == [deals[begun] for begun in sorted(deals)]
    for begun, cohort in zip(sorted(deals), found, strict=True):
        for stage, by_month in cohort.by_month.items():
            months = when[begun, stage]
            assert cohort.by_now[stage] == len(months)
            assert by_month == tuple(
                sum(each <= later for each in months) for later in range(running - begun)
            )


# On a few deals

STAGES = [
    {"stage": "a"},
    {"stage": "b"},
    {"stage": "c", "when": {"field": "big", "equals": True}},
    {"stage": "d", "optional": True},
    {"stage": "e"},
    {"stage": "won", "ends": "won"},
    {"stage": "lost", "ends": "lost"},
]
BOOK = {"playbook": "p", "version": 1, "fields": {"big": {"type": "boolean"}}, "stages": STAGES}


def _work(*deals: tuple[str, str]) -> Worklist:
    """Each deal is an id, and the stages that it comes into, one a day; a capital id is big."""
    events = []
    for deal, way in deals:
        if deal.isupper():
            events.append(Event(deal, 0, "field", "big", "true", "ann", 0, "", "", 0, 1))
        for day, stage in enumerate(way.split()):
            at = day * DAY
            events.append(Event(deal, at, "stage", stage, "", "ann", at, "", "", 0, day + 2))
    with Spool() as spool:
        spool.extend(events)
        return worklist(
            load(BOOK),
            spool,
            people=None,
            as_of=90 * DAY,
            period=Period("whole", 0, 91 * DAY),
            prospects=Prospects(1),
            most=100,
        )


def test_what_a_way_skips_applied_to_its_deals_and_was_never_come_into() -> None:
    found = _work(
        ("x", "b e"), ("Y", "b e"), ("z", "a lost"), ("v", "a b a e b"), ("w", "a e lost b")
    )
    assert {way.stages: way.skipped for way in found.ways} == {
        ("b", "e"): (("a", 2), ("c", 1)),
        ("a", "lost"): (),
        ("a", "b", "a", "e", "b"): (),
        ("a", "e", "lost", "b"): (),
    }


def test_what_a_step_is() -> None:
    found = _work(
        ("A", "a b e"), ("b", "a b e b"), ("C", "b e lost a"), ("d", "a b c d e won"), ("F", "b e")
    )
    kinds = {(each.out_of, each.into): (each.kind, each.skips) for each in found.course.edges}
    assert kinds == {
        ("a", "b"): ("next", 0),
        ("b", "e"): ("skip", 3),  # of four: c applies to big ones, d is optional
        ("e", "b"): ("back", 0),
        ("e", "lost"): ("lost", 0),
        ("lost", "a"): ("back", 0),
        ("b", "c"): ("next", 0),
        ("c", "d"): ("next", 0),
        ("d", "e"): ("next", 0),
        ("e", "won"): ("next", 0),
    }
    shares = {(each.out_of, each.into): each.share for each in found.course.edges}
    assert shares["b", "e"] == 4 / 5
    stops = {stop.stage: (stop.deals, stop.began, stop.last) for stop in found.course.stops}
    assert stops["b"] == (5, 2, 1)
    assert stops["lost"] == (1, 0, 0)


def test_a_deal_of_one_stage_goes_nowhere() -> None:
    assert _work(("x", "a")).course.edges == ()
