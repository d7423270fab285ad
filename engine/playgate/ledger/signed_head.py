"""Heads that leave the machine: a small file that says what a ledger held, and who says so.

What is signed is a text of five lines, so that other programs can check it, too::

    playgate head, version 1
    seq 120
    hash 5a0c…
    at 2026-03-01T09:00:00Z
    key 8f31…

The file is a line of JSON (`schemas/head.schema.json`). Each head is written in one way only: a
file that differs from it in a single byte is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from playgate.errors import InputError
from playgate.ledger.head import Head, is_hash
from playgate.ledger.signing import Signer, is_signed
from playgate.records import Record

__all__ = ["SignedHead", "check_signature", "data_of", "head_in", "read_signed_head", "sign"]

_KEYS = ("version", "kind", "seq", "hash", "at", "key", "signature")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-f]{128}")
_ENCODE = json.JSONEncoder(ensure_ascii=True).encode


class SignedHead(Record, kw_only=True):
    """A head that somebody signed, or that was only written down."""

    head: Head
    at: str
    """When, as RFC 3339 in UTC."""
    key: str
    """The public key of who signed it, in hexadecimal digits; empty where nobody did."""
    signature: str

    @property
    def signed_text(self) -> bytes:
        """What is signed."""
        lines = (
            "playgate head, version 1",
            f"seq {self.head.seq}",
            f"hash {self.head.hash}",
            f"at {self.at}",
            f"key {self.key}",
        )
        return "".join(f"{line}\n" for line in lines).encode()

    def line(self) -> str:
        """Returns it as it stands in a file."""
        return _ENCODE(data_of(self)) + "\n"


def data_of(signed: SignedHead) -> dict[str, Any]:
    """Returns a head as data: the contract of its schema."""
    head = signed.head
    values = (1, "head", head.seq, head.hash, signed.at, signed.key, signed.signature)
    return dict(zip(_KEYS, (value if value != "" else None for value in values), strict=True))


def sign(head: Head, signer: Signer | None, *, at: str) -> SignedHead:
    """Signs a head at an instant; without a signer it is only written down."""
    key = signer.public_key if signer is not None else ""
    bare = SignedHead(head=head, at=at, key=key, signature="")
    if signer is None:
        return bare
    return SignedHead(head=head, at=at, key=key, signature=signer.sign(bare.signed_text))


def read_signed_head(content: bytes, file: str) -> SignedHead:
    """Reads the file of a head; raises `InputError` where it is none, sign by sign."""
    try:
        found = head_in(json.loads(content))
    except (ValueError, RecursionError):
        found = None
    if found is None or found.line().encode() != content:
        raise InputError(
            f"{file} is no head of a ledger, or was changed",
            hint="playgate ledger head --sign KEY -o FILE writes one",
            code="wrong-file",
        )
    return found


def head_in(data: object) -> SignedHead | None:
    """Returns the head that data tell, or `None` where they tell none."""
    if not isinstance(data, Mapping) or tuple(data) != _KEYS:
        return None
    seq, known, at = data["seq"], data["hash"], data["at"]
    if type(seq) is not int or seq < 0 or not is_hash(known):
        return None
    if not isinstance(at, str) or _INSTANT.fullmatch(at) is None:
        return None
    if data["key"] is None and data["signature"] is None:
        key = signature = ""
    elif is_hash(data["key"]) and _is_signature(data["signature"]):
        key, signature = data["key"], data["signature"]
    else:
        return None
    found = SignedHead(head=Head(seq, known), at=at, key=key, signature=signature)
    return found if data_of(found) == dict(data) else None


def _is_signature(text: object) -> bool:
    return isinstance(text, str) and _SIGNATURE.fullmatch(text) is not None


def check_signature(signed: SignedHead, *, key: str, key_file: str) -> None:
    """Raises `InputError` unless a head was signed by the private key that belongs to `key`."""
    if not signed.key:
        raise InputError(
            "the head is not signed: anybody may have written it",
            hint="playgate ledger head --sign KEY signs one",
            code="wrong-key",
        )
    if signed.key != key:
        raise InputError(
            f"the head was signed by another key than {key_file}",
            hint=f"it names the public key {signed.key}",
            code="wrong-key",
        )
    if not is_signed(signed.signed_text, key=key, signature=signed.signature):
        raise InputError(
            "the signature of the head is not by its key: the head was changed",
            hint="trust nothing that it says",
            code="wrong-key",
        )
