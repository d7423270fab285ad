"""A request under a key is done once, however often it is sent, and whatever happens meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from served import Clock, Server, serving, token

from live.gate import say
from playgate.ledger.replies import KEPT
from playgate.ledger.store import Ledger

KEY = {"idempotency-key": "hook-1"}


def calls(db: Path, deal: str = "d") -> int:
    with Ledger.open(db) as ledger:
        return sum(event.name == "call" for event in ledger.events.of(deal))


def test_the_same_answer_again_after_a_restart(db: Path, rep: str) -> None:
    clock, answers = Clock(), []
    for _ in range(3):
        with serving(db, clock=clock) as server:
            clock.on(60)
            answers.append(server.ask("log", rep, KEY, deal="d", activity="call", tag=1))
    assert len({answer.text for answer in answers}) == 1
    assert [answer.headers.get("idempotent-replayed") for answer in answers] == [
        None,
        "true",
        "true",
    ]
    assert calls(db) == 1


def test_a_refusal_is_kept_and_a_mistake_is_not(server: Server, rep: str) -> None:
    first = server.ask("move", rep, KEY, deal="d", stage="b")
    server.clock.on(1)
    server.ask("log", rep, deal="d", activity="call")
    server.ask("set", rep, deal="d", fields={"note": "x"})
    assert server.ask("move", rep, KEY, deal="d", stage="b").text == first.text
    other = {"idempotency-key": "hook-2"}
    assert server.ask("log", rep, other, deal="x", activity="call").status_code == 404
    assert server.ask("open", rep, deal="x").status_code == 200
    assert server.ask("log", rep, other, deal="x", activity="call").status_code == 200


def test_a_key_is_for_one_request_of_one_token(server: Server, db: Path, rep: str) -> None:
    server.ask("log", rep, KEY, deal="d", activity="call")
    for command, request in (
        ("log", {"deal": "d", "activity": "meeting"}),
        ("log", {"deal": "e", "activity": "call"}),
        ("move", {"deal": "d", "stage": "lost"}),
    ):
        answer = server.ask(command, rep, KEY, **request)
        assert (answer.status_code, answer.json()["code"]) == (422, "key-taken")
    server.clock.on(1)
    assert server.ask("log", token(db), KEY, deal="d", activity="call").status_code == 200
    assert calls(db) == 2


def test_a_key_that_is_none(server: Server, rep: str) -> None:
    for key in ("x" * 201, "a\tb"):
        answer = server.ask("log", rep, {"idempotency-key": key}, deal="d", activity="call")
        assert answer.json()["code"] == "wrong-value", key
    assert server.ask("next", rep, KEY, deal="d").status_code == 200


def test_at_once_it_is_done_once(server: Server, db: Path, rep: str) -> None:
    def ask(_: int) -> str:
        told: str = server.ask("log", rep, KEY, deal="d", activity="call").text
        return told

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(24)))) == 1
    assert calls(db) == 1


def test_answers_go_after_a_day_and_where_something_is_erased(db: Path, rep: str) -> None:
    def kept() -> int:
        with Ledger.open(db) as ledger:
            (count,) = ledger.connection.execute("SELECT count(*) FROM replies").fetchone()
            return int(count)

    clock = Clock()
    with serving(db, clock=clock) as server:
        server.ask("log", rep, KEY, deal="d", activity="call")
        clock.on(KEPT / 1_000_000)
        assert server.ask("log", rep, KEY, deal="d", activity="call").status_code == 200
        assert calls(db) == 2
        assert kept() == 1
    assert say("erase", "--deal", "d", db=db).status == 0
    assert kept() == 0
