"""A ledger in a file of SQLite: opened, locked, looked through and wiped."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from playgate.ledger.errors import LedgerError, damaged, in_use
from playgate.ledger.tables import BESIDE, DERIVED, HOOKS, STAYING, have_hooks, is_ours, make, names

if TYPE_CHECKING:
    from pathlib import Path

    from playgate.ledger.connection import Connection

__all__ = ["SQLITE", "connect", "connect_unwritable", "unwritable"]

_PATIENCE = 60.0
"""Seconds to wait for another writer."""
_NEVER_WRITTEN = ("already exists", "duplicate column", "no such", "decode to UTF-8")
"""What SQLite says of tables and texts that are not as they were made."""


def connect(path: Path | str) -> sqlite3.Connection:
    """Opens a connection that waits for other writers, and whose commits outlive a power cut."""
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def unwritable(path: Path | str) -> str:
    """Returns what to say where SQLite cannot write its own files beside the ledger, else
    nothing."""
    effective = os.access in os.supports_effective_ids
    if os.access(os.path.dirname(os.path.abspath(path)), os.W_OK, effective_ids=effective):
        return ""
    return f"{path} lies where nothing can be written: read as it stands"


def connect_unwritable(path: Path | str) -> sqlite3.Connection:
    """Opens a connection that writes nothing, for which locks are neither possible nor needed.

    What a writer's log beside the ledger holds is read, too.
    """
    from urllib.parse import quote

    wal = f"{path}-wal"
    is_whole = not os.path.exists(wal) or not os.path.getsize(wal)
    how = "immutable=1" if is_whole else "mode=ro"
    name = quote(os.path.abspath(path))
    return sqlite3.connect(f"file:{name}?{how}", uri=True, isolation_level=None)


class _Sqlite:
    """A file of SQLite."""

    errors = (sqlite3.Error,)
    keeps_elsewhere = ""

    def meaning(self, error: Exception, path: Path | str) -> LedgerError:
        """Returns what an error means to somebody who runs a command."""
        said = str(error)
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
            return in_use(path)
        if "unable to open" in said:
            hint = "does its folder exist, and is it yours?"
            return LedgerError(f"cannot open {path}", hint=hint, code="cannot-read")
        if "malformed" in said or any(each in said for each in _NEVER_WRITTEN):
            return damaged(path, said)
        return LedgerError(f"{path}: {said}", hint="nothing was recorded", code="ledger-failed")

    # Transactions

    def begin_writing(self, connection: Connection) -> None:
        """Opens a transaction that can write, when nobody else has one."""
        connection.execute("BEGIN IMMEDIATE")

    def begin_reading(self, connection: Connection) -> None:
        """Opens a transaction in which what others write is not seen."""
        connection.execute("BEGIN")

    def commit(self, connection: Connection) -> None:
        """Makes what the transaction wrote durable."""
        connection.execute("COMMIT")

    def let_write(self, connection: Connection, on: bool) -> None:
        """Says whether transactions that are opened to read can write."""
        connection.execute(f"PRAGMA query_only = {'OFF' if on else 'ON'}")

    # Reading

    def streamed(self, connection: Connection, sql: str, values: Sequence[Any], /) -> Iterator[Any]:
        """Yields the rows of a query; SQLite reads one when it is asked for."""
        return iter(connection.execute(sql, values))

    def order(self, table: str) -> str:
        """Returns the number that each row has, whatever its table."""
        return "rowid"

    # The whole of it

    def is_ours(self, connection: Connection) -> bool:
        """Returns whether the file has the tables and indexes of a ledger and no others."""
        return is_ours(connection)

    def unsound(self, connection: Connection) -> Iterator[str]:
        """Yields what SQLite finds wrong with the file."""
        for (said,) in connection.execute("PRAGMA integrity_check(1)"):
            if said != "ok":
                yield f"the file is damaged: {said}"

    def damage_in(self, connection: Connection) -> str:
        """Returns the first damage that is found without the log, or nothing."""
        from playgate.ledger.damage import damage_in  # only where something failed

        return damage_in(connection)

    def empty(self, connection: Connection) -> None:
        """Makes the tables anew, but those of hooks; what else stands in the file goes: views,
        triggers, tables of somebody else."""
        for kind, name in connection.execute(
            "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')"
        ).fetchall():
            connection.execute(f"DROP {kind} {_quoted(name)}")
        left = STAYING if have_hooks(connection) else ()
        for table in names(connection):
            if table not in left:
                connection.execute(f"DROP TABLE {_quoted(table)}")
        make(connection, f"{DERIVED};{BESIDE}" + ("" if left else f";{HOOKS}"))

    def begin_erasing(self, connection: Connection) -> None:
        """Lets SQLite write over what is deleted."""
        connection.execute("PRAGMA secure_delete = ON")

    def wipe(self, connection: Connection) -> bool:
        """Writes the file anew, so that nothing that was deleted is left in it or beside it."""
        connection.execute("VACUUM")
        (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


SQLITE = _Sqlite()
"""The kind of database that a file of SQLite is."""
