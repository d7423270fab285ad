"""A question is judged for so long and no longer, and nothing of it is recorded then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from gate import say

from playgate import InputError, open_ledger
from playgate.conditions.patience import LOOK, Patience, within
from playgate.enforce.requests import Requests
from playgate.ledger.store import Ledger

HEAVY = """
playbook: heavy
version: 1
fields: {note: {type: text}, day: {type: date}}
activities: {call: {title: Call}, mail: {title: Mail}}
stages:
  - {stage: a, time_limit: 3000 business days}
  - stage: b
    entry: [{field: note, matches: 'x.*y'}]
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
sequence:
  - id: before
    before: {activity: call}
    need: {activity: mail, in_last: 1 day, times: 9}
    level: warn
  - {id: same, if: {activity: call}, need: {activity: mail, actor: same}, later: true, level: warn}
"""
CALLS = 400
NOW = 1_800_000_000_000_000


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with one deal of many calls, and one of none."""
    folder = tmp_path_factory.mktemp("heavy")
    (folder / "heavy.yaml").write_text(HEAVY)
    rows = [
        f"D-1,2026-01-{1 + n // 96:02}T{n // 4 % 24:02}:{n % 4 * 15:02}:00Z"
        f",activity,{kind},p{n % 7}"
        for n in range(CALLS)
        for kind in ("call", "mail")
    ]
    begun = [f"{deal},2026-01-01T00:00:00Z,stage,a,ann" for deal in ("D-1", "D-2")]
    text = "\n".join(("deal,happened_at,kind,name,actor", *begun, *rows))
    (folder / "history.csv").write_text(text)
    db = folder / "heavy.db"
    words = ("import", folder / "history.csv", "--playbook", folder / "heavy.yaml", "--db", db)
    assert say(*map(str, words), db=db).status == 0
    return db


class Clock:
    """Goes on by a second whenever somebody looks."""

    def __init__(self) -> None:
        self.looked = 0

    def __call__(self) -> float:
        self.looked += 1
        return float(self.looked)


@contextmanager
def asking(db: Path, seconds: float) -> Iterator[tuple[Requests, Clock]]:
    clock = Clock()
    with Requests(
        Ledger.open(db), now=lambda: NOW, by="ann", within=within(seconds, clock)
    ) as requests:
        yield requests, clock


def rows_of(db: Path) -> list[object]:
    with Ledger.open(db) as ledger:
        return [ledger.events.of("D-1"), ledger.decisions.of("D-1"), ledger.decisions.of("D-2")]


@pytest.mark.parametrize(
    "request_",
    [
        {"command": "move", "deal": "D-1", "stage": "b"},
        {"command": "check", "deal": "D-1", "stage": "b"},
        {"command": "allowed", "deal": "D-1"},
        {"command": "next", "deal": "D-1"},
    ],
    ids=lambda each: each["command"],
)
def test_what_takes_too_long_is_stopped(heavy: Path, request_: dict[str, str]) -> None:
    before = rows_of(heavy)
    with asking(heavy, 3) as (requests, clock), pytest.raises(InputError) as raised:
        requests.do(request_)
    assert raised.value.code == "took-too-long"
    assert clock.looked == 4  # it began, and looked until three seconds had gone by
    assert rows_of(heavy) == before


def test_a_small_deal_takes_few_looks_at_the_clock(heavy: Path) -> None:
    with asking(heavy, 9) as (requests, clock):
        assert not requests.do({"command": "check", "deal": "D-2", "stage": "b"}).allowed
    assert clock.looked <= 4


def test_the_next_question_begins_anew(heavy: Path) -> None:
    with asking(heavy, 3) as (requests, _):
        for _ in range(3):
            with pytest.raises(InputError, match="took too long"):
                requests.do({"command": "check", "deal": "D-1", "stage": "b"})
            requests.do({"command": "check", "deal": "D-2", "stage": "b"})


def test_of_many_questions_only_the_long_one_fails(heavy: Path) -> None:
    asked = [
        {"command": "move", "deal": deal, "stage": "b", "by": "bob"}
        for deal in ("D-2", "D-1", "D-2")
    ]
    with asking(heavy, 3) as (requests, _):
        told = [each for some in requests.do_all(asked) for each in some]
    assert [getattr(each, "code", "") for each in told] == ["", "took-too-long", ""]


def test_one_of_several_deals_may_take_too_long(heavy: Path) -> None:
    with asking(heavy, 3) as (requests, _):
        told = requests.do({"command": "check", "deals": ["D-2", "D-1"], "stage": "b"})
    assert [getattr(each, "error", None) is not None for each in told.each] == [False, True]


def test_it_is_said_on_the_command_line(heavy: Path) -> None:
    words = ("check", "D-1", "b", "--patience", "0.000001")
    said = say(*words, db=heavy)
    assert said.status == 2
    assert "judging this took too long" in said.err
    said = say(*words, "--format", "json", db=heavy)
    assert json.loads(said.out)["error"]["code"] == "took-too-long"
    assert say("check", "D-1", "b", "--patience", "0", db=heavy).status == 2
    assert say("check", "D-1", "b", db=heavy).status == 1


def test_it_is_said_in_python(heavy: Path) -> None:
    with open_ledger(heavy, patience=1e-9) as gate, pytest.raises(InputError) as raised:
        gate.check("D-1", "b")
    assert raised.value.code == "took-too-long"
    with open_ledger(heavy, patience=None) as gate:
        assert not gate.check("D-1", "b").allowed


def test_an_expression_is_looked_for_only_after_a_look() -> None:
    looked: list[int] = []
    patience = Patience()
    patience.begin(lambda: looked.append(1))
    for _ in range(10):
        patience.spend(LOOK)
    assert len(looked) >= 4
    patience.begin(None)
    patience.spend(10 * LOOK)
    assert len(looked) < 10


def test_all_steps_are_counted(heavy: Path) -> None:
    """The clock is looked at as often as a quadratic rule needs: no long stretch is blind."""
    with asking(heavy, 1e9) as (requests, clock):
        requests.do({"command": "check", "deal": "D-1", "stage": "b"})
    assert clock.looked > CALLS * CALLS / LOOK / 2
