"""The ledger in a file of SQLite, opened; and made where there is none.

It is written in WAL mode with `synchronous = FULL`: what was acknowledged survives a crash of the
process, and a power cut.
"""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Any

from playgate.errors import InputError
from playgate.ledger.database import explained
from playgate.ledger.errors import exists_already, missing, newer
from playgate.ledger.fast_check import refuse_damaged
from playgate.ledger.sqlite_database import connect, connect_unwritable, unwritable
from playgate.ledger.tables import APPLICATION_ID, LOGGED, VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from playgate.ledger.connection import Opened
    from playgate.ledger.log import Salts
    from playgate.ledger.schema import Fill
    from playgate.ledger.settings import RecordKeeper

__all__ = ["make_new", "make_with", "opened"]


def opened(
    path: Path | str, *, create: bool, reading: bool, unchecked: bool, salts: Salts
) -> Opened:
    """Opens the ledger at `path`, as `Ledger.open` has it."""
    _refuse_memory(path)
    if not os.path.exists(path):
        if not create:
            raise missing(path)
        _create(path, "ledger", salts)
    note = unwritable(path) if reading else ""
    with explained(path):
        connection = connect_unwritable(path) if note else connect(path)
    try:
        with explained(path):
            sealed = _check(connection, path, salts, unchecked=unchecked)
    except BaseException:
        connection.close()
        raise
    return connection, path, note or sealed


def make_new(path: Path | str, *, record: RecordKeeper, salts: Salts) -> None:
    """Makes a ledger at `path`, as `Ledger.new` has it."""
    _refuse_memory(path)
    if os.path.exists(path) or not _create(path, record, salts):
        raise exists_already(path)


def make_with(path: Path | str, fill: Fill) -> bool:
    """Makes a ledger at `path` and fills it, whole or not at all; returns whether there was
    none."""
    from pathlib import Path

    from playgate.ledger.schema import create_with

    _refuse_memory(path)
    with explained(path):
        return not os.path.lexists(path) and create_with(Path(path), fill)


def _refuse_memory(path: Path | str) -> None:
    """Refuses a name by which SQLite keeps nothing: a ledger is a file."""
    if str(path) == ":memory:":
        hint = "--db names a file; one below a folder for temporary files is gone soon enough"
        raise InputError(f"{path} keeps nothing: it is no ledger", hint=hint, code="wrong-ledger")


def _create(path: Path | str, record: RecordKeeper, salts: Salts) -> bool:
    from pathlib import Path

    from playgate.ledger.schema import create

    with explained(path):
        return create(Path(path), salts, record=record)


def _check(
    connection: sqlite3.Connection, path: Path | str, salts: Salts, *, unchecked: bool
) -> str:
    """Refuses what is no ledger, a newer one, or one that was tampered with as can be seen at once,
    and migrates an older one; returns what to say of that."""
    found: Any = connection.execute("PRAGMA application_id").fetchone()[0]
    if found != APPLICATION_ID:
        hint = "--db names another file"
        raise InputError(f"{path} is no ledger of playgate", hint=hint, code="wrong-ledger")
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise newer(path, version)
    if version < VERSION:
        from playgate.ledger.schema import migrate

        migrate(connection, salts)
    if not unchecked:
        refuse_damaged(connection, path)
    if version >= LOGGED:
        return ""
    return (
        f"{path} was written by an older playgate and is sealed from now on: nothing can be shown"
        " of what was done to it before (playgate ledger verify)"
    )
