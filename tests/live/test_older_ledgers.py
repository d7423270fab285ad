"""Ledgers that earlier versions wrote: nothing is lost, and what they imported is known again."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from whole_ledgers import older as older_ledger

from playgate.documents.stored import dump
from playgate.documents.yaml12 import parse
from playgate.history.event import LIVE, Event, event_id
from playgate.ledger import schema
from playgate.ledger.store import Ledger

ROWS = [
    ("D", "1", 5, "stage", "lead", "", "ann", 5, "", 0),
    ("D", "2", 6, "activity", "call", "done", "ann", 7, '{"with":["x"]}', 0),
    ("D", "own", 6, "activity", "call", "", "bo", 9, "", 1),
]


def event(table: str, row: tuple[object, ...], **changed: object) -> Event:
    deal, known, at, kind, name, value, actor, recorded, attrs, _ = row
    found = Event._make(
        (deal, at, kind, name, value, actor, recorded, f"{table}{known}", attrs, 0, 4, "")
    )
    return found._replace(**changed)


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger of version 2, with two imported events and one that was recorded."""
    path = tmp_path / "old.db"
    bare = event("", ROWS[0], event_id="")
    rows = [*ROWS, ("D", event_id(bare), *ROWS[0][2:])]
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "VERSION", 2)
        schema.migrate(connection, os.urandom)
    document, _ = parse(b"{}", "f")
    assert document is not None
    connection.execute(
        "INSERT INTO playbooks VALUES ('a', 'b', '1', 'f', x'7b7d', ?, 1)", [dump(document)]
    )
    connection.execute("INSERT INTO deals (deal, playbook) VALUES ('D', 'a')")
    connection.executemany(
        "INSERT INTO events (deal, event_id, happened_at, kind, name, value, actor, recorded_at,"
        " attrs, live) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    connection.close()
    return path


def test_nothing_is_lost(older: Path) -> None:
    with Ledger.open(older) as ledger:
        found = ledger.events.of("D")
    assert [each[:9] for each in found[:3]] == [event("", row)[:9] for row in ROWS]
    assert {each.rest for each in found} == {""}
    assert found[2].source == LIVE
    version = sqlite3.connect(older).execute("PRAGMA user_version").fetchone()[0]
    assert version == schema.VERSION


def test_imported_again_it_is_known_by_the_ids_of_now(older: Path) -> None:
    again = [
        event("deals:", ROWS[0]),
        event("calls:", ROWS[1]),
        event("", ROWS[0], event_id="r-0123456789abcdef"),
    ]
    for _ in range(2):
        with Ledger.open(older) as ledger:
            with ledger.writing():
                assert ledger.events.add_imported(again) == (0, [])
            found = ledger.events.of("D")
        assert {each.event_id for each in found} == {
            "deals:1",
            "calls:2",
            "own",
            "r-0123456789abcdef",
        }


def test_what_one_table_took_from_another_comes_in(older: Path) -> None:
    lost = event("calls:", ROWS[0], kind="activity", name="call")
    with Ledger.open(older) as ledger, ledger.writing():
        assert ledger.events.add_imported([event("deals:", ROWS[0]), lost]) == (1, [])


def test_taken_or_known(older: Path) -> None:
    with Ledger.open(older) as ledger, ledger.writing():
        ledger.events.add_imported([event("deals:", ROWS[0])])
        known = event("deals:", ROWS[0])
        assert ledger.events.taken(known) is None
        assert ledger.events.taken(known._replace(event_id="deals:9", value="x")) is None
        for column, value in (("value", "x"), ("actor", "x"), ("happened_at", 8), ("rest", "1")):
            other = known._replace(**{column: value})
            taken = ledger.events.taken(other)
            assert taken is not None
            assert taken[:9] == known[:9]
            assert ledger.events.add_imported([other]) == (0, [(taken, other)])
        assert ledger.events.taken(known._replace(recorded_at=9)) is not None
        own = event("", ROWS[2])
        assert ledger.events.taken(own._replace(recorded_at=99)) is None
        assert ledger.events.taken(own._replace(happened_at=99)) is not None


def test_what_was_read_otherwise_before_the_log_is_not_damage(tmp_path: Path) -> None:
    """Of a playbook from before, only the hash is asked: it may have been read otherwise."""
    db = tmp_path / "old.db"
    older_ledger(db)
    connection = sqlite3.connect(db, isolation_level=None)
    connection.execute("""UPDATE playbooks SET document = replace(document, '"Call"', '"call"')""")
    with Ledger.open(db) as ledger:
        assert "is sealed from now on" in ledger.note
        found = ledger.verify()
        assert (found.fault, found.sealed) == (None, 11)
    with Ledger.open(db) as ledger:
        assert ledger.note == ""
    connection.execute("DROP TABLE log")
    connection.execute("PRAGMA user_version = 5")
    connection.execute("UPDATE playbooks SET content = CAST(content || x'0a' AS BLOB)")
    connection.close()
    with Ledger.open(db) as ledger:
        assert "not what its digest says" in str(ledger.verify().fault)


def test_waivers_that_were_asked_for_before_origins_were_kept(tmp_path: Path) -> None:
    """A ledger of version 9: its requests come from nowhere that is told, new ones may."""
    path = tmp_path / "nine.db"
    asked = {"deal": "old", "rule": "a/by", "reason": "why", "expires": "", "at": 5, "actor": "ann"}
    older_ledger(path)
    with Ledger.open(path) as ledger, ledger.writing():
        ledger.waiver_requests.add(**asked)
    connection = sqlite3.connect(path)
    before = connection.execute("SELECT * FROM waiver_requests").fetchall()
    connection.execute("ALTER TABLE waiver_requests DROP COLUMN origin")
    connection.execute("PRAGMA user_version = 9")
    connection.commit()
    connection.close()
    with Ledger.open(path) as ledger:
        assert sqlite3.connect(path).execute("SELECT * FROM waiver_requests").fetchall() == before
        with ledger.writing():
            ledger.waiver_requests.add(**asked, origin="agent")
        assert [each.origin for each in ledger.waiver_requests.of("old")] == ["", "", "agent"]
        assert ledger.verify().fault is None
