"""What is work for today: what can still be done, and not what is past mending."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from playgate.history.event import Event
from playgate.history.people import People, Person
from playgate.history.spool import Spool
from playgate.model.playbook import Playbook
from playgate.numbers.period import Period
from playgate.numbers.survey import survey
from playgate.numbers.work_result import Dossier, Worklist
from playgate.numbers.worklist import worklist
from support.counting import sample_work
from support.numbers_oracle import History
from support.parity import load

BANK = Path(__file__).parents[2] / "playbooks" / "bank-sales"
DAY = 86_400_000_000
WEEK = timedelta(weeks=1)
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


def _shown(
    playbook: Playbook,
    spool: Spool,
    people: People,
    as_of: int,
    period: Period,
    most: int,
    **how: Any,
) -> Worklist:
    return worklist(
        playbook,
        spool,
        people=people,
        as_of=as_of,
        period=period,
        prospects=survey(playbook, spool, people=people, as_of=as_of).gathered.prospects,
        most=most,
        **how,
    )


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
        found = _shown(playbook, spool, people, 30 * DAY, whole, 5)
    assert found.listed == 1
    assert sum(each.to_do for each in found.stakes.values()) == is_work
    (dossier,) = found.dossiers
    assert dossier.has_work == is_work
    assert [lesson.deals for lesson in found.lessons] == ([] if is_work else [1])


# What is at stake

SALES: dict[str, Json] = {
    "playbook": "sales",
    "version": 1,
    "roles": ["rep", "manager"],
    "fields": {
        "amount": {"type": "number", "unit": "EUR"},
        "check": {"type": "choice", "options": ["passed", "failed"]},
        "lost_reason": {"type": "text"},
        "close_date": {"type": "date"},
    },
    "activities": {"call": {}, "review": {}, "signature": {}},
    "coaching": {"minimum": 4},
    "rules": {"*/entered": {"level": "observe"}, "order/*": {"level": "observe"}},
    "stages": [
        {"stage": "a", "activities": ["call"]},
        {"stage": "b", "exit": [{"field": "check", "equals": "passed"}]},
        {"stage": "c", "counts_as": "won", "activities": ["signature"]},
        {"stage": "won", "ends": "won"},
        {"stage": "lost", "ends": "lost", "entry": [{"field": "lost_reason", "is": "present"}]},
    ],
}


def _told(deal: str, *steps: tuple[int, str, str, str]) -> list[Event]:
    return [
        Event(deal, day * DAY, kind, name, value, "ann", day * DAY, "", "", 0, place)
        for place, (day, kind, name, value) in enumerate(steps, 1)
    ]


def _moves(deal: str, *stages: str, amount: str = "", **fields: str) -> list[Event]:
    values = {**({"amount": amount} if amount else {}), **fields}
    return _told(
        deal,
        *((0, "field", name, value) for name, value in values.items()),
        *((day, "stage", stage, "") for day, stage in enumerate(stages, 1)),
    )


def _found(*deals: list[Event], book: dict[str, Json] = SALES, **how: Any) -> Worklist:
    people = People(
        [
            Person("ann", role="rep", team="North", manager="mia"),
            Person("mia", role="manager", team="North"),
            Person("max", role="manager", team="South"),
        ]
    )
    with Spool() as spool:
        for event in (event for deal in deals for event in deal):
            spool.add(event)
        return _shown(
            load(book), spool, people, 30 * DAY, Period("whole", 0, 31 * DAY), **{"most": 50, **how}
        )


def _dossier(found: Worklist, deal: str) -> Dossier:
    return next(each for each in found.dossiers if each.deal == deal)


def test_so_many_of_each_owner_are_shown() -> None:
    owners = {"one": "ann", "two": "ann", "three": "bob"}
    deals = [
        _moves(deal, "a", amount=str(100 * place), owner=owner)
        for place, (deal, owner) in enumerate(owners.items(), 1)
    ]
    found = _found(*deals, most=1, of_each=True)
    assert {each.deal for each in found.dossiers} == {"two", "three"}
    assert found.listed_of == {"ann": 2, "bob": 1}
    assert len(_found(*deals, most=1).dossiers) == 1


DECIDED = [
    *(_moves(f"won {n}", "a", "b", "c", "won") for n in range(3)),
    _moves("lost b", "a", "b", "lost"),
    *(_moves(f"lost a {n}", "a", "lost") for n in range(4)),
]
"""Of 8 that came into a, 3 were sold; of 4 that came into b, 3."""


def test_a_deal_that_is_sold_is_not_work() -> None:
    found = _found(_moves("sold", "a", "b", "c", amount="9"), _moves("open", "a", amount="5"))
    assert [(each.deal, each.state, each.has_work) for each in found.dossiers] == [
        ("open", "open", False),
        ("sold", "sold", False),
    ]
    found = _found(_moves("sold", "a", "b", "c"), _moves("open", "a", "b"))
    assert [each.deal for each in found.dossiers if each.has_work] == ["open"]
    assert {each.rule.id: each.deals for each in found.lessons} == {
        "a/activity/call": 1,
        "b/exit/check": 1,
    }


def test_what_is_at_stake_is_the_amount_times_the_share_won_of_those_that_came_so_far() -> None:
    found = _found(*DECIDED, _moves("in a", "a", amount="1000"), _moves("in b", "a", "b"))
    assert _dossier(found, "in a").stake.chance == 3 / 8
    assert _dossier(found, "in a").stake.value == 375
    stake = _dossier(found, "in b").stake
    assert (stake.worth, stake.chance, stake.value) == (None, 3 / 4, None)
    few = _found(*DECIDED[:3], _moves("in b", "a", "b", amount="1000"))
    assert _dossier(few, "in b").stake.value is None  # three decided deals are too few


def test_the_most_at_stake_comes_first() -> None:
    found = _found(
        *DECIDED,
        _moves("small", "a", "b", amount="100"),
        _moves("unknown", "a", "b"),
        _moves("large", "a", "b", amount="900", close_date="1970-02-20"),
    )
    work = [each.deal for each in found.dossiers if each.has_work]
    assert work == ["large", "small", "unknown"]
    assert _dossier(found, "large").closes == "1970-02-20"
    own = found.stakes["ann"]
    assert (own.open, own.to_do, own.at_stake, own.unknown) == (3, 3, 750, 1)
    assert found.unit == "EUR"


def test_a_value_that_is_known_to_be_otherwise_is_no_step() -> None:
    found = _found(_moves("d", "a", "b", check="failed"))
    assert [step.remedy.words for step in _dossier(found, "d").steps] == ["do call"]
    found = _found(_moves("d", "a", "b"))
    assert [step.remedy.words for step in _dossier(found, "d").steps] == [
        "find out whether check is passed; if so, record it",
        "do call",
    ]


def test_nobody_is_asked_why_an_open_deal_was_lost() -> None:
    found = _found(_moves("d", "lost", "a"))
    (dossier,) = found.dossiers
    assert "lost/entry/lost_reason" in {each.finding.rule.id for each in dossier.findings}
    assert not dossier.has_work
    assert [step.remedy.words for step in dossier.steps] == ["do call"]
    assert [lesson.rule.id for lesson in found.lessons] == ["lost/entry/lost_reason"]


@pytest.mark.parametrize(
    ("demand", "who"),
    [
        ({"do": "review"}, ("ann",)),
        ({"do": "review", "by": "manager"}, ("mia",)),
        ({"do": "review", "actor": "other"}, ()),
    ],
    ids=["anyone", "by", "other"],
)
def test_who_can_do_a_step(demand: dict[str, Json], who: tuple[str, ...]) -> None:
    stages = [{"stage": "a", "activities": [demand]}, *SALES["stages"][1:]]
    found = _found(_moves("d", "a", "b", check="passed"), book=SALES | {"stages": stages})
    assert [step.who for step in _dossier(found, "d").steps] == [who]


# The samples


def test_on_the_sample_chances_are_those_of_the_rows() -> None:
    """The share sold of the decided deals that were as long in a stage, counted from the rows."""
    told = History(BANK)
    stays: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    came: dict[str, dict[str, datetime]] = {}
    for deal, rows in told.governed().items():
        moves = [row for row in rows if row["kind"] == "stage"]
        sold = [row["at"] for row in moves if row["name"] in told.sale]
        end = sold[0] if sold else told.ended(rows)
        first = {row["name"]: row["at"] for row in reversed(moves)}
        came[deal] = {"": rows[0]["at"], **first}
        for stage, at in came[deal].items():
            if end is not None and at <= end:
                stays[stage].append(((end - at) // WEEK, bool(sold)))
    seen = 0
    for dossier in sample_work("bank-sales").dossiers:
        if not dossier.is_open or not dossier.stage:
            continue
        weeks = (told.as_of - came[dossier.deal][dossier.stage]) // WEEK
        for stage, least in ((dossier.stage, weeks), (dossier.stage, 0), ("", weeks), ("", 0)):
            ends = [is_sold for after, is_sold in stays[stage] if after >= least]
            if len(ends) >= told.playbook["coaching"]["minimum"]:
                assert dossier.stake.chance == sum(ends) / len(ends)
                break
        seen += 1
    assert seen == 20


@pytest.mark.parametrize("name", ["bank-sales", "active-sales"])
def test_what_is_advised_can_be_done_on_deals_that_can_be_won(name: str) -> None:
    work = [each for each in sample_work(name).dossiers if each.has_work]
    assert len(work) > 5
    assert all(each.state == "open" and each.steps for each in work)
    words = [step.remedy.words for each in work for step in each.steps]
    assert not [each for each in words if "required:" in each or "lost_reason" in each]
    stakes = [each.stake.value or -1 for each in work]
    assert stakes == sorted(stakes, reverse=True)
