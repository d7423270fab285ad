"""What became of a ledger that was verified, made anew, or of which something was erased: as text,
and as JSON after the verified schema."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.ledger.erasing import Erasure
from playgate.ledger.log import Head
from playgate.ledger.verify import Fault, Verified
from playgate.report.json_text import json_line

__all__ = [
    "as_json",
    "as_text",
    "erased_json",
    "erased_text",
    "rebuilt_json",
    "rebuilt_text",
    "what_to_do",
]


def as_text(found: Verified) -> Iterator[str]:
    """Yields what was found of a ledger that is what was recorded, for people."""
    since = f" since entry {found.since}" if found.since else ""
    yield f"{found.entries} entries: the ledger is what was recorded{since}\n"
    if found.sealed is not None:
        yield (
            f"  sealed from entry {found.sealed} on; of what was done to it before nothing can be"
            " shown\n"
        )
    if found.erased:
        yield f"  erased from {found.erased} entries, as entries of its log say\n"
    yield f"  head {found.head}\n"


def as_json(found: Verified) -> Iterator[str]:
    """Yields the same as JSON."""
    yield _line(
        "verified",
        head=str(found.head),
        entries=found.entries,
        since=found.since,
        sealed=found.sealed,
        erased=found.erased,
    )


def what_to_do(fault: Fault) -> str:
    """Returns what to do about a ledger that is damaged."""
    if fault.in_log:
        return "restore it from a backup; what it says cannot be relied on"
    return "its log is whole so far as it was read: playgate ledger rebuild makes the rest anew"


def rebuilt_text(head: Head) -> Iterator[str]:
    """Yields that the tables were made anew, for people."""
    yield f"the tables were made anew from {head.seq} entries\n  head {head}\n"


def rebuilt_json(head: Head) -> Iterator[str]:
    """Yields the same as JSON."""
    yield _line("rebuilt", head=str(head), entries=head.seq)


def erased_text(found: Erasure, head: Head) -> Iterator[str]:
    """Yields what was erased, for people."""
    what = "1 entry" if found.entries == 1 else f"{found.entries} entries"
    yield f"erased from {what}; {found.pseudonym} stands there now\n  head {head}\n"


def erased_json(found: Erasure, head: Head) -> Iterator[str]:
    """Yields the same as JSON."""
    yield _line("erased", head=str(head), entries=found.entries, pseudonym=found.pseudonym)


def _line(kind: str, **told: object) -> str:
    return json_line({"version": 1, "kind": kind, **told}) + "\n"
