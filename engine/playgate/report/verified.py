"""What became of a ledger that was verified, made anew, or of which something was erased: as text,
and as JSON after the verified schema."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.ledger.erasing import Erasure
from playgate.ledger.head import Head
from playgate.ledger.signed_head import SignedHead
from playgate.ledger.verify import Fault, Verified
from playgate.report.figures import instant
from playgate.report.head_json import head_object
from playgate.report.json_text import json_line
from playgate.report.words import plural

__all__ = [
    "as_json",
    "as_text",
    "erased_json",
    "erased_text",
    "rebuilt_json",
    "rebuilt_text",
    "what_to_do",
]


def as_text(
    found: Verified, head: SignedHead | None = None, *, is_compared: bool = False
) -> Iterator[str]:
    """Yields what was found of a ledger that is what was recorded, for people; `head` left the
    machine and is in its log, and `is_compared` says that its key is the one that was named."""
    since = f" since entry {found.since}" if found.since else ""
    yield f"{_entries(found.entries)}: the ledger is what was recorded{since}\n"
    if found.sealed is not None:
        at = instant(found.sealed_after)
        later = f", later than {at}" if at is not None else ""
        yield (
            f"  sealed from entry {found.sealed} on{later}; of what was done to it before nothing"
            " can be shown\n"
        )
    if found.erased:
        yield f"  erased from {_entries(found.erased)}, as entries of its log say\n"
    if head is not None:
        yield f"  the head of entry {head.head.seq} is in its log{_by(head, is_compared)}\n"
    yield f"  head {found.head}\n"


def _by(head: SignedHead, is_compared: bool) -> str:
    if not head.key:
        return "; nobody signed it"
    whose = head.key if is_compared else f"{head.key}, whosever that is"
    return f", signed at {head.at} by {whose}"


def as_json(
    found: Verified, head: SignedHead | None = None, *, is_compared: bool = False
) -> Iterator[str]:
    """Yields the same as JSON."""
    held: dict[str, object] | None = None
    if head is not None:
        held = {
            "head": head_object(head.head),
            "at": head.at,
            "key": head.key or None,
            "is_compared": is_compared,
        }
    yield _line(
        "verified",
        head=head_object(found.head),
        entries=found.entries,
        since=found.since,
        sealed=found.sealed,
        sealed_after=instant(found.sealed_after),
        erased=found.erased,
        held_against=held,
    )


def what_to_do(fault: Fault) -> str:
    """Returns what to do about a ledger that is damaged."""
    if fault.in_log:
        return "restore it from a backup; what it says cannot be relied on"
    return "its log is whole so far as it was read: playgate ledger rebuild makes the rest anew"


def rebuilt_text(head: Head) -> Iterator[str]:
    """Yields that the tables were made anew, for people."""
    yield f"the tables were made anew from {_entries(head.seq)}\n  head {head}\n"


def rebuilt_json(head: Head) -> Iterator[str]:
    """Yields the same as JSON."""
    yield _line("rebuilt", head=head_object(head), entries=head.seq)


def erased_text(found: Erasure, head: Head) -> Iterator[str]:
    """Yields what was erased, for people."""
    what = _entries(found.entries)
    yield f"erased from {what}; {found.pseudonym} stands there now\n  head {head}\n"


def erased_json(found: Erasure, head: Head) -> Iterator[str]:
    """Yields the same as JSON."""
    yield _line("erased", head=head_object(head), entries=found.entries, pseudonym=found.pseudonym)


def _entries(number: int) -> str:
    return plural(number, "entry", "entries")


def _line(kind: str, **told: object) -> str:
    return json_line({"version": 1, "kind": kind, **told}) + "\n"
