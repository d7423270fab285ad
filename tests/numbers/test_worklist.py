"""What is work for today: what can still be done, and not what is past mending."""

from __future__ import annotations

from typing import Any

import pytest

from playgate.history.event import Event
from playgate.history.people import People, Person
from playgate.history.spool import Spool
from playgate.numbers.period import Period
from playgate.numbers.worklist import worklist
from support.parity import load

DAY = 86_400_000_000
ENDS = [{"stage": "won", "ends": "won"}, {"stage": "lost", "ends": "lost"}]
Json = Any


def book(**parts: Json) -> dict[str, Json]:
    stages = [{"stage": "a"}, {"stage": "b"}, *ENDS]
    return {
        "playbook": "p",
        "version": 1,
        "roles": ["rep", "manager"],
        "activities": {"call": {}, "demo": {}},
        "rules": {"*/entered": {"level": "observe"}},
        "stages": stages,
    } | parts


def event(day: int, kind: str, name: str) -> Event:
    return Event("d", day * DAY, kind, name, "", "ann", day * DAY, "", "", 0, day + 1)


ALSO = {"id": "s", "if": {"stage": "b"}, "need": {"activity": "demo"}}
MOVES = [event(0, "stage", "a"), event(10, "stage", "b")]
BACK = [*MOVES, event(12, "stage", "a")]
ENDED = [*MOVES, event(12, "stage", "won"), event(13, "stage", "a")]


@pytest.mark.parametrize(
    ("data", "events", "is_work"),
    [
        (book(stages=[{"stage": "a", "activities": ["call"]}, {"stage": "b"}, *ENDS]), MOVES, True),
        (book(stages=[{"stage": "a"}, {"stage": "b", "time_limit": "1 day"}, *ENDS]), MOVES, False),
        (book(stages=[{"stage": "a"}, {"stage": "b", "by": "manager"}, *ENDS]), MOVES, False),
        (book(rules={"order/back": {"level": "block"}}), BACK, False),
        (book(rules={"order/reopened": {"level": "block"}}), ENDED, False),
        (book(limits={"idle": "5 days"}), MOVES[:1], True),
        (book(limits={"age": "5 days"}), MOVES, True),
        (
            book(sequence=[{"id": "s", "if": {"stage": "b"}, "need": {"activity": "demo"}}]),
            MOVES,
            True,
        ),
    ],
    ids=["activity", "time", "by", "back", "reopened", "idle", "age", "if"],
)
def test_what_can_still_be_done_is_work(
    data: dict[str, Json], events: list[Event], is_work: bool
) -> None:
    rules = {"*/entered": {"level": "observe"}} | data["rules"]
    playbook = load(data | {"rules": rules})
    people = People([Person("ann", role="rep")])
    whole = Period("whole", 0, 31 * DAY)
    with Spool() as spool:
        for each in events:
            spool.add(each)
        found = worklist(playbook, spool, people=people, as_of=30 * DAY, period=whole, most=5)
    assert found.listed == 1
    assert found.to_do == is_work
    (dossier,) = found.dossiers
    assert dossier.has_work == is_work
