"""Which customers a deal is of is read at the start of what is counted: what is written at the sale
shows no effect, and what nobody knows is told as such."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from playgate.conditions.instants import DAY
from playgate.history.event import Event
from playgate.numbers.kpi import kpis
from playgate.numbers.segments import segments
from support.counting import of_events, playbook_of

MONDAY = 1_767_571_200_000_000
"""2026-01-05."""

BOOK = """
playbook: sales
version: 1
fields:
  amount: {type: number}
  employees: {type: integer}
  industry: {type: text}
activities: {call: {}}
profiles:
  builders: {fit: {what: {field: industry, equals: building}}}
stages:
  - stage: approach
  - stage: needs
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
kpis:
  closing-large: {ratio: {of: {reached: needs}, to: won}, customers: large}
  closing-small: {ratio: {of: {reached: needs}, to: won}, customers: small}
  calls: {count: {activity: call}, customers: target}
"""
SEGMENTS = """
segments:
  large: {when: {field: amount, at_least: 100}}
  small: {when: {field: amount, less_than: 100}}
"""
WITH_SEGMENTS = playbook_of(BOOK + SEGMENTS)

Told = list[tuple[int, str, str, str]]


def events_of(deals: list[Told]) -> Iterator[Event]:
    for number, deal in enumerate(deals):
        for line, (day, kind, name, value) in enumerate(deal):
            at = MONDAY + day * DAY
            yield Event(f"D-{number}", at, kind, name, value, "ann", at, "", "", 0, line)


def rewritten(rng: Random, count: int) -> list[Told]:
    """Half of all deals are won, large or not; at the sale each amount is written up."""
    deals = []
    for number in range(count):
        start, is_won = rng.randrange(90), number % 2 == 0
        amount = "200" if number // 2 % 2 else "50"
        deals.append(
            [
                (start, "field", "amount", amount),
                (start, "stage", "approach", ""),
                (start + 5, "stage", "needs", ""),
                *([(start + 20, "field", "amount", "500")] if is_won else []),
                (start + 20, "stage", "won" if is_won else "lost", ""),
            ]
        )
    return deals


def test_what_is_written_at_the_sale_moves_no_deal() -> None:
    found = of_events(WITH_SEGMENTS, events_of(rewritten(Random(7), 200)))
    tables = {table.id: table.lines[0].figure for table in kpis(found).kpis}
    assert (tables["closing-large"].part, tables["closing-large"].count) == (50, 100)
    assert (tables["closing-small"].part, tables["closing-small"].count) == (50, 100)
    lines = {line.id: line for line in segments(found).segments}
    assert {name: (each.deals, each.sold) for name, each in lines.items()} == {
        "large": (100, 50),
        "small": (100, 50),
        "": (0, 0),
    }


def test_as_of_now_the_same_history_shows_an_effect() -> None:
    """The planted effect is there: read at the end, all won deals are large."""
    last = {
        f"D-{number}": [value for _, _, name, value in deal if name == "amount"][-1]
        for number, deal in enumerate(rewritten(Random(7), 200))
    }
    won = {f"D-{number}" for number in range(0, 200, 2)}
    assert all(float(last[deal]) >= 100 for deal in won)
    assert sum(float(each) >= 100 for deal, each in last.items() if deal not in won) == 50


def test_what_nobody_knows_is_a_group_of_its_own() -> None:
    deals: list[Told] = [
        [(0, "stage", "approach", ""), (2, "stage", "needs", ""), (3, "field", "amount", "500")],
        [(0, "stage", "approach", ""), (2, "stage", "lost", ""), (3, "field", "amount", "500")],
        [(0, "stage", "approach", ""), (9, "field", "amount", "500")],
        [(0, "stage", "approach", ""), (2, "stage", "needs", ""), (2, "field", "amount", "5")],
    ]
    found = segments(of_events(WITH_SEGMENTS, events_of(deals)))
    lines = {line.id: line.deals for line in found.segments}
    assert lines == {"large": 1, "small": 1, "": 0, "?": 2}
    assert {line.id: line.deals for line in found.profiles} == {"builders": 0, "": 0, "?": 4}
    assert "Not known yet" not in found.not_touched


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("{field: amount, not_equals: 7}", "?"),
        ("{not: {field: amount, at_least: 7}}", "?"),
        ("{field: amount, is: absent}", "first"),
        ("{any: [{field: amount, is: absent}, {field: amount, at_least: 7}]}", "first"),
        ("{activity: call, no_more_than: 0}", "first"),
        ("{any: [{field: amount, at_least: 7}, {field: employees, at_least: 7}]}", ""),
        ("{field: employees, at_least: 9}", ""),
    ],
)
def test_absence_is_not_known_unless_it_is_asked_for(when: str, told: str) -> None:
    deal: Told = [
        (0, "stage", "approach", ""),
        (0, "field", "employees", "3"),
        (2, "stage", "needs", ""),
    ]
    playbook = playbook_of(f"{BOOK.split('kpis:')[0]}\nsegments: {{first: {{when: {when}}}}}\n")
    found = segments(of_events(playbook, events_of([deal])))
    assert [line.id for line in found.segments if line.deals] == [told]


def test_no_later_segment_takes_what_an_earlier_one_may_have() -> None:
    playbook = playbook_of(
        BOOK.split("kpis:")[0]
        + """
segments:
  builders: {when: {field: industry, equals: building}}
  large: {when: {field: amount, at_least: 100}}
"""
    )
    start: Told = [(0, "field", "amount", "200"), (0, "stage", "approach", "")]
    deals: list[Told] = [
        [*start, (2, "stage", "needs", "")],
        [*start, (1, "field", "industry", "trade"), (2, "stage", "needs", "")],
    ]
    found = segments(of_events(playbook, events_of(deals)))
    assert {line.id: line.deals for line in found.segments} == {
        "builders": 0,
        "large": 1,
        "": 0,
        "?": 1,
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("stage", ["approach", "needs"])
def test_groups_counted_again_deal_by_deal(seed: int, stage: str) -> None:
    rng = Random(seed)
    deals = [_drawn(rng) for _ in range(60)]
    playbook = playbook_of(BOOK + SEGMENTS.replace("}}", f"}}, known_by: {stage}}}"))
    found = segments(of_events(playbook, events_of(deals)))
    told = Counter(_segment(deal, stage, max(each[-1][0] for each in deals)) for deal in deals)
    assert {line.id: line.deals for line in found.segments if line.deals} == dict(told)


def _drawn(rng: Random) -> Told:
    steps: Told = [
        *((rng.randrange(30), "field", "amount", rng.choice(("", "50", "200"))) for _ in range(2)),
        *((rng.randrange(30), "stage", name, "") for name in rng.sample(STAGES, rng.randrange(4))),
    ]
    return [(0, "stage", "approach", ""), *sorted(steps, key=lambda each: each[0])]


STAGES = ["needs", "won", "lost"]


def _segment(deal: Told, stage: str, now: int) -> str:
    moves = [(day, name) for day, kind, name, _ in deal if kind == "stage"]
    later = ("needs", "won") if stage == "approach" else ("won",)
    at = next((day for day, name in moves if name in later), None)
    if at is None:
        at = moves[-1][0] if moves[-1][1] in ("won", "lost") else now
    known = [value for day, _, name, value in deal if name == "amount" and day <= at]
    if not known or not known[-1]:
        return "?"
    return "large" if float(known[-1]) >= 100 else "small"
