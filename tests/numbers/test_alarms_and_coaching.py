"""Alarms see what chance does not explain and nothing else; coaching meets everyone in time."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from random import Random

import pytest

from playgate.conditions.instants import DAY
from playgate.history.event import Event
from playgate.history.people import People, Person
from playgate.model.playbook import Playbook
from playgate.numbers.alarms import alarms
from playgate.numbers.coach import coach
from playgate.numbers.narrow import choose
from playgate.numbers.watch_result import Alarms, CoachPlan
from support.counting import of_events, playbook_of

MONDAY = 1_767_571_200_000_000
"""2026-01-05."""
WEEKS = 30

HEAD = """
playbook: sales
version: 1
roles: [rep, manager]
fields: {amount: {type: number}}
activities: {call: {}, meeting: {}, ride_along: {}}
stages:
  - stage: approach
    activities:
      - {do: meeting, ask: What did you hear in the meeting?}
      - {do: call, ask: How did the call begin?}
  - {stage: proposal}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""
WATCHED = playbook_of(
    HEAD
    + """
kpis:
  calls: {title: Calls, count: {activity: call}, alarm: both}
  closing: {title: Closing, ratio: {of: {reached: proposal}, to: won}}
coaching: {roles: [rep], minimum: 10}
"""
)
COACHED = playbook_of(
    HEAD
    + """
kpis:
  revenue: {mean: {field: amount, at: won}}
coaching:
  roles: [rep]
  minimum: 5
  session: {activity: ride_along, by: manager}
  questions: [Which deal would you start again?]
"""
)


def _event(deal: str, at: int, kind: str, name: str, actor: str = "ann", value: str = "") -> Event:
    return Event(deal, at, kind, name, value, actor, at, "", "", 0, 0)


def _calls(counts: list[int]) -> list[Event]:
    """So many calls in each week, and one event on the Monday after."""
    events = [
        _event(f"D-{week}-{number}", MONDAY + week * 7 * DAY + number * 1000, "activity", "call")
        for week, count in enumerate(counts)
        for number in range(count)
    ]
    return [*events, _event("Z", MONDAY + len(counts) * 7 * DAY, "stage", "approach")]


def _raised(playbook: Playbook, events: list[Event]) -> Alarms:
    return alarms(of_events(playbook, events, people=People([Person("ann", role="rep")])))


@pytest.mark.parametrize(
    ("last", "raised"),
    [
        ([10], None),
        ([7], None),
        ([4], None),
        ([2], "watch"),
        ([0], "alarm"),
        ([5, 5, 5, 4], "alarm"),
        ([25], "alarm"),
    ],
)
def test_a_count_is_watched(last: list[int], raised: str | None) -> None:
    steady = [9, 10, 11, 10] * 7
    found = [
        each for each in _raised(WATCHED, _calls(steady + last)).alarms if each.scope == "company"
    ]
    assert [each.level for each in found] == ([raised] if raised else [])
    for each in found:
        assert each.side == ("high" if last == [25] else "low")
        assert not each.low <= each.seen <= each.high
        assert f"Calls, the company: {each.seen} in the last" in each.message


def test_weeks_that_scatter_widen_the_limits() -> None:
    wild = [2, 20, 5, 18, 3, 16, 9, 1] * 4
    assert not _raised(WATCHED, _calls([*wild, 1])).alarms


def test_the_running_week_is_no_alarm() -> None:
    found = _raised(
        WATCHED,
        [*_calls([10] * WEEKS), _event("Y", MONDAY + (WEEKS * 7 + 1) * DAY, "activity", "call")],
    )
    assert not found.alarms


def test_a_short_history_is_said_to_be_short() -> None:
    found = _raised(WATCHED, _calls([10] * 6))
    assert not found.alarms
    assert {looked.reason for looked in found.looked} == {"too-short"}


def test_a_closing_ratio_is_watched() -> None:
    events = []
    for week in range(WEEKS):
        for number in range(4):
            deal, at = f"D-{week}-{number}", MONDAY + week * 7 * DAY + number * DAY
            won = number < 3 and week < WEEKS - 4
            events.append(_event(deal, at, "stage", "proposal"))
            events.append(_event(deal, at + DAY, "stage", "won" if won else "lost"))
    events.append(_event("Z", MONDAY + WEEKS * 7 * DAY, "stage", "approach"))
    found = [each for each in _raised(WATCHED, events).alarms if each.scope == "company"]
    (alarm,) = found
    assert (alarm.kind, alarm.level, alarm.seen, alarm.of) == ("ratio", "alarm", 0, 16)
    assert alarm.usual == pytest.approx(12, abs=0.5)


@pytest.mark.parametrize(("goal", "raised"), [(400, None), (1600, "alarm")])
def test_opportunities_are_held_against_the_goal(goal: int, raised: str | None) -> None:
    """Four meetings a week, each sold for 100: a goal of 400 a week needs four of them."""
    playbook = playbook_of(
        HEAD
        + f"""
kpis:
  meetings: {{title: Meetings, count: {{activity: meeting}}, alarm: none}}
  closing: {{ratio: {{of: {{activity: meeting}}, to: won}}, alarm: none}}
  revenue: {{mean: {{field: amount, at: won}}}}
targets: {{goal: {goal}, per: week, revenue: revenue, ratios: [closing], opportunities: meetings}}
coaching: {{roles: [rep], minimum: 10}}
"""
    )
    events = []
    for number in range(4 * WEEKS):
        deal, at = f"D-{number}", MONDAY + number // 4 * 7 * DAY + number % 4 * DAY
        events.append(_event(deal, at, "activity", "meeting"))
        events.append(_event(deal, at + 1, "field", "amount", value="100"))
        events.append(_event(deal, at + 2, "stage", "won"))
    events.append(_event("Z", MONDAY + WEEKS * 7 * DAY, "stage", "approach"))
    found = [each for each in _raised(playbook, events).alarms if each.scope == "company"]
    assert [each.level for each in found] == ([raised] if raised else [])
    for each in found:
        assert (each.kind, each.seen, each.usual) == ("goal", 16, 64)
        assert "the goal, which needs 16.0 a week" in each.message


# Coaching


def _deals(rep: str, count: int, *, meets: int, wins: int) -> list[Event]:
    events = []
    for number in range(count):
        deal, at = f"{rep}-{number}", MONDAY + number * DAY
        events.append(_event(deal, at, "stage", "approach", rep))
        events.append(_event(deal, at + 1, "activity", "call", rep))
        if number < meets:
            events.append(_event(deal, at + 2, "activity", "meeting", rep))
        events.append(_event(deal, at + 3, "field", "amount", rep, "1000"))
        events.append(_event(deal, at + 4, "stage", "proposal", rep))
        events.append(_event(deal, at + 5, "stage", "won" if number < wins else "lost", rep))
    return events


def _plan(events: list[Event]) -> CoachPlan:
    names = ("ann", "bob", "cid", "dan", "eve")
    people = People([*(Person(name, role="rep") for name in names), Person("mia", role="manager")])
    return coach(of_events(COACHED, events, people=people))


TEAM = [
    event
    for rep, meets in (("ann", 2), ("bob", 20), ("cid", 18), ("dan", 19), ("eve", 17))
    for event in _deals(rep, 20, meets=meets, wins=meets)
]


def test_the_largest_gap_is_trained_next() -> None:
    plan = _plan(TEAM)
    ann = plan.reps[0]
    assert (ann.id, ann.struggles) == ("ann", True)
    assert ann.train is not None
    assert (ann.train.rule, ann.train.sure) == ("approach/activity/meeting", True)
    (skipped,) = ann.skipped
    assert (skipped.unmet, skipped.own.value, skipped.others.value) == (18, 0.1, 0.925)
    # The others miss 6 of 80: of 20 deals 1.5 were to be expected.
    assert skipped.surplus == pytest.approx(16.5)
    assert ann.train.surplus == skipped.surplus
    assert ann.questions == (
        "What did you hear in the meeting?",
        "Which deal would you start again?",
    )
    (training,) = plan.training
    assert (training.rule, training.unmet, training.share) == (
        "approach/activity/meeting",
        24,
        0.24,
    )


def test_who_struggles_is_met_weekly_and_everyone_twice_a_year() -> None:
    for page in _plan(TEAM).reps:
        days = [date.fromisoformat(session.day) for session in page.sessions]
        assert days == sorted(days)
        assert all(day.weekday() < 5 for day in days)
        gaps = [(after - before).days for before, after in pairwise(days)]
        assert (days[0] - date(2026, 1, 24)).days <= 180
        assert max(gaps, default=0) <= 182
        intensive = [each for each in page.sessions if each.kind == "intensive"]
        assert len(intensive) == (6 if page.id == "ann" else 0)


def test_a_session_shows_in_the_deal_of_its_rep() -> None:
    seen = MONDAY + 10 * DAY
    ridden = [
        _event("bob-3", seen, "activity", "ride_along", "mia"),
        _event("bob-3", MONDAY, "field", "owner", "mia", "bob"),
    ]
    pages = {page.id: page for page in _plan(TEAM + ridden).reps}
    assert pages["bob"].last_seen == seen
    assert pages["bob"].sessions[0].day == "2026-07-14"
    assert pages["ann"].last_seen is None


def test_too_few_deals_rank_nobody() -> None:
    events = [
        event for rep in ("ann", "bob") for event in _deals(rep, 2, meets=rep == "bob", wins=0)
    ]
    for page in _plan(events).reps:
        assert not page.skipped
        assert not page.struggles


def test_who_never_does_what_the_others_do_struggles() -> None:
    """Nothing at all, where much was to be expected, is enough to tell."""
    playbook = playbook_of(
        HEAD
        + """
kpis:
  meetings: {title: Meetings, count: {activity: meeting}, target: {at_least: 2}}
coaching: {roles: [rep], minimum: 5}
"""
    )
    names = ("ann", "bob", "cid")
    events = [
        event
        for rep, meets in zip(names, (0, 20, 20), strict=True)
        for event in _deals(rep, 20, meets=meets, wins=0)
    ]
    people = People([Person(name, role="rep") for name in names])
    pages = {page.id: page for page in coach(of_events(playbook, events, people=people)).reps}
    assert any(reason.startswith("Meetings: 0.0 a week") for reason in pages["ann"].reasons)
    assert not pages["bob"].struggles


def test_all_looks_are_taken_together() -> None:
    people = People([Person("ann", role="rep"), Person("bob", role="rep", team="North")])
    found = of_events(WATCHED, _calls([10] * WEEKS), people=people)
    whole, one = alarms(found), alarms(found, choose(found, ["ann"], []))
    assert {(each.scope, each.id) for each in one.looked} == {("company", ""), ("rep", "ann")}
    # Two windows on two sides, of the company and three others, whoever is asked for.
    assert (whole.looks, one.looks) == (16, 16)


@pytest.mark.thorough
def test_steady_series_raise_few_alarms() -> None:
    """Ten reps who call as often as ever: one watch or alarm in ten histories, at most."""
    rng, histories = Random(28), 150
    names = [f"rep-{number}" for number in range(10)]
    people = People([Person(name, role="rep") for name in names])
    shown = gravest = 0
    for _ in range(histories):
        events = [
            _event(
                f"{name}-{week}-{call}", MONDAY + week * 7 * DAY + call, "activity", "call", name
            )
            for name in names
            for week in range(WEEKS)
            for call in range(sum(rng.random() < 0.05 for _ in range(100)))
        ]
        events.append(_event("Z", MONDAY + WEEKS * 7 * DAY, "stage", "approach", names[0]))
        found = alarms(of_events(WATCHED, events, people=people)).alarms
        shown += bool(found)
        gravest += any(each.level == "alarm" for each in found)
    assert shown <= 0.12 * histories
    assert gravest <= 0.03 * histories
