"""The tables of a ledger, made anew from its log."""

from __future__ import annotations

import sqlite3

from playgate.ledger.log import Log
from playgate.ledger.tables import BESIDE, DERIVED, make, names

__all__ = ["rebuild"]


def rebuild(connection: sqlite3.Connection) -> int:
    """Makes the tables what the log says, whatever they are, and returns how many entries it has;
    must be called inside a transaction.

    What else stands in the file goes: answers that were kept, views, triggers, tables of somebody
    else.
    """
    for kind, name in connection.execute(
        "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')"
    ).fetchall():
        connection.execute(f"DROP {kind} {_quoted(name)}")
    for table in names(connection):
        connection.execute(f"DROP TABLE {_quoted(table)}")
    make(connection, f"{DERIVED};{BESIDE}")
    log = Log(connection)
    log.replay()
    return log.head().seq


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
