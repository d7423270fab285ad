"""Campaigns against the ledger: power cuts, and a disk that fails at each of its steps.

`python -m live.campaign power --rounds 1000` in the folder `tests` runs one for longer than the
tests do; `--seed` goes on elsewhere. What must hold: after whatever happened, the ledger holds
exactly what was acknowledged, at most the one command besides that was under way, and nothing by
half.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import chdir
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import apsw

from live.simulated_disk import Disk, Done, on_disk, restored
from playgate.enforce.requests import Requests
from playgate.errors import InputError
from playgate.ledger.store import Ledger

NAME = "playgate.db"
NOW = 1_790_000_000_000_000
SECOND = 1_000_000
PLAYBOOK = """\
playbook: sales
version: 1
roles: [rep, manager]
fields: {amount: {type: number}, note: {type: text}}
activities: {call: {title: Call}}
stages:
  - {stage: a}
  - {stage: b, entry: [{field: amount, more_than: 0}]}
  - {stage: c}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""
COMMANDS: tuple[dict[str, Any], ...] = (
    {"command": "log", "deal": "D-1", "activity": "call", "outcome": "done", "id": "l1"},
    {"command": "move", "deal": "D-1", "stage": "b", "by": "bob"},  # refused
    {"command": "set", "deal": "D-1", "fields": {"amount": 5, "note": "x" * 9_000}},
    {"command": "move", "deal": "D-1", "stage": "b", "id": "m1"},
    {"command": "open", "deal": "D-2", "fields": {"amount": 1}},
    {"command": "waive", "deal": "D-1", "rule": "b/entry/amount", "reason": "known"},
    {"command": "move", "deals": ["D-1", "D-2"], "stage": "c"},
    {"command": "retract", "deal": "D-1", "event": "l1", "reason": "it was another"},
    {"command": "merge", "deal": "D-2", "into": "D-1", "reason": "one and the same"},
    {"command": "move", "deal": "D-1", "stage": "lost", "fields": {"note": "y" * 20_000}},
)


class Outcome(NamedTuple):
    """What came of the commands."""

    acknowledged: list[int]
    """The commands that were answered."""
    at: list[int]
    """How much had been done to the disk when each was."""
    wrong: list[str]
    """What was raised that is no error of the ledger."""


def made(folder: Path) -> dict[str, bytes]:
    """A ledger with one deal, as files that are safe on the disk."""
    (folder / "sales.yaml").write_text(PLAYBOOK)
    with chdir(folder), requests(Path(NAME), 0, create=True) as gate:
        gate.do({"command": "open", "deal": "D-1", "playbook": "sales.yaml"})
    return {NAME: (folder / NAME).read_bytes()}


def requests(path: Path, number: int, *, create: bool = False) -> Requests:
    """Opens the ledger at the instant of a command."""
    ticks = iter(range(NOW + number * SECOND, sys.maxsize))
    salts = Random(number).randbytes  # the same each time, so that ledgers can be compared
    ledger = Ledger.open(path, create=create, salts=salts)
    return Requests(ledger, now=lambda: next(ticks), by="ann")


def carried_out(path: Path, disk: Disk, commands: Sequence[int]) -> Outcome:
    """Does the commands one after the other on a disk, each by a process of its own."""
    outcome = Outcome([], [], [])
    with on_disk(disk):
        for number in commands:
            try:
                with requests(path, number + 1) as gate:
                    gate.do(COMMANDS[number])
                    outcome.acknowledged.append(number)
                    outcome.at.append(len(disk.done))
            except InputError:
                pass
            except Exception as error:
                outcome.wrong.append(f"command {number}: {type(error).__name__}: {error}")
    return outcome


def contents(path: Path) -> str:
    """All that a ledger holds; raises where the file is not sound."""
    connection = sqlite3.connect(path)
    try:
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise sqlite3.DatabaseError("not sound")
        if connection.execute("PRAGMA foreign_key_check").fetchall():
            raise sqlite3.DatabaseError("a row without what it points at")
        held = "\n".join(connection.iterdump())
    finally:
        connection.close()
    with Ledger.open(path, reading=True) as ledger:
        found = ledger.verify().fault
    if found is not None:
        raise sqlite3.DatabaseError(f"it does not verify: {found}")
    return held


@cache
def held_after(commands: tuple[int, ...]) -> str:
    """What a ledger holds to which these commands came, and nothing else ever happened."""
    with TemporaryDirectory(prefix="ledger-") as name:
        made(Path(name))
        carried_out(Path(name) / NAME, Disk(), commands)
        return contents(Path(name) / NAME)


def power(rounds: int, seed: int) -> list[str]:
    """Cuts the power after each step: first with nothing but what was synced, then at random."""
    wrong: list[str] = []
    everything = tuple(range(len(COMMANDS)))
    with TemporaryDirectory(prefix="ledger-") as name:
        before = made(Path(name))
        disk = Disk()
        outcome = carried_out(Path(name) / NAME, disk, everything)
        assert outcome.acknowledged == [*everything], outcome.wrong
        for round_ in range(rounds):
            rng = Random(f"{seed} {round_}")
            count = round_ if round_ <= len(disk.done) else rng.randint(0, len(disk.done))
            told = sum(at <= count for at in outcome.at)
            found = cut(before, disk.done[:count], None if round_ <= len(disk.done) else rng)
            if found not in {held_after(everything[:told]), held_after(everything[: told + 1])}:
                wrong.append(f"seed {seed} round {round_}: cut after {count} steps: {found[:200]}")
    return wrong


def cut(before: dict[str, bytes], done: list[Done], rng: Random | None) -> str:
    """What a ledger holds after a power cut, and after the next command's process opened it."""
    with TemporaryDirectory(prefix="ledger-") as name:
        restored(Path(name), before, done, rng)
        try:
            with Ledger.open(Path(name) / NAME) as ledger, ledger.reading():
                ledger.events.of("D-1")
            return contents(Path(name) / NAME)
        except (sqlite3.Error, InputError) as error:
            return f"{type(error).__name__}: {error}"


def failing(rounds: int, seed: int) -> list[str]:
    """Lets each step of all commands fail, once or for good, by an error or a full disk."""
    wrong: list[str] = []
    everything = tuple(range(len(COMMANDS)))
    with TemporaryDirectory(prefix="ledger-") as name:
        before = made(Path(name))
        disk = Disk()
        carried_out(Path(name) / NAME, disk, everything)
    ways = [
        (error, for_good) for error in (apsw.IOError, apsw.FullError) for for_good in (False, True)
    ]
    every = [(step, *way) for step in range(disk.steps) for way in ways]
    Random(seed).shuffle(every)
    for step, error, for_good in every[:rounds]:
        with TemporaryDirectory(prefix="ledger-") as name:
            restored(Path(name), before, [], None)
            path = Path(name) / NAME
            outcome = carried_out(path, Disk(step, error, for_good=for_good), everything)
            told = f"step {step} fails ({error.__name__}, for good: {for_good})"
            wrong += [f"{told}: {each}" for each in outcome.wrong]
            try:
                found = contents(path)
            except sqlite3.Error as raised:
                found = f"{type(raised).__name__}: {raised}"
            if found not in may_be_held(outcome):
                wrong.append(f"{told}: holds other than {outcome.acknowledged}: {found[:120]}")
    return wrong


def may_be_held(outcome: Outcome) -> Iterator[str]:
    """What a ledger may hold after a disk failed: what was acknowledged, and perhaps the command
    that was hit. SQLite passes over a failure to tidy up after a commit, and `apsw` tells it."""
    yield held_after(tuple(outcome.acknowledged))
    for hit in sorted({*range(len(COMMANDS))} - {*outcome.acknowledged})[:1]:
        yield held_after(tuple(sorted((*outcome.acknowledged, hit))))


CAMPAIGNS = {"power": power, "failing": failing}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m live.campaign", description=__doc__)
    parser.add_argument("campaign", choices=CAMPAIGNS)
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    wrong = CAMPAIGNS[asked.campaign](asked.rounds, asked.seed)
    print(*wrong, f"{asked.campaign}: {asked.rounds} rounds, {len(wrong)} wrong", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
