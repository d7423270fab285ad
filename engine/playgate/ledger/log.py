"""The log of a ledger: everything that was recorded, in one sequence without a gap."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from playgate.ledger.apply import apply
from playgate.ledger.chain import SALT, START, commitments, digest_of, link
from playgate.ledger.connection import Connection
from playgate.ledger.database import database_of
from playgate.ledger.entries import Columns, Entry, Numbered, columns_of, encoded
from playgate.ledger.head import Head

__all__ = ["COLUMNS", "Log", "Row", "Salts"]

Salts = Callable[[int], bytes]
"""Gives as many random bytes as it is asked for, which nobody can guess."""
Row = tuple[
    int, str, int | None, str | None, str | None, str | None, str | None, bytes, bytes | None, bytes
]
"""A row of the log: number, kind, instant, what is open, the three groups, salts, commitments to
what was erased, digest."""

COLUMNS = "seq, kind, at, open, deal, who, text, salts, kept, hash"
_TOGETHER = 500
"""How many entries are held at once, at most."""


class Log:
    """The log of an open ledger. Whatever is recorded goes through `record`, which writes an entry
    and the rows that it means, and must be called inside a transaction."""

    def __init__(self, connection: Connection, salts: Salts = os.urandom) -> None:
        self._connection = connection
        self.salts = salts

    def head(self) -> Head:
        """Returns where the log ends."""
        seq, digest = self.end()
        return Head(seq, digest.hex())

    def record(self, entry: Entry) -> None:
        """Records something."""
        self.record_all([entry])

    def record_all(self, entries: Iterable[Entry]) -> int:
        """Records many things in their order, and returns how many they were."""
        waiting = iter(entries)
        count = 0
        while some := list(islice(waiting, _TOGETHER)):
            apply(self._connection, self.append(some))
            count += len(some)
        return count

    def append(self, entries: list[Entry]) -> list[Numbered]:
        """Writes entries to the log alone, and returns them with their numbers."""
        seq, digest = self.end()
        numbered = list(enumerate(entries, seq + 1))
        self._connection.executemany(
            f"INSERT INTO log ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)",  # noqa: S608
            _rows(numbered, digest, self.salts(SALT * len(entries))),
        )
        return numbered

    def take_over(self, rows: Iterable[Row]) -> None:
        """Takes rows of another log as they are, into one that is empty."""
        places = ", ".join("?" * len(COLUMNS.split(",")))
        self._connection.executemany(
            f"INSERT INTO log ({COLUMNS}) VALUES ({places})",  # noqa: S608  (constants)
            rows,
        )

    def rows(self, after: int = 0, *, until: int | None = None) -> Iterator[Row]:
        """Yields the rows of the log, from the first or behind another, to the last or this one."""
        return database_of(self._connection).streamed(
            self._connection,
            f"SELECT {COLUMNS} FROM log WHERE seq > ? AND seq <= coalesce(?, seq) ORDER BY seq",  # noqa: S608
            (after, until),
        )

    def short(self, since: int, *, most: int) -> list[tuple[int, str, Columns, bytes]]:
        """Returns of the entries from one on, at most so many, their number, kind, deal and
        digest."""
        rows = self._connection.execute(
            "SELECT seq, kind, deal, hash FROM log WHERE seq >= ? ORDER BY seq LIMIT ?",
            (since, most),
        )
        return [(seq, kind, columns_of(deal), digest) for seq, kind, deal, digest in rows]

    def hash_before(self, seq: int) -> bytes:
        """Returns the hash of the entry before one."""
        row = self.row(seq - 1)
        return START if row is None else row[-1]

    def row(self, seq: int) -> Row | None:
        """Returns the row of a number, or `None` where there is none."""
        row: Row | None = self._connection.execute(
            f"SELECT {COLUMNS} FROM log WHERE seq = ?",  # noqa: S608  (constant)
            (seq,),
        ).fetchone()
        return row

    def entries(self) -> Iterator[Numbered]:
        """Yields what was recorded, from the first entry on."""
        for seq, kind, at, *texts in database_of(self._connection).streamed(
            self._connection,
            "SELECT seq, kind, at, open, deal, who, text FROM log ORDER BY seq",
            (),
        ):
            yield seq, Entry(kind, at, *map(columns_of, texts))

    def replay(self) -> None:
        """Makes the tables, which are empty, what the log says."""
        entries = self.entries()
        while some := list(islice(entries, _TOGETHER)):
            apply(self._connection, some)

    def end(self) -> tuple[int, bytes]:
        """Returns the number and the digest of the last entry; of none, those of the beginning."""
        row: tuple[int, bytes] | None = self._connection.execute(
            "SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        return row or (0, START)


def _rows(numbered: list[Numbered], digest: bytes, salts: bytes) -> Iterator[tuple[Any, ...]]:
    """Yields the rows of entries behind an entry of this digest."""
    place = 0
    for seq, (kind, at, opened, deal, who, text) in numbered:
        salt = salts[place : place + SALT] if deal or who or text else b""
        place += SALT
        told, whose, by, said = encoded(opened), encoded(deal), encoded(who), encoded(text)
        digest = link(digest, digest_of(seq, kind, at, told, commitments(salt, whose, by, said)))
        yield seq, kind, at, told, whose, by, said, salt, digest
