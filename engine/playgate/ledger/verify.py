"""Is a ledger what was recorded? All of it is read: its log, and the tables made from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice, zip_longest
from typing import Any

from playgate.ledger.apply import KNOWN, apply
from playgate.ledger.chain import START
from playgate.ledger.checking import Erased, fault_of
from playgate.ledger.connection import Connection
from playgate.ledger.database import database_of
from playgate.ledger.entries import Entry, Numbered, columns_of
from playgate.ledger.erased import Erasures
from playgate.ledger.head import Head
from playgate.ledger.log import Log, Row
from playgate.ledger.published import is_published
from playgate.ledger.tables import DERIVED, make, names
from playgate.records import Record

__all__ = ["Fault", "Verified", "verify", "verify_log"]

_TOGETHER = 10_000
_UNREAD = (
    *(sqlite3.Error, ArithmeticError, AttributeError, LookupError),
    *(RecursionError, TypeError, ValueError),
)
"""What is raised by what playgate never wrote."""
Watch = Callable[[int], None]
"""Hears of so many more entries that were read."""


class Fault(Record):
    """What is wrong, and where: the number and kind of an entry of the log, or none."""

    what: str
    seq: int | None = None
    kind: str = ""
    in_log: bool = True
    """Whether it is the log that is damaged; else the tables can be made anew from it."""

    def __str__(self) -> str:
        where = "" if self.seq is None else f"entry {self.seq} ({self.kind}): "
        return f"{where}{self.what}"


class Verified(Record):
    """What was found of a ledger: its head, and the first fault or none."""

    head: Head
    entries: int
    """How many entries were read."""
    since: int
    """After which entry what was recorded is held against its digests."""
    sealed: int | None
    """The entry by which an older ledger was sealed; of what was done before, nothing can be
    shown."""
    sealed_after: int | None
    """The latest instant at which something of that was recorded: it was sealed later."""
    erased: int
    """How many entries lack what was erased."""
    fault: Fault | None


class _FaultError(Exception):
    def __init__(
        self, what: str, seq: int | None = None, kind: str = "", *, in_log: bool = True
    ) -> None:
        super().__init__(what)
        self.fault = Fault(what, seq, kind, in_log)


def verify(
    connection: Connection, *, since: Head | None = None, watch: Watch = lambda _: None
) -> Verified:
    """Reads a ledger whole and returns what was found, up to the first fault.

    `since` is where the log ended once: entries until then are not held against their digests
    again, if only that one is the same. Must be called inside a transaction.
    """
    reading = _Reading(connection, since, watch)
    return reading.told(reading.all)


def verify_log(connection: Connection) -> Verified:
    """Reads the log alone, whatever the tables are, and returns what was found, up to the first
    fault. Must be called inside a transaction."""
    reading = _Reading(connection, None, lambda _: None)
    return reading.told(reading.log)


class _Reading:
    def __init__(self, connection: Connection, since: Head | None, watch: Watch) -> None:
        self._connection = connection
        self._database = database_of(connection)
        self._since = since
        self._watch = watch
        self._end = (0, START)
        self._entries = 0
        self._older = 0
        self._sealed: int | None = None
        self._sealed_after: int | None = None
        self._erased = 0
        self._at: tuple[int, str] | tuple[()] = ()
        """The entry that is being read."""

    def told(self, read: Callable[[], None]) -> Verified:
        """Reads, and returns what was found."""
        try:
            read()
        except _FaultError as error:
            return self._found(error.fault)
        except _UNREAD as error:
            return self._found(Fault(f"it cannot be read ({error})", *self._at))
        return self._found(None)

    def _found(self, fault: Fault | None) -> Verified:
        since = 0 if self._since is None else self._since.seq
        seq, digest = self._end
        head = Head(seq, digest.hex())
        return Verified(
            *(head, self._entries, since, self._sealed, self._sealed_after, self._erased, fault)
        )

    def log(self) -> None:
        """Reads the log alone."""
        for _ in self._read():
            pass

    def all(self) -> None:
        """Reads the log, makes the tables anew from it, and holds them against those of the
        ledger."""
        for said in self._database.unsound(self._connection):
            raise _FaultError(said, in_log=" index " not in said)
        if not self._database.is_ours(self._connection):
            what = "it has other tables, indexes, views or triggers than a ledger"
            raise _FaultError(what, in_log=False)
        # In a file without a name, which is gone when it is closed.
        with closing(sqlite3.connect("", isolation_level=None)) as anew:
            make(anew, DERIVED)
            anew.execute("BEGIN")
            entries = self._read()
            while some := list(islice(entries, _TOGETHER)):
                apply(anew, some)
                self._watch(len(some))
            self._same_tables(anew)
        self._playbooks()
        self._moves()
        (self._sealed_after,) = self._connection.execute(_LATEST, (self._sealed,)).fetchone()

    # The log

    def _read(self) -> Iterator[Numbered]:
        """Yields the entries, each held against the one before, and its digest against it."""
        erasures = Erasures(self._connection)
        (first,) = self._connection.execute("SELECT min(seq) FROM log").fetchone()
        if first is not None and first < 1:
            raise _FaultError(f"an entry has the number {first}, before the first")
        for row in Log(self._connection).rows():
            seq, kind, at, *texts, _, kept, digest = row
            self._at = (seq, kind)
            self._check(row, erasures.commitments)
            entry = Entry(kind, at, *map(columns_of, texts))
            if kind not in KNOWN:
                raise _FaultError("there is no such kind of entry", seq, kind)
            wrong = self._out_of_order(seq, entry) or erasures.fault_of(row, entry)
            if wrong:
                raise _FaultError(wrong, seq, kind)
            self._erased += kept is not None
            self._entries += 1
            self._end = (seq, digest)
            yield seq, entry
        self._at = ()
        if self._older and self._sealed is None:
            raise _FaultError("the seal behind what an older ledger held is missing")
        if self._since is not None and self._since.seq > self._end[0]:
            raise _FaultError(f"it ends before entry {self._since.seq}")

    def _check(self, row: Row, erased: Erased) -> None:
        seq, kind, digest = row[0], row[1], row[-1]
        since = self._since
        if since is not None and seq == since.seq and digest.hex() != since.hash:
            raise _FaultError("it is another than at the head that was given", seq, kind)
        if since is None or seq > since.seq or seq != self._end[0] + 1:
            wrong = fault_of(row, self._end, erased)
            if wrong:
                raise _FaultError(wrong, seq, kind)

    def _out_of_order(self, seq: int, entry: Entry) -> str:
        """Returns what is wrong where rows of an older ledger, or their seal, stand elsewhere than
        in the beginning, or nothing: of what stands before a seal, less is asked."""
        if entry.kind == "older":
            self._older += 1
            is_first = seq == self._older
        elif entry.kind == "seal":
            is_first = self._older == seq - 1 and entry.open == (self._older,)
            self._sealed = seq
        else:
            is_first = not self._older or self._sealed is not None
        return "" if is_first else "only the beginning of a log can be sealed"

    # The tables

    def _same_tables(self, anew: sqlite3.Connection) -> None:
        for table in names(anew):
            order = self._database.order(table)
            query = f'SELECT * FROM "{table}" ORDER BY {order}'  # noqa: S608  (names of its own)
            ours = anew.execute(query)
            columns = [each[0] for each in ours.description]
            theirs = self._database.streamed(self._connection, query, ())
            for place, (have, want) in enumerate(zip_longest(theirs, ours), 1):
                if have != want or _types(have) != _types(want):
                    raise self._other_row(table, columns, place, have, want)

    def _other_row(
        self, table: str, columns: list[str], place: int, have: Any, want: Any
    ) -> _FaultError:
        """Returns what is wrong with a row: one too many, one too few, or one that was changed."""
        keys = [place if row is None or table not in _BY_ENTRY else row[0] for row in (have, want)]
        if want is None or (have is not None and keys[0] < keys[1]):
            what = f"row {keys[0]} of {table} is not in the log"
        elif have is None or keys[1] < keys[0]:
            what = f"row {keys[1]} of {table}, which it made, is missing"
        else:
            pairs = zip(columns, have, want, strict=True)
            wrong = next(name for name, old, new in pairs if repr(old) != repr(new))
            what = f"{wrong} of row {keys[1]} of {table} is not what it says"
        made = None
        if table in _BY_ENTRY:
            found = self._connection.execute(
                "SELECT seq, kind FROM log WHERE seq = ?", (min(keys),)
            )
            made = found.fetchone()
        return _FaultError(what, *(made or ()), in_log=False)

    # What the log says

    def _playbooks(self) -> None:
        after = self._sealed or 0
        for seq, sha256, content, document in self._connection.execute(
            "SELECT seq, sha256, content, document FROM playbooks ORDER BY seq"
        ):
            if not is_published(sha256, content, document, reads_as_now=seq > after):
                raise _FaultError("the playbook is not what its digest says", seq, "playbook")

    def _moves(self) -> None:
        """Raises where a move that was recorded here has no decision that allowed it, or a decision
        let through a move that nobody made; of before the seal, nothing is asked."""
        after = self._sealed or 0
        for event, decision, kind in self._connection.execute(_UNMATCHED, (after,)):
            what = "nothing allowed this move" if decision is None else "it allowed no move"
            raise _FaultError(what, event if decision is None else decision, kind)


_BY_ENTRY = (
    *("events", "decisions", "people", "migrations", "retractions", "merges", "playbooks"),
    *("statements", "statement_lines"),
)
"""Tables whose rows have the numbers of their entries in front."""
_LATEST = """
SELECT max(recorded_at) FROM (
    SELECT recorded_at FROM events WHERE seq <= ?1
    UNION ALL SELECT recorded_at FROM decisions WHERE id <= ?1
) AS told
"""
_UNMATCHED = """
SELECT seq, NULL, kind FROM events WHERE kind = 'stage' AND live = 1 AND seq > ?1 AND NOT EXISTS
    (SELECT 1 FROM decisions WHERE decisions.deal = events.deal AND allowed + shadow > 0
        AND decisions.event_id = events.event_id AND to_stage = events.name)
UNION ALL
SELECT NULL, id, 'decision' FROM decisions WHERE event_id <> '' AND id > ?1 AND NOT EXISTS
    (SELECT 1 FROM events WHERE events.deal = decisions.deal AND kind = 'stage' AND live = 1
        AND events.event_id = decisions.event_id)
LIMIT 1
"""


def _types(row: tuple[Any, ...] | None) -> list[type]:
    """Returns the types of a row's values, of which one may be equal to one of another type."""
    return list(map(type, row or ()))
