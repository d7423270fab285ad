"""A server that is held open by very many, and asked very often, holds no more for it."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from endurance import ask_often, held, many_connections
from served import EVERYTHING, Clock, Process, process, serving, token, until

from playgate.ledger.store import Ledger

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs Linux's /proc"
)
MEGABYTE = 1024


@pytest.fixture
def files() -> Iterator[None]:
    """As many files may be open as this many connections need."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] != resource.RLIM_INFINITY and before[1] < 5000:
        pytest.skip("too few files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], 5000), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


WORDS = ("--rate", "1e9", "--log", "nothing", "--readers", "1")
SECONDS = 15.0
"""In which a head, and a body, must come here, so that a slow machine has so many at once."""


def answers(server: Process, key: str) -> float:
    """It answers; after how many seconds."""
    begun = time.monotonic()
    assert server.post("/v1/next", key, b'{"deal": "d"}')[0] == 200
    return time.monotonic() - begun


@pytest.mark.thorough
@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /v1/next HTTP/1.1\r\nhost: ",
        b"POST /v1/log HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n"
        b"content-length: 900000\r\n\r\n" + b"x" * 2000,
    ],
    ids=["silent", "in the head", "in the body"],
)
def test_two_thousand_connections(db: Path, files: None, sent: bytes) -> None:
    """Of slow clients, in each part of a request: others are answered, and all is freed."""
    key = token(db, *EVERYTHING, "metrics")
    with process(db, *WORDS, head_seconds=SECONDS, body_seconds=SECONDS) as server:
        server.wait_for_readers(key, 1)
        ask_often(server, key, 400)
        before = held(server)
        with many_connections(server, 1950, sent.replace(b"{key}", key.encode())):
            soonest = min(answers(server, key) for _ in range(20))
            during = held(server)
            assert soonest < SECONDS / 2
            assert during.files > 1900
            assert during.kilobytes - before.kilobytes < 150 * MEGABYTE
            # They are sent away, while they hold on.
            until(lambda: held(server).files <= before.files + 5)
            answers(server, key)
        assert held(server).threads <= before.threads + 1


@pytest.mark.thorough
def test_more_connections_than_may_be(db: Path, files: None) -> None:
    key = token(db, *EVERYTHING, "metrics")
    with process(db, *WORDS) as server:
        server.wait_for_readers(key, 1)
        ask_often(server, key, 400)
        before = held(server)
        with many_connections(server, 2300, b""):
            until(lambda: held(server).files < before.files + 2050)
        until(lambda: held(server).files <= before.files + 5)
        answers(server, key)


@pytest.mark.thorough
def test_its_memory_stays_the_same(db: Path) -> None:
    key = token(db, *EVERYTHING, "metrics")
    with process(db, *WORDS) as server:
        server.wait_for_readers(key, 1)
        ask_often(server, key, 8_000, writes=True)
        before = held(server)
        ask_often(server, key, 12_000, writes=True)
        after = held(server)
    assert after.kilobytes - before.kilobytes < 10 * MEGABYTE
    assert (after.files, after.threads) <= (before.files + 4, before.threads)


@pytest.mark.parametrize("skew", [-400 * 86_400, -3_600, 3_600, 86_400])
def test_two_servers_whose_clocks_differ(db: Path, skew: int) -> None:
    """What both record is there once, in the order of the log; none of them breaks the chain."""
    key = token(db)
    here, there = Clock(), Clock()
    with serving(db, clock=here) as one, serving(db, clock=there) as other:
        there.on(skew)
        acknowledged = []
        for number in range(6):
            for server, name in ((one, "one"), (other, "other")):
                server.clock.on(1)
                said = {"deal": "e", "activity": "call", "id": f"{name}-{number}"}
                answer = server.ask("log", key, **said)
                if answer.status_code == 200:
                    acknowledged += answer.json()["events"]
                else:
                    assert answer.status_code in (409, 422), answer.json()
            told = [server.ask("next", key, deal="e") for server in (one, other)]
            assert {each.status_code for each in told} <= {200, 409, 422}
    with Ledger.open(db, reading=True) as ledger:
        calls = [event.event_id for event in ledger.events.of("e") if event.name == "call"]
        assert ledger.verify().fault is None
    assert sorted(calls) == sorted(acknowledged)
    assert len({json.dumps(each) for each in calls}) == len(calls)
    assert len(calls) >= 6
