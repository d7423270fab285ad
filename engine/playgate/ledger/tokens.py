"""The tokens of a ledger: who may ask a server about it, and when each was last used."""

from __future__ import annotations

from collections.abc import Mapping

from playgate.ledger.connection import Connection
from playgate.ledger.entries import Entry
from playgate.ledger.log import Log
from playgate.ledger.rows import TokenRow

__all__ = ["Tokens"]

_COLUMNS = ", ".join(f"tokens.{name}" for name in TokenRow.__match_args__[:-1])
_ROWS = (
    f"SELECT {_COLUMNS}, token_uses.at FROM tokens"  # noqa: S608  (names of its own)
    " LEFT JOIN token_uses ON token_uses.id = tokens.id"
)


class Tokens:
    """The tokens of a ledger, those that were revoked or expired included."""

    def __init__(self, connection: Connection, log: Log) -> None:
        self._connection = connection
        self._log = log

    def add(self, token: TokenRow) -> None:
        """Records a token."""
        told = (token.id, token.hash, token.scopes, token.expires_at)
        who = (token.actor, token.told_by)
        self._log.record(Entry("token", token.at, told, (), who, (token.name,)))

    def revoke(self, known_id: str, *, at: int, actor: str) -> None:
        """Records that a token counts no more."""
        self._log.record(Entry("token-revoked", at, (known_id,), (), (actor,)))

    def get(self, known_id: str) -> TokenRow | None:
        """Returns the token of an id, or `None` where there is none."""
        row = self._connection.execute(f"{_ROWS} WHERE tokens.id = ?", (known_id,)).fetchone()
        return TokenRow(*row) if row else None

    def all(self) -> list[TokenRow]:
        """Returns the tokens from the first to the last."""
        rows = self._connection.execute(f"{_ROWS} ORDER BY tokens.at, tokens.id")
        return [TokenRow(*row) for row in rows]

    def used(self, uses: Mapping[str, int]) -> None:
        """Keeps when tokens were last used; that is no part of the log."""
        self._connection.executemany(
            "INSERT INTO token_uses (id, at) VALUES (?, ?)"
            " ON CONFLICT (id) DO UPDATE SET at = excluded.at",
            list(uses.items()),
        )
