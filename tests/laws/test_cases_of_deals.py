"""A case that is made of a deal is answered as the deal was, in another file and by other people.

Generated playbooks and histories; rules that look into texts may need the real ones, which is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest

from playgate.cases.load import parse_cases
from playgate.cases.model import Attempt
from playgate.cases.record import record
from playgate.cases.run import Bench
from playgate.history.event import Event
from playgate.history.order import settle
from support.parity import Example, drawn

SEEDS, CHUNK = 20, 5


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_a_case_of_a_deal_passes(first: int) -> None:
    told = made = 0
    for seed in range(first, first + CHUNK):
        example = drawn(seed, deals=6)
        for events, asked in deals(example):
            recorded = record(example.playbook, events, asked, people=example.team, name="A deal")
            made += 1
            told += bool(recorded.changed)
            cases, mistakes = parse_cases(recorded.text.encode(), "a.cases.yaml", example.playbook)
            assert cases is not None, (seed, mistakes, recorded.text)
            outcome = Bench(example.playbook, cases.people).outcome(cases.cases[0])
            if not recorded.changed:
                assert outcome.passed, (seed, outcome.differences, recorded.text)
    assert made
    assert told <= made / 5


def deals(example: Example) -> Iterator[tuple[list[Event], Attempt | int]]:
    """Each deal for an audit, and with its last move for the gate."""
    stages = {stage.id for stage in example.playbook.stages}
    rows = defaultdict(list)
    for event in example.events:
        rows[event.deal].append(event)
    for deal in rows.values():
        events = settle(deal)[0]
        if not events:
            continue
        yield events, events[-1].happened_at
        moves = [event for event in events if event.kind == "stage" and event.name in stages]
        if len(moves) > 1 and moves[-1].name != moves[-2].name:
            at = moves[-1].happened_at
            known = [
                event
                for event in events
                if event is not moves[-1] and event.happened_at <= at and event.recorded_at <= at
            ]
            yield known, Attempt(moves[-1]._replace(deal="the deal"), None)
