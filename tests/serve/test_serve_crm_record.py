"""Where the CRM keeps the record: what the server takes in, and how it compares."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from served import AT, PLAYBOOK, Server, serving, token

from live.gate import say
from playgate.serve import crm_record
from playgate.serve.taken import Taken

NAMES = ("import", "reconcile", "ask", "as-anybody")


def moment(seconds: int) -> str:
    return f"2026-02-25T06:{13 + seconds // 60:02}:{20 + seconds % 60:02}Z"


def row(at: int, kind: str, name: str, value: str = "", **more: Any) -> dict[str, Any]:
    return {
        "deal": "7",
        "happened_at": moment(at),
        "kind": kind,
        "name": name,
        "value": value,
    } | more


@pytest.fixture
def crm(tmp_path: Path) -> Path:
    """A ledger for which the CRM keeps the record."""
    db, playbook = tmp_path / "crm.db", tmp_path / "small.yaml"
    playbook.write_text(PLAYBOOK, encoding="utf-8")
    assert say("ledger", "new", "--record", "crm", db=db, clock=AT).status == 0
    assert say("publish", str(playbook), db=db, clock=AT).status == 0
    return db


@pytest.fixture
def over(crm: Path) -> Iterator[Server]:
    with serving(crm) as running:
        running.clock.on(30)
        yield running


def send(server: Server, key: str, *rows: dict[str, Any], query: str = "") -> Any:
    body = "".join(f"{json.dumps(each)}\n" for each in rows)
    headers = {"authorization": f"Bearer {key}"}
    return server.client.post(f"/v1/import{query}", content=body, headers=headers)


def test_what_came_is_there_once(crm: Path, over: Server) -> None:
    key = token(crm, *NAMES, by="")
    rows = [row(1, "stage", "a", event_id="1"), row(2, "activity", "call", event_id="2")]
    for new in (2, 0):
        answer = send(over, key, *rows).json()
        assert answer == {"version": 1, "kind": "imported", "events": 2, "new": new, "problems": []}


def test_a_move_is_held_against_its_decision(crm: Path, over: Server) -> None:
    key = token(crm, *NAMES, by="")
    facts = [row(1, "stage", "a", event_id="1"), row(2, "activity", "call", event_id="2")]
    said = {"deal": "7", "by": "mia", "facts": facts, "fields": {"note": "x"}}
    asked = over.ask("ask", key, stage="c", **said).json()
    assert asked["from_stage"] == "a"
    moves = [
        row(31, "stage", "c", event_id="3", attrs={"decision": asked["decision_id"]}),
        row(32, "stage", "won", event_id="4", actor="joe"),
    ]
    over.clock.on(5)
    send(over, key, *facts, *moves)
    found = over.get("/v1/reconcile", key).json()
    by_id = {each["event_id"]: each["result"] for each in found["results"]}
    assert by_id["4"] == "past-the-gate"
    assert (by_id.get("3") == "gated") == asked["allowed"]
    assert found == json.loads(
        say("reconcile", "--format", "json", db=crm, clock=over.clock.at).out
    )
    later = over.get("/v1/reconcile?since=2026-03-01", key).json()
    assert later["results"] == []


def test_what_cannot_be_read_is_told_by_its_line(crm: Path, over: Server) -> None:
    key = token(crm, *NAMES, by="")
    answer = send(over, key, row(1, "stage", "a"), row(1, "what", "a")).json()
    assert (answer["events"], [each["line"] for each in answer["problems"]]) == (1, [2])


def test_what_lies_ahead_does_not_stop_the_others(crm: Path, over: Server) -> None:
    key = token(crm, *NAMES, by="")
    rows = [row(1, "stage", "a"), row(5_000, "activity", "call"), row(2, "activity", "call")]
    rows[1]["happened_at"] = "2027-01-01T00:00:00Z"
    answer = send(over, key, *rows).json()
    assert (answer["events"], answer["new"]) == (2, 2)
    assert [(each["line"], "future" in each["reason"]) for each in answer["problems"]] == [
        (2, True)
    ]


@pytest.mark.parametrize(
    ("query", "code"), [("?playbook=none", "no-version"), ("?who=me", "unknown-key")]
)
def test_what_may_not_be_said(crm: Path, over: Server, query: str, code: str) -> None:
    answer = send(over, token(crm, *NAMES, by=""), row(1, "stage", "a"), query=query)
    assert answer.json()["code"] == code


def test_only_who_may(crm: Path, over: Server, db: Path, server: Server) -> None:
    key = token(crm, "read", by="ann")
    assert send(over, key, row(1, "stage", "a")).status_code == 403
    assert over.get("/v1/reconcile", key).status_code == 403
    other = token(db, "import", by="ann")
    assert send(server, other, row(1, "stage", "a")).json()["code"] == "wrong-record"


def test_one_is_taken_in_at_a_time(
    crm: Path, over: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several together would leave no room for questions."""
    at_once: list[int] = []
    under_way: set[int] = set()

    def take(*_: object) -> Taken:
        under_way.add(threading.get_ident())
        time.sleep(0.03)
        at_once.append(len(under_way))
        under_way.discard(threading.get_ident())
        return Taken(0, 0, ())

    monkeypatch.setattr(crm_record, "_take", take)
    key = token(crm, *NAMES, by="")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: send(over, key, row(1, "stage", "a")), range(4)))
    assert {each.status_code for each in answers} == {200}
    assert at_once == [1] * 4
