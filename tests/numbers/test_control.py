"""The control chart behind an alarm ends in the alarm, and shows a planted fall from its first
week."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest

from playgate.conditions.instants import DAY
from playgate.history.event import Event
from playgate.numbers.alarms import alarms
from playgate.numbers.control import controls
from playgate.numbers.survey import Survey
from support.counting import of_events, playbook_of

MONDAY = 1_767_571_200_000_000
"""2026-01-05."""
WEEK = 7 * DAY
WEEKS, FALL = 40, 4
BOOK = playbook_of("""
playbook: sales
version: 1
activities: {call: {}}
stages:
  - {stage: approach}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
kpis:
  calls: {title: Calls, count: {activity: call}, alarm: low}
  closing: {title: Closing, ratio: {of: opened, to: won}, alarm: low}
coaching: {minimum: 10}
""")


@cache
def _survey(seed: int) -> Survey:
    """Sixteen deals a week with two calls each and half of them won; in the last weeks hardly any
    calls, and none won."""
    draw = Random(seed)
    events = []
    for week in range(WEEKS):
        is_fallen = week >= WEEKS - FALL
        for number in range(16):
            deal, at = f"{week}-{number}", MONDAY + week * WEEK + number * DAY // 4
            told = [("stage", "approach", at)]
            if not is_fallen or number == 0:
                told += [("activity", "call", at + 1), ("activity", "call", at + 2)]
            is_won = not is_fallen and draw.random() < 0.5
            told.append(("stage", "won" if is_won else "lost", at + 3))
            events += [
                Event(deal, when, kind, name, "", "ann", when, "", "", 0, place + 1)
                for place, (kind, name, when) in enumerate(told)
            ]
    return of_events(BOOK, events, as_of=MONDAY + WEEKS * WEEK - 1)


@pytest.mark.parametrize("kpi", ["calls", "closing"])
def test_the_chart_ends_in_its_alarm(kpi: str) -> None:
    found = _survey(1)
    seen = alarms(found)
    chart = next(
        each
        for each in controls(found, seen)
        if each.alarm.kpi == kpi and each.alarm.scope == "company"
    )
    alarm, last = chart.alarm, chart.points[-1]
    of = alarm.of or 1
    assert (last.value, last.centre) == (alarm.seen / of, pytest.approx(alarm.usual / of))
    assert (last.low, last.high) == (alarm.low / of, alarm.high / of)
    assert last.is_beyond
    beyond = [point.is_beyond for point in chart.points]
    assert not any(beyond[: -FALL - 1])  # before the fall all is as usual
    assert len(chart.points) == 26


def test_every_alarm_has_its_chart_in_its_place() -> None:
    found = _survey(1)
    seen = alarms(found)
    assert [each.alarm for each in controls(found, seen)] == list(seen.alarms[:6])
    assert len(seen.alarms) >= 2
