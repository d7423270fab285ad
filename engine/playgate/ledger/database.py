"""What a ledger lies in: the few things that a file of SQLite and a server of PostgreSQL do each in
their own way. All else goes through the connection alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, cast

from playgate.errors import InputError
from playgate.ledger.errors import LedgerError, damaged
from playgate.ledger.sqlite_database import SQLITE

if TYPE_CHECKING:
    from pathlib import Path

    from playgate.ledger.connection import Connection

__all__ = ["Database", "database_of", "explained"]


class Database(Protocol):
    """A kind of database, without a connection of its own."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What its connections raise."""

    @property
    def keeps_elsewhere(self) -> str:
        """Where else, besides the ledger, what was erased may still lie; nothing where that is
        nowhere."""

    def meaning(self, error: Exception, path: Path | str) -> InputError:
        """Returns what an error means to somebody who runs a command."""

    # Transactions

    def begin_writing(self, connection: Connection) -> None:
        """Opens a transaction that can write, when nobody else has one."""

    def begin_reading(self, connection: Connection) -> None:
        """Opens a transaction in which what others write is not seen."""

    def commit(self, connection: Connection) -> None:
        """Makes what the transaction wrote durable; raises where that cannot be said."""

    def let_write(self, connection: Connection, on: bool) -> None:
        """Says whether transactions that are opened to read can write."""

    # Reading

    def streamed(self, connection: Connection, sql: str, values: Sequence[Any], /) -> Iterator[Any]:
        """Yields the rows of a query, which may be many, and are held some at a time."""

    def order(self, table: str) -> str:
        """Returns by what the rows of one of the ledger's tables stand in an order."""

    # The whole of it

    def is_ours(self, connection: Connection) -> bool:
        """Returns whether there are the tables and indexes of a ledger, as they were made, and no
        others: nothing that does something by itself, and nothing that stands for something
        else."""

    def unsound(self, connection: Connection) -> Iterator[str]:
        """Yields what the database itself finds wrong with what it holds."""

    def damage_in(self, connection: Connection) -> str:
        """Returns the first damage that is found without the log, or nothing."""

    def empty(self, connection: Connection) -> None:
        """Leaves, besides the log, the tables that are made from it, and nothing in them."""

    def begin_erasing(self, connection: Connection) -> None:
        """Lets nothing be left of what the transaction deletes, so far as that can be said
        before."""

    def wipe(self, connection: Connection) -> bool:
        """Leaves nothing that was deleted; returns whether that could be done: not while somebody
        else reads the ledger."""


def database_of(connection: Connection) -> Database:
    """Returns what a connection leads to: one of `sqlite3` does not say so itself."""
    return cast("Database", getattr(connection, "database", SQLITE))


@contextmanager
def explained(path: Path | str, database: Database = SQLITE) -> Iterator[None]:
    """Turns errors of a database and of the system into what they mean to somebody who runs a
    command."""
    try:
        yield
    except database.errors as error:
        raise database.meaning(error, path) from None
    except UnicodeDecodeError:  # by what a database says of a damaged name
        raise damaged(path, "what it is made of cannot be read") from None
    except UnicodeEncodeError as error:
        shown = ascii(error.object)[:60]
        raise InputError(
            f"{shown} is no Unicode text", hint="write it as UTF-8", code="wrong-value"
        ) from None
    except OSError as error:
        raise LedgerError(
            f"cannot use {path}: {error.strerror or error}", code="ledger-failed"
        ) from None
