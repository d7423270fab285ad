"""Processes that answer questions: as the server itself does, and as long as it is there."""

from __future__ import annotations

import itertools
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from served import AT, LONG, PLAYBOOK, Clock, Server, process, serving, token, until

from live.gate import say
from playgate.serve import readers
from playgate.serve.settings import Limits

HERE = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
QUESTIONS: list[tuple[str, bytes]] = [
    ("check", b'{"deal": "d", "stage": "b"}'),
    ("check", b'{"deal": "d", "stage": "b", "fields": {"note": "x", "amount": 1.50}, "tag": [7]}'),
    ("check", b'{"deal": "d", "stage": "lost"}'),
    ("allowed", b'{"deal": "d"}'),
    ("next", b'{"deal": "e", "tag": "\xc3\xa9"}'),
    ("history", b'{"deal": "d"}'),
    ("next", b'{"deal": "nobody"}'),
    ("check", b'{"deal": "d", "stage": "nowhere", "tag": {"a": 1}}'),
    ("check", b'{"deal": "d", "stage": "b", "deal": "e"}'),
    ("check", b"no JSON"),
    ("check", b'{"deal": "d", "stage": "b", "command": "next"}'),
    ("check", b'{"command": 5}'),
    ("next", b""),
]


def asked(server: Server, key: str, command: str, body: bytes) -> tuple[Any, ...]:
    """All that an answer says."""
    said = {"authorization": f"Bearer {key}"}
    answer = server.client.post(f"/v1/{command}", content=body, headers=said)
    return answer.status_code, answer.headers["content-type"], answer.text


def begun(server: Server, count: int = 1) -> None:
    """Waits until so many processes answer."""
    until(lambda: len(server.app.house.readers.numbers) == count)


def logged(server: Server) -> list[dict[str, Any]]:
    """What was logged, without how long it took."""
    lines = [json.loads(line) for line in server.log]
    return [{key: each for key, each in line.items() if key not in ("ms", "at")} for line in lines]


@pytest.mark.parametrize("playbook", ["", "small", "other"])
def test_the_same_answers_and_the_same_log(db: Path, tmp_path: Path, playbook: str) -> None:
    """With a token for all deals, for those of their playbook, and for those of another."""
    (tmp_path / "other.yaml").write_text(PLAYBOOK.replace("small", "other"), encoding="utf-8")
    assert say("publish", str(tmp_path / "other.yaml"), db=db, clock=AT).status == 0
    confined = {"playbook": playbook} if playbook else {}
    key = token(db, "read", by="", **confined)
    clock = Clock()
    clock.on(1)
    with serving(db, clock=clock, readers=1) as one, serving(db, clock=clock) as other:
        begun(one)
        for command, body in QUESTIONS:
            assert asked(one, key, command, body) == asked(other, key, command, body)
        assert logged(one) == logged(other)
        assert len(one.app.house.readers.numbers) == 1


class Hasty:
    """A clock that is right here, and of which each look takes a minute in another process."""

    def __call__(self) -> float:
        return time.monotonic()

    def __reduce__(self) -> tuple[Callable[[], object], tuple[()]]:
        return Slow, ()


class Slow:
    """A clock of which each look takes a minute."""

    def __init__(self) -> None:
        self._minutes = itertools.count()

    def __call__(self) -> float:
        return 60.0 * next(self._minutes)


def test_what_a_process_cannot_answer_in_time_a_thread_answers(db: Path, rep: str) -> None:
    with serving(db, Limits(patience=LONG), at=Hasty(), readers=1) as server:
        begun(server)
        told = server.ask("check", rep, deal="d", stage="b")
        assert (told.status_code, told.json()["allowed"]) == (200, False)


class Wrong(Clock):
    """A clock that cannot be read in another process."""

    def __reduce__(self) -> tuple[Callable[[], object], tuple[()]]:
        return Broken, ()


class Broken:
    """A clock that cannot be read but once."""

    def __init__(self) -> None:
        self._is_read = False

    def __call__(self) -> int:
        if self._is_read:
            raise RuntimeError("the clock")
        self._is_read = True
        return 0


def test_a_bug_in_a_process_is_told_as_one(db: Path, rep: str) -> None:
    clock = Wrong()
    clock.on(1)
    with serving(db, clock=clock, readers=1) as server:
        begun(server)
        told = server.ask("next", rep, deal="d")
        assert (told.status_code, told.json()["code"]) == (500, "bug")
        assert "playgate-bug-" in told.json()["hint"]
        assert len(server.app.house.readers.numbers) == 1


@HERE
def test_who_wrote_reads_it(db: Path) -> None:
    """What was acknowledged is in the answer to each question that is asked later."""
    rep = token(db, "read", "write", "metrics")
    with process(db, "--readers", "2", "--log", "nothing") as server:
        server.wait_for_readers(rep, 2)
        for number in range(40):
            body = json.dumps({"deal": "d", "fields": {"note": f"n-{number}"}}).encode()
            assert server.post("/v1/set", rep, body)[0] == 200
            for _ in range(2):
                status, told = server.post("/v1/history", rep, b'{"deal": "d"}')
                assert status == 200
                assert f"n-{number}" in told.decode()


def is_there(number: int) -> bool:
    """Whether a process runs; one that has ended, and that nobody looked after yet, does not."""
    try:
        return ") Z " not in Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return False


@HERE
def test_one_that_is_killed_is_begun_again(db: Path) -> None:
    key = token(db, "read", "metrics")
    with process(db, "--readers", "1") as server:
        server.wait_for_readers(key, 1)
        first = server.readers()
        os.kill(first[0], signal.SIGKILL)
        for _ in range(20):  # it is answered all the same
            assert server.post("/v1/next", key, b'{"deal": "d"}')[0] == 200
        until(lambda: server.readers() not in ([], first))
        server.wait_for_readers(key, 1)
        assert server.post("/v1/next", key, b'{"deal": "d"}')[0] == 200
        status, log = server.stopped()
    assert status == 0
    assert [json.loads(line)["event"] for line in log if "reader-lost" in line] == ["reader-lost"]


@HERE
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_they_end_when_the_server_does(db: Path, how: int) -> None:
    key = token(db, "read", "metrics")
    with process(db, "--readers", "2") as server:
        server.wait_for_readers(key, 2)
        readers = server.readers()
        assert len(readers) == 2
        status, log = server.stopped(how)
    assert status == (0 if how != signal.SIGKILL else -signal.SIGKILL)
    assert not [line for line in log if "reader-lost" in line]
    until(lambda: not any(map(is_there, readers)))


def test_none_where_the_ledger_is_on_a_server_or_nobody_wants_them(db: Path, rep: str) -> None:
    with serving(db) as server:
        assert len(server.app.house.readers.numbers) == 0
        assert server.ask("next", rep, deal="d").status_code == 200


@HERE
def test_one_that_is_stuck_is_ended(db: Path, rep: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it was asked is answered elsewhere, and it is begun again."""
    monkeypatch.setattr(readers, "_STUCK", 0.3)
    with serving(db, readers=1) as server:
        begun(server)
        first = server.app.house.readers.numbers
        os.kill(first[0], signal.SIGSTOP)
        assert server.ask("check", rep, deal="d", stage="b").json()["allowed"] is False
        until(lambda: server.app.house.readers.numbers not in ([], first))
    assert not is_there(first[0])


def test_one_that_cannot_read_the_ledger_says_nothing(
    db: Path, rep: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is begun again, more seldom each time, and the server answers without it."""
    monkeypatch.setattr(readers, "_AGAIN", 0.01)
    with serving(db, readers=1) as server:
        begun(server)
        db.rename(db.with_suffix(".away"))
        os.kill(server.app.house.readers.numbers[0], signal.SIGKILL)
        lost = '"event": "reader-lost"'
        until(lambda: sum(lost in each for each in server.log) > 2)
        assert server.ask("next", rep, deal="d").status_code == 200
        db.with_suffix(".away").rename(db)
        begun(server)
    assert capfd.readouterr().err == ""


@HERE
def test_none_is_begun_again_while_the_server_stops(db: Path, rep: str) -> None:
    """Who stops it may tell them first, as systemd does."""
    with serving(db, readers=1) as server:
        begun(server)
        server.app.house.stopping = True
        first = server.app.house.readers.numbers[0]
        os.kill(first, signal.SIGTERM)
        begun(server, 0)
        until(lambda: not is_there(first))
    assert not any("reader-lost" in each for each in server.log)
