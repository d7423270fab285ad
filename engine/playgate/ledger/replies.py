"""Answers that are given again, to who asks the same once more under the same key."""

from __future__ import annotations

from playgate.ledger.connection import Connection

__all__ = ["KEPT", "Replies"]

KEPT = 24 * 3600 * 1_000_000
"""How long an answer is given again, in microseconds: a day."""


class Replies:
    """The answers of a ledger that are given again. They stand in no log, and go after a day, or
    where something is erased."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, whose: str, key: str, *, now: int) -> tuple[str, str] | None:
        """Returns what was asked under a key, and the answer; or `None` where nothing was."""
        row: tuple[str, str] | None = self._connection.execute(
            "SELECT asked, answer FROM replies WHERE whose = ? AND key = ? AND at > ?",
            (whose, key, now - KEPT),
        ).fetchone()
        return row

    def add(self, whose: str, key: str, *, asked: str, answer: str, at: int) -> None:
        """Keeps an answer; must be called in the transaction that records what it tells of."""
        self._connection.execute("DELETE FROM replies WHERE at <= ?", (at - KEPT,))
        self._connection.execute(
            "INSERT INTO replies (whose, key, asked, answer, at) VALUES (?, ?, ?, ?, ?)",
            (whose, key, asked, answer, at),
        )
