"""The server answers as the command line does, and tells what is wrong as problems."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from served import AT, Clock, Server, check, serving, token

from live.gate import say, without_hash
from playgate.errors import CODES, InputError
from playgate.ledger.store import Ledger
from playgate.serve.problems import headers_of, status_of

SAME: list[tuple[str, list[str], dict[str, Any]]] = [
    ("check", ["d", "b"], {"deal": "d", "stage": "b"}),
    ("check", ["d", "b", "note=x"], {"deal": "d", "stage": "b", "fields": {"note": "x"}}),
    ("allowed", ["d"], {"deal": "d"}),
    ("next", ["d"], {"deal": "d"}),
    ("history", ["d"], {"deal": "d"}),
    ("log", ["d", "call", "done"], {"deal": "d", "activity": "call", "outcome": "done"}),
    ("move", ["d", "b"], {"deal": "d", "stage": "b"}),
    ("set", ["d", "note=x"], {"deal": "d", "fields": {"note": "x"}}),
    ("set", ["d", "secret=x"], {"deal": "d", "fields": {"secret": "x"}}),
    (
        "waive",
        ["d", "b/entry/note", "--reason", "soon"],
        {"deal": "d", "rule": "b/entry/note", "reason": "soon"},
    ),
    ("move", ["d", "b"], {"deal": "d", "stage": "b"}),
    ("open", ["n"], {"deal": "n"}),
    ("open", ["n"], {"deal": "n"}),
    ("merge", ["n", "e"], {"deal": "n", "into": "e"}),
    ("history", ["e"], {"deal": "e"}),
    ("check", ["d", "x"], {"deal": "d", "stage": "x"}),
    ("next", ["nobody"], {"deal": "nobody"}),
]
"""Commands in their order, as the command line and as a request say them."""


def test_the_same_answers_as_the_command_line(db: Path, rep: str, tmp_path: Path) -> None:
    other = Path(shutil.copy(db, tmp_path / "other.db"))
    clock = Clock()
    with serving(db, clock=clock) as server:
        for command, words, request in SAME:
            at = clock.on(1)
            said = say(command, *words, "--format", "json", db=other, clock=at)
            answer = server.ask(command, rep, **request)
            if said.status == 2:
                told, problem = json.loads(said.out)["error"], answer.json()
                assert (problem["code"], problem["detail"]) == (told["code"], told["message"])
                continue
            assert without_hash(answer.text) == without_hash(said.out), (command, request)
            assert answer.status_code == 200
    with Ledger.open(db) as one, Ledger.open(other) as two:
        assert [e for _, e in one.log.entries()] == [e for _, e in two.log.entries()]
        assert one.verify().fault is None


def test_a_question_where_the_crm_keeps_the_record(db: Path, tmp_path: Path, made: Path) -> None:
    crm = tmp_path / "crm.db"
    assert say("ledger", "new", "--record", "crm", db=crm).status == 0
    assert say("publish", str(made.parent / "small.yaml"), db=crm).status == 0
    key = token(crm)
    with serving(crm) as server:
        server.clock.on(1)
        told = server.ask("ask", key, deal="x", stage="a", id="q-1").json()
        assert (told["allowed"], told["decision_id"]) == (True, "q-1")
        assert server.ask("ask", key, deal="x", stage="a", id="q-1").json()["decision_id"] == "q-1"
        wrong = server.ask("move", key, deal="x", stage="a")
        assert (wrong.status_code, wrong.json()["code"]) == (409, "wrong-record")
    with Ledger.open(crm) as ledger:
        assert len(ledger.decisions.of("x")) == 1


@pytest.mark.parametrize(
    ("command", "body", "status", "code"),
    [
        ("move", b"", 400, "no-json"),
        ("move", b"[]", 400, "no-json"),
        ("move", b'{"deal": "d", "deal": "e"}', 400, "no-json"),
        ("move", b'{"deal": NaN}', 400, "no-json"),
        ("move", b"\xff\xfe\x00", 400, "no-json"),
        ("move", b"[" * 100_000, 400, "no-json"),
        ("move", b'{"deal": "d"}', 422, "missing-key"),
        ("move", b'{"deal": "d", "to": "b"}', 422, "unknown-key"),
        ("move", b'{"deal": 7, "stage": "b"}', 422, "wrong-type"),
        ("move", b'{"deal": "d\\u0000", "stage": "b"}', 422, "wrong-value"),
        ("move", b'{"command": "log", "deal": "d", "activity": "call"}', 422, "wrong-value"),
        ("move", b'{"deal": "f", "stage": "b"}', 404, "no-deal"),
        ("open", b'{"deal": "n", "playbook": "/etc/passwd"}', 422, "no-version"),
        ("open", b'{"deal": "n", "playbook": "small.yaml"}', 422, "no-version"),
        ("waive", b'{"deal": "d", "rule": "x", "reason": "y"}', 422, "unknown-name"),
        ("move", b'{"deal": "d", "stage": "b", "by": "mia"}', 403, "may-not"),
        ("move", b'{"deal": "d", "stage": "b", "at": "2030-01-01"}', 422, "in-the-future"),
        ("publish", b"{}", 404, "no-route"),
    ],
)
def test_what_is_wrong(
    server: Server, rep: str, command: str, body: bytes, status: int, code: str
) -> None:
    said = {"authorization": f"Bearer {rep}"}
    answer = server.client.post(f"/v1/{command}", content=body, headers=said)
    problem = answer.json()
    check(problem)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)


def test_a_refusal_is_an_answer_and_a_tag_comes_back(server: Server, rep: str) -> None:
    answer = server.ask("move", rep, deal="d", stage="b", tag={"crm": [1]})
    assert (answer.status_code, answer.json()["allowed"]) == (200, False)
    assert answer.json()["tag"] == {"crm": [1]}
    wrong = server.ask("move", rep, deal="f", stage="b", tag=7)
    assert (wrong.status_code, wrong.json()["tag"]) == (404, 7)


def test_several_deals_in_one_request(server: Server, rep: str) -> None:
    told = server.ask("move", rep, deals=["d", "x", "e"], stage="lost").json()
    assert [each.get("allowed") for each in told["decisions"]] == [True, None, True]


def test_a_playbook_is_named_as_it_was_published(server: Server, rep: str) -> None:
    for number, name in enumerate(("small", "small@1")):
        answer = server.ask("open", rep, deal=f"n{number}", playbook=name)
        assert (answer.status_code, answer.json()["playbook"]["name"]) == (200, "small")


def test_the_wrong_method_and_the_wrong_address(server: Server) -> None:
    answer = server.client.get("/v1/move")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    check(answer.json())
    for path in ("/v1", "/v1/", "/v1/deals/d", "/v1/move/", "/docs"):
        answer = server.client.get(path)
        assert answer.status_code == 404, path
        check(answer.json())


# What is read at an address


def test_the_list_of_deals(server: Server, rep: str, db: Path) -> None:
    answer = server.get("/v1/deals", rep)
    check(answer.json())
    said = say("deals", "--format", "json", db=db, clock=AT + 1_000_000)
    assert without_hash(answer.text) == without_hash(said.out)
    assert server.ask("move", rep, deal="d", stage="lost").json()["allowed"]
    names = {
        "": ["e"],
        "?all=true": ["e", "d"],
        "?stage=lost&all=true": ["d"],
        "?stage=lost&stage=a&all=true": ["e", "d"],
        "?rep=mia": [],
        "?team=North&limit=1&all=true": ["e"],
        "?playbook=small%401": ["e"],
        "?due=1%20week": ["e"],
        "?due=overdue": [],
    }
    for query, deals in names.items():
        told = server.get(f"/v1/deals{query}", rep).json()
        assert [each["deal"] for each in told["deals"]] == deals, query


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?stage=nix", "unknown-name"),
        ("?db=x", "unknown-key"),
        ("?all=yes", "wrong-value"),
        ("?limit=0", "wrong-value"),
        ("?limit=1&limit=2", "wrong-value"),
        ("?due=soon", "wrong-value"),
        ("?stage=%ff", "wrong-value"),
        ("?" + "stage=a&" * 200, "wrong-value"),
    ],
)
def test_a_query_that_is_wrong(server: Server, rep: str, query: str, code: str) -> None:
    answer = server.get(f"/v1/deals{query}", rep)
    check(answer.json())
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_card(server: Server, rep: str) -> None:
    told = server.get("/v1/deals/d/card", rep).json()
    check(told)
    assert (told["stage_title"], told["next_stage"], told["allowed"]) == (
        "First & last",
        "b",
        False,
    )
    assert [each["rule"] for each in told["missing"]] == ["a/activity/call", "b/entry/note"]
    assert [each["rule"] for each in told["due"]] == ["a/within/call"]
    server.ask("log", rep, deal="d", activity="call")
    server.ask("set", rep, deal="d", fields={"note": "x"})
    server.clock.on(1)
    told = server.get("/v1/deals/d/card", rep).json()
    assert (told["allowed"], told["missing"]) == (True, [])


def test_a_card_as_html(server: Server, rep: str) -> None:
    pages = [
        server.get("/v1/deals/d/card?format=html", rep),
        server.get("/v1/deals/d/card", rep, accept="text/html, */*"),
    ]
    for page in pages:
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["content-security-policy"] == "default-src 'none'"
        assert page.text.startswith('<section class="playgate-card" data-deal="d">')
        assert "First &amp; last" in page.text
        assert "&lt;b&gt;why&lt;/b&gt;" in page.text
        assert "<b>" not in page.text
    json_first = server.get("/v1/deals/d/card", rep, accept="application/json, text/html")
    assert json_first.json()["kind"] == "card"
    assert server.get("/v1/deals/d/card?format=xml", rep).status_code == 422
    assert server.get("/v1/deals/none/card", rep).json()["code"] == "no-deal"


def test_a_card_of_a_deal_with_an_odd_name(server: Server, rep: str) -> None:
    name = 'x/"><script>é'
    assert server.ask("open", rep, deal=name).status_code == 200
    page = server.get("/v1/deals/x%2F%22%3E%3Cscript%3E%C3%A9/card?format=html", rep)
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert 'data-deal="x/&quot;&gt;&lt;script&gt;é"' in page.text


# What the server says of itself


def test_health_needs_no_token_and_figures_do(server: Server, db: Path, rep: str) -> None:
    assert server.client.get("/healthz").text == "ok\n"
    assert server.client.get("/readyz").text == "ready\n"
    assert server.client.get("/metrics").status_code == 401
    assert server.get("/metrics", rep).status_code == 403
    server.ask("move", rep, deal="d", stage="b")
    figures = server.get("/metrics", token(db, "metrics", by=""))
    assert figures.headers["content-type"].startswith("text/plain; version=0.0.4")
    for line in (
        'playgate_answers_total{route="move",status="200"} 1',
        'playgate_answers_total{route="metrics",status="401"} 1',
        'playgate_refusals_total{route="move"} 1',
        'playgate_answer_seconds_count{route="move"} 1',
        "playgate_recorded_total 1",
        "playgate_commits_total 1",
    ):
        assert f"\n{line}\n" in figures.text, line
    named = [line.split()[2] for line in figures.text.splitlines() if line.startswith("# TYPE")]
    assert len(named) == len(set(named))


def test_it_stops_being_ready(server: Server, rep: str) -> None:
    server.app.house.stopping = True
    assert server.client.get("/readyz").status_code == 503
    assert server.client.get("/healthz").status_code == 200
    answer = server.ask("move", rep, deal="d", stage="lost")
    assert (answer.status_code, answer.json()["code"]) == (503, "stopping")
    assert answer.headers["retry-after"] == "5"


def test_the_log_names_nobody(server: Server, rep: str) -> None:
    server.ask("set", rep, deal="d", fields={"note": "a secret"})
    server.ask("move", rep, deal="d", stage="nowhere at all")
    server.client.post("/v1/move", json={"deal": "d", "stage": "b"})
    lines = [json.loads(line) for line in server.log]
    assert [(each["route"], each["status"]) for each in lines] == [
        ("set", 200),
        ("move", 422),
        ("move", 401),
    ]
    assert lines[0].keys() == {"at", "event", "route", "status", "ms", "token"}
    assert rep.split("_")[1] == lines[0]["token"]
    for word in ("a secret", "nowhere at all", '"d"', '"rep"', rep):
        assert not any(word in line for line in server.log), word


def test_what_is_wrong_here_is_no_fault_of_who_asks() -> None:
    """A client that is told 422 does not send it again, though the ledger may be back by then."""
    ours = [code for code in CODES if code.startswith("ledger-") and code != "ledger-exists"]
    for code in (*ours, "bug", "not-installed", "out-of-memory", "stopping", "took-too-long"):
        assert status_of(InputError("wrong", code=code)) >= 500, code
    assert [*headers_of(InputError("gone", code="ledger-lost"))] == [(b"retry-after", b"5")]
