"""The tables of a ledger, made anew from its log."""

from __future__ import annotations

from playgate.ledger.connection import Connection
from playgate.ledger.database import database_of
from playgate.ledger.log import Log

__all__ = ["rebuild"]


def rebuild(connection: Connection) -> int:
    """Makes the tables what the log says, whatever they are, and returns how many entries it has;
    must be called inside a transaction.

    What else stands beside them goes: answers that were kept, views, triggers, tables of somebody
    else.
    """
    database_of(connection).empty(connection)
    log = Log(connection)
    log.replay()
    return log.head().seq
