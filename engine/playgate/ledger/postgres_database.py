"""A ledger on a server of PostgreSQL: its transactions, its errors, and all of it at once.

Who writes holds a lock that no two have, from before the head of the log is read until what was
written stands behind it. So the log stays one chain, however many write.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from playgate.errors import InputError
from playgate.ledger.errors import LedgerError, damaged, in_use
from playgate.ledger.postgres_connection import DriverError, PostgresConnection, patience
from playgate.ledger.postgres_tables import ORDER, drops, is_whole, made_of
from playgate.ledger.tables import APPLICATION_ID, STAYING

if TYPE_CHECKING:
    from pathlib import Path

    from playgate.ledger.connection import Connection

__all__ = ["POSTGRES", "begin_alone"]

_BUSY = ("55P03", "40001", "40P01")
"""What is said of who waited too long, or was too late."""
_READ_ONLY = ("25006", "42501")
_DAMAGED = ("42P01", "42703", "42883", "42804", "XX001", "XX002")
_FULL = ("53100",)
_GONE = ("57P01", "57P02", "57P03", "25P03")
_IDLE = 60_000
"""After so many milliseconds in which it says nothing, a writer has gone, and its lock with it."""
_A_MOMENT = 0.05
"""Seconds after which it is looked again who still sees what was deleted."""


class _Postgres:
    """A server of PostgreSQL."""

    errors = (DriverError,)
    keeps_elsewhere = "the server's write-ahead log, its standbys and its backups"

    def meaning(self, error: Exception, path: Path | str) -> InputError:
        """Returns what an error means to somebody who runs a command."""
        code = str(getattr(error, "sqlstate", None) or "")
        said = _first_line(error)
        if code in _GONE or (not code and _is_of_the_line(error)):
            return lost(path, "nothing was recorded")
        if code in _BUSY or "log_pkey" in said:  # somebody wrote without the lock
            return in_use(path)
        if code in _READ_ONLY:
            message = f"{path} cannot be written: nothing was recorded"
            return LedgerError(message, hint="check its rights", code="ledger-read-only")
        if code in _FULL:
            message = f"the disk of {path} is full: nothing was recorded"
            return LedgerError(message, hint="make room", code="ledger-full")
        if code in _DAMAGED:
            return damaged(path, said)
        if "NUL" in said:
            hint = "PostgreSQL keeps all signs but this one"
            return InputError("a text has a NUL in it", hint=hint, code="wrong-value")
        return LedgerError(f"{path}: {said}", hint="nothing was recorded", code="ledger-failed")

    # Transactions

    def begin_writing(self, connection: Connection) -> None:
        """Opens a transaction that can write, when nobody else has one."""
        begin_alone(_ours(connection))

    def begin_reading(self, connection: Connection) -> None:
        """Opens a transaction in which what others write is not seen, and which writes nothing."""
        _ours(connection).run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def commit(self, connection: Connection) -> None:
        """Makes what the transaction wrote durable; raises `LedgerError` where the server did not
        say that it is."""
        ours = _ours(connection)
        try:
            said = ours.run("COMMIT")
        except DriverError:
            if not ours.is_lost:
                raise
            what = "whether it was recorded is not known: look before you ask again"
            raise lost(ours.shown, what) from None
        if said != "COMMIT":
            message = f"{ours.shown} took the transaction back"
            raise LedgerError(message, hint="nothing was recorded", code="ledger-failed")

    def let_write(self, connection: Connection, on: bool) -> None:
        """Does nothing: transactions that are opened to read cannot write anyway."""

    # Reading

    def streamed(self, connection: Connection, sql: str, values: Sequence[Any], /) -> Iterator[Any]:
        """Yields the rows of a query, some of which are held at a time."""
        return _ours(connection).streamed(sql, values)

    def order(self, table: str) -> str:
        """Returns the column by which a table's rows are told apart."""
        return ORDER[table]

    # The whole of it

    def is_ours(self, connection: Connection) -> bool:
        """Returns whether the schema has the tables and indexes of a ledger, and no others."""
        return is_whole(_ours(connection))

    def unsound(self, connection: Connection) -> Iterator[str]:
        """Yields nothing: what the server keeps of its files is its own."""
        yield from ()

    def damage_in(self, connection: Connection) -> str:
        """Returns nothing: types are the server's, and all else is held against the log."""
        return ""

    def empty(self, connection: Connection) -> None:
        """Deletes the rows of all tables but the log and those of hooks; tables that are not as
        they were made are made anew, and what else stands in the schema is an error of whoever put
        it there.

        Rows are deleted, and tables not made anew where they need not be, since who reads
        meanwhile would find them empty.
        """
        ours = _ours(connection)
        if is_whole(ours):
            for table in ORDER.keys() - {"log", *STAYING}:
                ours.execute(f'DELETE FROM "{table}"')  # noqa: S608  (names of our own)
            return
        for statement in drops(ours):
            ours.run(statement)
        ours.run(made_of(log=False))
        if not is_whole(ours):
            raise LedgerError(
                f"the schema {ours.schema} of {ours.shown} has something else in it",
                hint="drop what is no ledger's: functions, say, or rules of the log",
                code="ledger-damaged",
            )

    def begin_erasing(self, connection: Connection) -> None:
        """Does nothing: the server marks rows as deleted, and they go with `wipe`."""

    def wipe(self, connection: Connection) -> bool:
        """Writes the tables anew, so that nothing that was deleted is left in them.

        That can be done when nobody looks at the database as it was before.
        """
        ours = _ours(connection)
        (until,) = ours.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchone()
        for _ in range(int(patience() / _A_MOMENT)):
            if ours.execute(_LOOK_BACK, (until,)).fetchone() is None:
                break
            ours.run(f"SELECT pg_sleep({_A_MOMENT})")
        else:
            return False
        before = _files(ours)
        for table in ORDER:
            ours.run(f'VACUUM (FULL) "{table}"')
        if before & _files(ours):  # the server passes over tables of somebody else
            raise LedgerError(
                f"the tables of {ours.shown} still hold what was deleted: they are not yours",
                hint="playgate ledger rebuild, by whose they are, leaves nothing of it",
                code="ledger-read-only",
            )
        return True


def _files(connection: PostgresConnection) -> set[tuple[str, int]]:
    """Returns in which file each table lies: one that was written anew lies in another."""
    rows = connection.execute(
        "SELECT relname, pg_relation_filenode(oid) FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = ?)",
        (connection.schema,),
    )
    return {(str(name), int(file)) for name, file in rows}


_LOOK_BACK = """
SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_xmin IS NOT NULL AND age(backend_xmin) > age(?::xid8::xid) LIMIT 1
"""
"""Finds somebody who still sees what was deleted before a transaction."""


def lost(path: Path | str, what: str) -> LedgerError:
    """Returns the error that tells of a server that has gone."""
    hint = "is it there, and is the way to it open? then ask again"
    return LedgerError(f"the server of {path} has gone: {what}", hint=hint, code="ledger-lost")


def begin_alone(connection: PostgresConnection) -> None:
    """Opens a transaction that can write, when nobody else has one on this schema, be there a
    ledger in it or not yet."""
    key = zlib.crc32(connection.schema.encode()) - 2**31
    try:
        connection.run(
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
            f" SET LOCAL idle_in_transaction_session_timeout = {_IDLE};"
            f" SELECT pg_advisory_xact_lock({APPLICATION_ID}, {key})"
        )
    except DriverError:
        if connection.in_transaction and not connection.is_lost:
            connection.run("ROLLBACK")
        raise


def _ours(connection: Connection) -> PostgresConnection:
    return cast("PostgresConnection", connection)


def _is_of_the_line(error: Exception) -> bool:
    """Whether an error, of which the server said nothing, is that it did not answer."""
    return type(error).__name__ in ("OperationalError", "InterfaceError")


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


POSTGRES = _Postgres()
"""The kind of database that a server of PostgreSQL is."""
