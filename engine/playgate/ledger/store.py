"""The ledger: one SQLite file, opened and written here; what it holds has a room for each kind.

A ledger is written in WAL mode with `synchronous = FULL`, one transaction for what belongs
together: what was acknowledged survives a crash of the process. Statements go through the
connection itself, since these are the commands that must be fast.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playgate.errors import InputError
from playgate.ledger.deals import Deals
from playgate.ledger.decisions import Decisions
from playgate.ledger.events import Events
from playgate.ledger.experiments import KeptExperiments
from playgate.ledger.fast_check import seen_at_once
from playgate.ledger.log import Log, Salts
from playgate.ledger.migrations import Migrations
from playgate.ledger.people import Team
from playgate.ledger.playbooks import Playbooks
from playgate.ledger.replies import Replies
from playgate.ledger.settings import RecordKeeper, Settings
from playgate.ledger.statements import Statements
from playgate.ledger.tables import APPLICATION_ID, LOGGED, VERSION
from playgate.ledger.taken_back import TakenBack
from playgate.ledger.tokens import Tokens
from playgate.ledger.waiver_requests import WaiverRequests

if TYPE_CHECKING:
    from pathlib import Path

    from playgate.ledger.erasing import Asked, Erasure
    from playgate.ledger.head import Head
    from playgate.ledger.verify import Verified

__all__ = ["Ledger", "LedgerError", "connect", "connect_unwritable", "explained"]

_PATIENCE = 60.0
"""Seconds to wait for another writer."""
_UNFORESEEN = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError),
    *(RecursionError, TypeError, ValueError),
)
"""What is raised by nothing that is as it was written."""


_NEVER_WRITTEN = ("already exists", "duplicate column", "no such", "decode to UTF-8")
"""What SQLite says of tables and texts that are not as they were made."""


class LedgerError(InputError):
    """Says that the ledger cannot be read or written, so that nothing under way can go on."""


class Ledger:
    """An open ledger, which is a context manager and closes at its end."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path | str,
        note: str = "",
        *,
        salts: Salts = os.urandom,
    ) -> None:
        self._connection = connection
        self.log = log = Log(connection, salts)
        self.path = path
        self.note = note
        """What who reads it should know."""
        self.playbooks = Playbooks(connection, log)
        self.deals = Deals(connection, log)
        self.events = Events(connection, log)
        self.decisions = Decisions(connection, log)
        self.migrations = Migrations(connection, log)
        self.experiments = KeptExperiments(connection, log)
        self.people = Team(connection, log)
        self.settings = Settings(connection, log)
        self.statements = Statements(connection, log)
        self.taken_back = TakenBack(connection, log)
        self.waiver_requests = WaiverRequests(connection, log)
        self.tokens = Tokens(connection, log)
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
        _refuse_memory(path)
        if not os.path.exists(path):
            if not create:
                hint = "playgate publish PLAYBOOK starts one; --db or PLAYGATE_DB names another"
                raise InputError(f"there is no ledger at {path}", hint=hint, code="no-ledger")
            _create(path, "ledger", salts)
        note = _unwritable(path) if reading else ""
        with explained(path):
            connection = connect_unwritable(path) if note else connect(path)
        try:
            with explained(path):
                sealed = _check(connection, path, salts, unchecked=unchecked)
        except BaseException:
            connection.close()
            raise
        return cls(connection, path, note or sealed, salts=salts)

    @classmethod
    def new(cls, path: Path | str, *, record: RecordKeeper, salts: Salts = os.urandom) -> Ledger:
        """Makes a ledger at `path`, which says who keeps the record, and opens it; raises
        `InputError` where there is one."""
        _refuse_memory(path)
        if os.path.exists(path) or not _create(path, record, salts):
            raise InputError(
                f"{path} is there already",
                hint="who keeps the record is said when a ledger is made, and stays so",
                code="ledger-exists",
            )
        return cls.open(path, salts=salts)

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection itself, for what looks at the whole of a ledger."""
        return self._connection

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: object = None, error: BaseException | None = None, trace: object = None
    ) -> None:
        try:
            if isinstance(error, _UNFORESEEN):
                self._tell_damage()
        finally:
            self._connection.close()

    # All of it

    def size(self) -> int:
        """Returns how many entries its log seems to have."""
        with self._explained():
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
                raise _damaged(self.path, str(fault))
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
        """Leaves nothing in the file that was deleted; raises `LedgerError` where others keep it
        from that."""
        from playgate.ledger.erasing import wipe

        with self._explained():
            if not wipe(self._connection):
                raise LedgerError(
                    f"{done}, but {self.path} still holds what was deleted: somebody reads it",
                    hint="playgate ledger rebuild, when nobody does, leaves nothing of it",
                    code="ledger-busy",
                )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Explains errors, those also that only damage of the file makes."""
        with explained(self.path):
            try:
                yield
            except _UNFORESEEN:
                self._tell_damage()
                raise

    def _tell_damage(self) -> None:
        """Raises `LedgerError` where the file holds what was never written into it."""
        # Only where something failed: it takes long.
        from playgate.ledger.damage import damage_in
        from playgate.ledger.verify import verify

        found = damage_in(self._connection) or str(verify(self._connection).fault or "")
        if found:
            raise _damaged(self.path, found) from None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Opens a transaction: all of it is durable when this ends, or nothing of it happened."""
        with self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Opens a view of the ledger in which nothing changes; what tries to record something is
        stopped by a `LedgerError` of the code `ledger-read-only`."""
        with self._explained():
            self._connection.execute("PRAGMA query_only = ON")
            try:
                with self.reading():
                    yield
            finally:
                self._connection.execute("PRAGMA query_only = OFF")

    @contextmanager
    def part(self) -> Iterator[None]:
        """Opens a part of a transaction that can fail, and is undone, by itself."""
        with self._explained():
            self._connection.execute("SAVEPOINT part")
            try:
                yield
            except BaseException:
                # Where the disk is full, SQLite takes back the whole transaction by itself.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK TO part")
                    self._connection.execute("RELEASE part")
                raise
            self._connection.execute("RELEASE part")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Opens a view of the ledger in which nothing changes."""
        with self._explained():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")


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


def connect(path: Path | str) -> sqlite3.Connection:
    """Opens a connection that waits for other writers, and whose commits outlive a power cut."""
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _unwritable(path: Path | str) -> str:
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
        raise InputError(
            f"{path} was written by a newer playgate (ledger version {version}, this one knows"
            f" {VERSION})",
            hint="use the newer playgate",
            code="wrong-ledger",
        )
    if version < VERSION:
        from playgate.ledger.schema import migrate

        migrate(connection, salts)
    found = "" if unchecked else seen_at_once(connection)
    if found:
        raise _damaged(path, found)
    if version >= LOGGED:
        return ""
    return (
        f"{path} was written by an older playgate and is sealed from now on: nothing can be shown"
        " of what was done to it before (playgate ledger verify)"
    )


@contextmanager
def explained(path: Path | str) -> Iterator[None]:
    """Turns errors of SQLite and of the system into what they mean to somebody who runs a
    command."""
    try:
        yield
    except sqlite3.Error as error:
        raise _meaning(str(error), path) from None
    except UnicodeDecodeError:  # by what SQLite says of a damaged name
        raise _damaged(path, "what it is made of cannot be read") from None
    except UnicodeEncodeError as error:
        shown = ascii(error.object)[:60]
        raise InputError(
            f"{shown} is no Unicode text", hint="write it as UTF-8", code="wrong-value"
        ) from None
    except OSError as error:
        raise LedgerError(
            f"cannot use {path}: {error.strerror or error}", code="ledger-failed"
        ) from None


def _damaged(path: Path | str, said: str) -> LedgerError:
    hint = "restore it from a backup; nothing was changed"
    return LedgerError(f"{path} is damaged ({said})", hint=hint, code="ledger-damaged")


def _meaning(said: str, path: Path | str) -> LedgerError:
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
        message = f"{path} is in use: nothing was recorded"
        hint = "somebody else has been writing for a minute: try again"
        return LedgerError(message, hint=hint, code="ledger-busy")
    if "unable to open" in said:
        hint = "does its folder exist, and is it yours?"
        return LedgerError(f"cannot open {path}", hint=hint, code="cannot-read")
    if "malformed" in said or any(each in said for each in _NEVER_WRITTEN):
        return _damaged(path, said)
    return LedgerError(f"{path}: {said}", hint="nothing was recorded", code="ledger-failed")
