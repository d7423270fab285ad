"""A server that is killed under load: what it acknowledged is there, once, and its chain is whole.

`python tests/serve/kills.py --rounds 300 --seed 2` kills as often; with `--postgres` on a server of
PostgreSQL of its own. `--first 120` goes on where a run was cut off: what happens in a round hangs
on the seed and the number of the round alone. `--db` names a ledger to go on with, made by an
earlier run.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent), str(FOLDER.parent / "live")]

from served import AT, PLAYBOOK, Process, token, until  # noqa: E402

from bulk import servers  # noqa: E402
from live.gate import say  # noqa: E402
from live.on_server import given_name, ledgers_on, raw, settle  # noqa: E402
from playgate.ledger.store import Ledger  # noqa: E402

__all__ = ["kill_often", "ledger"]

CLIENTS = 6
WORDS = ("--rate", "1e9", "--log", "nothing")


class Told(NamedTuple):
    """What clients asked for, and what they heard."""

    asked: set[str]
    acknowledged: list[str]
    moved: list[str]
    """Ids of the moves that were let through, as they were told."""


class Load:
    """Clients that log and move until the server is gone."""

    def __init__(self, server: Process, key: str, name: str) -> None:
        self._server = server
        self._key = key
        self._name = name
        self.told = Told(set(), [], [])
        self._threads = [
            threading.Thread(target=self._run, args=(number,)) for number in range(CLIENTS)
        ]
        for thread in self._threads:
            thread.start()

    def _run(self, client: int) -> None:
        connection = self._server.connection()
        for number in count():
            name = f"{self._name}-{client}-{number}"
            self.told.asked.add(name)
            if not self._ask(connection, self._request(name, number), name):
                return

    def _request(self, name: str, number: int) -> tuple[str, dict[str, Any]]:
        if number % 4 == 3:
            stage = "ac"[number // 4 % 2]
            return "/v1/move", {"deal": f"moves-{self._name}", "stage": stage, "id": name}
        return "/v1/log", {"deal": f"logs-{self._name}", "activity": "call", "id": name}

    def _ask(self, connection: Any, request: tuple[str, dict[str, Any]], name: str) -> bool:
        path, body = request
        said = {"authorization": f"Bearer {self._key}"}
        try:
            connection.request("POST", path, json.dumps(body), said)
            answer = connection.getresponse()
            told = json.loads(answer.read())
        except (OSError, ValueError, HTTPException):
            return False
        if answer.status == 200 and told["kind"] == "recorded":
            self.told.acknowledged.append(name)
        elif answer.status == 200 and told["recorded"] and told["allowed"]:
            self.told.moved.append(told["event_id"])
        return True

    def ended(self) -> Told:
        """What was told, once all have noticed that the server is gone."""
        for thread in self._threads:
            thread.join()
        return self.told


def kill_often(db: Path, rounds: int, seed: int, *, first: int = 0) -> int:
    """Kills so often, and returns how much was acknowledged."""
    key, kept = token(db), set[str]()
    total = 0
    for number in range(first, first + rounds):
        name = f"{seed}.{number}"
        _open(db, name, AT + number * 1_000_000)
        told = _killed(db, key, name, Random(name))
        kept.update(told.acknowledged, told.moved)
        total += len(told.acknowledged) + len(told.moved)
        check(db, name, told, kept)
        print(f"round {number}: {len(told.acknowledged)} + {len(told.moved)}", flush=True)
    return total


def _open(db: Path, name: str, at: int) -> None:
    for deal in (f"logs-{name}", f"moves-{name}"):
        assert say("open", deal, db=db, clock=at).status == 0
        assert say("log", deal, "call", "--id", f"first-{deal}", db=db, clock=at).status == 0


def _killed(db: Path, key: str, name: str, chance: Random) -> Told:
    server = Process(db, "--db", given_name(db), *WORDS)
    load = Load(server, key, name)
    try:
        until(lambda: load.told.acknowledged, pause=0.002)
        time.sleep(chance.uniform(0, 0.15))
    finally:
        server.stopped(signal.SIGKILL)
        told = load.ended()
    settle(db)
    return told


def check(db: Path, name: str, told: Told, kept: set[str]) -> None:
    """All that was ever acknowledged is there, once, and nothing that nobody asked for."""
    with Ledger.open(db) as ledger:
        calls = [e.event_id for e in ledger.events.of(f"logs-{name}") if e.name == "call"]
        stages = [e.event_id for e in ledger.events.of(f"moves-{name}") if e.kind == "stage"]
        allowed = [row.event_id for row in ledger.decisions.of(f"moves-{name}") if row.allowed]
        fault = ledger.verify().fault
    with raw(db) as connection:
        times = Counter(str(each) for (each,) in connection.execute("SELECT event_id FROM events"))
    assert fault is None
    assert not kept - times.keys(), "acknowledged, and lost"
    assert set(times.values()) == {1}, "there more than once"
    assert set(told.acknowledged) <= set(calls) - {f"first-logs-{name}"} <= told.asked
    assert set(told.moved) <= set(stages)
    assert sorted(stages) == sorted(allowed)


# By hand


def main() -> None:
    """Kills as often as the command line says."""
    parser = argparse.ArgumentParser(description="kill a server under load")
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--postgres", action="store_true", help="on a server of its own")
    parser.add_argument("--db", help="a ledger to go on with")
    told = parser.parse_args()
    begun = time.monotonic()
    with ledger(told.db, postgres=told.postgres) as db:
        found = kill_often(db, told.rounds, told.seed, first=told.first)
    kind = "PostgreSQL" if told.postgres else "SQLite"
    seconds = time.monotonic() - begun
    print(f"{kind}: {told.rounds} kills, {found} acknowledged, {seconds:.0f} s: all there, once")


@contextmanager
def ledger(given: str | None, *, postgres: bool) -> Iterator[Path]:
    """A ledger to begin with: the one that is given, or a new one that goes in the end."""
    with tempfile.TemporaryDirectory(prefix="playgate-kills-") as folder:
        if postgres:
            with (
                servers.postgres() as address,
                ledgers_on(address.replace("postgres:", "postgresql:")),
            ):
                yield _made(Path(folder, "deals.db"))
        else:
            yield _made(Path(given) if given else Path(folder, "deals.db"))


def _made(db: Path) -> Path:
    if not db.exists():
        playbook, people = db.with_name("small.yaml"), db.with_name("people.csv")
        playbook.write_text(PLAYBOOK, encoding="utf-8")
        people.write_text("actor,role\nrep,rep\n")
        assert say("publish", str(playbook), db=db, clock=AT).status == 0
        assert say("people", str(people), db=db, clock=AT).status == 0
    return db


if __name__ == "__main__":
    main()
