"""The ledger: events, decisions, people and playbooks in one SQLite file.

A ledger is written in WAL mode with `synchronous = FULL`, one transaction for what belongs
together: what was acknowledged survives a crash of the process. Statements go through the
connection itself, since these are the commands that must be fast.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playgate.errors import InputError
from playgate.history.event import Event, event_id
from playgate.history.people import People, Person
from playgate.ledger.rows import DealRow, DecisionRow, MigrationRow, PlaybookRow

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Ledger", "LedgerError"]

_APPLICATION_ID = 0x70676C31
_VERSION = 2
_PATIENCE = 60.0
"""Seconds to wait for another writer."""

_EVENT = "deal, happened_at, kind, name, value, actor, recorded_at, event_id, attrs, 1 - live, seq"


class LedgerError(InputError):
    """Says that the ledger cannot be read or written, so that nothing under way can go on."""


class Ledger:
    """An open ledger, which is a context manager and closes at its end."""

    def __init__(self, connection: sqlite3.Connection, path: Path | str, note: str = "") -> None:
        self._connection = connection
        self.path = path
        self.note = note
        """What who reads it should know."""

    @classmethod
    def open(cls, path: Path | str, *, create: bool = False, reading: bool = False) -> Ledger:
        """Opens the ledger at `path`; with `create`, makes it where there is none.

        A caller that is only `reading` gets a ledger even from a folder in which nothing can be
        written.
        """
        if not os.path.exists(path):
            if not create:
                hint = "playgate publish PLAYBOOK starts one; --db or PLAYGATE_DB names another"
                raise InputError(f"there is no ledger at {path}", hint=hint, code="no-ledger")
            _create(path)
        note = _unwritable(path) if reading else ""
        with _explained(path):
            connection = _connect_unwritable(path) if note else _connect(path)
        try:
            with _explained(path):
                _check(connection, path)
        except BaseException:
            connection.close()
            raise
        return cls(connection, path, note)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Opens a transaction: all of it is durable when this ends, or nothing of it happened."""
        with _explained(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def part(self) -> Iterator[None]:
        """Opens a part of a transaction that can fail, and is undone, by itself."""
        with _explained(self.path):
            self._connection.execute("SAVEPOINT part")
            try:
                yield
            except BaseException:
                # Where the disk is full, SQLite takes back the whole transaction by itself.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK TO part")
                    self._connection.execute("RELEASE part")
                raise
            self._connection.execute("RELEASE part")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Opens a view of the ledger in which nothing changes."""
        with _explained(self.path):
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    # Playbooks

    def keep_playbook(self, row: PlaybookRow, now: int) -> None:
        """Keeps a playbook whole; raises `InputError` where its name and version have other content
        already."""
        known = self._connection.execute(
            "SELECT sha256 FROM playbooks WHERE name = ? AND version = ?", (row.name, row.version)
        ).fetchone()
        if known is None:
            self._connection.execute(
                "INSERT INTO playbooks VALUES (?, ?, ?, ?, ?, ?, ?)",
                (row.sha256, row.name, row.version, row.file, row.content, row.document, now),
            )
        elif known[0] != row.sha256:
            raise InputError(
                f"{row.name} version {row.version} stands in the ledger with other content",
                hint=f"give {row.file} a new version: deals go on under the one they began with",
                code="playbook-taken",
            )

    def playbook(self, sha256: str) -> PlaybookRow:
        """Returns the playbook of this content; raises `KeyError` where there is none."""
        row = self._connection.execute(
            "SELECT sha256, name, version, file, content, document FROM playbooks WHERE sha256 = ?",
            (sha256,),
        ).fetchone()
        if row is None:
            raise KeyError(sha256)
        return PlaybookRow(*row)

    def playbooks(self) -> list[PlaybookRow]:
        """Returns all playbooks in the order in which they were published."""
        rows = self._connection.execute(
            "SELECT sha256, name, version, file, content, document FROM playbooks"
            " ORDER BY published_at, rowid"
        )
        return [PlaybookRow(*row) for row in rows]

    # Deals and events

    def deal(self, deal: str) -> DealRow | None:
        """Returns the deal, or `None` where the ledger does not know it."""
        row = self._connection.execute(
            "SELECT deal, playbook, first_decision_at, migrated_at FROM deals WHERE deal = ?",
            (deal,),
        ).fetchone()
        return DealRow(*row) if row else None

    def near(self, deal: str) -> str:
        """Returns a known deal whose id is like this one (in other case, or a part of it), or
        nothing."""
        row = self._connection.execute(
            "SELECT deal FROM deals WHERE deal = ? COLLATE NOCASE OR deal LIKE ? ESCAPE '!'"
            " LIMIT 1",
            (deal, "%" + deal.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"),
        ).fetchone()
        return str(row[0]) if row else ""

    def deals_from(self, begun: str, most: int) -> list[str]:
        """Returns the first ids of deals that begin with `begun`, at most `most`."""
        rows = self._connection.execute(
            "SELECT deal FROM deals WHERE deal >= ? AND deal < ? ORDER BY deal LIMIT ?",
            (begun, begun + "\U0010ffff", most),
        )
        return [str(deal) for (deal,) in rows]

    def begin_deal(self, deal: str, playbook: str) -> None:
        """Makes a deal known, judged by this playbook."""
        self._connection.execute(
            "INSERT INTO deals (deal, playbook) VALUES (?, ?) ON CONFLICT (deal) DO NOTHING",
            (deal, playbook),
        )

    def begin_deals(self, deals: Iterable[str], playbook: str) -> None:
        """Makes deals known that are not, judged by this playbook."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO deals (deal, playbook) VALUES (?, ?)",
            ((deal, playbook) for deal in deals),
        )

    def deals(self, playbook: str, *, migrated: bool = False) -> list[DealRow]:
        """Returns the deals that this playbook judges now, or only those that were migrated to
        it."""
        rows = self._connection.execute(
            "SELECT deal, playbook, first_decision_at, migrated_at FROM deals WHERE playbook = ?"
            " AND (migrated_at IS NOT NULL OR NOT ?) ORDER BY deal",
            (playbook, migrated),
        )
        return [DealRow(*row) for row in rows]

    def has_own_deals(self, playbook: str) -> bool:
        """Returns whether a deal has been under this playbook from its beginning."""
        found = self._connection.execute(
            "SELECT 1 FROM deals WHERE playbook = ? AND migrated_at IS NULL LIMIT 1", (playbook,)
        )
        return found.fetchone() is not None

    def events(self, deal: str) -> list[Event]:
        """Returns the deal's events in the order in which they were recorded."""
        rows = self._connection.execute(
            f"SELECT {_EVENT} FROM events WHERE deal = ? ORDER BY seq",  # noqa: S608  (constant)
            (deal,),
        )
        new = tuple.__new__
        return [new(Event, row) for row in rows]

    def all_events(self, playbook: str) -> Iterator[Event]:
        """Yields the events of all deals that have been under a playbook from their beginning."""
        rows = self._connection.execute(
            f"SELECT {_EVENT} FROM events WHERE deal IN"  # noqa: S608  (constant)
            " (SELECT deal FROM deals WHERE playbook = ? AND migrated_at IS NULL) ORDER BY seq",
            (playbook,),
        )
        new = tuple.__new__
        return (new(Event, row) for row in rows)

    def latest(self) -> int | None:
        """Returns when the last event or migration happened, or `None` in an empty ledger."""
        latest: int | None = self._connection.execute(
            "SELECT max(at) FROM (SELECT max(happened_at) AS at FROM events"
            " UNION ALL SELECT max(at) FROM migrations)"
        ).fetchone()[0]
        return latest

    def add_events(self, events: Iterable[Event], *, live: bool) -> int:
        """Adds events but those whose id the deal has already, and returns how many were new."""
        before = self._connection.total_changes
        # An event's first nine columns in their own order: a slice, where there may be millions.
        self._connection.executemany(
            "INSERT INTO events (deal, happened_at, kind, name, value, actor, recorded_at,"  # noqa: S608  (a constant)
            f" event_id, attrs, live) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, {int(live)})"
            " ON CONFLICT (deal, event_id) DO NOTHING",
            (
                event[:9] if event[7] else (*event[:7], event_id(event), event[8])
                for event in events
            ),
        )
        return self._connection.total_changes - before

    def event_name(self, deal: str, known_id: str) -> tuple[str, str] | None:
        """Returns the kind and name of the deal's event of this id, or `None` where there is
        none."""
        row = self._connection.execute(
            "SELECT kind, name FROM events WHERE deal = ? AND event_id = ?", (deal, known_id)
        ).fetchone()
        return (row[0], row[1]) if row else None

    # Migrations

    def migrate_deal(self, row: MigrationRow) -> None:
        """Records that a deal is judged by another version from an instant on."""
        self._connection.execute(
            "INSERT INTO migrations (deal, at, actor, from_playbook, to_playbook, from_stage,"
            " to_stage, policy) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row.deal,
                row.at,
                row.actor,
                row.from_playbook,
                row.to_playbook,
                row.from_stage,
                row.to_stage,
                row.policy,
            ),
        )
        self._connection.execute(
            "UPDATE deals SET playbook = ?, migrated_at = ? WHERE deal = ?",
            (row.to_playbook, row.at, row.deal),
        )

    def migrations(self, deal: str) -> list[MigrationRow]:
        """Returns the deal's migrations from the first to the last."""
        rows = self._connection.execute(
            "SELECT deal, at, actor, from_playbook, to_playbook, from_stage, to_stage, policy"
            " FROM migrations WHERE deal = ? ORDER BY id",
            (deal,),
        )
        return [MigrationRow(*row) for row in rows]

    # Decisions

    def add_decision(self, row: DecisionRow) -> None:
        """Records a decision, allowed or refused."""
        self._connection.execute(
            "INSERT INTO decisions (deal, at, recorded_at, actor, from_stage, to_stage, allowed,"
            " playbook, event_id, findings) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row.deal,
                row.at,
                row.recorded_at,
                row.actor,
                row.from_stage,
                row.to_stage,
                int(row.allowed),
                row.playbook,
                row.event_id,
                row.findings,
            ),
        )
        self._connection.execute(
            "UPDATE deals SET first_decision_at = ? WHERE deal = ? AND first_decision_at IS NULL",
            (row.at, row.deal),
        )

    def decisions(self, deal: str) -> list[DecisionRow]:
        """Returns the deal's decisions in the order in which they were made."""
        rows = self._connection.execute(
            "SELECT deal, at, recorded_at, actor, from_stage, to_stage, allowed, playbook,"
            " event_id, findings FROM decisions WHERE deal = ? ORDER BY id",
            (deal,),
        )
        return [DecisionRow(*row) for row in rows]

    def first_decisions(self) -> dict[str, int]:
        """Returns when each deal that met the gate did so first."""
        rows = self._connection.execute(
            "SELECT deal, first_decision_at FROM deals WHERE first_decision_at IS NOT NULL"
        )
        return {str(deal): int(at) for deal, at in rows}

    # People

    def replace_people(
        self, persons: Sequence[Person], at: int, *, told_by: str = ""
    ) -> tuple[int, int]:
        """Replaces the team from `at` on: what is new begins then, what is gone ends then.

        The first file holds for all time before it, too. Returns how many rows began and how many
        ended.
        """
        current = {
            tuple(row[1:]): int(row[0])
            for row in self._connection.execute(
                "SELECT id, actor, name, role, team, manager, started FROM people"
                " WHERE until IS NULL"
            )
        }
        known = self._connection.execute("SELECT 1 FROM people LIMIT 1").fetchone() is not None
        wanted = {(p.actor, p.name, p.role, p.team, p.manager, p.started) for p in persons}
        ended = [(at, number) for key, number in current.items() if key not in wanted]
        begun = [
            (*key, at if known else None, told_by) for key in sorted(wanted) if key not in current
        ]
        self._connection.executemany("UPDATE people SET until = ? WHERE id = ?", ended)
        self._connection.executemany(
            "INSERT INTO people (actor, name, role, team, manager, started, since, told_by)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            begun,
        )
        return len(begun), len(ended)

    def people(self) -> People | None:
        """Returns everybody who is or was on the team, the present rows first, or `None` where
        nobody is."""
        rows = self._connection.execute(
            "SELECT actor, name, role, team, manager, started, since, until FROM people"
            " ORDER BY until IS NOT NULL, id"
        ).fetchall()
        return People(Person(*row) for row in rows) if rows else None


def _create(path: Path | str) -> None:
    from pathlib import Path

    from playgate.ledger.schema import create

    with _explained(path):
        create(Path(path))


def _connect(path: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _unwritable(path: Path | str) -> str:
    """Returns what to say where SQLite cannot write its own files beside the ledger, else
    nothing."""
    effective = os.access in os.supports_effective_ids
    if os.access(os.path.dirname(os.path.abspath(path)), os.W_OK, effective_ids=effective):
        return ""
    return f"{path} lies where nothing can be written: read as it stands"


def _connect_unwritable(path: Path | str) -> sqlite3.Connection:
    """Opens a connection that writes nothing, for which locks are neither possible nor needed.

    What a writer's log beside the ledger holds is read, too.
    """
    from urllib.parse import quote

    wal = f"{path}-wal"
    is_whole = not os.path.exists(wal) or not os.path.getsize(wal)
    how = "immutable=1" if is_whole else "mode=ro"
    name = quote(os.path.abspath(path))
    return sqlite3.connect(f"file:{name}?{how}", uri=True, isolation_level=None)


def _check(connection: sqlite3.Connection, path: Path | str) -> None:
    """Refuses what is no ledger, or a newer one, and migrates an older one."""
    found: Any = connection.execute("PRAGMA application_id").fetchone()[0]
    if found != _APPLICATION_ID:
        hint = "--db names another file"
        raise InputError(f"{path} is no ledger of playgate", hint=hint, code="wrong-ledger")
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > _VERSION:
        raise InputError(
            f"{path} was written by a newer playgate (ledger version {version}, this one knows"
            f" {_VERSION})",
            hint="use the newer playgate",
            code="wrong-ledger",
        )
    if version < _VERSION:
        from playgate.ledger.schema import migrate

        migrate(connection)


@contextmanager
def _explained(path: Path | str) -> Iterator[None]:
    """Turns errors of SQLite and of the system into what they mean to somebody who runs a
    command."""
    try:
        yield
    except sqlite3.Error as error:
        raise _meaning(str(error), path) from None
    except UnicodeEncodeError as error:
        shown = ascii(error.object)[:60]
        raise InputError(
            f"{shown} is no Unicode text", hint="write it as UTF-8", code="wrong-value"
        ) from None
    except OSError as error:
        raise LedgerError(
            f"cannot use {path}: {error.strerror or error}", code="ledger-failed"
        ) from None


def _meaning(said: str, path: Path | str) -> LedgerError:
    if "is not a database" in said or "file is encrypted" in said:
        hint = "--db names another file"
        return LedgerError(f"{path} is no ledger of playgate", hint=hint, code="wrong-ledger")
    if "readonly" in said or "read-only" in said:
        message = f"{path} cannot be written: nothing was recorded"
        return LedgerError(message, hint="check its rights", code="ledger-read-only")
    if "is full" in said:
        message = f"the disk of {path} is full: nothing was recorded"
        return LedgerError(message, hint="make room", code="ledger-full")
    if "locked" in said or "busy" in said:
        message = f"{path} is in use: nothing was recorded"
        hint = "somebody else has been writing for a minute: try again"
        return LedgerError(message, hint=hint, code="ledger-busy")
    if "unable to open" in said:
        hint = "does its folder exist, and is it yours?"
        return LedgerError(f"cannot open {path}", hint=hint, code="cannot-read")
    if "malformed" in said:
        hint = "restore it from a backup; nothing was changed"
        return LedgerError(f"{path} is damaged ({said})", hint=hint, code="ledger-damaged")
    return LedgerError(f"{path}: {said}", hint="nothing was recorded", code="ledger-failed")
