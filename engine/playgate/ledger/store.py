"""The ledger, opened and written here; what it holds has a room for each kind.

It lies in a file of SQLite or on a server of PostgreSQL. There is one transaction for what belongs
together, and what was acknowledged survives a crash of the process. Statements go through the
connection itself, since these are the commands that must be fast.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, NoReturn, Protocol

from playgate.documents.addresses import is_address
from playgate.errors import Code
from playgate.ledger import sqlite_opening
from playgate.ledger.database import Database, database_of, explained
from playgate.ledger.deals import Deals
from playgate.ledger.decisions import Decisions
from playgate.ledger.errors import LedgerError, damaged
from playgate.ledger.events import Events
from playgate.ledger.log import Log, Salts
from playgate.ledger.migrations import Migrations
from playgate.ledger.people import Team
from playgate.ledger.playbooks import Playbooks
from playgate.ledger.replies import Replies
from playgate.ledger.settings import RecordKeeper, Settings
from playgate.ledger.statements import Statements
from playgate.ledger.taken_back import TakenBack
from playgate.ledger.waiver_requests import WaiverRequests

if TYPE_CHECKING:
    from pathlib import Path

    from playgate.ledger.connection import Connection, Opened
    from playgate.ledger.erasing import Asked, Erasure
    from playgate.ledger.experiments import KeptExperiments
    from playgate.ledger.head import Head
    from playgate.ledger.hooks import Hooks
    from playgate.ledger.schema import Fill
    from playgate.ledger.tokens import Tokens
    from playgate.ledger.verify import Verified

__all__ = ["Ledger", "LedgerError", "make_with", "shown_name"]

_UNFORESEEN = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError),
    *(RecursionError, TypeError, ValueError),
)
"""What is raised by nothing that is as it was written."""


class Ledger:
    """An open ledger, which is a context manager and closes at its end."""

    def __init__(
        self, connection: Connection, path: Path | str, note: str = "", *, salts: Salts = os.urandom
    ) -> None:
        self._connection = connection
        self._database = database_of(connection)
        self._explained = _Explained(self._raise)
        self._reading = _Reading(connection, self._database, self._explained)
        self._part = _Part(connection, self._explained)
        self.log = log = Log(connection, salts)
        self.path = path
        self.note = note
        """What who reads it should know."""
        self.playbooks = Playbooks(connection, log)
        self.deals = Deals(connection, log)
        self.events = Events(connection, log)
        self.decisions = Decisions(connection, log)
        self.migrations = Migrations(connection, log)
        self.people = Team(connection, log)
        self.settings = Settings(connection, log)
        self.statements = Statements(connection, log)
        self.taken_back = TakenBack(connection, log)
        self.waiver_requests = WaiverRequests(connection, log)
        self.replies = Replies(connection)

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        create: bool = False,
        reading: bool = False,
        unchecked: bool = False,
        salts: Salts = os.urandom,
    ) -> Ledger:
        """Opens the ledger at `path`; with `create`, makes it where there is none.

        What is recorded is given `salts`, which nobody can guess. Who verifies or mends it takes it
        `unchecked`: what shows at once that it was tampered with refuses all others.

        A caller that is only `reading` gets a ledger even from a folder in which nothing can be
        written.
        """
        connection, shown, note = _opening(path).opened(
            path, create=create, reading=reading, unchecked=unchecked, salts=salts
        )
        return cls(connection, shown, note, salts=salts)

    @classmethod
    def new(cls, path: Path | str, *, record: RecordKeeper, salts: Salts = os.urandom) -> Ledger:
        """Makes a ledger at `path`, which says who keeps the record, and opens it; raises
        `InputError` where there is one."""
        _opening(path).make_new(path, record=record, salts=salts)
        return cls.open(path, salts=salts)

    @property
    def connection(self) -> Connection:
        """The connection itself, for what looks at the whole of a ledger."""
        return self._connection

    # Rooms that no live command enters are imported where they are asked for

    @property
    def experiments(self) -> KeptExperiments:
        """What came of experiments."""
        from playgate.ledger.experiments import KeptExperiments

        return KeptExperiments(self._connection, self.log)

    @property
    def tokens(self) -> Tokens:
        """Who may ask a server."""
        from playgate.ledger.tokens import Tokens

        return Tokens(self._connection, self.log)

    @property
    def hooks(self) -> Hooks:
        """What comes from other programs and goes to them."""
        from playgate.ledger.hooks import Hooks

        return Hooks(self._connection)

    @property
    def keeps_elsewhere(self) -> str:
        """Where what was erased may still lie, and is for others to erase; else empty."""
        return self._database.keeps_elsewhere

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: object = None, error: BaseException | None = None, trace: object = None
    ) -> None:
        try:
            if isinstance(error, _UNFORESEEN):
                with explained(self.path, self._database):
                    self._tell_damage()
            if isinstance(error, self._database.errors):
                raise self._database.meaning(error, self.path) from None
        finally:
            self._connection.close()

    # All of it

    def size(self) -> int:
        """Returns how many entries its log seems to have."""
        with self._explained:
            return self.log.end()[0]

    def verify(
        self, *, since: Head | None = None, watch: Callable[[int], None] = lambda _: None
    ) -> Verified:
        """Reads the ledger whole and returns whether it is what was recorded: its log, from `since`
        on if only what it says of then is the same, and its tables. `watch` hears of how many more
        entries were read."""
        from playgate.ledger.verify import verify  # reads playbooks: it takes long to import

        with self.reading():
            return verify(self._connection, since=since, watch=watch)

    def rebuild(self) -> int:
        """Makes the tables anew from the log and returns how many entries it has; raises
        `LedgerError` where the log itself is damaged."""
        from playgate.ledger.rebuild import rebuild
        from playgate.ledger.verify import verify_log

        with self.writing():
            fault = verify_log(self._connection).fault
            if fault is not None:
                raise damaged(self.path, str(fault))
            entries = rebuild(self._connection)
        self._wipe("the tables were made anew")
        return entries

    def erase(self, *, deal: str = "", actor: str = "", asked: Asked) -> Erasure:
        """Erases what names a deal, or somebody; raises `LedgerError` where that was done, and
        something may be left in the file since others read it."""
        from playgate.ledger.erasing import erase_actor, erase_deal

        with self.writing():
            if deal:
                found = erase_deal(self._connection, self.log, deal, asked)
            else:
                found = erase_actor(self._connection, self.log, actor, asked)
        self._wipe("it was erased")
        return found

    def _wipe(self, done: str) -> None:
        """Leaves nothing in the file that was deleted; raises `LedgerError` where others, or a full
        disk, keep it from that: what was `done` stays so."""
        why = "somebody reads it"
        code: Code = "ledger-busy"
        try:
            if self._database.wipe(self._connection):
                return
        except self._database.errors as error:
            why, code = str(error).partition("\n")[0], self._database.meaning(error, self.path).code
        raise LedgerError(
            f"{done}, but {self.path} still holds what was deleted: {why}",
            hint="playgate ledger rebuild, when nothing is in its way, leaves nothing of it",
            code=code,
        )

    def _raise(self, error: Exception) -> NoReturn:
        """Raises an error as what it means, one also that only damage of the file makes."""
        with explained(self.path, self._database):
            if isinstance(error, _UNFORESEEN):
                self._tell_damage()
            raise error

    def _tell_damage(self) -> None:
        """Raises `LedgerError` where the file holds what was never written into it."""
        # Only where something failed: it takes long.
        from playgate.ledger.verify import verify

        found = self._database.damage_in(self._connection) or str(
            verify(self._connection).fault or ""
        )
        if found:
            raise damaged(self.path, found) from None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Opens a transaction: all of it is durable when this ends, or nothing of it happened."""
        with self._explained:
            self._database.begin_writing(self._connection)
            try:
                yield
                self._database.commit(self._connection)
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Opens a view of the ledger in which nothing changes; what tries to record something is
        stopped by a `LedgerError` of the code `ledger-read-only`."""
        with self._explained:
            self._database.let_write(self._connection, False)
            try:
                with self.reading():
                    yield
            finally:
                self._database.let_write(self._connection, True)

    def part(self) -> AbstractContextManager[None]:
        """Opens a part of a transaction that can fail, and is undone, by itself."""
        return self._part

    def reading(self) -> AbstractContextManager[None]:
        """Opens a view of the ledger in which nothing changes."""
        return self._reading


# Each question and each record enters these, so they are no generators, and are made once.


class _Explained:
    """A context that raises errors as what they mean."""

    def __init__(self, explain: Callable[[Exception], NoReturn]) -> None:
        self._explain = explain

    def __enter__(self) -> None:
        """Waits for an error."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception):
            self._explain(error)


class _Reading:
    """A context in which a transaction is open that is only read in."""

    def __init__(self, connection: Connection, database: Database, explained: _Explained) -> None:
        self._connection = connection
        self._database = database
        self._explained = explained

    def __enter__(self) -> None:
        with self._explained:
            self._database.begin_reading(self._connection)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        with self._explained:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if error is not None:
                raise error


class _Part:
    """A context that is a part of a transaction."""

    def __init__(self, connection: Connection, explained: _Explained) -> None:
        self._connection = connection
        self._explained = explained

    def __enter__(self) -> None:
        with self._explained:
            self._connection.execute("SAVEPOINT part")

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        with self._explained:
            if error is None:
                self._connection.execute("RELEASE part")
                return
            # Where the disk is full, SQLite takes back the whole transaction by itself.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO part")
                self._connection.execute("RELEASE part")
            raise error


def make_with(path: Path | str, fill: Fill) -> bool:
    """Makes a ledger and fills its tables, whole or not at all; returns whether there was none."""
    return _opening(path).make_with(path, fill)


def shown_name(path: Path | str) -> str:
    """Returns by which name a ledger is shown: of an address, without what is secret."""
    if not is_address(path):
        return str(path)
    from playgate.ledger.postgres_address import read_address

    return read_address(str(path)).shown


class _Opening(Protocol):
    """Opens ledgers of one kind of database, and makes them."""

    def opened(
        self, path: Path | str, *, create: bool, reading: bool, unchecked: bool, salts: Salts
    ) -> Opened: ...

    def make_new(self, path: Path | str, *, record: RecordKeeper, salts: Salts) -> None: ...

    def make_with(self, path: Path | str, fill: Fill) -> bool: ...


def _opening(path: Path | str) -> _Opening:
    if not is_address(path):
        return sqlite_opening
    from playgate.ledger import postgres_opening  # its driver is an extra, and takes long to import

    return postgres_opening
