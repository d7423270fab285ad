"""What is looked at whenever a ledger is opened: a few rows, whatever it holds."""

from __future__ import annotations

import sqlite3

from playgate.ledger.checking import end_of, fault_of, rows_until
from playgate.ledger.tables import is_ours

__all__ = ["seen_at_once"]

_LAST = 2**63 - 1


def seen_at_once(connection: sqlite3.Connection) -> str:
    """Returns what is wrong with a ledger so far as that shows at once, or nothing: tables, indexes
    or triggers that are not its own, and a last entry that is not what was recorded."""
    try:
        if not is_ours(connection):
            return "it has other tables, indexes, views or triggers than a ledger"
        rows = rows_until(connection, _LAST)
        wrong = fault_of(rows[0], end_of(rows[1:]), None) if rows else ""
    except (TypeError, ValueError):
        return "the end of its log cannot be read"
    return wrong and f"entry {rows[0][0]} of its log, {rows[0][1]}: {wrong}"
