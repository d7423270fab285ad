"""What is looked at whenever a ledger is opened: a few rows, whatever it holds."""

from __future__ import annotations

import sqlite3

from playgate.ledger.chain import START
from playgate.ledger.checking import fault_of
from playgate.ledger.log import Row
from playgate.ledger.tables import is_ours

__all__ = ["seen_at_once"]


def seen_at_once(connection: sqlite3.Connection) -> str:
    """Returns what is wrong with a ledger so far as that shows at once, or nothing: tables, indexes
    or triggers that are not its own, and a last entry that is not what was recorded."""
    if not is_ours(connection):
        return "it has other tables, indexes, views or triggers than a ledger"
    rows: list[Row] = connection.execute(
        "SELECT seq, kind, open, deal, who, text, salts, kept, hash FROM log"
        " ORDER BY seq DESC LIMIT 2"
    ).fetchall()
    if not rows:
        return ""
    last = rows[0]
    before = (rows[1][0], rows[1][8]) if len(rows) == 2 else (0, START)
    if not isinstance(before[1], bytes):
        return f"entry {before[0]} of its log: it cannot be read"
    wrong = fault_of(last, before, None)
    return wrong and f"entry {last[0]} of its log, {last[1]}: {wrong}"
