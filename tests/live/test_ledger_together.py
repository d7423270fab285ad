"""Several processes on one ledger: one wins, nothing is lost, nobody sees a lock."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from gate import Said, check_schema, environment, events_of, opened, say

from playgate.ledger.store import Ledger

ON_BOTH = True

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
FORK: Any = multiprocessing.get_context("fork" if hasattr(os, "fork") else "spawn")
ROUNDS = 20
WRITERS = 12


class Writer:
    """A process that runs commands as they are handed to it."""

    def __init__(self, db: Path) -> None:
        self.pipe, other = FORK.Pipe()
        self.child = FORK.Process(target=_answer, args=(other, db), daemon=True)
        self.child.start()
        other.close()

    def start(self, *words: str) -> None:
        self.pipe.send(words)

    def said(self) -> Said:
        said: Said = self.pipe.recv()
        return said

    def stop(self) -> None:
        self.pipe.send(())
        self.child.join(timeout=120)


def _answer(pipe: Connection, db: Path) -> None:
    while words := pipe.recv():
        pipe.send(say(*words, db=db))


@contextmanager
def writers(db: Path, count: int) -> Iterator[list[Writer]]:
    with ExitStack() as stack:
        started = [Writer(db) for _ in range(count)]
        for each in started:
            stack.callback(each.stop)
        yield started


def at_once(pair: Sequence[Writer], *commands: Sequence[str]) -> list[Said]:
    for writer, command in zip(pair, commands, strict=True):
        writer.start(*command)
    return [writer.said() for writer in pair]


def test_of_two_that_move_one_deal_exactly_one_wins(db: Path, playbook: Path) -> None:
    with writers(db, 2) as pair:
        for round_ in range(ROUNDS):
            deal = f"race-{round_}"
            opened(db, playbook, deal)
            from_seen = ["--from", "a"] if round_ % 2 else []
            targets = ("c", "lost") if round_ % 2 else ("c", "c")
            answers = at_once(
                pair,
                *(
                    ["move", deal, target, "--by", who, "--format", "json", *from_seen]
                    for target, who in zip(targets, ("ann", "bob"), strict=True)
                ),
            )
            check_race(db, deal, answers)


def check_race(db: Path, deal: str, answers: Sequence[Said]) -> None:
    won = [said.data for said in answers if said.status == 0]
    told = [said.data for said in answers if said.status == 1]
    assert len(won) == len(told) == 1, answers
    assert won[0]["allowed"]
    note = told[0]["note"]
    assert won[0]["to_stage"] in note
    assert won[0]["actor"] in note
    moves = [name for kind, name, _ in events_of(db, deal) if kind == "stage"]
    assert moves == ["a", won[0]["to_stage"]]
    with Ledger.open(db) as ledger:
        assert [row.to_stage for row in ledger.decisions.of(deal)] == moves


def test_who_is_overtaken_between_looking_and_locking_is_told(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process moves the deal just before this one takes the lock."""
    take_lock = Ledger.writing
    overtaken: list[Said] = []

    def writing(self: Ledger) -> Any:
        if not overtaken:
            overtaken.append(Said(0, "", ""))
            overtaken[0] = say("move", "d", "c", "--by", "bob", db=db)
        return take_lock(self)

    monkeypatch.setattr(Ledger, "writing", writing)
    said = say("move", "d", "lost", "--by", "ann", "--format", "json", db=db)
    assert overtaken[0].status == 0
    assert said.status == 1
    note = said.data["note"]
    assert note.startswith("the deal is not in a any more: moved to c at ")
    assert note.endswith(" by bob")
    assert [name for kind, name, _ in events_of(db, "d") if kind == "stage"] == ["a", "c"]


def test_who_waits_for_the_lock_is_later_than_who_had_it(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without `--at` it happens when it is recorded, so waiting does not make it too early."""
    take_lock = Ledger.writing
    first = [True]

    def writing(self: Ledger) -> Any:
        if first.pop() if first else False:
            assert say("move", "d", "c", db=db).status == 0
            assert say("move", "d", "a", db=db).status == 0
        return take_lock(self)

    monkeypatch.setattr(Ledger, "writing", writing)
    assert say("move", "d", "lost", db=db).status == 0


def test_twelve_writers_lose_nothing_and_see_no_lock(db: Path) -> None:
    """They log the same activity of one deal: events alike in all but the instant."""
    each = 15
    with writers(db, WRITERS) as crowd:
        for writer in crowd:
            for _ in range(each):
                writer.start("log", "d", "call", "--format", "json")
        answers = [writer.said() for writer in crowd for _ in range(each)]
    assert {said.status for said in answers} == {0}
    assert not [said.err for said in answers if said.err]
    ids = [said.data["events"][0] for said in answers]
    assert len(set(ids)) == len(ids) == WRITERS * each
    with Ledger.open(db) as ledger:
        events = [event for event in ledger.events.of("d") if event.kind == "activity"]
    assert sorted(event.event_id for event in events) == sorted(ids)
    recorded = [event.recorded_at for event in events]
    assert recorded == sorted(recorded)


def test_writers_and_batches_together(db: Path, playbook: Path) -> None:
    lines = b"".join(b'{"command":"log","deal":"d","activity":"call"}\n' for _ in range(300))
    with writers(db, 2) as pair, ThreadPoolExecutor(1) as pool:
        env = environment(db)
        command = [sys.executable, "-m", "playgate.cli.main", "log", "--batch"]
        batch = pool.submit(
            subprocess.run, command, env=env, input=lines, capture_output=True, check=False
        )
        answers = []
        for round_ in range(10):
            words = ["open", f"e{round_}", "--playbook", str(playbook)]
            answers += at_once(pair, words, ["log", "d", "meeting"])
        done = batch.result()
    assert {said.status for said in answers} == {0}
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 300
    names = [name for kind, name, _ in events_of(db, "d") if kind == "activity"]
    assert (names.count("call"), names.count("meeting")) == (300, 10)


def test_several_create_the_ledger_at_once(tmp_path: Path, playbook: Path) -> None:
    for round_ in range(3):
        folder = tmp_path / str(round_)
        folder.mkdir()
        path = folder / "new.db"
        with writers(path, 5) as crowd:
            answers = at_once(
                crowd, *(["open", f"d{i}", "--playbook", str(playbook)] for i in range(len(crowd)))
            )
        assert [said.status for said in answers] == [0] * len(crowd), answers
        for i in range(len(crowd)):
            assert ("stage", "a", "") in events_of(path, f"d{i}")
        assert [each.name for each in folder.iterdir()] == (["new.db"] if path.exists() else [])


def test_of_two_that_open_one_deal_one_is_told(db: Path, playbook: Path) -> None:
    with writers(db, 2) as pair:
        for round_ in range(5):
            words = ["open", f"n{round_}", "--playbook", str(playbook), "--format", "json"]
            answers = at_once(pair, words, words)
            assert sorted(said.status for said in answers) == [0, 2], answers
            told = next(said for said in answers if said.status == 2)
            assert f"n{round_} is open already" in told.out
            check_schema(json.loads(next(said.out for said in answers if said.status == 0)))


def test_the_same_question_at_once_is_one_decision(tmp_path: Path, playbook: Path) -> None:
    """And other questions at once are all recorded, each with an id of its own."""
    db = tmp_path / "crm.db"
    assert say("ledger", "new", "--record", "crm", db=db).status == 0
    assert say("publish", str(playbook), db=db).status == 0
    with writers(db, 4) as crowd:
        for round_ in range(5):
            deal = f"q{round_}"
            words = ["ask", deal, "c", "note=x", "--by", "ann", "--format", "json"]
            same = at_once(crowd, *([*words, "--id", f"once-{round_}"] for _ in crowd))
            assert len({said.out for said in same}) == 1, same
            others = at_once(crowd, *(words for _ in crowd))
            ids = [said.data["decision_id"] for said in others]
            with Ledger.open(db) as ledger:
                rows = ledger.decisions.of(deal)
                assert ledger.events.of(deal) == []
            assert sorted(row.decision_id for row in rows) == sorted([f"once-{round_}", *ids])
            assert len(set(ids)) == len(ids)


def test_questions_and_imports_together(tmp_path: Path, playbook: Path) -> None:
    db = tmp_path / "crm.db"
    assert say("ledger", "new", "--record", "crm", db=db).status == 0
    export = tmp_path / "crm.csv"
    export.write_text(
        "deal,happened_at,kind,name\n"
        + "".join(f"d{number},2026-03-01T00:00:00Z,stage,a\n" for number in range(50)),
        encoding="utf-8",
    )
    with writers(db, 2) as pair:
        imported, *_ = at_once(
            pair,
            ["import", str(export), "--db", str(db), "--playbook", str(playbook)],
            ["ask", "d1", "c", "--playbook", str(playbook)],
        )
        assert imported.status == 0, imported
        for number in range(10):
            said = at_once(
                pair,
                ["import", str(export), "--db", str(db), "--playbook", str(playbook)],
                ["ask", f"d{number}", "c", "--playbook", str(playbook)],
            )
            assert [each.status for each in said] == [0, 0], said
    with Ledger.open(db) as ledger:
        assert len(ledger.decisions.of("d1")) == 2
        assert len(ledger.events.of("d1")) == 1


def test_of_two_that_retract_one_event_both_are_told_and_it_is_once(db: Path) -> None:
    with writers(db, 2) as pair:
        for round_ in range(ROUNDS):
            known = f"call-{round_}"
            assert say("log", "d", "call", "--id", known, db=db).status == 0
            words = ["retract", "d", known, "--reason", "no", "--format", "json", "--by"]
            answers = at_once(pair, [*words, "ann"], [*words, "bob"])
            notes = sorted(said.data["note"] or "" for said in answers)
            assert notes[0] == ""
            assert notes[1].startswith("retracted already by ")
    assert [name for kind, name, _ in events_of(db, "d") if kind == "activity"] == []


def test_a_move_and_a_merge_at_once_lose_nothing(db: Path, playbook: Path) -> None:
    """The move is of the deal that is merged, or of the one that it is by then."""
    with writers(db, 2) as pair:
        for round_ in range(ROUNDS):
            deal, into = f"one-{round_}", f"other-{round_}"
            opened(db, playbook, deal, into)
            move, merged = at_once(
                pair,
                ["log", deal, "call", "--id", "x", "--format", "json"],
                ["merge", deal, into, "--format", "json"],
            )
            assert (move.status, merged.status) == (0, 0), (move, merged)
            assert merged.data["into"] == into
            assert events_of(db, deal) == []
            assert [kind for kind, _, _ in events_of(db, into)].count("activity") == 1


def test_two_that_merge_each_into_the_other_make_one_deal(db: Path, playbook: Path) -> None:
    with writers(db, 2) as pair:
        for round_ in range(ROUNDS // 2):
            one, other = f"one-{round_}", f"other-{round_}"
            opened(db, playbook, one, other)
            answers = at_once(pair, ["merge", one, other], ["merge", other, one])
            assert sorted(said.status for said in answers) in ([0, 0], [0, 2]), answers
            assert sum(bool(events_of(db, deal)) for deal in (one, other)) == 1
