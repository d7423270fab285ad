"""What is looked at whenever a ledger is opened: a few rows, whatever it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playgate.ledger.checking import end_of, fault_of, rows_until
from playgate.ledger.connection import Connection
from playgate.ledger.database import database_of
from playgate.ledger.errors import damaged

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["refuse_damaged"]

_LAST = 2**63 - 1


def refuse_damaged(connection: Connection, path: Path | str) -> None:
    """Raises `LedgerError` where it shows at once that a ledger was tampered with."""
    found = _seen_at_once(connection)
    if found:
        raise damaged(path, found)


def _seen_at_once(connection: Connection) -> str:
    """Returns what is wrong with a ledger so far as that shows at once, or nothing: tables, indexes
    or triggers that are not its own, and a last entry that is not what was recorded."""
    try:
        if not database_of(connection).is_ours(connection):
            return "it has other tables, indexes, views or triggers than a ledger"
        rows = rows_until(connection, _LAST)
        wrong = fault_of(rows[0], end_of(rows[1:]), None) if rows else ""
    except (TypeError, ValueError):
        return "the end of its log cannot be read"
    return wrong and f"entry {rows[0][0]} of its log, {rows[0][1]}: {wrong}"
