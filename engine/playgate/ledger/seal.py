"""Older ledgers: what stood in their tables becomes the beginning of a log, and is sealed.

Of what was done to them before, nothing can be shown; from the seal on, all can.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from itertools import islice

from playgate.ledger.damage import damage_in
from playgate.ledger.entries import GROUPS, Entry
from playgate.ledger.log import Log, Salts
from playgate.ledger.tables import DERIVED, LOG, STAYING, make, names

__all__ = ["seal"]

_TOGETHER = 20_000
_FIRST = ("settings", "playbooks", "people", "deals")
"""Tables whose rows others name."""
_LEFT = ("replies", "token_uses", *STAYING)
"""Tables that stand in no log."""
_PERSONAL: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "deals": {"deal": ("deal",)},
    "events": {"deal": ("deal", "event_id"), "who": ("actor",), "text": ("value", "attrs")},
    "decisions": {
        "deal": ("deal", "event_id", "decision_id"),
        "who": ("actor",),
        "text": ("findings", "note", "question", "facts"),
    },
    "people": {"who": ("actor", "name", "manager", "told_by"), "text": ("started",)},
    "migrations": {"deal": ("deal",), "who": ("actor",)},
    "retractions": {"deal": ("deal", "event_id"), "who": ("actor",), "text": ("reason",)},
    "merges": {"deal": ("deal", "into_deal"), "who": ("actor",), "text": ("reason",)},
    "waiver_requests": {
        "deal": ("deal",),
        "who": ("actor", "answered_by"),
        "text": ("reason", "answer_reason"),
    },
    "tokens": {"who": ("actor", "told_by", "revoked_by"), "text": ("name",)},
}
"""Which columns are somebody's, by table and group; all others are open."""


def seal(connection: sqlite3.Connection, salts: Salts) -> None:
    """Gives a ledger of before its log, and makes its tables anew from it; must be called inside a
    transaction."""
    found = damage_in(connection)
    if found:
        raise sqlite3.DatabaseError(f"malformed before it had a log: {found}")
    tables = names(connection)
    make(connection, LOG)
    log = Log(connection, salts)
    entries = (
        entry
        for table in sorted({*tables} - {*_LEFT}, key=lambda name: (name not in _FIRST, name))
        for entry in _rows_of(connection, table)
    )
    rows = 0
    while some := list(islice(entries, _TOGETHER)):
        log.append(some)
        rows += len(some)
    if rows:
        log.append([Entry("seal", None, (rows,))])
    for table in tables:
        connection.execute(f'DROP TABLE "{table}"')
    make(connection, DERIVED)
    log.replay()


def _rows_of(connection: sqlite3.Connection, table: str) -> Iterator[Entry]:
    """Yields the rows of a table as entries, in their order; those with numbers get new ones."""
    cursor = connection.execute(f'SELECT * FROM "{table}" ORDER BY rowid')  # noqa: S608
    columns = [each[0] for each in cursor.description]
    groups = _PERSONAL.get(table, {})
    personal = [name for group in groups.values() for name in group]
    opened = [name for name in columns if name not in personal]
    for row in cursor:
        told = dict(zip(columns, row, strict=True))
        if table in _NUMBERED:
            told[columns[0]] = None
        if table == "playbooks":
            told["content"] = told["content"].decode()
        yield Entry(
            "older",
            None,
            (table, [*opened, *personal], *(told[name] for name in opened)),
            *(tuple(told[name] for name in groups.get(group, ())) for group in GROUPS),
        )


_NUMBERED = ("events", "decisions", "people", "migrations", "retractions", "merges")
"""Tables whose rows have the numbers of their entries; requests for waivers keep those that people
know."""
