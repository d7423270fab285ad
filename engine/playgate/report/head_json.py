"""The head of a ledger, as every answer of it carries it in JSON."""

from __future__ import annotations

from playgate.ledger.head import Head

__all__ = ["head_object"]


def head_object(head: Head | None) -> dict[str, int | str] | None:
    """Returns a head as data: the contract `head` of `schemas/decision.schema.json`."""
    return None if head is None else {"seq": head.seq, "hash": head.hash}
