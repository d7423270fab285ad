"""A disk under a ledger that tells what was written when, fails on demand, and loses its power.

SQLite is asked through `apsw`, which lets a file system be written in Python. Such a file system
has no shared memory, so the ledger is locked for one process; all else is as in production.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from unittest import mock

import apsw

from playgate.ledger import sqlite_database

__all__ = ["Disk", "Done", "on_disk", "restored"]

_SECTOR = 512
_WAL_PAGES = 4
"""After so many pages of its log SQLite writes into the file itself: often, so that it is seen."""


class Done(NamedTuple):
    """One thing that was done to a file."""

    what: str
    """`write`, `truncate`, `sync` or `delete`."""
    file: str
    at: int = 0
    data: bytes = b""


class Disk:
    """Keeps what was done; the step at `fails_at` fails, and with `for_good` all that follow."""

    def __init__(
        self, fails_at: int = -1, error: type[Exception] = apsw.IOError, *, for_good: bool = False
    ) -> None:
        self.done: list[Done] = []
        self._fails_at = fails_at
        self._error = error
        self._for_good = for_good
        self._steps = 0

    def step(self) -> None:
        """Counts a step that is about to be taken; raises where it fails."""
        number, self._steps = self._steps, self._steps + 1
        if number == self._fails_at or (self._for_good and number > self._fails_at >= 0):
            raise self._error("the disk says no")

    @property
    def steps(self) -> int:
        """How many steps were taken that may fail."""
        return self._steps


@contextmanager
def on_disk(disk: Disk) -> Iterator[None]:
    """Lets ledgers that are opened meanwhile lie on this disk."""
    name = f"disk-{id(disk)}"
    system = _System(name, disk)

    def connect(path: Any, **_: Any) -> _Connection:
        return _Connection(str(path), name)

    try:
        with mock.patch.object(sqlite_database.sqlite3, "connect", connect):
            yield
    finally:
        system.unregister()


class _System(apsw.VFS):
    def __init__(self, name: str, disk: Disk) -> None:
        self._disk = disk
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> _File:  # noqa: N802
        return _File(self._disk, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802
        super().xDelete(name, sync)
        self._disk.done.append(Done("delete", Path(name).name))


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        self._name = Path(
            name.filename() if isinstance(name, apsw.URIFilename) else name or ""
        ).name
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.step()
        super().xWrite(data, offset)
        self._disk.done.append(Done("write", self._name, offset, bytes(data)))

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.step()
        super().xTruncate(size)
        self._disk.done.append(Done("truncate", self._name, size))

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.step()
        super().xSync(flags)
        self._disk.done.append(Done("sync", self._name))


class _Connection:
    """A connection of `apsw` that answers as one of `sqlite3` does, as far as a ledger asks it."""

    def __init__(self, path: str, system: str) -> None:
        self._inner = apsw.Connection(path, vfs=system)
        self._inner.set_busy_timeout(0)
        self.execute("PRAGMA locking_mode = EXCLUSIVE")
        self.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")

    @property
    def in_transaction(self) -> bool:
        return bool(self._inner.in_transaction)

    @property
    def total_changes(self) -> int:
        return int(self._inner.total_changes())

    def execute(self, statement: str, values: Sequence[Any] = ()) -> _Cursor:
        return _Cursor(self._inner, _told(lambda: self._inner.execute(statement, values)))

    def executemany(self, statement: str, values: Any) -> _Cursor:
        return _Cursor(self._inner, _told(lambda: self._inner.executemany(statement, values)))

    def close(self) -> None:
        with suppress(apsw.Error):  # SQLite closes whatever the disk says
            self._inner.close()


class _Cursor:
    def __init__(self, connection: Any, inner: Any) -> None:
        self._inner = inner
        self.rowcount = connection.changes()
        self.lastrowid = connection.last_insert_rowid()

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.fetchall())

    def fetchone(self) -> Any:
        return _told(self._inner.fetchone)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return list(_told(self._inner.fetchall))


def _told(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except apsw.Error as error:
        raise sqlite3.OperationalError(str(error)) from None


# Power cuts


def restored(
    folder: Path, before: dict[str, bytes], done: Sequence[Done], rng: Random | None
) -> None:
    """Writes into a folder what a disk holds whose power was cut after all that was done.

    What was synced is there. Of the rest each piece is there, is not, or is there in part, as the
    random numbers say; without them nothing of it is.
    """
    files = _Files(dict(before))
    for name in {each.file for each in done} | before.keys():
        files.replay(name, [each for each in done if each.file == name], rng)
    for name, content in files.content.items():
        (folder / name).write_bytes(content)


class _Files:
    def __init__(self, content: dict[str, bytes]) -> None:
        self.content = content

    def replay(self, name: str, done: list[Done], rng: Random | None) -> None:
        synced = max((n for n, each in enumerate(done) if each.what == "sync"), default=-1)
        for number, each in enumerate(done):
            if number <= synced:
                self._do(each)
            elif rng is not None and (way := rng.randrange(3)):
                self._do(each if way == 1 else _torn(each, rng))

    def _do(self, done: Done) -> None:
        now = self.content.get(done.file, b"")
        if done.what == "write":
            now = now.ljust(done.at, b"\0")
            self.content[done.file] = now[: done.at] + done.data + now[done.at + len(done.data) :]
        elif done.what == "truncate":
            self.content[done.file] = now[: done.at].ljust(done.at, b"\0")
        elif done.what == "delete":
            self.content.pop(done.file, None)


def _torn(done: Done, rng: Random) -> Done:
    """What is left of a write of which only the first sectors came to the disk."""
    if done.what != "write":
        return done
    sectors = rng.randint(0, len(done.data) // _SECTOR)
    return done._replace(data=done.data[: sectors * _SECTOR])
