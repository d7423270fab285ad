"""What the addon for Odoo says to the server: its form, its patience, what it reads in answers."""

from __future__ import annotations

import importlib.util
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.gate import say
from playgate.documents.schema import load_schema

ADDON = Path(__file__).resolve().parents[2] / "integrations/odoo/playgate_gate"
_spec = importlib.util.spec_from_file_location("odoo_wire", ADDON / "wire.py")
assert _spec is not None
assert _spec.loader is not None
wire: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(wire)

PLAYBOOK = """\
playbook: small
version: 1
roles: [manager]
may_waive: [manager]
fields: {amount: {type: number}}
activities: {call: {title: Call}}
stages:
  - {stage: new, activities: [call]}
  - {stage: offer, entry: [{field: amount, more_than: 0}]}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""
FACTS = [
    {"happened_at": "2026-03-02T09:00:00Z", "kind": "stage", "name": "new", "value": ""},
    {"happened_at": "2026-03-02T10:00:00Z", "kind": "activity", "name": "call", "value": ""},
]

LONG = 60.0
"""Seconds for which a server is waited for that answers, on a machine that is slow."""
_TRICKLES = 2_400
"""Pieces that come one by one, for twice as long."""
Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def answering(answer: Answer) -> Iterator[str]:
    """The address of a server that answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def sends(status: int, body: bytes) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read(int(handler.headers.get("content-length") or 0))
        handler.send_response(status)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def ledger(tmp_path: Path) -> Path:
    db, playbook = tmp_path / "crm.db", tmp_path / "small.yaml"
    playbook.write_text(PLAYBOOK, encoding="utf-8")
    say("ledger", "new", "--record", "crm", db=db)
    assert say("publish", str(playbook), db=db).status == 0
    return db


def answer_to(db: Path, **said: Any) -> dict[str, Any]:
    line = wire.ask_line("7", "offer", by="ann", playbook="", **said)
    told = say("ask", "--batch", db=db, stdin=json.dumps(line).encode())
    found: dict[str, Any] = json.loads(told.out)
    return found


def test_a_question_is_one_of_the_contract() -> None:
    line = wire.ask_line(
        "7", "offer", by="ann", facts=FACTS, fields={"amount": "5"}, playbook="small"
    )
    check_request(line)
    check_request(wire.ask_line("7", "offer", by="ann", facts=[], fields={}, playbook=""))


def check_request(line: dict[str, Any]) -> None:
    from jsonschema import Draft202012Validator

    schema = load_schema("request")
    errors = [each.message for each in Draft202012Validator(schema).iter_errors(line)]
    assert not errors, errors


def test_a_refusal_says_what_to_do_and_who_may_excuse_it(tmp_path: Path) -> None:
    db = ledger(tmp_path)
    told = answer_to(db, facts=FACTS[:1], fields={})
    assert not told["allowed"]
    words = "\n".join(wire.reasons(told))
    assert "call" in words
    assert "amount" in words
    assert "manager" in words
    assert answer_to(db, facts=FACTS, fields={"amount": "5"})["allowed"]


def test_facts_have_their_ids_and_values_none() -> None:
    facts = [{"deal": "7", **each, "event_id": "1"} for each in FACTS]
    value = {"deal": "7", "kind": "field", "name": "owner", "value": "ann", "event_id": "2"}
    line = wire.ask_line("7", "offer", by="ann", facts=[*facts, value], fields={}, playbook="")
    assert [each.get("event_id") for each in line["facts"]] == ["1", "1", None]
    assert all("deal" not in each for each in line["facts"])


def test_what_is_no_decision_is_told_in_its_words() -> None:
    wrong = {"kind": "error", "error": {"message": "no stage", "hint": "did you mean"}}
    assert wire.reasons(wrong) == ["no stage (did you mean)"]
    assert wire.reasons({"kind": "error"}) == ["it was not answered"]


# The server


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b'{"kind": "decision"}\n', None),
        (200, b"", "broke off"),
        (200, b"<html>", "does not answer as playgate"),
        (500, b"", "status 500"),
        (401, b'{"detail": "no token", "hint": null}', "no token"),
        (302, b"", "status 302"),
    ],
)
def test_answers_of_all_kinds(status: int, body: bytes, error: str | None) -> None:
    with answering(sends(status, body)) as url:
        server = wire.Server(url, "t", LONG)
        if error is None:
            assert server.lines("/v1/batch", [{}]) == [{"kind": "decision"}]
            return
        with pytest.raises((wire.AwayError, wire.ToldError), match=error):
            server.lines("/v1/batch", [{}])


def test_what_playgate_cannot_do_is_no_absence() -> None:
    body = b'{"detail": "may not waive", "hint": "only manager may"}'
    with (
        answering(sends(422, body)) as url,
        pytest.raises(wire.ToldError, match=r"may not waive \(only manager may\)"),
    ):
        wire.Server(url, "t", LONG).post("/v1/waive", {})


def test_it_is_not_waited_for_longer_than_said() -> None:
    def slowly(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(_TRICKLES):
                handler.wfile.write(b" ")
                time.sleep(0.05)
        except OSError:
            return

    with answering(slowly) as url:
        begun = time.monotonic()
        with pytest.raises(wire.AwayError):
            wire.Server(url, "t", 0.3).get("/v1/deals")
        assert time.monotonic() - begun < LONG / 2


@pytest.mark.parametrize(
    "piece", [b"x", b"HTTP/1.1 100 Continue\r\n\r\n"], ids=["a line that never ends", "for ever"]
)
def test_what_trickles_before_an_answer_is_not_waited_for(piece: bytes) -> None:
    def slowly(handler: BaseHTTPRequestHandler) -> None:
        try:
            if piece == b"x":
                handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
            for _ in range(_TRICKLES):
                handler.wfile.write(piece)
                time.sleep(0.05)
        except OSError:
            return

    with answering(slowly) as url:
        begun = time.monotonic()
        with pytest.raises(wire.AwayError, match="too long"):
            wire.Server(url, "t", 0.3).get("/v1/deals")
        assert time.monotonic() - begun < LONG / 2


def test_too_much_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_MOST", 1_000)
    with answering(sends(200, b"x" * 1_001)) as url, pytest.raises(wire.AwayError, match="much"):
        wire.Server(url, "t", LONG).get("/v1/deals")


def test_a_portion_that_is_refused_does_not_stop_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []

    def picky(handler: BaseHTTPRequestHandler) -> None:
        sent.append(int(handler.headers["Content-Length"]))
        status, told = 200, {"kind": "imported", "new": 1, "problems": [{"reason": "odd"}]}
        if len(sent) == 1:
            status, told = 413, {"detail": "too large"}
        sends(status, json.dumps(told).encode())(handler)

    monkeypatch.setattr(wire.portions, "__kwdefaults__", {"most": 10})
    with answering(picky) as url:
        told = wire.Server(url, "t", LONG).send("/v1/import", [{"deal": "1"}, {"deal": "2"}])
    assert len(sent) == 2
    assert told == (1, ["too large", "odd"])


@pytest.mark.parametrize("url", ["ftp://a", "a", "http://", "http://127.0.0.1:1", "http://[::1"])
def test_nobody_there(url: str) -> None:
    with pytest.raises(wire.AwayError):
        wire.Server(url, "t", 1).get("/readyz")


def test_the_token_and_the_path_are_sent() -> None:
    seen: list[tuple[str, str]] = []

    def note(handler: BaseHTTPRequestHandler) -> None:
        seen.append((handler.path, handler.headers["authorization"]))
        sends(200, b"{}")(handler)

    with answering(note) as url:
        wire.Server(f"{url}/gate/", "key", 5).get("/v1/deals", by="a&b c", format="json")
    assert seen == [("/gate/v1/deals?by=a%26b%20c&format=json", "Bearer key")]


def test_what_is_said_again_has_the_same_key() -> None:
    keys: list[str | None] = []

    def note(handler: BaseHTTPRequestHandler) -> None:
        keys.append(handler.headers["Idempotency-Key"])
        sends(200, b"{}")(handler)

    with answering(note) as url:
        server = wire.Server(url, "t", LONG)
        for path, said, once in (
            ("/v1/a", {"deal": "1", "by": "ann"}, "line 1"),
            ("/v1/a", {"by": "ann", "deal": "1"}, "line 1"),
            ("/v1/a", {"deal": "1", "by": "ann"}, "line 2"),
            ("/v1/a", {"deal": "1", "by": "bob"}, "line 1"),
            ("/v1/b", {"deal": "1", "by": "ann"}, "line 1"),
            ("/v1/a", {"deal": "1", "by": "ann"}, ""),
        ):
            server.post(path, said, once=once)
    assert keys[0] == keys[1]
    assert len(set(keys[1:5])) == 4
    assert keys[5] is None


# Pure parts


@given(st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=30), max_size=2), max_size=8))
def test_portions_lose_nothing(events: list[dict[str, str]]) -> None:
    sent = list(wire.portions(events, most=60))
    lines = [json.loads(line) for portion in sent for line in portion.splitlines()]
    assert lines == events
    assert sent
    assert all(len(each) <= 60 or each.count(b"\n") == 1 for each in sent)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("New", "new"),
        ("Needs assessment", "needs-assessment"),
        ("To-Do", "to-do"),
        (" Angebot (groß) ", "angebot-gross"),
        ("2nd  call", "2nd-call"),
    ],
)
def test_names(said: str, name: str) -> None:
    assert wire.name_of(said) == name


def test_pairs() -> None:
    assert wire.pairs_in("a=b, c = d\n") == {"a": "b", "c": "d"}
    assert wire.pairs_in("") == {}
    for wrong in ("a", "a=", "=b", "a b=c"):
        with pytest.raises(ValueError, match=wrong):
            wire.pairs_in(wrong)


def test_it_needs_nothing_but_python() -> None:
    import ast
    import sys

    tree = ast.parse((ADDON / "wire.py").read_text(encoding="utf-8"))
    names = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert names <= sys.stdlib_module_names
