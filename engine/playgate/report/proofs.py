"""What a proof shows, for people and as JSON: the contract of `schemas/proved.schema.json`."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.ledger.proof import Proof
from playgate.ledger.rows import DecisionRow
from playgate.report.decided import decided_object, decided_text
from playgate.report.head_json import head_object
from playgate.report.json_text import json_line
from playgate.report.words import visible

__all__ = ["as_json", "as_text"]


def as_text(proof: Proof, decision: DecisionRow, file: str) -> Iterator[str]:
    """Yields what a proof shows, for people."""
    head = proof.head
    yield from decided_text(decision)
    yield f"  entry {proof.seq} of the ledger; {visible(file)} leads to its head\n"
    yield f"  entry {head.head.seq}, signed at {head.at} by {head.key}\n"


def as_json(proof: Proof, decision: DecisionRow, file: str) -> Iterator[str]:
    """Yields what a proof shows, as JSON."""
    told = {
        "version": 1,
        "kind": "proved",
        "file": file,
        "entry": proof.seq,
        "head": head_object(proof.head.head),
        "signed_at": proof.head.at,
        "key": proof.head.key,
        "decision": decided_object(decision),
    }
    yield json_line(told) + "\n"
