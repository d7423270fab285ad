"""Tokens for the deals of some playbooks only: of all others nothing is told, and nothing is
recorded."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from served import AT, Server, serving, token

from live.gate import say
from playgate.enforce.commands import COMMANDS
from playgate.ledger.store import Ledger
from playgate.serve.tokens import new_token

OTHER = """\
playbook: other
version: 1
fields: {note: {type: text}}
activities: {call: {title: Call}}
stages:
  [{stage: a}, {stage: b}, {stage: secret}, {stage: won, ends: won}, {stage: lost, ends: lost}]
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


def test_no_stage_of_others_is_named(confined: tuple[Server, str]) -> None:
    """Neither where one is called nearly so, nor where it is called so."""
    server, key = confined
    said = [server.get(f"/v1/deals?stage={stage}", key).json() for stage in ("secret", "secrets")]
    assert [(each["code"], each["hint"]) for each in said] == [
        ("unknown-name", "known: a, b, c, lost, won")
    ] * 2


@pytest.mark.parametrize("command", ["move", "log", "check", "history"])
def test_no_deal_of_others_is_named(confined: tuple[Server, str], command: str) -> None:
    """A deal that there is not: none is named that is called nearly so."""
    server, key = confined
    answer = server.ask(command, key, deal="O", **REQUESTS[command])
    assert (answer.status_code, answer.json()["code"]) == (404, "no-deal")
    assert answer.json()["hint"] == "this token is for deals of small"
    line = json.dumps({"command": command, "deal": "O", **REQUESTS[command]})
    said = {"authorization": f"Bearer {key}"}
    told = server.client.post("/v1/batch", content=line.encode(), headers=said).text
    assert '\\"o\\"' not in told
    assert "did you mean" not in told


def test_a_request_about_another_deal_is_not_for_it(db: Path) -> None:
    """Not even whether it has an answer already, and by whom."""
    other = db.parent / "other.yaml"
    other.write_text(OTHER.replace("{stage: b}", "{stage: b, entry: [{field: note, is: present}]}"))
    assert say("publish", str(other), db=db, clock=AT).status == 0
    assert say("open", "o", "--playbook", str(other), db=db, clock=AT).status == 0
    words = ("waiver", "request", "o", "b/entry/note", "--reason", "r", "--by", "ann")
    assert say(*words, db=db, clock=AT + 1).status == 0
    approved = ("waiver", "approve", "w-1", "--by", "bob")
    with serving(db) as server:
        server.clock.on(1)
        key = token(db, "waiver-approve", "waiver-decline", playbook="small")
        for command in ("waiver-approve", "waiver-decline"):
            answer = server.ask(command, key, request="w-1", **_reason(command))
            assert (answer.status_code, answer.json()["code"]) == (403, "may-not")
        assert say(*approved, db=db, clock=AT + 2_000_000).status == 0
        answer = server.ask("waiver-approve", key, request="w-1")
        assert (answer.status_code, answer.json()["code"]) == (403, "may-not")


def _reason(command: str) -> dict[str, str]:
    return {"reason": "no"} if command == "waiver-decline" else {}


def test_what_is_about_all_deals_is_not_for_it(tmp_path: Path) -> None:
    """A token that is for it and confined all the same takes nothing in, and compares nothing."""
    db = tmp_path / "crm.db"
    playbook = tmp_path / "other.yaml"
    playbook.write_text(OTHER)
    assert say("ledger", "new", "--record", "crm", db=db, clock=AT).status == 0
    assert say("publish", str(playbook), db=db, clock=AT).status == 0
    with Ledger.open(db) as ledger, ledger.writing():
        row, key = new_token(
            ledger, scopes=("read",), playbooks=("other",), actor="crm", name="", by="ann",
            now=AT, expires_at=None, random=os.urandom,
        )  # fmt: skip
        scopes = f"{row.scopes} import reconcile"
        ledger.connection.execute("UPDATE tokens SET scopes = ?", (scopes,))
    with serving(db) as server:
        said = {"authorization": f"Bearer {key}"}
        posted = server.client.post("/v1/import", content=b"", headers=said)
        assert (posted.status_code, posted.json()["code"]) == (403, "may-not")
        compared = server.get("/v1/reconcile", key)
        assert (compared.status_code, compared.json()["code"]) == (403, "may-not")


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
        (("--scope", "import", "--playbook", "small"), "import is about all deals"),
        (("--scope", "reconcile", "--playbook", "small"), "reconcile is about all deals"),
    ],
)
def test_what_cannot_be_confined(db: Path, words: tuple[str, ...], said: str) -> None:
    found = say("token", "new", *words, db=db)
    assert (found.status, said in found.err) == (2, True), found


def test_every_command_is_tried() -> None:
    elsewhere = {"waiver-approve", "waiver-decline", "retract", "merge"}
    assert set(REQUESTS) | elsewhere == set(COMMANDS)
