"""A server that is killed under load: what it acknowledged is there, once, and its chain is whole.

`KILLS=300 pytest tests/serve/test_serve_crash.py -m thorough` kills more often.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections import Counter
from http.client import HTTPException
from itertools import count
from pathlib import Path
from random import Random

import pytest
from served import Process, token

from playgate.ledger.store import Ledger

KILLS = int(os.environ.get("KILLS", "60"))
CLIENTS = 6


class Load:
    """Clients that log, move and send again what they heard no answer to, until the server is
    gone."""

    def __init__(self, server: Process, key: str, round_: int) -> None:
        self._server = server
        self._key = key
        self._round = round_
        self.asked: list[str] = []
        self.acknowledged: list[str] = []
        self.moved: list[str] = []
        """Ids of the moves that were let through, as they were told."""
        self._threads = [
            threading.Thread(target=self._run, args=(number,)) for number in range(CLIENTS)
        ]
        for thread in self._threads:
            thread.start()

    def _run(self, client: int) -> None:
        connection = self._server.connection()
        said = {"authorization": f"Bearer {self._key}"}
        for number in count():
            name = f"{self._round}-{client}-{number}"
            if number % 4 == 3:
                path, body = "/v1/move", {"deal": "d", "stage": "ac"[number // 4 % 2], "id": name}
            else:
                path, body = "/v1/log", {"deal": "e", "activity": "call", "id": name}
            self.asked.append(name)
            try:
                connection.request("POST", path, json.dumps(body), said)
                answer = connection.getresponse()
                told = json.loads(answer.read())
            except (OSError, ValueError, HTTPException):
                return
            if answer.status != 200:
                continue
            if told["kind"] == "recorded":
                self.acknowledged.append(name)
            elif told["recorded"] and told["allowed"]:
                self.moved.append(told["event_id"])

    def ended(self) -> None:
        """Waits until all have noticed."""
        for thread in self._threads:
            thread.join(60)


def kill_often(db: Path, kills: int, seed: int) -> int:
    """Kills so often, and returns how much was acknowledged."""
    key, chance, total = token(db), Random(seed), 0
    acknowledged: list[str] = []
    moved: list[str] = []
    asked: set[str] = set()
    for round_ in range(kills):
        server = Process(db, "--db", str(db), "--rate", "1e9", "--log", "nothing")
        load = Load(server, key, round_)
        until = time.monotonic() + 20
        while not load.acknowledged and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.15))
        server.stopped(signal.SIGKILL)
        load.ended()
        acknowledged += load.acknowledged
        moved += load.moved
        asked.update(load.asked)
        total += len(load.acknowledged) + len(load.moved)
        with Ledger.open(db) as ledger:
            calls = Counter(e.event_id for e in ledger.events.of("e") if e.name == "call")
            stages = Counter(e.event_id for e in ledger.events.of("d") if e.kind == "stage")
            allowed = [row.event_id for row in ledger.decisions.of("d") if row.allowed]
            assert ledger.verify().fault is None
        assert set(calls.values()) <= {1}
        assert set(stages.values()) <= {1}
        assert not set(acknowledged) - calls.keys(), "acknowledged, and lost"
        assert not set(moved) - stages.keys(), "acknowledged, and lost"
        assert calls.keys() <= asked
        assert sorted(stages) == sorted(allowed)
    return total


def test_what_was_acknowledged_outlives_a_kill(db: Path) -> None:
    assert kill_often(db, 2, seed=1) >= 2


@pytest.mark.thorough
def test_what_was_acknowledged_outlives_many_kills(db: Path) -> None:
    assert kill_often(db, KILLS, seed=2) > KILLS
