"""The tests of ledgers, run on a server of PostgreSQL: each file of a ledger stands for a schema.

A test names its ledgers by paths. On a server, whoever opens such a path in this process, or in one
that was forked from it, gets the ledger of a schema that is called by it; a process of its own is
given the address.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from playgate.ledger import postgres_opening, store
from playgate.ledger.connection import Connection, Opened

__all__ = ["check_sound", "given_name", "is_there", "ledgers_on", "raw", "settle"]

_servers: list[str] = []
"""The address of the server on which ledgers lie now; none where they are files."""


class _Elsewhere:
    """Opens, in place of files, ledgers on a server."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.schemas: set[str] = set()

    def address(self, path: Path | str) -> str:
        """The address for which a path stands."""
        name = Path(path).absolute()
        schema = f"t_{zlib.crc32(str(name).encode()):08x}"
        self.schemas.add(schema)
        return f"{self._address}?schema={schema}"

    def opened(self, path: Path | str, **options: Any) -> Opened:
        with _told_as(path):
            return postgres_opening.opened(self.address(path), **options)

    def make_new(self, path: Path | str, **options: Any) -> None:
        with _told_as(path):
            postgres_opening.make_new(self.address(path), **options)

    def make_with(self, path: Path | str, fill: Any) -> bool:
        with _told_as(path):
            return postgres_opening.make_with(self.address(path), fill)


@contextmanager
def _told_as(path: Path | str) -> Iterator[None]:
    """Lets a ledger be called by the path that stands for it."""
    read = postgres_opening.read_address

    def named(text: str) -> Any:
        return read(text)._replace(shown=str(path))

    with mock.patch.object(postgres_opening, "read_address", named):
        yield


@contextmanager
def ledgers_on(address: str) -> Iterator[None]:
    """Lets all ledgers that are named by paths lie on a server, from which they go in the end."""
    import psycopg

    elsewhere = _Elsewhere(address)

    def opening(path: Path | str) -> Any:
        return _opening(path) if store.is_address(path) else elsewhere

    _opening = store._opening
    _servers.append(address)
    try:
        with mock.patch.object(store, "_opening", opening):
            yield
    finally:
        _servers.pop()
        with psycopg.connect(address, autocommit=True) as connection:
            for (schema,) in connection.execute(
                "SELECT nspname FROM pg_namespace WHERE nspname LIKE 't@_________' ESCAPE '@'"
            ).fetchall():
                connection.execute(f'DROP SCHEMA "{schema}" CASCADE'.encode())


def given_name(db: Path | str) -> str:
    """How a process of its own calls a ledger: the path, or the address for which it stands."""
    if not _servers or store.is_address(db):
        return str(db)
    return _Elsewhere(_servers[-1]).address(db)


def is_there(db: Path) -> bool:
    """Whether there is a ledger."""
    if not _servers:
        return db.exists()
    return _version_of(db) is not None


def _version_of(db: Path) -> int | None:
    connection = postgres_opening._connected(given_name(db))
    try:
        return postgres_opening._version(connection)
    finally:
        connection.close()


@contextmanager
def raw(db: Path) -> Iterator[Connection]:
    """A connection to a ledger, as anybody has one who may write it."""
    if _servers:
        connection: Any = postgres_opening._connected(given_name(db))
    else:
        import sqlite3

        connection = sqlite3.connect(db, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def check_sound(db: Path) -> None:
    """The database itself finds nothing wrong with a ledger."""
    if _servers:
        return
    with raw(db) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def settle(db: Path) -> None:
    """Waits until the server has ended what a process began that was killed."""
    if _servers:
        from playgate.ledger.postgres_database import begin_alone

        with raw(db) as connection:
            begin_alone(connection)
