"""A connection to PostgreSQL that answers as one of `sqlite3` does, so far as a ledger asks it: the
one door to its driver."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import count, islice
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus

if TYPE_CHECKING:
    from playgate.ledger.connection import Rows
    from playgate.ledger.database import Database
    from playgate.ledger.postgres_address import Address

__all__ = ["DriverError", "PostgresConnection", "connect", "patience"]

DriverError = psycopg.Error
"""What connections raise."""
_PATIENCE = 60.0
"""Seconds to wait for another writer."""
_HELD = 1_000
"""How many rows are held at once, of a long result or of many that are written."""
_UNLESS_SAID = {
    "connect_timeout": "10",
    "fallback_application_name": "playgate",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""What an address asks for unless it says otherwise: a server that is out of reach is noticed."""
_NOTICED = {
    "tcp_keepalives_idle": "10s",
    "tcp_keepalives_interval": "5s",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "25s",
    "client_connection_check_interval": "5s",
}
"""How the server notices that we are out of its reach, and lets go of what we hold: of these, what
it knows."""
_PARAMETER = re.compile(r"\?([0-9]*)")
_OTHERWISE = (("WHERE bare ", "WHERE bare = 1 "), ("json_each(", "json_array_elements_text("))
"""What SQLite alone reads, and what stands for it. (An index of some rows is taken by SQLite only
where a query has the very words of its condition.)"""


class PostgresConnection:
    """A connection to the schema in which a ledger lies."""

    def __init__(
        self, inner: psycopg.Connection[tuple[Any, ...]], address: Address, database: Database
    ) -> None:
        self._inner = inner
        self._numbers = count(1)
        self.database = database
        """What the connection leads to."""
        self.schema = address.schema
        self.shown = address.shown
        """The address without what is secret."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open, be it one that can only be taken back."""
        status = self._inner.info.transaction_status
        return status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)

    @property
    def is_lost(self) -> bool:
        """Whether the server has gone, or has closed the connection."""
        return self._inner.closed

    @property
    def server_version(self) -> int:
        """The version of the server, such as 170002."""
        return self._inner.info.server_version

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Runs a statement with values for its `?`, or for `?1`, `?2` by their numbers."""
        text, places = _translated(sql)
        return self._inner.execute(text, [_value(parameters[place]) for place in places])

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> None:
        """Runs a statement once for each row of values.

        Many go to the server as a pipeline. After one, a server does not count for how long nothing
        is said (seen with version 15), so that a writer who has gone would hold its lock for ever;
        after an empty statement it does.
        """
        text, _ = _translated(sql)
        waiting = (list(map(_value, row)) for row in parameters)
        with self._inner.cursor() as cursor:
            while some := list(islice(waiting, _HELD)):
                if len(some) == 1:
                    cursor.execute(text, some[0])
                    continue
                cursor.executemany(text, some)
                cursor.execute(b"")

    def run(self, statements: str) -> str:
        """Runs statements as PostgreSQL reads them, in one go, and returns what it says of the
        last."""
        cursor = self._inner.execute(statements.encode())
        while cursor.nextset():
            pass
        return cursor.statusmessage or ""

    def streamed(self, sql: str, values: Sequence[Any], /) -> Iterator[Any]:
        """Yields the rows of a query; inside a transaction the server keeps those that were not
        asked for yet."""
        if not self.in_transaction:
            yield from self.execute(sql, values)
            return
        text, places = _translated(sql)
        cursor = self._inner.cursor(f"rows_{next(self._numbers)}")
        cursor.itersize = _HELD
        try:
            cursor.execute(text, [_value(values[place]) for place in places])
            yield from cursor
        finally:
            with suppress(psycopg.Error):  # the transaction, or the server, may have gone
                cursor.close()

    def close(self) -> None:
        """Closes the connection; what was not committed is taken back."""
        self._inner.close()


def patience() -> float:
    """Returns for how many seconds others are waited for."""
    return _PATIENCE


def connect(address: Address, database: Database) -> PostgresConnection:
    """Connects to a server, in which the ledger's schema need not be there yet."""
    given = conninfo_to_dict(address.given)
    unsaid = {name: value for name, value in _UNLESS_SAID.items() if name not in given}
    inner = psycopg.connect(
        make_conninfo(address.given, **unsaid), autocommit=True, client_encoding="UTF8"
    )
    connection = PostgresConnection(inner, address, database)
    try:
        connection.run(
            f'SET search_path = "{address.schema}", pg_temp;'
            f" SET lock_timeout = {_PATIENCE * 1_000:.0f};"
            " SET client_min_messages = error;"
            # What was acknowledged is on the disk.
            " SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') = 'off'"
        )
        connection.run(
            f"SELECT set_config(name, said, false) FROM (VALUES {_noticed()}) AS t (name, said)"  # noqa: S608  (ours)
            " JOIN pg_settings USING (name)"
        )
    except BaseException:
        connection.close()
        raise
    return connection


def _noticed() -> str:
    return ", ".join(f"('{name}', '{said}')" for name, said in _NOTICED.items())


@cache
def _translated(sql: str) -> tuple[bytes, Sequence[int]]:
    """Returns a statement as the driver reads it, and by their places the values that it takes."""
    for ours, theirs in _OTHERWISE:
        sql = sql.replace(ours, theirs)
    numbers = [match[1] for match in _PARAMETER.finditer(sql)]
    text = _PARAMETER.sub("%s", sql.replace("%", "%%"))
    return text.encode(), [int(each) - 1 if each else n for n, each in enumerate(numbers)]


def _value(value: Any) -> Any:
    """Returns a value as it is sent: a number, or a yes or no, becomes what its column holds, as in
    SQLite."""
    return str(int(value)) if isinstance(value, int) else value
