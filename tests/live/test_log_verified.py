"""A ledger that was tampered with does not verify: each column, each kind of entry, each row."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gate import say
from whole_ledgers import erased, whole_ledger

import playgate
from playgate.ledger.apply import KNOWN
from playgate.ledger.log import Head
from playgate.ledger.rebuild import rebuild
from playgate.ledger.store import Ledger
from playgate.ledger.verify import Verified, verify

Change = Callable[[sqlite3.Connection], None]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with an entry of every kind, in one file."""
    path = erased(whole_ledger(tmp_path_factory.mktemp("ledger") / "deals.db"))
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


def copy_of(path: Path) -> sqlite3.Connection:
    """The ledger in memory, where it may be tampered with."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    with sqlite3.connect(path) as whole:
        whole.backup(connection)
    whole.close()
    return connection


def tables(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """The columns of each table but those that stand beside the log."""
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    ).fetchall()
    return {
        name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
        for (name,) in names
        if name not in ("replies", "token_uses", "hooks_in", "hooks_out", "inbox", "outbox")
    }


def check_wrong(ledger: Path, what: object, change: Change) -> Verified:
    connection = copy_of(ledger)
    change(connection)
    found = verify(connection)
    connection.close()
    assert found.fault is not None, what
    return found


def test_it_has_all_kinds_and_verifies(ledger: Path) -> None:
    connection = copy_of(ledger)
    kinds = {kind for (kind,) in connection.execute("SELECT DISTINCT kind FROM log")}
    assert kinds == KNOWN
    found = verify(connection)
    assert found.fault is None
    (entries,) = connection.execute("SELECT count(*) FROM log").fetchone()
    assert (found.entries, found.head.seq) == (entries, entries)
    assert found.erased > 10
    assert found.sealed is not None
    for table in tables(connection):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0], table  # noqa: S608


def places(connection: sqlite3.Connection, chance: random.Random) -> Iterator[tuple[str, int, str]]:
    """A row of each table for each column; of the log, one of each kind."""
    for table, columns in tables(connection).items():
        kind = "kind" if table == "log" else "''"
        rows: dict[str, list[int]] = {}
        for row, group in connection.execute(f"SELECT rowid, {kind} FROM {table}"):  # noqa: S608
            rows.setdefault(group, []).append(row)
        for column in columns:
            for group in rows.values():
                yield table, chance.choice(group), column


def other(value: object) -> object:
    """Another value of the same type."""
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:] if value else b"x" * 16
    if isinstance(value, str):
        return f"{value}x"
    return value + 1000 if isinstance(value, int) else 1


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(n, marks=pytest.mark.thorough) for n in (2, 3))]
)
def test_an_edited_column_is_found(ledger: Path, seed: int) -> None:
    whole = copy_of(ledger)
    tried = 0
    for table, row, column in places(whole, random.Random(seed)):
        where = f"FROM {table} WHERE rowid = {row}"
        (value,) = whole.execute(f"SELECT {column} {where}").fetchone()
        whole.execute("BEGIN")
        whole.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = {row}", [other(value)])  # noqa: S608
        assert verify(whole).fault is not None, (table, row, column, value)
        whole.execute("ROLLBACK")
        tried += 1
    assert tried > 150
    assert verify(whole).fault is None


def test_a_swapped_column_is_found(ledger: Path) -> None:
    whole = copy_of(ledger)
    chance = random.Random(4)
    for table, columns in tables(whole).items():
        for column in columns:
            rows = whole.execute(f"SELECT rowid, {column} FROM {table}").fetchall()  # noqa: S608
            one, value = chance.choice(rows)
            others = [each for each in rows if each[1] != value]
            if not others or column in ("seq", "id"):
                continue
            two, second = chance.choice(others)
            whole.execute("BEGIN")
            swap = f"UPDATE OR IGNORE {table} SET {column} = ? WHERE rowid = ?"  # noqa: S608
            changed = [whole.execute(swap, pair).rowcount for pair in ((second, one), (value, two))]
            assert not any(changed) or verify(whole).fault is not None, (table, column, one, two)
            whole.execute("ROLLBACK")


def test_a_deleted_and_an_inserted_row_is_found(ledger: Path) -> None:
    whole = copy_of(ledger)
    for table, columns in tables(whole).items():
        first, last = whole.execute(f"SELECT min(rowid), max(rowid) FROM {table}").fetchone()  # noqa: S608
        for row in {first, last, (first + last) // 2}:
            whole.execute("BEGIN")
            deleted = whole.execute(f"DELETE FROM {table} WHERE rowid = {row}").rowcount  # noqa: S608
            assert not deleted or verify(whole).fault is not None, (table, row)
            whole.execute("ROLLBACK")
        whole.execute("BEGIN")
        values = list(whole.execute(f"SELECT * FROM {table} WHERE rowid = {last}").fetchone())  # noqa: S608
        values = [
            other(value) if name in ("seq", "id", "deal", "name", "event_id", "sha256") else value
            for name, value in zip(columns, values, strict=True)
        ]
        whole.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608
        assert verify(whole).fault is not None, table
        whole.execute("ROLLBACK")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER helps AFTER INSERT ON events BEGIN DELETE FROM decisions; END",
        "CREATE VIEW seen AS SELECT * FROM events",
        "CREATE TABLE mine (x)",
        "CREATE INDEX faster ON events (name)",
        "DROP INDEX decisions_of_deal",
    ],
)
def test_what_is_not_its_own_is_found_when_it_is_opened(
    ledger: Path, statement: str, tmp_path: Path
) -> None:
    db = tmp_path / "deals.db"
    shutil.copyfile(ledger, db)
    with sqlite3.connect(db) as connection:
        connection.execute(statement)
    connection.close()
    for words in (("history", "d-9"), ("ledger", "verify"), ("log", "d-9", "call")):
        said = say(*words, db=db)
        assert said.status == 2, words
        assert "other tables, indexes, views or triggers" in said.err
    assert say("ledger", "rebuild", db=db).status == 0
    assert say("ledger", "verify", db=db).status == 0


def test_what_was_recorded_last_is_looked_at_when_it_is_opened(
    ledger: Path, tmp_path: Path
) -> None:
    db = tmp_path / "deals.db"
    shutil.copyfile(ledger, db)
    with sqlite3.connect(db) as connection:
        connection.execute("UPDATE log SET who = '\"x\"' WHERE seq = (SELECT max(seq) FROM log)")
    connection.close()
    said = say("history", "d-9", db=db)
    assert said.status == 2
    assert "of its log, erase: it does not say what was recorded" in said.err
    assert say("ledger", "rebuild", db=db).status == 2


def test_the_first_wrong_entry_is_named(ledger: Path) -> None:
    def loosen(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE log SET open = replace(open, '0', '1') WHERE kind = 'decision'")

    connection = copy_of(ledger)
    query = "SELECT min(seq) FROM log WHERE kind = 'decision' AND open LIKE '%0%'"
    (first,) = connection.execute(query).fetchone()
    fault = check_wrong(ledger, "decisions", loosen).fault
    assert fault is not None
    assert (fault.seq, fault.kind, fault.in_log) == (first, "decision", True)


def test_a_table_that_is_wrong_is_told_by_its_entry(ledger: Path) -> None:
    def refused(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE decisions SET allowed = 0")

    fault = check_wrong(ledger, "decisions", refused).fault
    assert fault is not None
    assert "allowed of row" in fault.what
    assert not fault.in_log
    connection = copy_of(ledger)
    (kind,) = connection.execute("SELECT kind FROM log WHERE seq = ?", [fault.seq]).fetchone()
    assert kind == fault.kind


def test_a_tail_that_is_cut_shows_only_against_a_head(tmp_path: Path) -> None:
    path = whole_ledger(tmp_path / "deals.db")
    connection = copy_of(path)
    head = verify(connection).head
    assert verify(connection, since=head).fault is None
    connection.execute("DELETE FROM log WHERE seq = ?", [head.seq])
    assert verify(connection).fault is not None
    rebuild(connection)
    assert verify(connection).fault is None
    cut = verify(connection, since=head).fault
    assert cut is not None
    assert str(cut) == f"it ends before entry {head.seq}"
    wrong = verify(copy_of(path), since=Head(5, "0" * 64)).fault
    assert wrong is not None
    assert wrong.seq == 5


def test_a_playbook_that_is_loosened_judges_nothing(ledger: Path, tmp_path: Path) -> None:
    db = tmp_path / "deals.db"
    shutil.copyfile(ledger, db)
    with sqlite3.connect(db) as connection:
        connection.execute("UPDATE playbooks SET document = replace(document, 'Call', 'Cull')")
    connection.close()
    for words in (("next", "d-9"), ("move", "d-9", "b"), ("audit", "--db", str(db))):
        said = say(*words, db=db)
        assert said.status == 2, words
        assert "is not what was published" in said.err


def test_a_move_needs_a_decision_that_allowed_it(tmp_path: Path) -> None:
    """Who can write the log, too, forges a move: it still has no decision."""
    path = whole_ledger(tmp_path / "deals.db")
    with Ledger.open(path) as opened, opened.writing():
        (event,) = [each for each in opened.events.of("d-9") if each.kind == "stage"]
        forged = event._replace(name="won", event_id="forged", happened_at=99)
        assert opened.events.add([forged], live=True) == 1
    said = say("ledger", "verify", db=path)
    assert said.status == 2
    assert "nothing allowed this move" in said.err


def test_the_tables_made_anew_are_the_same_to_the_byte(ledger: Path, tmp_path: Path) -> None:
    db = tmp_path / "deals.db"
    shutil.copyfile(ledger, db)
    before = dump(db)
    assert say("ledger", "rebuild", db=db).status == 0
    assert dump(db) == before
    with sqlite3.connect(db) as connection:
        connection.execute("DELETE FROM events")
        connection.execute("UPDATE deals SET first_decision_at = 1")
    connection.close()
    assert say("ledger", "verify", db=db).status == 2
    assert say("ledger", "rebuild", db=db).status == 0
    assert dump(db) == before


def dump(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    found = list(connection.iterdump())
    connection.close()
    return found


def test_rows_are_written_in_one_place() -> None:
    """Whatever changes a table is in the log: nothing else writes rows, but of what stands beside
    it."""
    engine = Path(playgate.__file__).parent
    written = re.compile(r"\b(INSERT (OR \w+ )?INTO|UPDATE (OR \w+ )?[\w{}]+ SET|DELETE FROM)\b")
    writers = {
        path.name
        for folder in ("ledger", "enforce", "auditing", "cli")
        for path in (engine / folder).glob("**/*.py")
        if written.search(path.read_text(encoding="utf-8"))
    }
    beside = {"replies.py", "tokens.py", "hooks.py", "postgres_database.py"}
    assert writers == {"apply.py", "log.py", "erasing.py", "schema.py", *beside}
