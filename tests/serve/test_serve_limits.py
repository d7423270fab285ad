"""What nobody may go beyond: bodies, requests at once, requests of one token, time."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from served import LONG, Server, check, serving, token

from playgate.enforce.largest import Largest
from playgate.errors import InputError
from playgate.language import ENGLISH
from playgate.serve.buckets import Buckets
from playgate.serve.problems import TooManyError
from playgate.serve.settings import Limits
from playgate.serve.writer import Writer


def test_a_body_that_is_too_large(db: Path, rep: str) -> None:
    whole = json.dumps({"deal": "d", "stage": "b", "fields": {"note": "x" * 500}}).encode()
    with serving(db, Limits(body=400)) as server:
        said = {"authorization": f"Bearer {rep}"}
        answer = server.client.post("/v1/check", content=whole, headers=said)
        check(answer.json())
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
        for pieces in ([whole], [whole[:300], whole[300:]], [whole[:300], whole[300:], b"x"] * 9):
            streamed = server.stream("/v1/check", rep, pieces)
            assert streamed.status == 413
            assert streamed.headers[b"connection"] == b"close"
        assert server.stream("/v1/check", rep, [b'{"deal": "d", ', b'"stage": "b"}']).status == 200


def test_a_body_is_read_only_from_who_may_ask(server: Server) -> None:
    read = []

    def body() -> Iterator[bytes]:
        read.append(1)
        yield b"{}"

    answer = server.stream("/v1/check", "pgt_aaaaaaaa_x", body())
    assert (answer.status, answer.headers[b"connection"], read) == (401, b"close", [])


def test_a_token_asks_too_often(db: Path, rep: str) -> None:
    at = [0.0]
    other = token(db)
    with serving(db, Limits(rate=2.0), at=lambda: at[0]) as server:

        def status(key: str) -> int:
            found: int = server.ask("next", key, deal="d").status_code
            return found

        assert [status(rep) for _ in range(5)] == [200] * 4 + [429]
        answer = server.ask("next", rep, deal="d")
        assert (answer.json()["code"], answer.headers["retry-after"]) == ("too-many", "1")
        assert status(other) == 200
        at[0] += 0.5
        assert [status(rep) for _ in range(2)] == [200, 429]


@settings(max_examples=30)
@given(
    st.lists(st.floats(0, 3, allow_nan=False), max_size=20), st.sampled_from([0.5, 1.0, 5.0, 100.0])
)
def test_a_bucket_never_lets_through_more_than_it_fills(waits: list[float], rate: float) -> None:
    at, taken = [0.0], []
    buckets = Buckets(rate, clock=lambda: at[0])
    for wait in waits:
        at[0] += wait
        if buckets.wait("x") == 0:
            taken.append(at[0])
    while buckets.wait("x") == 0:
        pass
    with pytest.raises(TooManyError) as stopped:
        buckets.take("x")
    at[0] += stopped.value.seconds
    buckets.take("x")
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            most = max(1.0, 2 * rate) + (taken[last] - taken[first]) * rate
            assert last - first + 1 <= most + 1e-6


def test_too_many_at_once(db: Path, rep: str) -> None:
    with serving(db, Limits(concurrency=3)) as server:
        server.app.house.under_way = 3
        answer = server.ask("next", rep, deal="d")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
        assert server.client.get("/healthz").status_code == 200
        server.app.house.under_way = 2
        assert server.ask("next", rep, deal="d").status_code == 200


def test_too_many_wait_to_be_recorded(db: Path, rep: str) -> None:
    with serving(db, Limits(waiting=2)) as server:
        server.app.house.writer.waiting = 2
        answer = server.ask("log", rep, deal="d", activity="call")
        assert (answer.status_code, answer.json()["code"]) == (429, "too-many")
        server.app.house.writer.waiting = 0
        assert server.ask("log", rep, deal="d", activity="call").status_code == 200


def test_too_many_batches(db: Path, rep: str) -> None:
    with serving(db, Limits(batches=1)) as server:
        server.app.house.batches = 1
        said = {"authorization": f"Bearer {rep}"}
        answer = server.client.post("/v1/batch", content=b"", headers=said)
        assert answer.status_code == 429


def test_a_question_that_takes_too_long(db: Path, rep: str) -> None:
    """Judged at once it has no time at all, so that it is judged elsewhere, and there neither."""
    at = [0.0]

    def clock() -> float:
        at[0] += 30.0
        return at[0]

    with serving(db, Limits(rate=1e9), at=clock) as server:
        lines = "".join(
            json.dumps({"command": "log", "deal": "d", "activity": "call", "id": f"c{n}"}) + "\n"
            for n in range(400)
        )
        said = {"authorization": f"Bearer {rep}"}
        server.client.post("/v1/batch", content=lines.encode(), headers=said)
        answer = server.ask("check", rep, deal="d", stage="b")
        assert (answer.status_code, answer.json()["code"]) == (503, "took-too-long")


def test_nobody_waits_for_a_long_question(db: Path, rep: str) -> None:
    """One that is judged elsewhere lets others be answered meanwhile."""
    with serving(db) as server:
        house = server.app.house
        begun, go_on = threading.Event(), threading.Event()

        def long(_: Any) -> str:
            begun.set()
            assert go_on.wait(LONG)
            return "done"

        def ask() -> None:
            found.append(server.client.portal.call(house.questions.work, long))  # type: ignore[union-attr]

        found: list[str] = []
        thread = threading.Thread(target=ask)
        thread.start()
        assert begun.wait(LONG)
        assert server.ask("next", rep, deal="d").status_code == 200
        assert server.ask("log", rep, deal="d", activity="call").status_code == 200
        go_on.set()
        thread.join(LONG)
        assert found == ["done"]


def test_too_many_long_questions(db: Path) -> None:
    with serving(db) as server:
        server.app.house.voice(ENGLISH).desks._count = 100

        async def ask() -> None:
            await server.app.house.questions.work(lambda desk: None)

        with pytest.raises(TooManyError):
            server.client.portal.call(ask)  # type: ignore[union-attr]
        server.app.house.voice(ENGLISH).desks._count = 0


def test_what_a_client_that_has_gone_asked_is_done(db: Path, rep: str) -> None:
    """What was accepted is recorded, whether or not somebody waits for it."""
    with serving(db) as server:
        writer = server.app.house.writer
        request = {"command": "log", "deal": "d", "activity": "call", "by": "rep", "id": "gone"}

        async def ask() -> None:
            task = asyncio.ensure_future(writer.answer([request]))
            await asyncio.sleep(0)
            task.cancel()

        server.client.portal.call(ask)  # type: ignore[union-attr]
        server.ask("log", rep, deal="d", activity="meeting")
        told = server.ask("history", rep, deal="d").json()
        assert "gone" in [each["event_id"] for each in told["entries"]]


def test_a_writer_that_cannot_begin_says_so(db: Path) -> None:
    def opened() -> Any:
        raise InputError("no ledger", code="no-ledger")

    with pytest.raises(InputError, match="no ledger"):
        Writer(opened, most_waiting=1, uses=dict, uses_after=1.0, clock=time.monotonic)


def test_nothing_waits_for_a_writer_that_has_ended(db: Path, rep: str) -> None:
    with serving(db) as server:
        server.app.house.writer.close()
        answer = server.ask("log", rep, deal="d", activity="call")
        assert (answer.status_code, answer.json()["code"]) == (500, "ledger-failed")
        assert server.client.get("/readyz").status_code == 503
        assert server.ask("next", rep, deal="d").status_code == 200


def test_a_deal_that_is_too_large(db: Path, rep: str) -> None:
    """No more is recorded of it but what takes something back; it is still judged, and so are
    others."""
    with serving(db, Limits(largest=Largest(5, 1000))) as server:

        def status(command: str, **request: Any) -> int:
            server.clock.on(1)
            answer = server.ask(command, rep, **request)
            if answer.status_code == 413:
                assert answer.json()["code"] == "too-large"
            found: int = answer.status_code
            return found

        calls = [status("log", deal="d", activity="call", id=f"c{n}") for n in range(7)]
        assert calls == sorted(calls)
        assert set(calls) == {200, 413}
        assert status("move", deal="d", stage="c") == 413
        assert status("check", deal="d", stage="c") == 200
        assert status("log", deal="e", activity="call") == 200
        assert status("set", deal="e", fields={"note": "x" * 999}) == 200
        assert status("set", deal="e", fields={"note": "y"}) == 200
        assert status("set", deal="e", fields={"note": "z"}) == 413
        assert status("retract", deal="d", event="c0", reason="it was another") == 200
        several = server.ask("move", rep, deals=["d", "e"], stage="c").json()
        assert [each["error"]["code"] for each in several["decisions"]] == ["too-large"] * 2
        # What is there already is no more.
        assert status("log", deal="d", activity="call", id="c1") == 200


def test_a_deal_of_too_many_decisions(db: Path, rep: str) -> None:
    """A refusal is recorded, too: what is refused again and again comes to an end."""
    with serving(db, Limits(largest=Largest(5, 100_000))) as server:

        def status(command: str, **request: Any) -> int:
            server.clock.on(1)
            found: int = server.ask(command, rep, **request).status_code
            return found

        moves = [status("move", deal="d", stage="b", id=f"m{n}") for n in range(7)]
        assert moves == sorted(moves)
        assert set(moves) == {200, 413}
        assert status("check", deal="d", stage="b") == 200
        assert status("move", deal="e", stage="b") == 200
