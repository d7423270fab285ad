"""Backups while others write, and ledgers that are restored: verified, whole or not at all."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from gate import events_of, say
from sealed import busy, of_schema
from whole_ledgers import older

from playgate.ledger.store import Ledger


def head_of(db: Path) -> tuple[int, str]:
    with Ledger.open(db) as ledger:
        head = ledger.log.head()
    return head.seq, head.hash


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_backup_is_the_ledger_and_one_file(tmp_path: Path, db: Path) -> None:
    busy(db)
    folder = tmp_path / "backups"
    folder.mkdir()
    said = say("ledger", "backup", str(folder / "b.db"), "--format", "json", db=db)
    assert said.status == 0, said
    data = of_schema("copies", json.loads(said.out))
    assert (data["head"]["seq"], data["head"]["hash"]) == head_of(db)
    assert names_in(folder) == {"b.db"}
    assert head_of(folder / "b.db") == head_of(db)
    assert events_of(folder / "b.db", "d") == events_of(db, "d")
    if os.name != "nt":
        assert stat.S_IMODE((folder / "b.db").stat().st_mode) == 0o600


def test_nothing_is_written_over(tmp_path: Path, db: Path) -> None:
    there = tmp_path / "there"
    there.write_text("mine", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for target in (there, tmp_path / "link", tmp_path, db):
        said = say("ledger", "backup", str(target), "--format", "json", db=db)
        assert (said.status, said.data["error"]["code"]) == (2, "ledger-exists"), target
    assert there.read_text(encoding="utf-8") == "mine"
    said = say("ledger", "backup", str(tmp_path / "no" / "b.db"), db=db)
    assert said.status == 2
    assert "Traceback" not in said.err


def test_a_backup_is_taken_while_others_write(
    tmp_path: Path, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every copy is the ledger of some moment: a log without a gap, up to one of its heads."""
    monkeypatch.setattr("playgate.ledger.copies._PAGES", 1)  # they write between any two pages
    done = threading.Event()
    writer = threading.Thread(target=_write_on, args=(db, done))
    writer.start()
    copies = [tmp_path / f"{number}.db" for number in range(3)]
    found = []
    try:
        for copy in copies:
            found.append(say("ledger", "backup", str(copy), db=db))
            _await_more(db)
    finally:
        done.set()
        writer.join()
    assert [said.status for said in found] == [0, 0, 0], found
    with Ledger.open(db) as ledger:
        hashes = {row[0]: row[-1].hex() for row in ledger.log.rows()}
    heads = [head_of(copy) for copy in copies]
    assert [hashes[seq] for seq, _ in heads] == [known for _, known in heads]
    assert heads[0][0] < heads[1][0] < heads[2][0] < max(hashes)


def _await_more(db: Path) -> None:
    """Until somebody else has written."""
    before, ends = head_of(db), time.monotonic() + 120
    while head_of(db) == before:
        assert time.monotonic() < ends, "nobody writes"
        time.sleep(0.005)


def _write_on(db: Path, done: threading.Event) -> None:
    with Ledger.open(db) as ledger:
        while not done.is_set():
            with ledger.writing():
                ledger.settings.set_imported_at(1)


def test_what_does_not_verify_is_no_backup(tmp_path: Path, db: Path) -> None:
    _tamper(db)
    said = say("ledger", "backup", str(tmp_path / "b.db"), "--format", "json", db=db)
    assert (said.status, said.data["error"]["code"]) == (2, "ledger-damaged")
    assert "the copy does not verify: entry" in said.data["error"]["message"]
    assert not [name for name in names_in(tmp_path) if "b.db" in name]


def _tamper(db: Path) -> None:
    """Change a fact that is not the last, so that it does not show when the ledger is opened."""
    assert say("set", "d", "note=right", db=db).status == 0
    assert say("log", "d", "call", db=db).status == 0
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("UPDATE events SET value = 'wrong' WHERE value = 'right'")
        connection.commit()


# Restoring


@pytest.fixture
def backup(tmp_path: Path, db: Path) -> Path:
    """A backup, behind which the ledger went on."""
    path = tmp_path / "backup.db"
    assert say("ledger", "backup", str(path), db=db).status == 0
    busy(db)
    return path


def test_a_ledger_is_restored_where_there_is_none(tmp_path: Path, backup: Path) -> None:
    before = backup.read_bytes()
    target = tmp_path / "new" / "deals.db"
    target.parent.mkdir()
    said = say("ledger", "restore", str(backup), "--format", "json", db=target)
    assert said.status == 0, said
    of_schema("copies", json.loads(said.out))
    assert names_in(target.parent) == {"deals.db"}
    assert head_of(target) == head_of(backup)
    assert backup.read_bytes() == before
    assert say("log", "d", "call", db=target).status == 0


def test_a_ledger_that_is_there_stays_unless_it_is_replaced(db: Path, backup: Path) -> None:
    before = head_of(db)
    said = say("ledger", "restore", str(backup), "--format", "json", db=db)
    assert (said.status, said.data["error"]["code"]) == (2, "ledger-exists")
    assert head_of(db) == before
    assert say("ledger", "restore", str(backup), "--replace", db=db).status == 0
    assert head_of(db) == head_of(backup)


def test_who_has_the_ledger_open_goes_on_with_what_was_restored(db: Path, backup: Path) -> None:
    with Ledger.open(db) as ledger:
        assert say("ledger", "restore", str(backup), "--replace", db=db).status == 0
        with ledger.writing():
            ledger.settings.set_shadow(True)
    assert head_of(db)[0] == head_of(backup)[0] + 1
    assert say("ledger", "verify", db=db).status == 0


def test_a_backup_that_does_not_verify_is_not_restored(db: Path, backup: Path) -> None:
    _tamper(backup)
    before = head_of(db)
    said = say("ledger", "restore", str(backup), "--replace", "--format", "json", db=db)
    assert (said.status, said.data["error"]["code"]) == (2, "ledger-damaged")
    assert "nothing was changed" in said.data["error"]["hint"]
    assert head_of(db) == before


def test_what_is_no_ledger_is_neither_restored_nor_replaced(
    tmp_path: Path, db: Path, backup: Path
) -> None:
    text, empty = tmp_path / "text.db", tmp_path / "empty.db"
    text.write_text("no ledger, but somebody's", encoding="utf-8")
    with closing(sqlite3.connect(empty)) as connection:
        connection.execute("CREATE TABLE mine (a)")
    for other in (text, empty):
        content = other.read_bytes()
        for words, target in ((other, db), (backup, other)):
            said = say("ledger", "restore", str(words), "--replace", "--format", "json", db=target)
            assert (said.status, said.data["error"]["code"]) == (2, "wrong-ledger"), said
        assert other.read_bytes() == content
    said = say("ledger", "restore", str(tmp_path / "none"), "--format", "json", db=tmp_path / "x")
    assert (said.status, said.data["error"]["code"]) == (2, "no-ledger")


def test_a_ledger_that_is_damaged_beyond_reading_is_replaced(db: Path, backup: Path) -> None:
    content = bytearray(db.read_bytes())
    content[100:] = bytes(len(content) - 100)
    db.write_bytes(content)
    assert say("next", "d", db=db).status == 2
    assert say("ledger", "restore", str(backup), "--replace", db=db).status == 0
    assert head_of(db) == head_of(backup)


def test_a_backup_of_before_the_log_is_restored_as_a_ledger_of_now(tmp_path: Path) -> None:
    old, target = tmp_path / "old.db", tmp_path / "new" / "deals.db"
    older(old)
    before = old.read_bytes()
    target.parent.mkdir()
    assert say("ledger", "restore", str(old), db=target).status == 0
    assert old.read_bytes() == before
    assert names_in(target.parent) == {"deals.db"}
    said = say("ledger", "verify", "--format", "json", db=target)
    assert json.loads(said.out)["sealed"] is not None
    assert events_of(target, "old")


def test_a_ledger_that_somebody_writes_for_too_long_is_not_replaced(
    db: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playgate.ledger.sqlite_database._PATIENCE", 0.1)
    before = head_of(db)
    with Ledger.open(db) as other, other.writing():
        said = say("ledger", "restore", str(backup), "--replace", "--format", "json", db=db)
        assert (said.status, said.data["error"]["code"]) == (2, "ledger-busy"), said
    assert head_of(db) == before
    assert not [name for name in names_in(db.parent) if name.startswith(f".{db.name}.")]
