"""A ledger that is what was recorded, for people and as JSON: the contract of
`schemas/verified.schema.json`."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.ledger.signed_head import SignedHead
from playgate.ledger.verify import Verified
from playgate.report.head_json import head_object
from playgate.report.json_text import json_line
from playgate.report.words import count, plural, visible

__all__ = ["as_json", "as_text"]


def as_text(
    path: str, found: Verified, head: SignedHead | None, *, is_compared: bool
) -> Iterator[str]:
    """Yields what was verified, for people; `is_compared` says that the key which signed the head
    is the one that was named."""
    yield f"{visible(path)}: verified, {plural(found.entries, 'entry', 'entries')}\n"
    if found.since:
        yield f"  held against their hashes: those after entry {count(found.since)}\n"
    if found.sealed is not None:
        sealed = f"  sealed from entry {count(found.sealed)} on"
        yield f"{sealed}: of what was done before, nothing can be shown\n"
    if found.erased:
        yield f"  erased in part: {plural(found.erased, 'entry', 'entries')}\n"
    if head is not None:
        yield f"  the head of entry {count(head.head.seq)} is in its log{_by(head, is_compared)}\n"
    yield f"  {found.head.hash}\n"


def _by(head: SignedHead, is_compared: bool) -> str:
    if not head.key:
        return ": nobody signed it"
    whose = head.key if is_compared else f"{head.key}, whoever that is: --key names who it must be"
    return f", signed at {head.at} by {whose}"


def as_json(
    path: str, found: Verified, head: SignedHead | None, *, is_compared: bool
) -> Iterator[str]:
    """Yields what was verified, as JSON."""
    told = {
        "version": 1,
        "kind": "verified",
        "path": path,
        "entries": found.entries,
        "since": found.since or None,
        "sealed": found.sealed,
        "erased": found.erased,
        "head": head_object(found.head),
        "held_against": None
        if head is None
        else {
            "head": head_object(head.head),
            "at": head.at,
            "key": head.key or None,
            "is_compared": is_compared,
        },
    }
    yield json_line(told) + "\n"
