"""The ledger's tables: made, and brought up to date, through `sqlite_utils`, the one door to it.

A new ledger is made as it is today. An older one takes the steps since its version, each of which
stays as it was written. Opening a ledger that is up to date does not come here.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from playgate.ledger.connection import Connection
from playgate.ledger.log import Log, Salts
from playgate.ledger.seal import seal
from playgate.ledger.settings import RecordKeeper, Settings
from playgate.ledger.tables import (
    APPLICATION_ID,
    BESIDE,
    DERIVED,
    HOOKS,
    LOG,
    STATEMENTS,
    TOKENS,
    VERSION,
    WAIVER_REQUESTS,
    make,
    names,
)

__all__ = ["Fill", "create", "create_with", "migrate"]

Fill = Callable[[Connection], None]
"""Fills the tables of a new ledger, in a transaction of its own."""


def create(path: Path, salts: Salts, *, record: RecordKeeper = "ledger") -> bool:
    """Makes an empty ledger at `path`, whole or not at all; returns whether there was none.

    A ledger that is there already stays.
    """

    def keep(connection: Connection) -> None:
        Settings(connection, Log(connection, salts)).keep_record(record)

    return create_with(path, keep)


def create_with(path: Path, fill: Fill) -> bool:
    """Makes a ledger at `path` and fills it, as `create` does."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    made = Path(name)
    try:
        connection = sqlite3.connect(name)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
            make(Database(connection), f"{LOG};{DERIVED};{BESIDE};{HOOKS}")
            connection.execute("BEGIN")
            fill(connection)
            connection.commit()
        finally:
            connection.close()
        made.chmod(0o600)
        try:
            os.link(made, path)
        except FileExistsError:
            return False
        return True
    finally:
        for suffix in ("", "-wal", "-shm"):
            Path(name + suffix).unlink(missing_ok=True)


def migrate(connection: sqlite3.Connection, salts: Salts) -> None:
    """Brings the tables up to date, each step in a transaction of its own."""
    making = Making(Database(connection), salts)
    while (version := _version(connection)) < VERSION:
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _version(connection) == version:
                _MIGRATIONS[version](making)
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


class Making(NamedTuple):
    """What a step of a migration works with."""

    database: Database
    salts: Salts


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _first(making: Making) -> None:
    """Makes version 1: playbooks, deals, events, decisions, people."""
    make(making.database, _TABLES)


_TABLES = """
CREATE TABLE playbooks (
    sha256 TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    file TEXT NOT NULL,
    content BLOB NOT NULL,
    document TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    UNIQUE (name, version)
);
CREATE TABLE deals (
    deal TEXT PRIMARY KEY,
    playbook TEXT NOT NULL REFERENCES playbooks (sha256),
    first_decision_at INTEGER
);
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    deal TEXT NOT NULL REFERENCES deals (deal),
    event_id TEXT NOT NULL,
    happened_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    actor TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    attrs TEXT NOT NULL,
    live INTEGER NOT NULL,
    UNIQUE (deal, event_id)
);
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY,
    deal TEXT NOT NULL REFERENCES deals (deal),
    at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    from_stage TEXT NOT NULL,
    to_stage TEXT NOT NULL,
    allowed INTEGER NOT NULL,
    playbook TEXT NOT NULL REFERENCES playbooks (sha256),
    event_id TEXT NOT NULL,
    findings TEXT NOT NULL
);
CREATE INDEX decisions_of_deal ON decisions (deal, id);
CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    actor TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    team TEXT NOT NULL,
    manager TEXT NOT NULL,
    started TEXT NOT NULL,
    since INTEGER,
    until INTEGER,
    told_by TEXT NOT NULL DEFAULT ''
);
CREATE INDEX people_by_actor ON people (actor)
"""


def _second(making: Making) -> None:
    """Makes version 2, which knows deals that were migrated to another version of their
    playbook."""
    making.database.execute("ALTER TABLE deals ADD COLUMN migrated_at INTEGER")
    make(making.database, _MIGRATED)


_MIGRATED = """
CREATE TABLE migrations (
    id INTEGER PRIMARY KEY,
    deal TEXT NOT NULL REFERENCES deals (deal),
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    from_playbook TEXT NOT NULL REFERENCES playbooks (sha256),
    to_playbook TEXT NOT NULL REFERENCES playbooks (sha256),
    from_stage TEXT NOT NULL,
    to_stage TEXT NOT NULL,
    policy TEXT NOT NULL
);
CREATE INDEX migrations_of_deal ON migrations (deal, id);
CREATE INDEX deals_by_playbook ON deals (playbook)
"""


def _kept_elsewhere(making: Making) -> None:
    """Makes settings, and decisions that have an id, a question and facts of their own."""
    make(making.database, _SETTINGS)


_SETTINGS = """
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
ALTER TABLE decisions ADD COLUMN decision_id TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN shadow INTEGER NOT NULL DEFAULT 0;
ALTER TABLE decisions ADD COLUMN governed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE decisions ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN question TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN facts TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX decisions_by_id ON decisions (deal, decision_id) WHERE decision_id <> ''
"""


def _taken_back(making: Making) -> None:
    """Makes what is taken back, deals that are one, and waivers that are asked for."""
    make(making.database, _TAKEN_BACK)


_TAKEN_BACK = """
ALTER TABLE events ADD COLUMN stands INTEGER NOT NULL DEFAULT 0;
CREATE TABLE retractions (
    id INTEGER PRIMARY KEY,
    deal TEXT NOT NULL REFERENCES deals (deal),
    event_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    UNIQUE (deal, event_id)
);
CREATE TABLE merges (
    id INTEGER PRIMARY KEY,
    deal TEXT NOT NULL UNIQUE,
    into_deal TEXT NOT NULL REFERENCES deals (deal),
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX merges_into ON merges (into_deal);
CREATE TABLE waiver_requests (
    id INTEGER PRIMARY KEY,
    deal TEXT NOT NULL REFERENCES deals (deal),
    rule TEXT NOT NULL,
    reason TEXT NOT NULL,
    expires TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    answer TEXT NOT NULL DEFAULT '',
    answered_at INTEGER,
    answered_by TEXT NOT NULL DEFAULT '',
    answer_reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX waiver_requests_of_deal ON waiver_requests (deal)
"""


def _told_apart(making: Making) -> None:
    """Orders events within a microsecond, and marks imported events whose ids do not name the
    table of their mapping yet."""
    making.database.execute("ALTER TABLE events ADD COLUMN rest TEXT NOT NULL DEFAULT ''")
    making.database.execute("ALTER TABLE events ADD COLUMN bare INTEGER NOT NULL DEFAULT 0")
    making.database.execute("UPDATE events SET bare = 1 WHERE NOT live")
    making.database.execute("CREATE INDEX bare_events ON events (deal) WHERE bare")


def _logged(making: Making) -> None:
    """Makes the log, of which the tables are made anew from now on."""
    seal(making.database.conn, making.salts)


def _paid(making: Making) -> None:
    """Makes statements of pay; one that was only now sealed has them."""
    if "statements" not in names(making.database.conn):
        make(making.database, STATEMENTS)


def _asked_from_afar(making: Making) -> None:
    """Makes tokens, by which a server knows who asks, and the answers that it gives again."""
    if "tokens" not in names(making.database.conn):  # a ledger that was sealed just now has them
        make(making.database, TOKENS)
    make(making.database, BESIDE)


def _hooked(making: Making) -> None:
    """Makes where hooks come from and go to."""
    make(making.database, HOOKS)


def _asked_whence(making: Making) -> None:
    """Makes room for where a waiver was asked for from."""
    run = making.database.execute
    found = run("SELECT * FROM waiver_requests ORDER BY id").fetchall()
    if "origin" in making.database["waiver_requests"].columns_dict:
        return  # one that was sealed just now has it
    run("DROP TABLE waiver_requests")
    make(making.database, WAIVER_REQUESTS)
    for row in found:
        run(f"INSERT INTO waiver_requests VALUES ({'?, ' * len(row)}'')", row)  # noqa: S608


_MIGRATIONS: tuple[Callable[[Making], None], ...] = (
    _first,
    _second,
    _kept_elsewhere,
    _taken_back,
    _told_apart,
    _logged,
    _paid,
    _asked_from_afar,
    _hooked,
    _asked_whence,
)
