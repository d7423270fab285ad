"""What a ledger asks of a connection to the database in which it lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Connection", "Opened", "Rows"]


class Rows(Protocol):
    """The rows that a statement gives, each a tuple."""

    def __iter__(self) -> Iterator[Any]: ...

    def fetchone(self) -> Any:
        """Returns the next row, or `None` where there is no more."""

    def fetchall(self) -> list[Any]:
        """Returns the rows that are left."""


class Connection(Protocol):
    """A connection of `sqlite3`, or one that answers as it does.

    Statements are written as SQLite reads them, so far as PostgreSQL reads them in the same way:
    conditions are comparisons and no bare columns, and all rows are ordered by what they say.
    """

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open, be it one that can only be taken back."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Rows:
        """Runs a statement with values for its `?`, or for `?1`, `?2` by their numbers."""

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> object:
        """Runs a statement once for each row of values."""

    def close(self) -> None:
        """Closes the connection; what was not committed is taken back."""


Opened: TypeAlias = "tuple[Connection, Path | str, str]"
"""A ledger that was opened, by which name it is shown, and what who reads it should know."""
