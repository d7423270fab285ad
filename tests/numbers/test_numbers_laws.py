"""What is true of the numbers of every history."""

from __future__ import annotations

from array import array
from datetime import date, timedelta
from math import comb
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playgate.conditions.instants import DAY
from playgate.history.event import Event
from playgate.numbers.alarms import alarms
from playgate.numbers.coach import coach
from playgate.numbers.kpi import kpis
from playgate.numbers.result import Kpis
from playgate.numbers.segments import segments
from playgate.numbers.statistics import (
    count_limits,
    mean_interval,
    rate_difference,
    rate_interval,
    ratio_limits,
    survival,
)
from playgate.numbers.target import WhatIf, target
from support.counting import of_events, playbook_of, sample

START = 1_767_225_600_000_000
"""2026-01-01."""

PLAYBOOK = playbook_of("""
playbook: sales
version: 1
fields: {amount: {type: number}}
activities: {call: {}, meeting: {}}
stages:
  - {stage: approach, activities: [meeting]}
  - {stage: proposal}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
kpis:
  step: {ratio: {of: {activity: meeting}, to: {stage: proposal}, within: 9 days}}
  closing: {ratio: {of: opened, to: won}}
  cycle: {time: {from: opened, to: won}}
  revenue: {mean: {field: amount, at: won}}
  sold: {sum: {field: amount, at: won}}
  calls: {count: {activity: call}}
  meetings: {count: {activity: meeting}, which: first}
targets:
  goal: 1000
  per: month
  revenue: revenue
  ratios: [closing]
  opportunities: meetings
  activities: [calls]
  cycle: cycle
segments: {large: {when: {field: amount, at_least: 50}}}
coaching: {minimum: 1}
""")

_EVENTS = st.one_of(
    st.tuples(
        st.just("stage"), st.sampled_from(["approach", "proposal", "won", "lost"]), st.just("")
    ),
    st.tuples(st.just("activity"), st.sampled_from(["call", "meeting"]), st.just("")),
    st.tuples(st.just("field"), st.just("amount"), st.sampled_from(["10", "70.5", ""])),
    st.tuples(st.just("field"), st.just("owner"), st.sampled_from(["ann", "bob"])),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Histories in which no two events of a deal are at one instant."""
    events = []
    for deal in range(draw(st.integers(1, 6))):
        places = st.lists(st.integers(0, 59), min_size=1, max_size=8, unique=True)
        for day in sorted(draw(places)):
            kind, name, value = draw(_EVENTS)
            actor = draw(st.sampled_from(["ann", "bob", "cid"]))
            at = START + day * DAY + deal
            events.append(
                Event(f"D-{deal}", at, kind, name, value, actor, at, "", "", 0, len(events))
            )
    return events


@settings(max_examples=40)
@given(histories(), st.integers())
def test_the_order_of_rows_changes_nothing(events: list[Event], seed: int) -> None:
    shuffled = events.copy()
    Random(seed).shuffle(shuffled)
    one, other = of_events(PLAYBOOK, events), of_events(PLAYBOOK, shuffled)
    assert kpis(one) == kpis(other)
    assert target(one, {}) == target(other, {})
    assert segments(one) == segments(other)
    assert alarms(one) == alarms(other)
    assert coach(one) == coach(other)


def _counts(result: Kpis) -> dict[tuple[str, str, str], tuple[int, int, int]]:
    return {
        (table.id, line.scope, line.id): (line.figure.part, line.figure.count, line.figure.open)
        for table in result.kpis
        if table.source != "adherence"
        for line in table.lines
    }


@settings(max_examples=20)
@given(histories(), st.integers(1, 58))
def test_two_periods_add_up_to_both(events: list[Event], day: int) -> None:
    last = "2026-03-01"
    cut, after = (date(2026, 1, 1) + timedelta(days=days) for days in (day - 1, day))
    as_of = START + 60 * DAY
    whole, first, second = (
        _counts(kpis(of_events(PLAYBOOK, events, period=period, as_of=as_of)))
        for period in (f"2026-01-01..{last}", f"2026-01-01..{cut}", f"{after}..{last}")
    )
    nothing = (0, 0, 0)
    for key in {*whole, *first, *second}:
        parts = first.get(key, nothing), second.get(key, nothing)
        assert whole.get(key, nothing) == tuple(map(sum, zip(*parts, strict=True))), key


@settings(max_examples=40)
@given(histories())
def test_reps_add_up_to_the_company(events: list[Event]) -> None:
    for table in kpis(of_events(PLAYBOOK, events)).kpis:
        company = table.lines[0].figure
        if table.source == "adherence" or table.kind == "sum":
            continue
        reps = sum(line.figure.count for line in table.lines if line.scope == "rep")
        assert reps <= company.count
        assert company.part <= company.count or table.kind == "count"


_DAYS = st.lists(st.floats(0, 100, allow_subnormal=False), min_size=1, max_size=25)


@settings(max_examples=100)
@given(_DAYS, _DAYS, st.floats(0, 100))
def test_a_deal_that_is_still_open_lowers_no_quartile(
    ended: list[float], waiting: list[float], more: float
) -> None:
    before = survival(array("d", ended), array("d", waiting))
    after = survival(array("d", ended), array("d", [*waiting, more]))
    for part in ("lower", "median", "upper"):
        was, now = getattr(before, part), getattr(after, part)
        assert now is None or (was is not None and now >= was)


@settings(max_examples=100)
@given(_DAYS)
def test_without_open_deals_the_median_is_one_of_the_days(ended: list[float]) -> None:
    found = survival(array("d", ended), array("d"))
    assert found.median == sorted(ended)[(len(ended) - 1) // 2]
    assert found.lower <= found.median <= found.upper  # type: ignore[operator]


@settings(max_examples=60)
@given(st.lists(st.integers(0, 30), min_size=8, max_size=26), st.integers(0, 60))
def test_limits_lie_around_what_is_usual(usual: list[int], seen: int) -> None:
    limits = count_limits(usual, seen, 1)
    assert limits.low <= limits.watch_low <= limits.watch_high <= limits.high
    assert limits.watch_low <= limits.centre <= limits.watch_high
    fewer = count_limits(usual, max(0, seen - 1), 1)
    assert fewer.below <= limits.below
    # A week that scatters as the others do never raises an alarm on both sides.
    assert max(limits.below, limits.above) > 0.4


@settings(max_examples=60)
@given(st.integers(1, 200), st.integers(1, 60), st.data())
def test_ratio_limits_are_counts_of_what_was_decided(
    whole: int, of: int, data: st.DataObject
) -> None:
    part, seen = data.draw(st.integers(0, whole)), data.draw(st.integers(0, of))
    limits = ratio_limits(part, whole, seen, of)
    assert 0 <= limits.low <= limits.watch_low <= limits.watch_high <= limits.high <= of


@settings(max_examples=30)
@given(st.lists(st.floats(1, 1e6), min_size=2, max_size=20), st.integers(0, 50))
def test_intervals_hold_their_value(values: list[float], events: int) -> None:
    mean, rate = mean_interval(values), rate_interval(events, 2.0)
    if mean.low is not None and mean.high is not None:
        assert mean.low - 1e-6 <= sum(values) / len(values) <= mean.high + 1e-6
    assert rate.low is not None
    assert rate.high is not None
    assert rate.low <= events / 2 <= rate.high


# The goal


@pytest.mark.parametrize("name", ["bank-sales", "active-sales"])
def test_what_is_needed_brings_the_goal(name: str) -> None:
    for goal in target(sample(name), {}).goals:
        if goal.now.need is None:
            continue
        brought = goal.now.need
        for each in goal.inputs:
            brought *= each.value if each.kind != "time" and each.value is not None else 1
        assert brought == pytest.approx(goal.per_week)
        assert goal.now.low is not None
        assert goal.now.low <= goal.now.need
        assert goal.now.high is None or goal.now.need <= goal.now.high


@pytest.mark.parametrize("name", ["bank-sales", "active-sales"])
def test_the_reps_goals_add_up(name: str) -> None:
    goals = target(sample(name), {}).goals
    for scope in ("rep", "team"):
        total = sum(goal.goal for goal in goals if goal.scope == scope)
        assert total == pytest.approx(goals[0].goal)


@pytest.mark.parametrize(
    ("name", "more"), [("closing-ratio", 0.3), ("first-step", 0.01), ("revenue-per-sale", 2.0)]
)
def test_a_better_input_needs_less(name: str, more: float) -> None:
    change = {name: WhatIf(more, True, f"+{more}")}
    for goal in target(sample("bank-sales"), change).goals:
        assert goal.changed is not None
        if goal.now.need is not None:
            assert goal.changed.need is not None
            assert goal.changed.need < goal.now.need
            assert goal.changed.does == goal.now.does


def test_more_calls_bring_more_in_proportion() -> None:
    change = {"first-calls": WhatIf(6 / 5.5 - 1, True, "5.5 to 6")}
    company = target(sample("bank-sales"), change).goals[0]
    assert company.changed is not None
    assert company.changed.need == pytest.approx(company.now.need)
    assert company.changed.brings == pytest.approx((company.now.brings or 0) * 6 / 5.5)


def test_what_if_the_inputs_stay_changes_nothing() -> None:
    goal = target(sample("bank-sales"), {"cycle": WhatIf(0.0, True, "+0%")}).goals[0]
    assert goal.changed is not None
    assert (goal.changed.need, goal.changed.does) == (goal.now.need, goal.now.does)


# Peers


@pytest.mark.parametrize("name", ["bank-sales", "active-sales", "loan-application"])
def test_quarters_part_the_ranked_reps(name: str) -> None:
    for table in kpis(sample(name)).kpis:
        reps = [rep for group in table.groups for rep in group.reps]
        assert len(reps) == len(set(reps))
        size = len(reps) // 4
        by_quarter = {group.quarter: group for group in table.groups}
        for quarter in ("top", "bottom"):
            assert len(by_quarter[quarter].reps if quarter in by_quarter else ()) <= size
        ranked = {line.id for line in table.lines if line.quarter is not None}
        assert ranked == set(reps)
        if "top" in by_quarter and "bottom" in by_quarter:
            best, worst = (by_quarter[each].figure.value for each in ("top", "bottom"))
            assert best is not None
            assert worst is not None
            assert best < worst if table.kind == "time" else best > worst


def test_few_values_say_little_about_their_mean() -> None:
    """Student's t with one degree of freedom, of tables: 12.706 standard errors."""
    assert mean_interval([9_000, 11_000]) == pytest.approx((0, 22_706.2), abs=0.1)
    assert mean_interval([-1_000, 1_000]) == pytest.approx((-12_706.2, 12_706.2), abs=0.1)
    assert mean_interval([5_000]) == (None, None)


def test_rates_that_scatter_differ_less_surely() -> None:
    """Two groups of one pace each, and the same counts where their members scatter."""
    even = rate_difference([(10, 10.0), (10, 10.0)], [(30, 10.0), (30, 10.0)])
    wide = rate_difference([(0, 10.0), (20, 10.0)], [(5, 10.0), (55, 10.0)])
    assert even == pytest.approx(2 * sum(comb(80, n) for n in range(21)) / 2**80)
    assert even < 1e-4 < 0.05 < wide
    assert rate_difference([(4, 10.0)], [(4, 10.0)]) == pytest.approx(1)
    assert rate_difference([], [(4, 10.0)]) == 1
