"""Batches over HTTP: the lines of `--batch`, answered while they come."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from served import Server, check, serving, token

from live.gate import say, without_hash
from playgate.serve.settings import Limits

LINES: list[dict[str, Any] | bytes] = [
    {"command": "check", "deal": "d", "stage": "b", "tag": 1},
    {"command": "set", "deal": "d", "fields": {"note": "x", "amount": 1.50}},
    {"command": "log", "deal": "d", "activity": "call", "tag": ["a"]},
    b"no JSON",
    b'{"tag": 7, "tag": 7}',
    {"command": "mvoe", "deal": "d"},
    {"deal": "d"},
    {"command": "move", "deal": "d", "stage": "b"},
    {"command": "move", "deal": "d", "stage": "b", "tag": {"x": None}},
    {"command": "next", "deal": "f"},
    {"command": "history", "deal": "d"},
    {"command": "open", "deal": "n"},
]


def body(lines: list[Any] = LINES) -> bytes:
    return b"".join(
        (line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines
    )


def post(server: Server, token: str, content: Any, query: str = "") -> Any:
    said = {"authorization": f"Bearer {token}"}
    return server.client.post(f"/v1/batch{query}", content=content, headers=said)


def told(answer: Any) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in answer.text.splitlines()]
    for each in found:
        check(each)
    return found


def test_the_same_as_by_the_command_line(db: Path, rep: str, tmp_path: Path) -> None:
    other = Path(shutil.copy(db, tmp_path / "other.db"))
    with serving(db) as server:
        at = server.clock.on(1)
        answer = post(server, rep, body(), "?command=log")
    assert answer.headers["content-type"] == "application/x-ndjson"
    said = say("log", "--batch", db=other, stdin=body(), clock=at)
    assert without_hash(answer.text) == without_hash(said.out)
    told(answer)


def test_each_line_needs_its_scope_and_its_actor(server: Server, db: Path) -> None:
    key = token(db, "log", "next")
    lines = [
        {"command": "next", "deal": "d"},
        {"command": "move", "deal": "d", "stage": "lost"},
        {"command": "log", "deal": "d", "activity": "call", "by": "mia"},
        {"command": "log", "deal": "d", "activity": "call"},
    ]
    kinds = [each.get("error", {}).get("code") for each in told(post(server, key, body(lines)))]
    assert kinds == [None, "may-not", "may-not", None]


def test_nothing_and_what_is_no_line(server: Server, rep: str) -> None:
    assert post(server, rep, b"").text == ""
    assert post(server, rep, b"\n \n\n").text == ""
    assert [each["kind"] for each in told(post(server, rep, b"{}"))] == ["error"]
    said = {"authorization": f"Bearer {rep}", "idempotency-key": "x"}
    answer = server.client.post("/v1/batch", content=b"", headers=said)
    assert (answer.status_code, answer.json()["code"]) == (422, "usage")
    assert post(server, "pgt_a_b", b"").status_code == 401


def test_a_line_that_is_too_long_is_one_error(server: Server, rep: str) -> None:
    long = b'{"command": "set", "deal": "d", "fields": {"note": "' + b"x" * 3_000_000 + b'"}}'
    found = told(post(server, rep, body([long, {"command": "next", "deal": "d"}])))
    assert [each["kind"] for each in found] == ["error", "standing"]


def test_a_batch_that_is_too_long_ends_with_that(db: Path, rep: str) -> None:
    line = {"command": "next", "deal": "d"}
    with serving(db, Limits(batch_lines=5)) as server:
        found = told(server.stream("/v1/batch", rep, [body([line] * 3)] * 3))
        assert [each["kind"] for each in found][:3] == ["standing"] * 3
        assert found[-1]["error"]["code"] == "too-large"
        assert len(found) == 4
    with serving(db, Limits(batch_bytes=50)) as server:
        answer = post(server, rep, body([line] * 3))
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_a_batch_stops_with_the_server(server: Server, db: Path, rep: str) -> None:
    def lines() -> Any:
        yield body([{"command": "log", "deal": "d", "activity": "call", "id": "1"}])
        server.app.house.stopping = True
        yield body([{"command": "log", "deal": "d", "activity": "call", "id": "2"}])

    found = told(server.stream("/v1/batch", rep, lines()))
    assert [each["kind"] for each in found] == ["recorded", "error"]
    assert found[-1]["error"]["code"] == "stopping"


def test_answers_come_before_the_batch_has_ended(server: Server, rep: str) -> None:
    line = {"command": "log", "deal": "d", "activity": "call"}
    seen = []

    def lines() -> Any:
        for number in range(5):
            seen.append(server.app.house.figures.lines)
            yield body([{**line, "id": f"c{number}"}])

    assert len(told(server.stream("/v1/batch", rep, lines()))) == 5
    assert seen == [0, 1, 2, 3, 4]


def test_a_line_in_pieces_is_one(server: Server, rep: str) -> None:
    whole = body([{"command": "next", "deal": "d"}] * 3)[:-1]
    pieces = [whole[start : start + 7] for start in range(0, len(whole), 7)]
    found = told(server.stream("/v1/batch", rep, pieces))
    assert [each["kind"] for each in found] == ["standing"] * 3


def test_many_lines_share_commits(server: Server, rep: str) -> None:
    lines = [{"command": "log", "deal": "d", "activity": "call", "id": f"c{n}"} for n in range(450)]
    found = told(post(server, rep, body(lines)))
    assert [each["events"] for each in found] == [[f"c{n}"] for n in range(450)]
    assert server.app.house.writer.commits < 60
    assert server.app.house.figures.lines == 450


def test_a_token_is_slowed_down(db: Path, rep: str) -> None:
    at = [0.0]

    def clock() -> float:
        at[0] += 0.01
        return at[0]

    with serving(db, Limits(rate=20.0), at=clock) as server:
        lines = [{"command": "next", "deal": "d"}] * 45
        assert len(told(post(server, rep, body(lines)))) == 45
