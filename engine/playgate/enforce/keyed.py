"""Requests that may come twice: under the same key, the same answer."""

from __future__ import annotations

from playgate.enforce.commands import Request
from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.records import Record

__all__ = ["AnsweredError", "Keyed", "refuse_known"]


class Keyed(Record):
    """A request that comes under a key."""

    request: Request
    whose: str
    """Whose keys these are: those of others are others."""
    key: str
    asked: str
    """What is asked, told apart from all else under the same key."""


class AnsweredError(Exception):
    """Says that a request was answered before, and how."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


def refuse_known(ledger: Ledger, keyed: Keyed, *, now: int) -> None:
    """Raises `AnsweredError` where a request was answered before, and `InputError` where its key
    came with another one."""
    found = ledger.replies.get(keyed.whose, keyed.key, now=now)
    if found is None:
        return
    asked, answer = found
    if asked != keyed.asked:
        raise InputError(
            "this Idempotency-Key came with another request",
            hint="a key is for one request, however often it is sent",
            code="key-taken",
        )
    raise AnsweredError(answer)
