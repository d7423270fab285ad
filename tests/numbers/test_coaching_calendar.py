"""Sessions are spread over the weeks that a manager has, in time for everybody; who is new is shown
and not ranked."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playgate.conditions.calendar import Calendar
from playgate.conditions.instants import DAY
from playgate.history.event import Event
from playgate.history.people import People, Person
from playgate.numbers.alarms import alarms
from playgate.numbers.coach import coach
from playgate.numbers.coaching_calendar import Due, Year
from playgate.numbers.kpi import kpis
from support.counting import of_events, playbook_of

FIRST = date(2026, 1, 8)
"""A Thursday."""
EVERY = 180


def year(dues: list[Due], most: int | None, calendar: Calendar | None = None) -> Year:
    return Year(dues, first=FIRST, every=EVERY, most=most, calendar=calendar or Calendar(UTC))


def days(held: Year) -> dict[str, list[date]]:
    return {
        rep: [date.fromisoformat(each.day) for each in sessions]
        for rep, sessions in held.sessions.items()
    }


def by_week(held: Year) -> Counter[date]:
    return Counter(
        day - timedelta(days=day.weekday()) for each in days(held).values() for day in each
    )


DUES = st.lists(
    st.builds(
        lambda day, weekly: (FIRST + timedelta(days=day), weekly),
        st.integers(-30, EVERY),
        st.sampled_from((0, 0, 0, 6)),
    ),
    min_size=1,
    max_size=14,
)
HOLIDAYS = frozenset(date(2026, 5, 4) + timedelta(days=number) for number in range(8))


@settings(max_examples=60, deadline=None)
@given(DUES, st.integers(1, 4))
def test_no_week_is_too_full_and_nobody_waits_who_need_not(
    drawn: list[tuple[date, int]], most: int
) -> None:
    dues = [Due(f"r{number}", day, weekly) for number, (day, weekly) in enumerate(drawn)]
    held = year(dues, most, Calendar(UTC, HOLIDAYS))
    assert max(by_week(held).values()) <= most
    late = 0
    for due in dues:
        own = days(held)[due.rep]
        assert own == sorted(set(own))
        assert all(day.weekday() < 5 and day not in HOLIDAYS and day >= FIRST for day in own)
        late += own[0] > max(due.by, FIRST)
        late += sum((after - before).days > EVERY for before, after in pairwise(own))
        assert sum(each.kind == "intensive" for each in held.sessions[due.rep]) <= due.weekly
    assert late == held.late
    # The overdue and the new are due at once; all others find a week in time.
    at_once = sum(due.by <= FIRST + timedelta(days=28) for due in dues)
    if at_once <= most:
        assert not held.late


def test_those_who_are_due_together_are_spread_before() -> None:
    """Twelve reps who are due on one day are met in the weeks before, three in each."""
    due = FIRST + timedelta(days=150)
    held = year([Due(f"r{number}", due) for number in range(12)], 3)
    first = sorted(own[0] for own in days(held).values())
    assert first[-1] == due - timedelta(days=(due.weekday() - 4) if due.weekday() > 4 else 0)
    assert {(due - day).days // 7 for day in first} == {0, 1, 2, 3}
    assert not held.late


def test_who_struggles_comes_first_once_all_others_are_in_time() -> None:
    later = FIRST + timedelta(days=100)
    dues = [Due("weak", later, 6), Due("weaker", later, 6), Due("good", FIRST), Due("fine", later)]
    held = year(dues, 1)
    assert days(held)["good"][0] == FIRST
    weak, weaker = (
        [each for each in held.sessions[rep] if each.kind == "intensive"]
        for rep in ("weak", "weaker")
    )
    assert (len(weak), len(weaker)) == (6, 6)
    # One session a week: the second plan begins when the first is through.
    assert [date.fromisoformat(each.day) for each in weak] == [
        date(2026, 1, 12) + timedelta(weeks=week) for week in range(6)
    ]
    assert weaker[0].day == "2026-02-23"
    assert not held.late


def test_what_nobody_can_hold_in_time_is_said() -> None:
    held = year([Due(f"r{number}", FIRST) for number in range(70)], 1)
    told = held.workload("mia", "Mia", 1)
    assert (told.reps, told.sessions, told.per_week) == (70, 52, 1)
    assert told.late == 51
    free = year([Due(f"r{number}", FIRST) for number in range(70)], None)
    assert (free.late, free.workload("", "", None).sessions) == (0, 3 * 70)


# Who is new

BOOK = """
playbook: sales
version: 1
roles: [rep]
activities: {call: {}}
stages:
  - {stage: approach, activities: [call]}
  - {stage: proposal}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
kpis:
  closing: {ratio: {of: {reached: proposal}, to: won}, target: {at_least: 90 %%}}
coaching: {roles: [rep], minimum: 5, sessions_per_week: 2%s}
"""
NAMES = ("ann", "bob", "cid", "dan", "eve")
START = 1_767_571_200_000_000
"""2026-01-05."""


def _events() -> list[Event]:
    """Everyone calls before nine of ten proposals; eve never does, and sells little."""
    events = []
    for rep in NAMES:
        for number in range(20):
            at, deal = START + number * DAY, f"{rep}-{number}"
            steps = [("stage", "approach")]
            steps += [("activity", "call")] if rep != "eve" and number % 10 else []
            won = number % 2 if rep != "eve" else number < 2
            steps += [("stage", "proposal"), ("stage", "won" if won else "lost")]
            events += [
                Event(deal, at + place, kind, name, "", rep, at + place, "", "", 0, place)
                for place, (kind, name) in enumerate(steps)
            ]
    return events


@pytest.mark.parametrize("ramp", ["", ", ramp: 90 days", ", ramp: 10 days"])
def test_who_is_new_is_shown_and_not_ranked(ramp: str) -> None:
    people = People(
        Person(name, role="rep", manager="mia", started="2026-01-05" if name == "eve" else "")
        for name in NAMES
    )
    found = of_events(playbook_of(BOOK % ramp), _events(), people=people)
    is_new = ramp == ", ramp: 90 days"
    pages = {page.id: page for page in coach(found).reps}
    assert pages["eve"].struggles is not is_new
    assert (pages["eve"].ramps_until is not None) is is_new
    assert list(pages)[-1 if is_new else 0] == "eve"
    result = kpis(found)
    closing = next(table for table in result.kpis if table.id == "closing")
    own = next(line for line in closing.lines if line.id == "eve")
    assert (own.ramps, own.target) == (is_new, None if is_new else "missed")
    assert (own.chance is None, own.quarter is None) == (is_new, is_new)
    misses = {each.id: each for each in result.misses if each.scope == "rep"}
    assert misses["eve"].misses == 20
    # The others miss 8 of 80: so much was to be expected of a new one, too.
    assert misses["eve"].expected == pytest.approx(2.0 if is_new else 20 * 28 / 100)
    assert (misses["eve"].chance is None) is is_new
    assert misses["ann"].expected == pytest.approx(2.0 if is_new else 20 * 28 / 100)
    assert alarms(found).basis.deals == 100


def test_the_plan_says_what_each_manager_holds() -> None:
    people = People(
        Person(name, role="rep", manager="mia" if name < "c" else "max") for name in NAMES
    )
    plan = coach(of_events(playbook_of(BOOK % ""), _events(), people=people))
    assert [(each.manager, each.reps, each.per_week, each.late) for each in plan.workload] == [
        ("max", 3, 2, 0),
        ("mia", 2, 2, 0),
    ]
    held = Counter(each.day for page in plan.reps for each in page.sessions)
    assert sum(held.values()) == sum(each.sessions for each in plan.workload)
