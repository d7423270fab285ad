"""What open opportunities may bring, counted again deal by deal, and a goal out of reach."""

from __future__ import annotations

from random import Random

import pytest

from playgate.conditions.instants import DAY
from playgate.history.event import Event
from playgate.history.people import People, Person
from playgate.numbers.target import target
from support.counting import of_events, playbook_of

MONDAY = 1_767_571_200_000_000
WEEK = 7 * DAY
MINIMUM = 4


def _playbook(goal: int) -> str:
    return f"""
playbook: sales
version: 1
roles: [rep]
fields: {{amount: {{type: number}}}}
activities: {{meeting: {{}}}}
stages:
  - stage: approach
  - stage: proposal
  - {{stage: won, ends: won}}
  - {{stage: lost, ends: lost}}
kpis:
  meetings: {{count: {{activity: meeting}}, which: first}}
  closing: {{ratio: {{of: {{activity: meeting}}, to: won}}}}
  revenue: {{mean: {{field: amount, at: won}}}}
  cycle: {{time: {{from: {{activity: meeting}}, to: won}}}}
targets:
  goal: {goal}
  per: year
  revenue: revenue
  ratios: [closing]
  opportunities: meetings
  cycle: cycle
coaching: {{roles: [rep], minimum: {MINIMUM}}}
"""


Told = list[tuple[int, str, str, str]]


def _deals(rng: Random, count: int) -> list[Told]:
    """Deals: when, what kind, the name, the value. Who is long in a stage is rarely sold."""
    deals = []
    for _ in range(count):
        at = MONDAY + rng.randrange(20 * 7) * DAY
        told: Told = [(at, "stage", "approach", ""), (at + 1, "activity", "meeting", "")]
        if rng.random() < 0.7:
            told.append((at + 2, "field", "amount", str(rng.randrange(1, 9) * 1000)))
        at += rng.randrange(40) * DAY
        if rng.random() < 0.7:
            told.append((at, "stage", "proposal", ""))
        days = rng.randrange(60)
        end = rng.choice(("won", "lost", "")) if days < 30 else rng.choice(("lost", ""))
        if end:
            told.append((at + days * DAY, "stage", end, ""))
        deals.append(told)
    return deals


def _naive(deals: list[Told], as_of: int, mean: float) -> float:
    """Each open deal by itself: its stage, its weeks, all that were decided there later."""
    total = 0.0
    seen = [[each for each in deal if each[0] <= as_of] for deal in deals]
    for deal in filter(None, seen):
        moves = [(at, name) for at, kind, name, _ in deal if kind == "stage"]
        if moves[-1][1] in ("won", "lost"):
            continue
        since, stage = moves[-1]
        age = (as_of - since) // WEEK
        amounts = [float(value) for _, kind, _, value in deal if kind == "field"]
        worth = amounts[-1] if amounts else mean
        for name, least in ((stage, age), (stage, 0), ("", age), ("", 0)):
            ends = []
            for other in filter(None, seen):
                path = [(at, each) for at, kind, each, _ in other if kind == "stage"]
                if path[-1][1] not in ("won", "lost"):
                    continue
                came = [at for at, each in path if each == name] if name else [other[0][0]]
                if came and (path[-1][0] - came[0]) // WEEK >= least:
                    ends.append(path[-1][1] == "won")
            if len(ends) >= MINIMUM:
                total += worth * sum(ends) / len(ends)
                break
    return total


@pytest.mark.parametrize("seed", range(6))
def test_each_open_deal_is_worth_what_its_stage_and_age_say(seed: int) -> None:
    deals = _deals(Random(seed), 60)
    as_of = MONDAY + 20 * WEEK - 1
    events = [
        Event(f"D-{number}", at, kind, name, value, "ann", at, "", "", 0, place)
        for number, deal in enumerate(deals)
        for place, (at, kind, name, value) in enumerate(deal)
    ]
    people = People([Person("ann", role="rep")])
    found = of_events(playbook_of(_playbook(100_000)), events, people=people, as_of=as_of)
    goal = target(found, {}).goals[0]
    mean = next(each.value for each in goal.inputs if each.id == "revenue")
    assert mean is not None
    assert goal.expected == pytest.approx(_naive(deals, as_of, mean))


@pytest.mark.parametrize(("goal", "is_out"), [(90_000, False), (9_000_000, True)])
def test_a_goal_out_of_reach_is_called_so(goal: int, is_out: bool) -> None:
    """Two meetings a week, half of them sold within a week for 1,000: 26,000 till July."""
    events = []
    for number in range(52):
        at = MONDAY + number // 2 * WEEK + number % 2 * DAY
        end = "won" if number % 2 else "lost"
        events += [
            Event(f"D-{number}", at + place, kind, name, value, "ann", at + place, "", "", 0, place)
            for place, (kind, name, value) in enumerate(
                (
                    ("activity", "meeting", ""),
                    ("field", "amount", "1000"),
                    ("stage", "approach", ""),
                    ("stage", end, ""),
                )
            )
        ]
    people = People([Person("ann", role="rep")])
    as_of = MONDAY + 26 * WEEK
    found = of_events(playbook_of(_playbook(goal // 2)), events, people=people, as_of=as_of)
    assert target(found, {}).goals[0].out_of_reach is is_out
