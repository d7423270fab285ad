"""What is damaged in a ledger: looked for where something failed that should not have.

Nothing here runs while all is well. What a ledger holds was checked before it was written; where
it does not read as that, its file was changed by somebody else, or by a failing disk.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator

from playgate.documents.stored import load
from playgate.ledger.connection import Connection

__all__ = ["damage_in"]

_KINDS = {"TEXT": ("text",), "INTEGER": ("integer",), "BLOB": ("blob",)}
_Reads = Callable[[str], bool]


def damage_in(connection: Connection) -> str:
    """Returns the first damage that is found, or nothing."""
    try:
        return next(_damages(connection), "")
    except (sqlite3.Error, ValueError) as error:
        return str(error)


def _damages(connection: Connection) -> Iterator[str]:
    for (said,) in connection.execute("PRAGMA quick_check(1)"):
        if said != "ok":
            yield str(said)
    tables = [
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    ]
    for table in tables:
        yield from _wrong_kinds(connection, table)
    for table, row, other, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} names what {other} does not have"
    for table, column, reads in _READ:
        yield from _unread(connection, table, column, reads)
    yield from _unsettled(connection)


def _wrong_kinds(connection: Connection, table: str) -> Iterator[str]:
    """Yields cells that are of another type than their column."""
    for _, name, kind, not_null, _, _ in connection.execute(f'PRAGMA table_info("{table}")'):
        allowed = (*_KINDS.get(kind, ()), *(() if not_null else ("null",)))
        places = ", ".join("?" * len(allowed))
        found = connection.execute(
            f'SELECT rowid, typeof("{name}") FROM "{table}"'  # noqa: S608  (names of its own)
            f' WHERE typeof("{name}") NOT IN ({places}) LIMIT 1',
            allowed,
        ).fetchone()
        if found is not None and kind in _KINDS:
            yield f"row {found[0]} of {table}: {name} is {found[1]}"


def _unread(connection: Connection, table: str, column: str, reads: _Reads) -> Iterator[str]:
    rows = connection.execute(f'SELECT rowid, "{column}" FROM "{table}"')  # noqa: S608
    for number, text in rows:
        if not reads(text):
            yield f"row {number} of {table}: {column} cannot be read"


def _unsettled(connection: Connection) -> Iterator[str]:
    """Yields settings of no meaning, and deals that were migrated and say not from where."""
    known = {"record": ("ledger", "crm"), "shadow": ("on", "off")}
    for name, value in connection.execute("SELECT name, value FROM settings"):
        if value not in known.get(name, (value,)) or (name == "imported_at" and not _whole(value)):
            yield f"the setting {name} cannot be read"
    lost = connection.execute(
        "SELECT deal FROM deals WHERE migrated_at IS NOT NULL"
        " AND deal NOT IN (SELECT deal FROM migrations) LIMIT 1"
    )
    yield from (f"deal {deal} was migrated, and nothing says from where" for (deal,) in lost)


def _whole(text: str) -> bool:
    return text.lstrip("-").isdigit()


def _is_object(text: str) -> bool:
    return not text or isinstance(_data(text), dict)


def _is_list(text: str) -> bool:
    found = _data(text)
    return isinstance(found, list) and all(isinstance(each, dict) for each in found)


def _data(text: str) -> object:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found


def _is_document(text: str) -> bool:
    try:
        load(text)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return False
    return True


_READ: tuple[tuple[str, str, _Reads], ...] = (
    ("playbooks", "document", _is_document),
    ("events", "attrs", _is_object),
    ("decisions", "findings", _is_list),
    ("decisions", "question", _is_object),
    ("decisions", "facts", lambda text: not text or _is_list(text)),
)
"""Columns whose text has a form."""
