"""One row of the log, held against the one before: does it say what it said when it was written?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playgate.ledger.chain import (
    NOTHING,
    SALT,
    START,
    commitment,
    commitments,
    digest_of,
    kept_apart,
    link,
    salts_of,
)
from playgate.ledger.connection import Connection
from playgate.ledger.entries import GROUPS, Entry, columns_of
from playgate.ledger.log import COLUMNS, Row

__all__ = ["Erased", "end_of", "entry_at", "fault_of", "own_digest", "rows_until"]

Erased = Mapping[int, Mapping[str, str]]
"""What entries say of what they erased: by number and group, the commitment to what stands there
now."""
_NONE = type(None)
_TYPES = ((int,), (str,), (int, _NONE), *((str, _NONE),) * 4, (bytes,), (bytes, _NONE), (bytes,))


def fault_of(row: Row, before: tuple[int, bytes], erased: Erased | None) -> str:
    """Returns what is wrong with a row behind an entry of this number and digest, or nothing.

    Without `erased`, what was erased is taken as it stands.
    """
    if any(type(each) not in types for each, types in zip(row, _TYPES, strict=True)):
        return "it cannot be read"
    seq, _, _, _, *texts, salts, kept, digest = row
    if seq != before[0] + 1:
        return f"entry {before[0] + 1} is missing"
    if not _fits(salts, kept, texts):
        return "it keeps other salts or commitments than it has groups"
    if erased is not None and _left(row) != erased.get(seq, {}):
        if kept is None:
            return "it was erased, and stands as it did before"
        return "it is another than was left when it was erased"
    if link(before[1], own_digest(row)) != digest:
        return "it does not say what was recorded"
    return ""


def own_digest(row: Row) -> bytes:
    """Returns the digest of an entry alone, without those before."""
    seq, kind, at, opened, *texts, salts, kept, _ = row
    if kept is None:
        together = commitments(salts, *texts)
    else:
        pairs = zip(_now(row), kept_apart(kept), strict=True)
        together = b"".join(new if was == NOTHING else was for new, was in pairs)
    return digest_of(seq, kind, at, opened, together)


def _left(row: Row) -> Mapping[str, str]:
    """Returns the commitments to what stands where something was erased, by group."""
    kept = row[-2]
    if kept is None:
        return {}
    told = zip(GROUPS, _now(row), kept_apart(kept), strict=True)
    return {group: new.hex() for group, new, was in told if was != NOTHING}


def _now(row: Row) -> list[bytes]:
    """Returns the commitments to what stands in the groups of an entry now."""
    _, _, _, _, *texts, salts, _, _ = row
    return [commitment(*each) for each in zip(salts_of(salts), texts, strict=True)]


def _fits(salts: bytes, kept: bytes | None, texts: Sequence[str | None]) -> bool:
    """Returns whether there is a salt for each group that says something, and for no other."""
    if kept is None:
        return len(salts) == (SALT if any(text is not None for text in texts) else 0)
    if len(salts) != 3 * SALT or len(kept) != 96 or not any(kept):
        return False
    pairs = zip(salts_of(salts), texts, strict=True)
    return all(text is not None or salt == bytes(SALT) for salt, text in pairs)


def entry_at(connection: Connection, seq: int) -> Entry | None:
    """Returns an entry that is what it was, by its digest and by that of the one before; or `None`
    where there is none."""
    rows = rows_until(connection, seq)
    if not rows or rows[0][0] != seq or fault_of(rows[0], end_of(rows[1:]), None):
        return None
    _, kind, at, *texts = rows[0][:7]
    return Entry(kind, at, *map(columns_of, texts))


def rows_until(connection: Connection, seq: int) -> list[Row]:
    """Returns a row of the log and the one before, so far as they are there, the last first."""
    return connection.execute(
        f"SELECT {COLUMNS} FROM log WHERE seq <= ? ORDER BY seq DESC LIMIT 2",  # noqa: S608
        (seq,),
    ).fetchall()


def end_of(rows: list[Row]) -> tuple[int, bytes]:
    """Returns the number and the digest of the first of some rows, behind which another stands; of
    none, those of the beginning."""
    return (rows[0][0], bytes(rows[0][-1])) if rows else (0, START)
