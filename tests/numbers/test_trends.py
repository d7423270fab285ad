"""KPIs by week: the counts once more from the rows, and what is beyond the band."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from playgate.history.event import Event
from playgate.numbers.gather import ADHERENCE
from playgate.numbers.period import week_start
from playgate.numbers.statistics import ACTION, BEYOND, beyond
from playgate.numbers.trends import Trend, trends
from support.counting import of_events, of_sample, playbook_of, sample, sample_work
from support.numbers_oracle import History

BANK = Path(__file__).parents[2] / "playbooks" / "bank-sales"
MONDAY = datetime(2024, 1, 1, 12, tzinfo=ZoneInfo("UTC"))
CALLS = playbook_of("""\
playbook: calls
version: 1
activities: {call: {}}
stages: [{stage: a}, {stage: won, ends: won}, {stage: lost, ends: lost}]
kpis:
  calls: {count: {activity: call}}
  closing: {ratio: {of: opened, to: won}}
""")


def _monday(at: datetime) -> str:
    day = at.astimezone(ZoneInfo("Europe/Paris")).date()
    return (day - timedelta(days=day.weekday())).isoformat()


def test_the_weeks_are_those_of_the_rows() -> None:
    told = History(BANK)
    calls = Counter(
        _monday(row["at"])
        for rows in told.governed().values()
        for row in rows
        if (row["kind"], row["name"]) == ("activity", "first_call")
    )
    found = {trend.id: trend for trend in trends(of_sample("bank-sales"), {})}
    weeks = found["first-calls"].weeks
    assert len(weeks) > 30
    assert [week.part for week in weeks] == [calls[week.monday] for week in weeks]
    assert all(date.fromisoformat(week.monday).weekday() == 0 for week in weeks)
    closing = found["closing-ratio"].weeks
    assert all(0 <= week.part <= week.whole for week in closing)
    assert [week.value for week in closing] == [
        week.part / week.whole if week.whole else None for week in closing
    ]
    assert "cycle" not in found  # a time has no week of its own


def test_steps_followed_by_week_are_those_of_adherence() -> None:
    found = sample("bank-sales")
    steps = sample_work("bank-sales").followed
    adherence = found.gathered.samples[ADHERENCE].values()
    assert sum(met for met, _ in steps.values()) == sum(each.part for each in adherence)
    assert sum(unmet for _, unmet in steps.values()) == sum(each.rest for each in adherence)
    first = trends(found, steps)[0]
    assert first.id == ADHERENCE
    whole = {week_start(week).isoformat(): counts for week, counts in steps.items()}
    for week in first.weeks:
        met, unmet = whole.get(week.monday, (0, 0))
        assert (week.part, week.whole) == (met, met + unmet)
        assert week.low is None
        assert week.chance is None


def test_a_period_shows_its_weeks() -> None:
    found = trends(of_sample("bank-sales", period="2026-Q2"), {})
    mondays = {week.monday for trend in found for week in trend.weeks}
    assert min(mondays) == "2026-03-30"
    assert max(mondays) == "2026-06-22"


def _counted(weekly: list[int]) -> Trend:
    weeks = [week for week, times in enumerate(weekly) for _ in range(times)]
    told = [(0, "stage", "a"), *((week, "activity", "call") for week in weeks)]
    told.append((len(weekly), "stage", "a"))
    events = [
        Event("d", _micro(week), kind, name, "", "ann", _micro(week), str(place), "", 0, place)
        for place, (week, kind, name) in enumerate(told, 1)
    ]
    return next(each for each in trends(of_events(CALLS, events), {}) if each.id == "calls")


def _micro(week: int) -> int:
    return round((MONDAY + timedelta(weeks=week)).timestamp()) * 1_000_000


def test_only_what_is_unusual_is_beyond_the_band() -> None:
    draw = Random(7)
    usual = [sum(draw.random() < 0.1 for _ in range(100)) for _ in range(40)]
    assert not any(week.is_beyond for week in _counted(usual).weeks)
    weeks = _counted([*usual, 40]).weeks
    assert [week.part for week in weeks if week.is_beyond] == [40]
    assert weeks[-1].high is not None
    assert weeks[-1].high < 40


def test_too_few_weeks_have_no_band() -> None:
    weeks = _counted([5] * 9).weeks
    assert [week.low is None for week in weeks] == [True] * 8
    weeks = _counted([5] * 10).weeks
    assert weeks[-1].low is not None


def test_weeks_of_all_kpis_are_taken_together() -> None:
    """Each look by itself is beyond three standard deviations; a hundred are needed for more."""
    draw = Random(8)
    for _ in range(50):
        chances = [draw.random() ** 3 / 50 if draw.random() < 0.9 else None for _ in range(60)]
        made = sorted(2 * each for each in chances if each is not None)
        worst = max(
            (each for rank, each in enumerate(made, 1) if each <= BEYOND * rank / len(made)),
            default=-1.0,
        )
        assert beyond(chances) == [
            each is not None and 2 * each <= worst and each < ACTION for each in chances
        ]


@pytest.mark.thorough
def test_steady_weeks_are_seldom_beyond() -> None:
    draw = Random(9)
    found = [
        any(week.is_beyond for week in _counted([_drawn(draw) for _ in range(60)]).weeks)
        for _ in range(60)
    ]
    assert sum(found) <= 2


def _drawn(draw: Random) -> int:
    return sum(draw.random() < 0.1 for _ in range(100))
