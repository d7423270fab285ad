"""The head of a ledger: its last entry, whose hash stands for all that was recorded until then."""

from __future__ import annotations

import re

from playgate.records import Record

__all__ = ["Head", "is_hash"]

_HASH = re.compile(r"[0-9a-f]{64}")


class Head(Record):
    """The number of the last entry of a ledger, and its hash in hexadecimal digits."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


def is_hash(text: object) -> bool:
    """Whether something is a SHA-256 in hexadecimal digits."""
    return isinstance(text, str) and _HASH.fullmatch(text) is not None
