"""How entries of the log hang together: each has a digest of the one before and of itself.

The digest is of what is open, and of a commitment to each group of personal columns: a digest of
a salt and of the text. Whoever deletes both leaves the commitment, which tells nothing, and the
chain stays what it was.
"""

from __future__ import annotations

from playgate.ledger.digests import sha256, sha512

__all__ = [
    "NOTHING",
    "SALT",
    "START",
    "commitment",
    "commitments",
    "digest_of",
    "kept_apart",
    "link",
    "salts_of",
]

SALT = 16
"""How many random bytes an entry is given: the salts of its groups are made of them, none of which
tells of another."""
NOTHING = bytes(32)
"""Stands for a group that says nothing."""
START = bytes(32)
"""What stands before the first entry."""


def salts_of(stored: bytes) -> tuple[bytes, bytes, bytes]:
    """Returns the salts of the three groups from what an entry keeps: what it was given, or the
    salts themselves, as soon as one of them was erased."""
    whole = sha512(stored).digest() if len(stored) == SALT else stored
    return whole[:16], whole[16:32], whole[32:48]


def commitment(salt: bytes, text: str | None) -> bytes:
    """Returns the commitment to the text of a group."""
    return NOTHING if text is None else sha256(salt + text.encode()).digest()


def commitments(salt: bytes, deal: str | None, who: str | None, text: str | None) -> bytes:
    """Returns the commitments of a new entry, one behind the other; it is given a salt unless it
    says nothing personal."""
    if not salt:
        return NOTHING * 3
    whole = sha512(salt).digest()  # as `salts_of` and `commitment` have it, without their calls
    of_deal = sha256(whole[:16] + deal.encode()).digest() if deal is not None else NOTHING
    of_who = sha256(whole[16:32] + who.encode()).digest() if who is not None else NOTHING
    if text is None:
        return of_deal + of_who + NOTHING
    digest: bytes = of_deal + of_who + sha256(whole[32:48] + text.encode()).digest()
    return digest


def kept_apart(kept: bytes) -> tuple[bytes, bytes, bytes]:
    """Returns the commitments that an entry keeps of groups that were erased, `NOTHING` for the
    others."""
    return kept[:32], kept[32:64], kept[64:96]


def digest_of(seq: int, kind: str, at: int | None, opened: str | None, commitments: bytes) -> bytes:
    """Returns an entry's own digest.

    What it is made of reads in one way only: numbers and kinds hold no space, `opened` is JSON,
    which holds no line break, and the commitments have fixed lengths.
    """
    told = f"{seq} {kind} {at} {opened}\n".encode()
    digest: bytes = sha256(told + commitments).digest()
    return digest


def link(before: bytes, own: bytes) -> bytes:
    """Returns the hash of an entry, of that of the one before and of its own digest: by digests
    alone it can be shown that one entry leads to another, and nothing of those between is told."""
    digest: bytes = sha256(before + own).digest()
    return digest
