"""Nobody waits while somebody else is judged, or while a file is read that somebody names."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from gate import events_of, opened, say

from playgate import open_ledger
from playgate.enforce import gate, migrate, requests, set_fields, which_playbook
from playgate.enforce.judged import TOGETHER
from playgate.ledger import sqlite_database

ON_BOTH = True

OWNED = """
playbook: owned
version: {version}
applies_to: {{field: kind, not_equals: other}}
migration: {{policy: migrate-if-clean}}
roles: [rep]
fields:
  kind: {{type: text}}
  note: {{type: text, by: [rep], level: warn}}
activities: {{call: {{title: Call}}}}
stages:
  - {{stage: a}}
  - stage: b
    entry: [{{field: note, matches: '(a|b).*(c|d)'}}]
  - {{stage: won, ends: won}}
  - {{stage: lost, ends: lost}}
"""


@pytest.fixture
def owned(tmp_path: Path) -> Path:
    for version in (1, 2):
        (tmp_path / f"owned-{version}.yaml").write_text(OWNED.format(version=version))
    return tmp_path / "owned-1.yaml"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_database, "_PATIENCE", 0.2)
    if find_spec("psycopg"):
        monkeypatch.setattr("playgate.ledger.postgres_connection._PATIENCE", 0.2)


@pytest.fixture
def while_judged(
    monkeypatch: pytest.MonkeyPatch, impatient: None
) -> Callable[[Callable[[], None]], list[int]]:
    """Does something in the midst of every judgement; returns how many there were."""

    def watch(do: Callable[[], None]) -> list[int]:
        found: list[int] = []

        def wrapped(judge: Any) -> Any:
            def judging(*args: Any, **named: Any) -> Any:
                found.append(1)
                do()
                return judge(*args, **named)

            return judging

        for room, name in (
            (gate, "decide"),
            (set_fields, "decide_values"),
            (which_playbook, "deal_as_of"),
            (migrate, "deal_as_of"),
        ):
            monkeypatch.setattr(room, name, wrapped(getattr(room, name)))
        return found

    return watch


def _writes(db: Path, deal: str) -> Callable[[], None]:
    def write() -> None:
        said = say("log", deal, "call", "--by", "eve", db=db)
        assert said.status == 0, said.err

    return write


@pytest.mark.parametrize(
    "words",
    [
        ("move", "d", "b", "note=ad"),
        ("move", "d", "won", "--by", "ann"),
        ("set", "d", "note=x"),
        ("open", "new", "--playbook", "owned-1.yaml"),
        ("open", "new", "kind=mine"),
        ("migrate", "--to", "owned@2"),
    ],
    ids=lambda words: "-".join(words[:3]),
)
def test_others_write_while_one_is_judged(
    tmp_path: Path,
    owned: Path,
    monkeypatch: pytest.MonkeyPatch,
    while_judged: Callable[[Callable[[], None]], list[int]],
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    db = tmp_path / "owned.db"
    opened(db, owned, "d")
    opened(db, owned, "e")
    assert say("publish", "owned-2.yaml", db=db).status == 0
    other = owned.read_text().replace("playbook: owned", "playbook: other")
    (tmp_path / "other.yaml").write_text(other.replace("not_equals", "equals"))
    assert say("publish", "other.yaml", db=db).status == 0
    assert say("open", "eve", "--playbook", "other.yaml", db=db).status == 0
    judged = while_judged(_writes(db, "eve"))
    said = say(*words, db=db)
    assert said.status in (0, 1), said.err
    assert judged
    assert len([each for each in events_of(db, "eve") if each[0] == "activity"]) == len(judged)


def test_what_changed_while_it_was_judged_is_judged_again(
    tmp_path: Path, owned: Path, while_judged: Callable[[Callable[[], None]], list[int]]
) -> None:
    """The note that lets the move through is taken out while the move is judged."""
    db = tmp_path / "owned.db"
    assert say("open", "d", "note=ad", "--playbook", str(owned), db=db).status == 0
    todo = [lambda: say("set", "d", "note=x", "--by", "eve", db=db)]

    def once() -> None:
        if todo:
            assert todo.pop()().status == 0

    judged = while_judged(once)
    said = say("move", "d", "b", "--format", "json", db=db)
    assert said.status == 1
    assert not said.data["allowed"]
    assert len(judged) >= 2
    assert ("stage", "b", "") not in events_of(db, "d")


def test_a_deal_that_never_rests_is_told_after_some_tries(
    tmp_path: Path, owned: Path, while_judged: Callable[[Callable[[], None]], list[int]]
) -> None:
    db = tmp_path / "owned.db"
    opened(db, owned, "d")
    while_judged(_writes(db, "d"))
    said = say("move", "d", "won", "--format", "json", db=db)
    assert (said.status, said.data["error"]["code"]) == (2, "ledger-busy")


def test_large_deals_of_a_batch_are_judged_by_themselves(
    tmp_path: Path, owned: Path, monkeypatch: pytest.MonkeyPatch, impatient: None
) -> None:
    """Small ones share one commit, and what stands before and behind a large one keeps its
    place."""
    db = tmp_path / "owned.db"
    assert say("open", "large", f"note={'a' * 90_000}", "--playbook", str(owned), db=db).status == 0
    opened(db, owned, "eve")
    held: list[bool] = []
    monkeypatch.setattr(requests, "TOGETHER", 2_000)
    decide = gate.decide

    def judging(*args: Any, **named: Any) -> Any:
        held.append(say("log", "eve", "call", "--at", "2020-01-01", db=db).status != 0)
        return decide(*args, **named)

    asked = [
        {"command": "open", "deal": "small", "playbook": str(owned), "fields": {"note": "ad"}},
        {"command": "move", "deal": "small", "stage": "b"},
        {"command": "check", "deal": "large", "stage": "b"},
        {"command": "log", "deal": "small", "activity": "call"},
        {"command": "move", "deal": "small", "stage": "won"},
    ]
    with open_ledger(str(db), by="ann") as session:
        monkeypatch.setattr(gate, "decide", judging)
        commits = list(session.do_all(asked))
    told = [each for commit in commits for each in commit]
    assert [getattr(each, "deal", each) for each in told] == [each["deal"] for each in asked]
    assert [len(commit) for commit in commits] == [2, 1, 2]
    assert held == [True, True, False, True]
    assert TOGETHER > 2_000


@pytest.fixture
def pipe(tmp_path: Path, owned: Path) -> Path:
    path = tmp_path / "pipe.yaml"
    os.mkfifo(path)
    return path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("batch", [False, True])
def test_nobody_waits_for_a_file_that_somebody_names(
    tmp_path: Path, owned: Path, pipe: Path, impatient: None, batch: bool
) -> None:
    db = tmp_path / "owned.db"
    opened(db, owned, "d")
    request = {"command": "open", "deal": "new", "playbook": str(pipe)}
    answers: list[Any] = []

    def ask() -> None:
        with open_ledger(str(db), by="ann") as session:
            answers.extend(session.do_all([request]) if batch else [session.do(request)])

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join(timeout=0.3)
    assert asking.is_alive()
    assert say("log", "d", "call", db=db).status == 0
    pipe.write_text(owned.read_text())
    asking.join(timeout=120)
    assert not asking.is_alive()
    assert answers
