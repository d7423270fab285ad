"""Many clients over one ledger, killed and paused at random; then their answers are held together.

Each client is a process that asks one question after the other. What was answered must read, deal
by deal, as one story in which each command is done at once (`support/linear.py`). Of a client that
was killed nobody knows whether its last command was done.

`python -m live.many_clients --seconds 60` in the folder `tests` goes on for longer.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Hashable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from support.linear import Asked, is_linear

DEALS = 6
CLIENTS = 5
STAGES = ("a", "b", "c", "d")
PLAYBOOK = f"""\
playbook: sales
version: 1
stages:
{"".join(f"  - stage: {each}{chr(10)}" for each in STAGES)}\
  - {{stage: won, ends: won}}
  - {{stage: lost, ends: lost}}
rules: {{"*": {{level: observe}}}}
"""
_MOST_PER_DEAL = 60
"""Commands: beyond these there are too many stories to look at."""
_LATEST = 300.0
"""Seconds by which it may be over later, at most."""


class Told(NamedTuple):
    """What came of a campaign."""

    histories: dict[str, list[Asked]]
    killed: int
    paused: int


class Client:
    """A process that answers requests, and is started again when it was killed."""

    def __init__(self, db: str) -> None:
        self._db = db
        self.process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "playgate.cli.main", "log", "--batch", "--db", self._db]
        return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def asked(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """The answer to a request, or `None` where none came."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except OSError:
            line = b""
        if line.endswith(b"\n"):
            told: dict[str, Any] = json.loads(line)
            return told
        self.ended()
        self.process = self._started()
        return None

    def ended(self) -> None:
        """Ends the process, if it goes on."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


def step(state: Hashable, command: Hashable) -> tuple[Hashable, Hashable]:
    """What a deal in a stage does with a command, by the design alone."""
    assert isinstance(command, tuple)
    what, stage, expected = command
    if what == "next":
        return state, state
    if state == stage:
        return state, "there already"
    return (stage, "moved") if state == expected else (state, "elsewhere")


def answer_of(told: dict[str, Any]) -> Hashable:
    """An answer in the words of `step`."""
    if told["kind"] == "error":
        return told["error"]["code"]
    if "allowed" not in told:
        return told["stage"]
    if told["allowed"]:
        return "moved"
    note = told["note"] or ""
    return (
        "there already" if "already" in note else "elsewhere" if "any more" in note else "refused"
    )


def campaign(
    folder: Path, *, seconds: float, seed: int, db: str = "", kills: int = 0, answers: int = 0
) -> Told:
    """Lets clients of a ledger (`db`, else a file) ask for so long, while some are killed and
    paused; on a slow machine longer, until so many were killed and so much was answered."""
    db = db or str(folder / "playgate.db")
    (folder / "sales.yaml").write_text(PLAYBOOK)
    opener = Client(db)
    for number in range(DEALS):
        request = {"command": "open", "deal": f"D-{number}", "playbook": str(folder / "sales.yaml")}
        assert (opener.asked(request) or {}).get("allowed"), "a deal could not be opened"
    opener.ended()
    histories: dict[str, list[Asked]] = {f"D-{number}": [] for number in range(DEALS)}
    clients = [Client(db) for _ in range(CLIENTS)]
    end, over = time.monotonic() + seconds, threading.Event()
    threads = [
        threading.Thread(target=_ask, args=(client, Random(f"{seed} {number}"), histories, over))
        for number, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()

    def is_over(killed: int) -> bool:
        late = time.monotonic() - end
        enough = killed >= kills and sum(map(len, histories.values())) >= answers
        return late > _LATEST or (late > 0 and enough)

    try:
        killed, paused = _disturb(clients, Random(seed), is_over)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    for client in clients:
        client.ended()
    return Told(histories, killed, paused)


def _ask(
    client: Client, rng: Random, histories: dict[str, list[Asked]], over: threading.Event
) -> None:
    while not over.is_set():
        deal = rng.choice([*histories])
        history = histories[deal]
        if len(history) >= _MOST_PER_DEAL:
            time.sleep(0.01)
            continue
        stage, expected = rng.sample(STAGES, 2)
        command = ("next", "", "") if rng.random() < 0.4 else ("move", stage, expected)
        request = {"command": command[0], "deal": deal}
        if command[0] == "move":
            request |= {"stage": stage, "from": expected}
        begun = time.monotonic()
        told = client.asked(request)
        ended = time.monotonic()
        if told is not None:
            history.append(Asked(begun, ended, command, answer_of(told)))
        elif command[0] == "move":
            history.append(Asked(begun, None, command))


def _disturb(clients: list[Client], rng: Random, is_over: Callable[[int], bool]) -> tuple[int, int]:
    """Kills and pauses clients at random, until it is over after so many kills."""
    killed = paused = 0
    while not is_over(killed):
        time.sleep(rng.uniform(0, 0.5))
        process = rng.choice(clients).process
        if rng.random() < 0.4:
            process.kill()
            killed += 1
        else:
            process.send_signal(signal.SIGSTOP)
            time.sleep(rng.uniform(0, 0.2))
            process.send_signal(signal.SIGCONT)
            paused += 1
    return killed, paused


def not_one_story(told: Told) -> list[str]:
    """The deals whose answers cannot be told as one story."""
    return [deal for deal, history in told.histories.items() if not is_linear(history, "a", step)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m live.many_clients", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--server", help="the address of a PostgreSQL that may be filled")
    asked = parser.parse_args()
    wrong, end, number = 0, time.monotonic() + asked.seconds, asked.seed
    commands = killed = paused = unknown = 0
    while time.monotonic() < end:
        with TemporaryDirectory(prefix="clients-") as folder:
            db = f"{asked.server}?schema=clients_{number}" if asked.server else ""
            told = campaign(Path(folder), seconds=min(10.0, asked.seconds), seed=number, db=db)
        for deal in not_one_story(told):
            wrong += 1
            print(f"seed {number}, {deal}: no story", *told.histories[deal], sep="\n  ")
        every = [each for history in told.histories.values() for each in history]
        commands += len(every)
        unknown += sum(each.ended is None for each in every)
        killed, paused, number = killed + told.killed, paused + told.paused, number + 1
    print(
        f"{commands} commands ({unknown} never answered), {killed} kills, {paused} pauses:",
        f"{wrong} wrong",
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
