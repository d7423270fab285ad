"""Proofs: one decision, and that it stands in the log which a signed head is of.

A proof holds the decision's own entry and, of all entries behind it up to the head, only their
digests, which tell nothing of what they say. Whoever has the public key of who signed the head can
check it without the ledger. It is a line of JSON (`schemas/proof.schema.json`), and like a head it
is written in one way only.
"""

from __future__ import annotations

import json
import re
import sqlite3
from typing import Any

from playgate.errors import InputError
from playgate.ledger.chain import NOTHING, commitment, digest_of, link, salts_of
from playgate.ledger.checking import own_digest
from playgate.ledger.connection import Connection
from playgate.ledger.entries import GROUPS, Entry, columns_of
from playgate.ledger.head import Head, is_hash
from playgate.ledger.log import Log
from playgate.ledger.logged_decision import decision_of, find_decision, is_decision, reads
from playgate.ledger.rows import DecisionRow
from playgate.ledger.signed_head import SignedHead, data_of, head_in
from playgate.records import Record

__all__ = ["Proof", "proof_of_entry", "prove", "proved", "read_proof"]

_KEYS = ("version", "kind", "entry", "before", "after", "head")
_SAID = ("salt", "said")
_SALT = re.compile(r"[0-9a-f]{32}")
_HASHES = re.compile(r"([0-9a-f]{64})*")
_DIGITS = 64
_ENCODE = json.JSONEncoder(ensure_ascii=True).encode


class Group(Record):
    """Personal columns of an entry, with the salt that hides them from those who only have the
    commitment; `None` where an entry says nothing of the kind."""

    salt: str
    said: str

    def data(self) -> dict[str, str]:
        """Returns the group as it stands in a proof."""
        return {"salt": self.salt, "said": self.said}


class Proof(Record, kw_only=True):
    """A decision's entry, and how it leads to a signed head."""

    seq: int
    kind: str
    at: int | None
    open: str | None
    groups: tuple[Group | None, ...]
    before: str
    """The hash of the entry before."""
    after: str
    """The digests of the entries behind, one after another."""
    head: SignedHead

    def line(self) -> str:
        """Returns it as it stands in a file."""
        groups = {
            name: group.data() if group else None
            for name, group in zip(GROUPS, self.groups, strict=True)
        }
        entry = {"seq": self.seq, "kind": self.kind, "at": self.at, "open": self.open, **groups}
        values = (1, "proof", entry, self.before, self.after, data_of(self.head))
        return _ENCODE(dict(zip(_KEYS, values, strict=True))) + "\n"

    def leads_to(self) -> Head:
        """Returns the head that the entry and those behind it make."""
        commitments = b"".join(
            NOTHING if each is None else commitment(bytes.fromhex(each.salt), each.said)
            for each in self.groups
        )
        digest = digest_of(self.seq, self.kind, self.at, self.open, commitments)
        found = link(bytes.fromhex(self.before), digest)
        for start in range(0, len(self.after), _DIGITS):
            found = link(found, bytes.fromhex(self.after[start : start + _DIGITS]))
        return Head(self.seq + len(self.after) // _DIGITS, found.hex())


def prove(
    connection: Connection, log: Log, known_id: str, head: SignedHead, *, deal: str = ""
) -> Proof:
    """Returns the proof that a decision stands in the log which a head is of; raises `InputError`
    where it does not, or was erased."""
    seq, _ = find_decision(connection, known_id, deal=deal)
    if seq > head.head.seq:
        raise InputError(
            f"{known_id} was recorded after the head was signed: it is entry {seq}, the head is of"
            f" entry {head.head.seq}",
            hint="playgate ledger head --sign KEY signs a later one",
            code="wrong-proof",
        )
    found = proof_of_entry(log, seq, head)
    if found is None:
        hint = "what a proof shows must be there"
        raise InputError(f"{known_id} was erased", hint=hint, code="wrong-proof")
    if found.leads_to() != head.head:
        raise InputError(
            f"{known_id} does not lead to the head: the ledger is another, or was changed",
            hint="playgate ledger verify --head FILE tells more",
            code="head-differs",
        )
    return found


def proof_of_entry(log: Log, seq: int, head: SignedHead) -> Proof | None:
    """Returns the proof of an entry, whatever it is of, or `None` where what it said was erased."""
    row = log.row(seq)
    assert row is not None  # noqa: S101  (the caller has its number)
    _, kind, at, opened, *texts, salts, kept, _ = row
    if kept is not None:
        return None
    return Proof(
        seq=seq,
        kind=kind,
        at=at,
        open=opened,
        groups=tuple(
            None if text is None else Group(salt.hex(), text)
            for salt, text in zip(salts_of(salts), texts, strict=True)
        ),
        before=log.hash_before(seq).hex(),
        after="".join(own_digest(each).hex() for each in log.rows(seq, until=head.head.seq)),
        head=head,
    )


def read_proof(content: bytes, file: str) -> Proof:
    """Reads the file of a proof; raises `InputError` where it is none, sign by sign."""
    try:
        found = _proof_in(json.loads(content))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        found = None
    if found is None or found.line().encode() != content:
        hint = "playgate ledger prove DECISION --head FILE -o FILE writes one"
        raise InputError(
            f"{file} is no proof of a decision, or was changed", hint=hint, code="wrong-proof"
        )
    return found


def _proof_in(data: Any) -> Proof | None:
    """Returns the proof that data tell, or `None` where they tell none; what is left to see is
    whether it is written as proofs are."""
    head, entry = head_in(data["head"]), data["entry"]
    if head is None or not is_hash(data["before"]) or _HASHES.fullmatch(data["after"]) is None:
        return None
    groups = [_group_in(entry[name]) for name in GROUPS]
    seq, at = entry["seq"], entry["at"]
    if type(seq) is not int or seq < 1 or type(at) not in (int, type(None)):
        return None
    return Proof(
        seq=seq,
        kind=_text(entry["kind"]),
        at=at,
        open=None if entry["open"] is None else _text(entry["open"]),
        groups=tuple(groups),
        before=data["before"],
        after=data["after"],
        head=head,
    )


def _group_in(data: Any) -> Group | None:
    if data is None:
        return None
    salt, said = (_text(data[name]) for name in _SAID)
    if _SALT.fullmatch(salt) is None:
        raise ValueError(salt)
    return Group(salt, said)


def _text(said: Any) -> str:
    """Returns a text; raises `ValueError` where it is none that a ledger keeps."""
    if not isinstance(said, str):
        raise ValueError(said)
    said.encode()
    return said


def proved(proof: Proof) -> DecisionRow:
    """Returns the decision that a proof shows; raises `InputError` where it does not lead to its
    head. Whether the head was signed, and by whom, is asked elsewhere."""
    if proof.leads_to() != proof.head.head:
        raise InputError(
            "the proof does not lead to its head: it was changed",
            hint="trust nothing that it says",
            code="wrong-proof",
        )
    try:
        texts = (proof.open, *(each.said if each else None for each in proof.groups))
        entry = Entry(proof.kind, proof.at, *map(columns_of, texts))
        decision = decision_of(proof.seq, entry) if is_decision(entry) else None
        if decision is not None and reads(decision):
            return decision
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError, sqlite3.Error):
        pass
    raise InputError("the proof is of no decision", code="wrong-proof")
