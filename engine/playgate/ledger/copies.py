"""Copies of a ledger: a backup while others write, and a ledger restored from one.

Both are made beside where they are to stand, checked there, and put in place whole or not at all.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from playgate.errors import InputError
from playgate.ledger.database import explained
from playgate.ledger.head import Head
from playgate.ledger.sqlite_database import connect, connect_unwritable
from playgate.ledger.store import Ledger, LedgerError
from playgate.ledger.tables import APPLICATION_ID
from playgate.ledger.verify import Verified

__all__ = ["Check", "backup", "restore"]

Check = Callable[[Ledger], Verified]
"""Verifies a ledger."""
_APPLICATION_ID = slice(68, 72)
"""Where a file of SQLite says whose it is."""
_PAGES = 1_000
"""How many pages are copied at once."""


def backup(ledger: Ledger, path: Path, *, check: Check) -> Head:
    """Writes what the ledger holds now to `path`, where nothing may be yet, and returns its head.

    Others may write meanwhile: what they record is not in the copy. It is checked before it gets
    its name.
    """
    _refuse_existing(path, hint="a backup never replaces another: name a new file")
    with _beside(path) as made:
        with ledger.reading(), closing(sqlite3.connect(made)) as copy:
            _copy(cast("sqlite3.Connection", ledger.connection), copy)
        head = _checked(made, check, "the copy", "playgate ledger verify tells more")
        _put(made, path)
    return head


def restore(path: Path, target: Path, *, check: Check, replaces: bool) -> Head:
    """Makes the ledger `target` what the backup at `path` holds, and returns its head.

    A copy is checked before anything is changed. A ledger that is there already stays, unless this
    `replaces` it: who has it open goes on with what was restored.
    """
    if not path.exists():
        raise InputError(f"there is no backup at {path}", code="no-ledger")
    if not replaces:
        _refuse_existing(target, hint="--replace puts the backup in its place")
    elif target.exists():
        _refuse_foreign(target)
    _refuse_foreign(path)
    with _beside(target) as made:
        with (
            explained(path),
            closing(connect_unwritable(path)) as source,
            closing(sqlite3.connect(made)) as copy,
        ):
            _copy(source, copy)
        head = _checked(made, check, str(path), "use another backup; nothing was changed")
        if target.exists():
            _replace(made, target)
        else:
            _put(made, target)
    return head


def _copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Makes a database what another is; the target is waited for as long as its connection says.

    What is copied is the source of one moment, though others go on writing.
    """

    def told(status: int, _: int, __: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise sqlite3.OperationalError("database is locked")

    if not source.in_transaction:
        source.execute("BEGIN")
    source.execute("SELECT 1 FROM sqlite_master").fetchone()  # only now the moment is settled
    source.backup(target, pages=_PAGES, progress=told)


def _refuse_existing(path: Path, *, hint: str) -> None:
    if os.path.lexists(path):
        raise InputError(f"{path} is there already", hint=hint, code="ledger-exists")


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Makes an empty file beside where a copy is to stand; what is left of it at the end goes."""
    with explained(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:200]}.", dir=path.parent)
    os.close(handle)
    try:
        with explained(path):
            yield Path(name)
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(name + suffix).unlink(missing_ok=True)


def _refuse_foreign(path: Path) -> None:
    """Raises `InputError` where a file does not say that it is a ledger."""
    with explained(path), path.open("rb") as stream:
        start = stream.read(_APPLICATION_ID.stop)
    if start[_APPLICATION_ID] != APPLICATION_ID.to_bytes(4, "big"):
        hint = "nothing was changed; where it was one and is damaged, move it away"
        raise InputError(f"{path} is no ledger of playgate", hint=hint, code="wrong-ledger")


def _checked(made: Path, check: Check, what: str, hint: str) -> Head:
    try:
        with Ledger.open(made, unchecked=True) as copy:
            found = check(copy)
    except InputError as error:
        message = error.message.replace(str(made), what)
        raise LedgerError(message, hint=error.hint, code=error.code) from None
    if found.fault is not None:
        message = f"{what} does not verify: {found.fault}"
        raise LedgerError(message, hint=hint, code="ledger-damaged")
    return found.head


def _put(made: Path, path: Path) -> None:
    """Gives a copy its name, where nothing has it yet."""
    made.chmod(0o600)
    _sync(made)
    try:
        os.link(made, path)
    except FileExistsError:
        _refuse_existing(path, hint="somebody else made it meanwhile: nothing was changed")
    _sync(path.parent)


def _replace(made: Path, target: Path) -> None:
    """Makes a ledger what a copy is, in one transaction; one that is damaged beyond that gives way
    to it."""
    try:
        with closing(sqlite3.connect(made)) as copy, closing(connect(target)) as there:
            _copy(copy, there)
            there.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        _put_over(made, target)


def _put_over(made: Path, target: Path) -> None:
    made.chmod(stat.S_IMODE(target.stat().st_mode))
    _sync(made)
    for suffix in ("-wal", "-shm"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    os.replace(made, target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    """Makes what was written outlive a power cut, where the system lets folders be synced."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
