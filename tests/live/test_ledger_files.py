"""What the ledger's file may be: missing, full, read-only, damaged, of another kind or version."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest
from gate import Said, environment, events_of, say

from playgate.documents import stored, yaml12
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.ledger import sqlite_database, sqlite_opening, tables
from playgate.ledger.store import Ledger

RECORDING = (
    ("open", "x", "--playbook", "{playbook}"),
    ("log", "d", "call"),
    ("set", "d", "note=x"),
    ("move", "d", "c"),
    ("waive", "d", "b/entry/note", "--reason", "urgent"),
)
UNWRITABLE = "lies where nothing can be written: read as it stands"
READING = (("check", "d", "c"), ("next", "d"), ("history", "d"))


def told(said: Said, text: str) -> None:
    """An expected error: what is wrong, and no traceback; of a batch, as JSON."""
    assert said.status == 2, said
    assert "Traceback" not in said.err
    if said.err:
        assert text in said.err
        assert not said.out
        return
    (error,) = said.lines
    assert text in error["error"]["message"]


def command(words: tuple[str, ...], db: Path, playbook: Path) -> Said:
    return say(*(word.format(playbook=playbook) for word in words), db=db)


def every_command(db: Path, playbook: Path) -> Iterator[Said]:
    for words in (*RECORDING, *READING):
        yield command(words, db, playbook)
    yield say("log", "--batch", db=db, stdin=b'{"deal":"d","activity":"call"}\n')


# What is no ledger


def test_no_ledger(tmp_path: Path) -> None:
    told(say("log", "d", "call", db=tmp_path / "none.db"), "there is no ledger at")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"deal,happened_at\n" * 99, b"SQLite format 3\0", None])
def test_a_file_that_is_no_ledger(content: bytes | None, tmp_path: Path, playbook: Path) -> None:
    path = tmp_path / "other.db"
    if content is None:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE mine (x)")
        connection.close()
        content = path.read_bytes()
    path.write_bytes(content)
    for said in every_command(path, playbook):
        told(said, "is no ledger of playgate")
    assert path.read_bytes() == content


def test_a_folder(tmp_path: Path, playbook: Path) -> None:
    for said in every_command(tmp_path, playbook):
        told(said, "cannot open")


def test_a_folder_that_does_not_exist(tmp_path: Path, playbook: Path) -> None:
    words = ("open", "x", "--playbook", str(playbook))
    told(say(*words, db=tmp_path / "no" / "such.db"), "No such file or directory")


def test_a_newer_ledger(db: Path, playbook: Path) -> None:
    connection = sqlite3.connect(db)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    for said in every_command(db, playbook):
        knows = f"(ledger version 99, this one knows {tables.VERSION})"
        told(said, f"was written by a newer playgate {knows}")


def test_a_damaged_ledger(db: Path, playbook: Path) -> None:
    line = b'{"deal":"d","activity":"call","outcome":"%s"}\n' % (b"x" * 200)
    assert say("log", "--batch", db=db, stdin=line * 200).status == 0
    content = bytearray(db.read_bytes())
    content[4096 * 2 :] = Random(1).randbytes(len(content) - 4096 * 2)
    db.write_bytes(content)
    for said in every_command(db, playbook):
        told(said, "is damaged")


# What cannot be written


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach, too."""
    folder = Path(tempfile.mkdtemp(prefix="playgate-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def as_nobody() -> Iterator[None]:
    """As a user who may not write: the system's administrator may everything."""
    administrator = os.geteuid() == 0
    if administrator:
        os.seteuid(65534)
    try:
        yield
    finally:
        if administrator:
            os.seteuid(0)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="rights work otherwise here")
def test_a_read_only_ledger(db: Path, playbook: Path, open_folder: Path) -> None:
    path = open_folder / "deals.db"
    shutil.copyfile(db, path)
    list(every_command(db, playbook))  # imports all that they use
    playbook = Path(shutil.copy(playbook, open_folder))
    answers = {words: command(words, path, playbook) for words in READING}
    path.chmod(0o444)
    before = path.read_bytes()
    open_folder.chmod(0o555)
    try:
        with as_nobody():
            for words in RECORDING:
                told(command(words, path, playbook), "cannot be written: nothing was recorded")
            batch = say("log", "--batch", db=path, stdin=b'{"deal":"d","activity":"call"}\n')
            told(batch, "cannot be written: nothing was recorded")
            for words in READING:
                said = command(words, path, playbook)
                assert said.err == f"note: {path} {UNWRITABLE}\n"
                assert (said.status, said.out) == (answers[words].status, answers[words].out)
    finally:
        open_folder.chmod(0o755)
    assert path.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="rights work otherwise here")
def test_a_read_only_ledger_with_a_writers_log(db: Path, playbook: Path, open_folder: Path) -> None:
    path = open_folder / "deals.db"
    shutil.copyfile(db, path)
    copy = open_folder / "copy.db"
    event = Event("d", 0, "field", "note", "in the log", "ann", 0, "e", "", 0, 0)
    with Ledger.open(path) as writer:
        with writer.writing():
            writer.events.add([event], live=True)
        for suffix in ("", "-wal", "-shm"):  # as they stand while a writer is at work
            shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
    open_folder.chmod(0o555)
    try:
        with as_nobody():
            assert "in the log" in say("history", "d", db=copy).out
    finally:
        open_folder.chmod(0o755)


def limited(monkeypatch: pytest.MonkeyPatch, pages: int) -> None:
    """The ledger cannot grow over so many pages: what SQLite says of a full disk."""
    connect = sqlite_opening.connect

    def smaller(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(sqlite_opening, "connect", smaller)


def pages_of(db: Path) -> int:
    connection = sqlite3.connect(db)
    count: int = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.close()
    return count


def test_a_full_disk(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        limited(patched, pages_of(db) + 2)
        logged = []
        for number in range(99):
            said = say("log", "d", "call", "x" * 900, "--id", str(number), db=db)
            if said.status:
                told(said, "is full: nothing was recorded")
                break
            logged.append(("activity", "call", "x" * 900))
        assert 0 < len(logged) < 99
        told(say("set", "d", "note=" + "y" * 5000, db=db), "is full")
    assert [each for each in events_of(db, "d") if each[0] != "stage"] == logged
    assert say("log", "d", "meeting", db=db).status == 0


def test_a_full_disk_in_a_batch(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was acknowledged is there, and every other line is told that it is not."""
    text = "x" * 2000
    lines = b"".join(
        b'{"command":"log","deal":"d","activity":"call","outcome":"%s","id":"%d"}\n'
        % (text.encode(), number)
        for number in range(600)
    )
    with monkeypatch.context() as patched:
        limited(patched, pages_of(db) + 200)
        said = say("log", "--batch", db=db, stdin=lines)
    assert (said.status, said.err) == (2, "")
    assert len(said.lines) == 600
    failed = [line["error"] for line in said.lines if line["kind"] == "error"]
    assert {error["code"] for error in failed} == {"ledger-full"}
    assert "is full: nothing was recorded" in failed[0]["message"]
    acknowledged = [line["events"][0] for line in said.lines if line["kind"] == "recorded"]
    assert 0 < len(acknowledged) < 600
    with Ledger.open(db) as ledger:
        there = [event.event_id for event in ledger.events.of("d") if event.kind == "activity"]
    assert there == acknowledged


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small disk")
def test_a_disk_that_is_really_full(tmp_path: Path, playbook: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=800k", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        db = disk / "deals.db"
        assert say("open", "d", "--playbook", str(playbook), db=db).status == 0
        logged = 0
        while (said := say("log", "d", "call", "x" * 3000, db=db)).status == 0:
            logged += 1
        assert logged > 3
        assert "nothing was recorded" in said.err
        assert "Traceback" not in said.err
        assert len(events_of(db, "d")) == logged + 1
        new = say("open", "e", "--playbook", str(playbook), db=disk / "second.db")
        assert new.status == 2
        assert not (disk / "second.db").exists()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_what_shows_a_ledger_loads_nothing_that_reads_it_whole(db: Path) -> None:
    code = (
        "import sys\n"
        "from playgate.cli.main import main\n"
        "try:\n    main()\n"
        "finally:\n    print(*{'yaml', 'sqlite_utils', 'playgate.ledger.verify'} & {*sys.modules})"
    )
    words = [sys.executable, "-c", code, "ledger", "show"]
    done = subprocess.run(words, env=environment(db), capture_output=True, check=True)
    assert done.stdout.endswith(b"\n\n"), done


# Migrations


@pytest.fixture
def schema() -> ModuleType:
    """What makes a ledger; it is loaded late, for SQLite's tools take long to import."""
    from playgate.ledger import schema

    return schema


def test_each_step_to_the_version_is_there(schema: ModuleType) -> None:
    assert len(schema._MIGRATIONS) == tables.VERSION


def test_a_ledger_that_came_all_the_way_is_made_as_a_new_one(
    tmp_path: Path, schema: ModuleType
) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    connection = sqlite3.connect(old, isolation_level=None)
    schema.migrate(connection, os.urandom)
    schema.create(new, os.urandom)
    made = sqlite3.connect(new)
    for asked in (
        "SELECT sql FROM sqlite_master WHERE sql <> '' ORDER BY sql",
        "PRAGMA user_version",
    ):
        assert connection.execute(asked).fetchall() == made.execute(asked).fetchall() != []
    connection.close()
    made.close()


def test_a_ledger_of_version_0_is_migrated(
    tmp_path: Path, playbook: Path, schema: ModuleType
) -> None:
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    connection.close()
    assert say("open", "d", "--playbook", str(playbook), db=path).status == 0
    assert ("stage", "a", "") in events_of(path, "d")


def test_a_ledger_of_version_1_is_migrated_whole(
    tmp_path: Path, playbook: Path, schema: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    with monkeypatch.context() as patched:
        patched.setattr(schema, "VERSION", 1)
        schema.migrate(connection, os.urandom)
    connection.close()
    assert rows_of(path).keys() == {"playbooks", "deals", "events", "decisions", "people"}
    document, _ = yaml12.parse(playbook.read_bytes(), "small.yaml")
    assert document is not None
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "INSERT INTO playbooks VALUES (?, 'small', '1', 'small.yaml', ?, ?, 1)",
            (document.sha256, playbook.read_bytes(), stored.dump(document)),
        )
        connection.execute("INSERT INTO deals VALUES ('d', ?, NULL)", (document.sha256,))
        connection.execute(
            "INSERT INTO events VALUES (1, 'd', 'e', 1, 'stage', 'a', '', 'ann', 1, '', 1)"
        )
    connection.close()
    before = rows_of(path)
    assert say("history", "d", db=path).status == 0
    after = rows_of(path)
    assert after.pop("migrations") == []
    assert after.pop("settings") == []
    for later in (
        *("retractions", "merges", "waiver_requests"),
        *("statements", "statement_lines"),
    ):
        assert after.pop(later) == []
    kinds = [(kind, json.loads(f"[{opened}]")[0]) for _, kind, _, opened, *_ in after.pop("log")]
    olds = ("deals", "events", "playbooks")
    assert sorted(kinds) == [*(("older", table) for table in olds), ("seal", 3)]
    assert after["deals"] == [(*row, None, 0) for row in before["deals"]]
    assert [row[1:] for row in after["events"]] == [
        (*row[1:], 0, "", 0) for row in before["events"]
    ]
    assert [row[1:] for row in after["playbooks"]] == before["playbooks"]
    assert all(after[table] == before[table] for table in before if table not in olds)
    assert "the record" not in say("move", "d", "lost", db=path).err
    shown = say("ledger", "show", "--format", "json", db=path).out
    assert '"record": "ledger", "shadow": false' in shown


@pytest.fixture
def next_version(schema: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A playgate that knows one more migration; it fails while the list holds something."""
    fails: list[bool] = []

    def second(making: Any) -> None:
        making.database.execute("ALTER TABLE deals ADD COLUMN colour TEXT")
        making.database.execute("UPDATE deals SET colour = 'red'")
        if fails:
            raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(schema, "_MIGRATIONS", (*schema._MIGRATIONS, second))
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    monkeypatch.setattr(sqlite_opening, "VERSION", schema.VERSION)
    monkeypatch.setattr(sqlite_database, "is_ours", lambda _: True)
    return fails


def rows_of(db: Path) -> dict[str, list[tuple[Any, ...]]]:
    connection = sqlite3.connect(db)
    names = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        )
    ]
    found = {name: list(connection.execute(f"SELECT * FROM {name}")) for name in names}  # noqa: S608
    connection.close()
    return found


def test_a_migration_loses_no_row(db: Path, playbook: Path, request: pytest.FixtureRequest) -> None:
    assert say("log", "d", "call", db=db).status == 0
    assert say("move", "d", "b", db=db).status == 1
    before = rows_of(db)
    request.getfixturevalue("next_version")
    assert say("check", "d", "b", db=db).status == 1
    after = rows_of(db)
    assert after["deals"] == [(*row, "red") for row in before["deals"]]
    assert {**after, "deals": before["deals"]} == before


def test_a_migration_that_fails_changes_nothing(db: Path, request: pytest.FixtureRequest) -> None:
    before = rows_of(db)
    fails = request.getfixturevalue("next_version")
    fails.append(True)
    told(say("check", "d", "b", db=db), "is full")
    assert rows_of(db) == before
    fails.clear()
    assert say("check", "d", "b", db=db).status == 1


def test_a_reader_of_a_ledger_that_is_there_makes_none(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        Ledger.open(tmp_path / "none.db")
    assert not list(tmp_path.iterdir())
