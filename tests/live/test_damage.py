"""Whatever is done to the bytes of a ledger: an answer, or what to do, and never a bug."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from gate import Said, opened, say

from support.thorough import but_every, but_first

COMMANDS = [
    ("deals",),
    ("history", "d"),
    ("next", "d"),
    ("move", "d", "c"),
    ("log", "d", "call"),
    ("ledger", "show"),
    ("audit", "small.yaml", "--db", "{db}"),
    ("audit", "--db", "{db}"),
]


@pytest.fixture
def whole(db: Path, playbook: Path) -> Path:
    """A ledger with something of every kind, in one file."""
    for words in (
        ("set", "d", "note=x", "amount=5"),
        ("log", "d", "call", "--attr", "x=1"),
        ("move", "d", "b"),
        ("waive", "d", "b/entry/note", "--reason", "because", "--by", "ann"),
        ("waiver", "request", "d", "b/entry/note", "--reason", "because"),
    ):
        assert say(*words, db=db).status in (0, 1), words
    opened(db, playbook, *(f"deal-{number}" for number in range(30)))
    with sqlite3.connect(db) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return db


def said_of(damaged: Path) -> Iterator[tuple[tuple[str, ...], Said]]:
    for words in COMMANDS:
        kept = damaged.with_suffix(".tried")
        shutil.copyfile(damaged, kept)
        said = say(*(word.format(db=kept) for word in words), db=kept)
        yield words, said
        for suffix in ("", "-wal", "-shm"):
            Path(f"{kept}{suffix}").unlink(missing_ok=True)


def check(damaged: Path, what: object, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.chdir(damaged.parent)
    told = 0
    for words, said in said_of(damaged):
        assert said.status in (0, 1, 2), (what, words, said.err)
        assert "Traceback" not in said.err
        if said.status == 2:
            told += 1
            assert said.err.startswith("error: "), (what, words, said.err)
    return told


@pytest.mark.parametrize("seed", but_first(3, range(12)))
def test_flipped_bits(whole: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    content = bytearray(whole.read_bytes())
    for _ in range(1 + seed % 4 * 20):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    damaged = whole.with_name("damaged.db")
    damaged.write_bytes(content)
    check(damaged, seed, monkeypatch)


@pytest.mark.parametrize("left", but_every(3, [0, 1, 16, 99, 100, 4096, 5000, 20_000, -1, -4096]))
def test_cut_off(whole: Path, left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    content = whole.read_bytes()
    damaged = whole.with_name("damaged.db")
    damaged.write_bytes(content[:left])
    assert check(damaged, left, monkeypatch) or left < 0


STATEMENTS = [
    "UPDATE playbooks SET document = 'nonsense'",
    "UPDATE playbooks SET document = '{}'",
    "UPDATE playbooks SET document = X'FF00'",
    "UPDATE playbooks SET document = 5",
    "UPDATE playbooks SET document = substr(document, 1, 200)",
    "UPDATE playbooks SET document = replace(document, 'call', 'nosuch')",
    "UPDATE playbooks SET version = X'80'",
    "UPDATE playbooks SET name = 5",
    "DELETE FROM playbooks",
    "UPDATE deals SET playbook = 'none'",
    "UPDATE deals SET first_decision_at = 'soon'",
    "UPDATE deals SET migrated_at = 5",
    "UPDATE deals SET deal = X'FF'",
    "UPDATE events SET happened_at = 'soon'",
    "UPDATE events SET happened_at = 1e300",
    "UPDATE events SET happened_at = NULL",
    "UPDATE events SET recorded_at = 'soon'",
    "UPDATE events SET attrs = '{'",
    "UPDATE events SET attrs = '[]'",
    "UPDATE events SET attrs = '{\"with\": 5}'",
    "UPDATE events SET attrs = 5",
    "UPDATE events SET value = 5",
    "UPDATE events SET value = X'FF'",
    "UPDATE events SET name = X'FF'",
    "UPDATE events SET kind = 'nosuch'",
    "UPDATE events SET actor = 5.5",
    "UPDATE events SET deal = X'C328'",
    "UPDATE decisions SET findings = '{'",
    "UPDATE decisions SET findings = '[5]'",
    "UPDATE decisions SET at = 'soon'",
    "UPDATE decisions SET recorded_at = NULL",
    "UPDATE decisions SET to_stage = 5",
    "UPDATE people SET role = 5",
    "UPDATE people SET since = 'soon'",
    "UPDATE people SET started = 5",
    "UPDATE settings SET value = 'nosuch'",
    "UPDATE settings SET value = X'FF'",
    "DROP TABLE events",
    "DROP TABLE people",
    "DROP TABLE settings",
    "DROP TABLE decisions",
    "ALTER TABLE events DROP COLUMN rest",
    "ALTER TABLE events RENAME COLUMN actor TO who",
    "PRAGMA user_version = 4",
    "PRAGMA user_version = 0",
    "PRAGMA user_version = -5",
    "PRAGMA user_version = 99",
    "PRAGMA application_id = 1",
]


@pytest.mark.parametrize("statement", but_every(5, STATEMENTS))
def test_what_stands_in_it(whole: Path, statement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = whole.with_name("damaged.db")
    shutil.copyfile(whole, damaged)
    connection = sqlite3.connect(damaged)
    connection.execute("PRAGMA writable_schema = ON")
    try:
        connection.execute(statement)
    except sqlite3.Error as error:
        pytest.skip(str(error))
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    check(damaged, statement, monkeypatch)


def test_a_ledger_is_a_file(db: Path, playbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(db.parent)
    for words in (("open", "D", "--playbook", str(playbook)), ("deals",), ("ledger", "new")):
        said = say(*words, "--db", ":memory:", db=db)
        assert said.status == 2
        assert "keeps nothing" in said.err
    assert "keeps nothing" in say("ledger", "copy", str(db), ":memory:", db=db).err
    assert not (db.parent / ":memory:").exists()
