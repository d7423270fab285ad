"""Tokens for the deals of some playbooks only: of all others nothing is told, and nothing is
recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from served import AT, Server, serving, token

from live.gate import say
from playgate.enforce.commands import COMMANDS
from playgate.ledger.store import Ledger

OTHER = """\
playbook: other
version: 1
fields: {note: {type: text}}
activities: {call: {title: Call}}
stages: [{stage: a}, {stage: b}, {stage: won, ends: won}, {stage: lost, ends: lost}]
"""
REQUESTS: dict[str, dict[str, Any]] = {
    "open": {"playbook": "other"},
    "log": {"activity": "call"},
    "set": {"fields": {"note": "x"}},
    "move": {"stage": "b"},
    "check": {"stage": "b"},
    "ask": {"stage": "b"},
    "allowed": {},
    "next": {},
    "history": {},
    "waive": {"rule": "a/entry/x", "reason": "r"},
    "waiver-request": {"rule": "a/entry/x", "reason": "r"},
}


@pytest.fixture
def confined(db: Path) -> Iterator[tuple[Server, str]]:
    """A server over a ledger with two playbooks, and a token for the deals of the first."""
    other = db.parent / "other.yaml"
    other.write_text(OTHER)
    assert say("publish", str(other), db=db, clock=AT).status == 0
    assert say("open", "o", "--playbook", str(other), db=db, clock=AT).status == 0
    words = ("read", "write", "waive", "merge", "retract")
    with serving(db) as server:
        server.clock.on(1)
        yield server, token(db, *words, playbook="small")


def size(db: Path) -> int:
    with Ledger.open(db, reading=True) as ledger:
        return ledger.size()


@pytest.mark.parametrize("command", REQUESTS)
def test_other_deals_are_not_for_it(confined: tuple[Server, str], db: Path, command: str) -> None:
    server, key = confined
    before = size(db)
    deal = "new" if command == "open" else "o"
    answer = server.ask(command, key, deal=deal, **REQUESTS[command])
    assert (answer.status_code, answer.json()["code"]) == (403, "may-not")
    assert size(db) == before
    line = json.dumps({"command": command, "deal": deal, **REQUESTS[command]})
    said = {"authorization": f"Bearer {key}"}
    told = server.client.post("/v1/batch", content=line.encode(), headers=said).json()
    assert (told["kind"], told["error"]["code"]) == ("error", "may-not")
    assert size(db) == before


def test_its_own_deals_are(confined: tuple[Server, str], db: Path) -> None:
    server, key = confined
    steps: list[tuple[str, dict[str, Any]]] = [
        ("open", {"deal": "n", "playbook": "small"}),
        ("log", {"deal": "n", "activity": "call"}),
        ("move", {"deal": "n", "stage": "c"}),
        ("next", {"deal": "n"}),
        ("allowed", {"deal": "d"}),
    ]
    for command, request in steps:
        server.clock.on(1)
        assert server.ask(command, key, **request).status_code == 200, command
    several = server.ask("check", key, deals=["d", "o"], stage="b").json()
    assert several["kind"] != "problem"
    assert "may-not" in json.dumps(several)
    assert server.ask("merge", key, deal="o", into="d").status_code == 403
    assert server.ask("merge", key, deal="d", into="o").status_code == 403


def test_lists_and_cards(confined: tuple[Server, str]) -> None:
    server, key = confined
    listed = server.get("/v1/deals", key).json()
    assert {each["deal"] for each in listed["deals"]} == {"d", "e"}
    assert server.get("/v1/deals?playbook=small@1", key).status_code == 200
    for said in ("other", "other@1", "small&playbook=other"):
        assert server.get(f"/v1/deals?playbook={said}", key).status_code == 403
    assert server.get("/v1/deals/d/card", key).status_code == 200
    assert server.get("/v1/deals/o/card", key).status_code == 403


def test_a_key_tells_no_more(confined: tuple[Server, str], db: Path) -> None:
    """What is sent twice is refused twice."""
    server, key = confined
    before = size(db)
    for _ in range(2):
        said = {"idempotency-key": "k"}
        answer = server.ask("log", key, said, deal="o", activity="call")
        assert (answer.status_code, answer.json()["code"]) == (403, "may-not")
    assert size(db) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--scope", "read", "--playbook", "smal"), 'did you mean "small"?'),
        (("--scope", "page", "--playbook", "small", "--by", "rep"), "page is about all deals"),
        (("--scope", "audit", "--playbook", "small"), "audit is about all deals"),
    ],
)
def test_what_cannot_be_confined(db: Path, words: tuple[str, ...], said: str) -> None:
    found = say("token", "new", *words, db=db)
    assert (found.status, said in found.err) == (2, True), found


def test_every_command_is_tried() -> None:
    elsewhere = {"waiver-approve", "waiver-decline", "retract", "merge"}
    assert set(REQUESTS) | elsewhere == set(COMMANDS)
