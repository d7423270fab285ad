"""One row of the log, held against the one before: does it say what it said when it was written?"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from playgate.ledger.chain import NOTHING, START, commitment, digest_of, kept_apart, link, salts_of
from playgate.ledger.entries import GROUPS, Entry, columns_of
from playgate.ledger.log import COLUMNS, Row

__all__ = ["Erased", "end_of", "entry_at", "fault_of", "own_digest", "rows_until"]

Erased = Mapping[tuple[int, str], str]
"""What entries say of what they erased: by number and group, the commitment to what stands there
now."""


def fault_of(row: Row, before: tuple[int, bytes], erased: Erased | None) -> str:
    """Returns what is wrong with a row behind an entry of this number and digest, or nothing.

    Without `erased`, what was erased is taken as it stands.
    """
    wrong = _wrong_types(row)
    if wrong:
        return wrong
    seq, digest = row[0], row[-1]
    if seq != before[0] + 1:
        return f"entry {before[0] + 1} is missing"
    _, _, _, _, *texts, salts, kept, _ = row
    if not _fits(salts, kept, texts):
        return "it keeps other salts or commitments than it has groups"
    for group, (now, old) in zip(GROUPS, _commitments(row), strict=True):
        said = erased.get((seq, group)) if erased is not None else None
        if erased is not None and said != (None if old == NOTHING else now.hex()):
            return _not_as_erased(group, said)
    if link(before[1], own_digest(row)) != digest:
        return "it does not say what was recorded"
    return ""


def own_digest(row: Row) -> bytes:
    """Returns the digest of an entry alone, without those before."""
    told = b"".join(now if old == NOTHING else old for now, old in _commitments(row))
    return digest_of(*row[:4], told)


def _commitments(row: Row) -> list[tuple[bytes, bytes]]:
    """Returns for each group the commitment to what stands there now, and that to what was erased,
    `NOTHING` where nothing was."""
    _, _, _, _, *texts, salts, kept, _ = row
    now = map(commitment, salts_of(salts), texts)
    return list(zip(now, _kept(kept), strict=True))


def entry_at(connection: sqlite3.Connection, seq: int) -> Entry | None:
    """Returns an entry that is what it was, by its digest and by that of the one before; or `None`
    where there is none."""
    rows = rows_until(connection, seq)
    if not rows or rows[0][0] != seq or fault_of(rows[0], end_of(rows[1:]), None):
        return None
    _, kind, at, *texts = rows[0][:7]
    return Entry(kind, at, *map(columns_of, texts))


def rows_until(connection: sqlite3.Connection, seq: int) -> list[Row]:
    """Returns a row of the log and the one before, so far as they are there, the last first."""
    return connection.execute(
        f"SELECT {COLUMNS} FROM log WHERE seq <= ? ORDER BY seq DESC LIMIT 2",  # noqa: S608
        (seq,),
    ).fetchall()


def end_of(rows: list[Row]) -> tuple[int, bytes]:
    """Returns the number and the digest of the first of some rows, behind which another stands; of
    none, those of the beginning."""
    return (rows[0][0], bytes(rows[0][-1])) if rows else (0, START)


def _kept(kept: bytes | None) -> tuple[bytes, bytes, bytes]:
    return (NOTHING, NOTHING, NOTHING) if kept is None else kept_apart(kept)


def _fits(salts: bytes, kept: bytes | None, texts: list[str | None]) -> bool:
    """Returns whether there is a salt for each group that says something, and for no other."""
    if kept is None:
        return bool(salts) == any(text is not None for text in texts)
    pairs = zip(salts_of(salts), texts, strict=True)
    return any(kept) and all((text is not None) or salt == bytes(16) for salt, text in pairs)


def _not_as_erased(group: str, said: str | None) -> str:
    if said is None:
        return f"its {group} is another, and nothing says that it was erased"
    return f"its {group} was erased, and stands otherwise than it was left"


def _wrong_types(row: tuple[Any, ...]) -> str:
    seq, kind, at, *texts, salts, kept, digest = row
    said = (kind, *(each for each in texts if each is not None))
    if not isinstance(seq, int) or not isinstance(at, int | None):
        return "it cannot be read"
    if not all(isinstance(each, str) for each in said):
        return "it cannot be read"
    blobs = (
        (salts, (48,) if kept else (0, 16)),
        (digest, (32,)),
        *(((kept, (96,)),) if kept is not None else ()),
    )
    if any(not isinstance(each, bytes) or len(each) not in sizes for each, sizes in blobs):
        return "it cannot be read"
    return ""
