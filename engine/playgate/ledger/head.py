"""The head of a ledger: its last entry, whose hash stands for all that was recorded until then."""

from __future__ import annotations

import re

from playgate.errors import InputError
from playgate.records import Record

__all__ = ["Head", "is_hash"]

_NUMBER = re.compile(r"[0-9]{1,18}")
_HASH = re.compile(r"[0-9a-f]{64}")


class Head(Record):
    """The number of the last entry of a ledger, and its hash in hexadecimal digits."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def read(cls, text: str) -> Head:
        """Reads a head as it is shown; raises `InputError` where it is none."""
        seq, _, known = text.strip().partition(":")
        if not (_NUMBER.fullmatch(seq) and is_hash(known)):
            raise InputError(
                f'"{text[:80]}" is no head of a ledger',
                hint="playgate ledger head tells it: a number, a colon, and 64 digits",
                code="wrong-value",
            )
        return cls(int(seq), known)


def is_hash(text: object) -> bool:
    """Whether something is a SHA-256 in hexadecimal digits."""
    return isinstance(text, str) and _HASH.fullmatch(text) is not None
