"""Proofs: one decision, and that it stands in the log which a signed head is of.

A proof holds the decision's own entry and, of all entries behind it up to the head, only their
digests, which tell nothing of what they say. Whoever has the public key of who signed the head can
check it without the ledger. It is a line of JSON (`schemas/proof.schema.json`), and like a head it
is written in one way only.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from playgate.errors import InputError
from playgate.ledger.chain import NOTHING, commitment, digest_of, kept_apart, link, salts_of
from playgate.ledger.entries import GROUPS, decoded
from playgate.ledger.head import Head, is_hash
from playgate.ledger.logged_decision import decision_of, find_decision, is_decision
from playgate.ledger.rows import DecisionRow
from playgate.ledger.signed_head import SignedHead, data_of, head_in
from playgate.records import Record

__all__ = ["Proof", "prove", "proved", "read_proof"]

_KEYS = ("version", "kind", "entry", "before", "after", "head")
_ENTRY_KEYS = ("seq", "kind", "open", *GROUPS)
_GROUP_KEYS = (("salt", "said"), ("commitment",))
_ENCODE = json.JSONEncoder(ensure_ascii=True).encode
_DIGITS = 64


class Group(Record):
    """Personal columns of an entry: what they say with its salt, or a commitment alone where they
    were erased or say nothing."""

    salt: str
    said: str | None
    commitment: str

    def committed(self) -> bytes:
        """Returns the commitment to what they say."""
        if self.said is None:
            return bytes.fromhex(self.commitment)
        return commitment(bytes.fromhex(self.salt), self.said)

    def data(self) -> dict[str, Any]:
        """Returns the group as it stands in a proof."""
        if self.said is None:
            return {"commitment": self.commitment}
        return {"salt": self.salt, "said": self.said}


class Proof(Record, kw_only=True):
    """A decision's entry, and how it leads to a signed head."""

    seq: int
    kind: str
    open: str
    groups: tuple[Group, ...]
    before: str
    """The hash of the entry before."""
    after: str
    """The digests of the entries behind, one after another."""
    head: SignedHead

    def line(self) -> str:
        """Returns it as it stands in a file."""
        groups = {name: each.data() for name, each in zip(GROUPS, self.groups, strict=True)}
        entry = {"seq": self.seq, "kind": self.kind, "open": self.open, **groups}
        values = (1, "proof", entry, self.before, self.after, data_of(self.head))
        return _ENCODE(dict(zip(_KEYS, values, strict=True))) + "\n"

    def leads_to(self) -> Head:
        """Returns the head that the entry and those behind it make."""
        commitments = b"".join(each.committed() for each in self.groups)
        digest = digest_of(self.seq, self.kind, self.open, commitments)
        found = link(bytes.fromhex(self.before), digest)
        for start in range(0, len(self.after), _DIGITS):
            found = link(found, bytes.fromhex(self.after[start : start + _DIGITS]))
        return Head(self.seq + len(self.after) // _DIGITS, found.hex())
