"""Behaviour that is the same every four weeks shows the same counts in all of them, whatever the
family of the rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from random import Random

import pytest

from playgate.conditions.instants import DAY
from playgate.history.event import Event
from playgate.history.people import People, Person
from playgate.rules.families import FAMILIES
from playgate.rules.list import list_rules
from support.counting import of_events, playbook_of

MONDAY = 1_767_571_200_000_000
"""2026-01-05."""
WEEKS = 4
SPANS = 8
STEADY = range(3, 6)
"""The spans in which deals of all ages are under way."""
DEALS = 30
HOUR = DAY // 24

PLAYBOOK = playbook_of("""
playbook: sales
version: 1
roles: [rep, manager]
fields:
  amount: {type: number}
  due: {type: date}
  price: {type: number, by: manager}
  size: {type: choice, options: [small, large]}
activities: {call: {}, meeting: {}, report: {}, offer: {}, answer: {}}
profiles:
  large: {fit: {size: {field: size, equals: large}}}
stages:
  - stage: approach
    activities:
      - {do: call, within: 3 days}
      - {do: meeting, every: 5 days}
    idle: 6 days
    time_limit: 12 days
  - stage: needs
    exit: [{field: size, is: present}]
    hold: [{id: amount, field: amount, is: present}]
  - stage: proposal
    entry: [{activity: report}]
    by: manager
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
sequence:
  - {id: early, before: {activity: offer}, need: {activity: report}}
  - {id: late, after: {activity: offer}, need: {activity: answer}, within: 4 days}
  - {id: open, if: {activity: offer}, need: {activity: answer}}
  - {id: still, until: {field: due, minus: 1 days}, need: {activity: call}}
limits: {idle: 8 days, age: 20 days}
""")


def _deal(rng: Random, name: str, start: int) -> Iterator[Event]:
    """A deal whose people do some of what they should, at one time or another, or never."""
    at = start
    steps = [
        ("stage", "approach", ""),
        *(("activity", each, "") for each in ("call", "meeting", "report", "offer", "answer")),
        ("field", "amount", "10"),
        ("field", "amount", ""),
        ("field", "price", "5"),
        ("field", "due", f"{date(2026, 1, 5) + timedelta(days=(start - MONDAY) // DAY + 9)}"),
        ("field", "size", rng.choice(("small", "large"))),
        *(("stage", each, "") for each in ("needs", "proposal", "approach", "won", "needs")),
    ]
    kept = steps[:1] + [each for each in steps[1:] if rng.random() < 0.6]
    for kind, what, value in kept:
        actor = rng.choice(("ann", "mia"))
        yield Event(name, at, kind, what, value, actor, at, "", "", 0, 0)
        at += rng.choice((0, 3 * HOUR, DAY, 2 * DAY, 6 * DAY))


@cache
def _history() -> tuple[Event, ...]:
    """The same deals again every four weeks; those that stay open stay so."""
    return tuple(
        event
        for span in range(SPANS)
        for number in range(DEALS)
        for event in _deal(
            Random(number), f"D-{span}-{number}", MONDAY + (span * WEEKS * 7 + number % 28) * DAY
        )
    )


@cache
def _counts(span: int, *, at_its_end: bool = False) -> dict[int, tuple[int, ...]]:
    """How often each rule was met, unmet and waived in a span; by what is known in the end, or at
    the end of the span."""
    first = date(2026, 1, 5) + timedelta(weeks=span * WEEKS)
    last = first + timedelta(days=WEEKS * 7 - 1)
    end = MONDAY + (span + 1) * WEEKS * 7 * DAY - 1 if at_its_end else None
    people = People([Person("ann", role="rep"), Person("mia", role="manager")])
    found = of_events(PLAYBOOK, _history(), people=people, period=f"{first}..{last}", as_of=end)
    sums: Counter[tuple[int, int]] = Counter()
    for (place, _), counts in found.gathered.rules.items():
        for slot, times in enumerate(counts):
            sums[place, slot] += times
    return {place: tuple(sums[place, slot] for slot in range(3)) for place in {p for p, _ in sums}}


@pytest.mark.parametrize("at_its_end", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
def test_no_trend(family: str, at_its_end: bool) -> None:
    places = [
        place for place, rule in enumerate(list_rules(PLAYBOOK)) if rule.info.family == family
    ]
    spans = [
        {place: _counts(span, at_its_end=at_its_end).get(place, (0, 0, 0)) for place in places}
        for span in STEADY
    ]
    met, unmet = (sum(counts[slot] for counts in spans[0].values()) for slot in (0, 1))
    assert met
    assert unmet
    assert all(each == spans[0] for each in spans)
