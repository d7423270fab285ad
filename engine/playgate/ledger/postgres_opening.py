"""The ledger on a server of PostgreSQL, opened; and made where there is none.

It lies in a schema of its own, whose comment says that it is a ledger, and of which version. Who
makes one holds the lock of those who write, so that of several at once one makes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playgate.documents.addresses import secrets_in
from playgate.errors import InputError
from playgate.ledger.database import explained
from playgate.ledger.errors import exists_already, missing, newer
from playgate.ledger.fast_check import refuse_damaged
from playgate.ledger.log import Log
from playgate.ledger.postgres_address import Address, read_address
from playgate.ledger.rebuild import rebuild
from playgate.ledger.settings import Settings
from playgate.ledger.tables import VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from playgate.ledger.connection import Opened
    from playgate.ledger.log import Salts
    from playgate.ledger.postgres_connection import PostgresConnection
    from playgate.ledger.schema import Fill
    from playgate.ledger.settings import RecordKeeper

__all__ = ["make_new", "make_with", "opened"]

_MARK = "playgate ledger, version "
_OLDEST_SERVER = 130_000
_LONGEST_REASON = 300


def opened(
    path: Path | str, *, create: bool, reading: bool, unchecked: bool, salts: Salts
) -> Opened:
    """Opens the ledger at an address, as `Ledger.open` has it."""
    connection = _connected(path)
    try:
        with explained(connection.shown, connection.database):
            version = _version(connection)
            if version is None:
                if not create:
                    raise missing(connection.shown)
                _made(connection, _keeps_record("ledger", salts))
            elif version < VERSION:
                _migrate(connection)
            if not unchecked:
                refuse_damaged(connection, connection.shown)
    except BaseException:
        connection.close()
        raise
    return connection, connection.shown, ""


def make_new(path: Path | str, *, record: RecordKeeper, salts: Salts) -> None:
    """Makes a ledger at an address, as `Ledger.new` has it."""
    connection = _connected(path)
    try:
        with explained(connection.shown, connection.database):
            if not _made(connection, _keeps_record(record, salts)):
                raise exists_already(connection.shown)
    finally:
        connection.close()


def make_with(path: Path | str, fill: Fill) -> bool:
    """Makes a ledger at an address and fills it, whole or not at all; returns whether there was
    none."""
    connection = _connected(path)
    try:
        with explained(connection.shown, connection.database):
            return _made(connection, fill)
    finally:
        connection.close()


def _keeps_record(record: RecordKeeper, salts: Salts) -> Fill:
    return lambda connection: Settings(connection, Log(connection, salts)).keep_record(record)


def _made(connection: PostgresConnection, fill: Fill) -> bool:
    with _alone(connection):
        is_new = _version(connection) is None
        if is_new:
            _make(connection)
            fill(connection)
    return is_new


def _make(connection: PostgresConnection) -> None:
    from playgate.ledger.postgres_tables import made_of

    (encoding,) = connection.execute("SHOW server_encoding").fetchone()
    if encoding != "UTF8":
        raise InputError(
            f"the database of {connection.shown} is not in UTF8, but in {encoding}",
            hint="CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
            code="wrong-ledger",
        )
    schema = f'"{connection.schema}"'
    found = connection.execute(
        "SELECT 1 FROM pg_namespace WHERE nspname = ?", (connection.schema,)
    ).fetchone()
    if found is None:
        connection.run(f"CREATE SCHEMA {schema}")
    connection.run(made_of(log=True))
    _mark(connection)


def _migrate(connection: PostgresConnection) -> None:
    """Brings the tables of an older ledger up to date: they are made anew from its log."""
    with _alone(connection):
        if (_version(connection) or VERSION) < VERSION:
            rebuild(connection)
            _mark(connection)


def _mark(connection: PostgresConnection) -> None:
    connection.run(f"COMMENT ON SCHEMA \"{connection.schema}\" IS '{_MARK}{VERSION}'")


@contextmanager
def _alone(connection: PostgresConnection) -> Iterator[None]:
    """Opens a transaction that is the only one to write: all of it is there at its end, or
    nothing."""
    from playgate.ledger.postgres_database import begin_alone

    begin_alone(connection)
    try:
        yield
        connection.database.commit(connection)
    except BaseException:
        if connection.in_transaction and not connection.is_lost:
            connection.run("ROLLBACK")
        raise


def _version(connection: PostgresConnection) -> int | None:
    """Returns of which version the ledger is that lies in the schema, or `None` where the schema is
    empty or not there; raises `InputError` where it is no ledger, or none that can be read here."""
    version = _marked(connection)
    if version is None:
        from playgate.ledger.postgres_tables import found_in  # a ledger that is marked needs none

        if not found_in(connection):
            return None
        version = _marked(connection)  # it may have been made between the two looks
    if version is None:
        raise InputError(
            f"the schema {connection.schema} of {connection.shown} is no ledger of playgate",
            hint="?schema=NAME behind the address names another",
            code="wrong-ledger",
        )
    if version > VERSION:
        raise newer(connection.shown, version)
    return version


def _marked(connection: PostgresConnection) -> int | None:
    """Returns the version that the schema says of itself, if any."""
    row = connection.execute(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = ?",
        (connection.schema,),
    ).fetchone()
    found = re.fullmatch(rf"{_MARK}(\d{{1,4}})", row[0] or "") if row else None
    return int(found[1]) if found else None


# The connection


def _connected(path: Path | str) -> PostgresConnection:
    """Connects to the server at an address; raises `InputError` where it does not answer."""
    address = read_address(str(path))
    try:
        from playgate.ledger import postgres_connection
        from playgate.ledger.postgres_database import POSTGRES
    except ImportError:
        raise InputError(
            "what a ledger at postgresql:// needs is not installed",
            hint="pip install 'playgate[postgres]'",
            code="not-installed",
        ) from None
    try:
        connection = postgres_connection.connect(address, POSTGRES)
    except postgres_connection.DriverError as error:
        raise InputError(
            f"cannot connect to {address.shown}: {_reason(error, address)}",
            hint="is the server there, and may you use it?",
            code="cannot-read",
        ) from None
    if connection.server_version < _OLDEST_SERVER:
        connection.close()
        message = f"the server of {address.shown} is older than PostgreSQL 13"
        raise InputError(message, hint="use a newer one", code="wrong-ledger")
    return connection


def _reason(error: Exception, address: Address) -> str:
    """Returns what the driver said, in one line and without what may be secret."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = lines[0] if lines else type(error).__name__
    for secret in secrets_in(address.given.partition("://")[2]):
        reason = reason.replace(secret, "***")
    return reason[:_LONGEST_REASON]
