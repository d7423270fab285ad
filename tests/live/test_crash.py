"""A process that is killed in the middle of its work leaves a ledger that is whole.

A child runs commands one after the other and acknowledges each on a pipe, as the command line does
on standard output; at a random moment it is killed (SIGKILL). Then every acknowledged event must be
in the ledger exactly once; at most what was under way (one command, or one group of a batch) may be
there besides; every allowed decision has its stage event and every stage event its decision; the
file passes SQLite's own check; and the next command works, on the same ledger, kill after kill.

What this proves of a power cut: only that nothing is acknowledged before its transaction has
ended, and that what is left behind at any point is taken up or rolled back. After SIGKILL the
operating system still has what was written and not yet flushed, which a power cut takes away.
There the ledger relies on `synchronous = FULL`, which flushes the log at every commit (asserted
below), and on a system and a disk that flush when they are told to; no test here pulls a plug.

`KILLS=300 pytest tests/live/test_crash.py` kills more often than the ordinary run.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from gate import opened, say

from live.on_server import check_sound, is_there, raw, settle
from playgate.cli.import_ledger import import_into
from playgate.enforce import taking_in
from playgate.history.event import Event
from playgate.ledger.connection import Connection
from playgate.ledger.store import Ledger

ON_BOTH = True
OF_A_FILE = ("test_a_commit_is_flushed",)

KILLS = int(os.environ.get("KILLS", "60"))
LONGEST = 0.03
"""Seconds after its last acknowledgement by which a child is killed."""
GROUP = 200

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
Work = Callable[[int, Callable[[str], None]], None]


def killed(work: Work, round_: int, *, db: Path, rng: Random, most: int) -> list[str]:
    """What a child acknowledged that did `work` until it was killed.

    That is a moment after it acknowledged something up to `most` times.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            work(round_, lambda text: os.write(writing, f"{text}\n".encode()) and None)
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        lines = [pipe.readline() for _ in range(rng.randint(0, most))]
        time.sleep(rng.uniform(0, LONGEST))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        lines += pipe.readlines()
    settle(db)
    return [line.decode().strip() for line in lines if line.endswith(b"\n")]


class Checker:
    """What must be true after each kill."""

    def __init__(self, db: Path) -> None:
        self.db = db
        self.total = 0

    def check(self, deal: str, acknowledged: list[str], *, under_way: int) -> None:
        self.total += len(acknowledged)
        check_sound(self.db)
        with Ledger.open(self.db) as ledger:
            events = ledger.events.of(deal)
            decisions = ledger.decisions.of(deal)
            assert ledger.verify().fault is None
        there = Counter(event.event_id for event in events[1:])  # after the opening
        refused = {f"refused {row.actor}" for row in decisions if not row.allowed}
        assert set(there.values()) <= {1}
        missing = set(acknowledged) - there.keys() - refused
        assert not missing, f"acknowledged, and lost: {sorted(missing)[:5]}"
        assert len((there.keys() | refused) - set(acknowledged)) <= under_way
        moves = {event.event_id for event in events if event.kind == "stage"}
        assert len(moves) == sum(row.allowed for row in decisions)
        assert moves == {row.event_id for row in decisions if row.allowed}
        assert say("log", deal, "call", db=self.db).status == 0


def log_and_move(db: Path) -> Work:
    def work(round_: int, acknowledge: Callable[[str], None]) -> None:
        deal = f"d{round_}"
        for number in range(10_000):
            name = f"{round_}-{number}"
            command = (
                ("log", deal, "call", "--id", f"l{name}"),
                ("move", deal, "a" if number // 3 % 2 else "c", "--id", f"m{name}"),
                ("move", deal, "b", "--by", f"r{name}"),  # refused
            )[number % 3]
            said = say(*command, "--format", "json", db=db)
            data = json.loads(said.out)
            if data["kind"] == "recorded":
                acknowledge(data["events"][0])
            elif data["recorded"]:
                acknowledge(data["event_id"] or f"refused r{name}")

    return work


def batch(db: Path) -> Work:
    def work(round_: int, acknowledge: Callable[[str], None]) -> None:
        class Out(io.StringIO):
            def write(self, text: str) -> int:
                for line in text.splitlines():
                    data = json.loads(line)
                    acknowledge(data["events"][0] if "events" in data else data["event_id"])
                return len(text)

        deal = f"d{round_}"
        lines = b"".join(
            json.dumps(
                {"command": "move", "deal": deal, "stage": "ac"[n // 4 % 2], "id": f"m{round_}-{n}"}
                if n % 4 == 0
                else {"deal": deal, "activity": "call", "id": f"l{round_}-{n}"}
            ).encode()
            + b"\n"
            for n in range(4, 4000)
        )
        sys.stdout = Out()
        sys.stdin = io.TextIOWrapper(io.BytesIO(lines))
        sys.argv = ["playgate", "log", "--batch", "--db", str(db)]
        from playgate.cli.main import main

        main()

    return work


def asked(db: Path, playbook: Path) -> Work:
    """Questions to a ledger of the CRM's record, with facts; every third one is refused."""

    def work(round_: int, acknowledge: Callable[[str], None]) -> None:
        for number in range(10_000):
            name = f"q{round_}-{number}"
            stage = "bac"[number % 3]
            words = ("ask", f"d{round_}", stage, f"amount={number}", "--playbook", str(playbook))
            said = say(*words, "--id", name, "--format", "json", db=db)
            acknowledge(json.loads(said.out)["decision_id"])

    return work


@pytest.mark.thorough
def test_kills_between_questions(tmp_path: Path, playbook: Path) -> None:
    """What was answered is there, once, with its facts; nothing else is, and the same question
    gets the same answer."""
    db = tmp_path / "crm.db"
    assert say("ledger", "new", "--record", "crm", db=db).status == 0
    work, rng = asked(db, playbook), Random(4)
    total = 0
    for round_ in range(KILLS // 6):
        deal = f"d{round_}"
        acknowledged = killed(work, round_, db=db, rng=rng, most=6)
        total += len(acknowledged)
        check_sound(db)
        with Ledger.open(db) as ledger:
            rows = ledger.decisions.of(deal)
            assert ledger.events.of(deal) == []
        ids = [row.decision_id for row in rows]
        assert len(set(ids)) == len(ids)
        assert ids[: len(acknowledged)] == acknowledged
        assert len(ids) <= len(acknowledged) + 1
        assert all(json.loads(row.facts)[0]["name"] == "amount" for row in rows)
        if rows:
            number = len(rows) - 1
            words = ("ask", deal, "bac"[number % 3], f"amount={number}")
            again = say(*words, "--playbook", str(playbook), "--id", ids[-1], db=db)
            assert again.status == (0 if rows[-1].allowed else 1)
            with Ledger.open(db) as ledger:
                assert ledger.decisions.of(deal) == rows
    assert total > KILLS // 6


@pytest.mark.thorough
def test_kills_between_commands(db: Path, playbook: Path) -> None:
    work, checker, rng = log_and_move(db), Checker(db), Random(1)
    for round_ in range(KILLS // 2):
        opened(db, playbook, f"d{round_}")
        acknowledged = killed(work, round_, db=db, rng=rng, most=6)
        checker.check(f"d{round_}", acknowledged, under_way=1)
    assert checker.total > KILLS // 2


@pytest.mark.thorough
def test_kills_in_a_batch(db: Path, playbook: Path) -> None:
    work, checker, rng = batch(db), Checker(db), Random(2)
    for round_ in range(KILLS // 4):
        opened(db, playbook, f"d{round_}")
        acknowledged = killed(work, round_, db=db, rng=rng, most=GROUP + 50)
        checker.check(f"d{round_}", acknowledged, under_way=GROUP)
    assert checker.total > GROUP


@pytest.mark.thorough
def test_kills_in_an_import(
    tmp_path: Path, playbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was committed stays; the same import again takes in the rest, each event once."""
    monkeypatch.setattr(taking_in, "_TOGETHER", 40)
    day = 86_400_000_000
    deals = [
        [
            Event(f"d{deal}", number * day, "activity", "call", "done", "ann", 0, "", "", 0, 0)
            for number in range(10)
        ]
        for deal in range(150)
    ]

    def take_in(db: Path, progress: Callable[[int], None]) -> None:
        import_into(
            db,
            iter(deals),
            playbook=str(playbook),
            until=sys.maxsize,
            sources=("rows",),
            problems=[],
            progress=progress,
        )

    rng = Random(3)
    for round_ in range(KILLS // 4):
        db = tmp_path / f"{round_ // 3}.db"

        def work(_: int, acknowledge: Callable[[str], None], db: Path = db) -> None:
            take_in(db, lambda count: acknowledge(str(count)))

        told = killed(work, round_, db=db, rng=rng, most=30)
        if is_there(db):
            check_whole_groups(db, at_least=sum(map(int, told)))
        if round_ % 3 == 2:
            take_in(db, lambda _: None)
            check_whole_groups(db, at_least=1500)


def check_whole_groups(db: Path, *, at_least: int) -> None:
    """No deal is there by half."""
    check_sound(db)
    with raw(db) as connection:
        counts = dict(connection.execute("SELECT deal, count(*) FROM events GROUP BY deal"))
        deals = connection.execute("SELECT count(*) FROM deals").fetchone()[0]
    assert set(counts.values()) <= {10}
    assert len(counts) == deals
    assert sum(counts.values()) >= at_least


def test_a_commit_is_flushed(db: Path) -> None:
    with Ledger.open(db) as ledger:
        ask = ledger._connection.execute
        assert ask("PRAGMA synchronous").fetchone() == (2,)
        assert ask("PRAGMA journal_mode").fetchone() == ("wal",)


def take_back(db: Path) -> Work:
    """Logs calls, retracts every other one, and merges a deal of its own into the deal."""

    def work(round_: int, acknowledge: Callable[[str], None]) -> None:
        deal = f"d{round_}"
        for number in range(1000):
            call = f"l{round_}-{number}"
            assert say("log", deal, "call", "--id", call, db=db).status == 0
            if number % 2:
                assert say("retract", deal, call, "--reason", "no", db=db).status == 0
                acknowledge(f"retracted {call}")
            if number % 5 == 0:
                other = f"o{round_}-{number}"
                assert say("open", other, "--id", other, db=db).status == 0
                assert say("log", other, "call", "--id", f"{other}-call", db=db).status == 0
                assert say("merge", other, deal, db=db).status == 0
                acknowledge(f"merged {other}")

    return work


@pytest.mark.thorough
def test_kills_between_what_is_taken_back(db: Path, playbook: Path) -> None:
    """An event is retracted whole or not at all, and so is a deal merged."""
    work, rng, told = take_back(db), Random(4), 0
    for round_ in range(KILLS // 4):
        opened(db, playbook, f"d{round_}")
        acknowledged = killed(work, round_, db=db, rng=rng, most=4)
        told += len(acknowledged)
        check_taken_back(db, f"d{round_}", acknowledged)
    assert told > KILLS // 8


def taken_back_in(
    connection: Connection, deal: str
) -> tuple[set[str], set[str], set[str], set[str]]:
    """Which of a deal's events are retracted, which deals are merged into it, which of its events
    do not stand, and which deals something is said of."""

    def first(sql: str, *values: str) -> set[str]:
        return {row[0] for row in connection.execute(sql, values)}

    return (
        first("SELECT event_id FROM retractions WHERE deal = ?", deal),
        first("SELECT deal FROM merges WHERE into_deal = ?", deal),
        first("SELECT event_id FROM events WHERE stands = 1 AND deal = ?", deal),
        first("SELECT deal FROM events UNION SELECT deal FROM decisions"),
    )


def check_taken_back(db: Path, deal: str, acknowledged: list[str]) -> None:
    check_sound(db)
    with raw(db) as connection:
        retracted, merged, stands, there = taken_back_in(connection, deal)
    assert stands == retracted
    assert there.isdisjoint(merged)
    assert {f"retracted {each}" for each in retracted} | {f"merged {each}" for each in merged} >= {
        *acknowledged
    }
    with Ledger.open(db) as ledger:
        ids = {event.event_id for event in ledger.events.of(deal)}
        assert ledger.verify().fault is None
    assert ids.isdisjoint(retracted)
    assert {f"{each}-call" for each in merged} <= ids
