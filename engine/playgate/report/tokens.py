"""Tokens of a ledger, for people and as JSON (`schemas/tokens.schema.json`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playgate.ledger.rows import TokenRow
from playgate.report.figures import instant
from playgate.report.json_text import json_line
from playgate.report.words import by, visible

__all__ = ["all_json", "all_text", "one_json", "one_text", "revoked_text"]

_VERSION = 1


def one_json(row: TokenRow, *, now: int, token: str = "") -> str:
    """Renders one token; `token` is its text, where it is new."""
    told = {"version": _VERSION, "kind": "token", **_object(row, now)}
    return json_line({**told, "token": token} if token else told)


def all_json(rows: Sequence[TokenRow], *, now: int) -> str:
    """Renders the tokens of a ledger."""
    tokens = [_object(row, now) for row in rows]
    return json_line({"version": _VERSION, "kind": "tokens", "tokens": tokens})


def _object(row: TokenRow, now: int) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name or None,
        "scopes": row.scopes.split(),
        "by": row.actor or None,
        "made_at": instant(row.at),
        "made_by": row.told_by or None,
        "expires_at": instant(row.expires_at),
        "revoked_at": instant(row.revoked_at),
        "revoked_by": row.revoked_by or None,
        "used_at": instant(row.used_at),
        "state": _state(row, now),
    }


def _state(row: TokenRow, now: int) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= now else "counts"


def one_text(row: TokenRow, *, token: str) -> str:
    """Renders a token that is new."""
    until = f"until {instant(row.expires_at)}" if row.expires_at is not None else "for good"
    return "\n".join(
        (
            token,
            f"  token {row.id} for {row.scopes}{by(row.actor)}, {until}",
            "  it is not shown again: only its hash is kept",
        )
    )


def all_text(rows: Sequence[TokenRow], *, now: int) -> str:
    """Renders the tokens of a ledger, one on two lines."""
    lines = [each for row in rows for each in _lines(row, now)]
    return "\n".join(lines) or "no token yet: playgate token new makes one"


def _lines(row: TokenRow, now: int) -> tuple[str, str]:
    name = f"  {visible(row.name)}" if row.name else ""
    until = f" until {instant(row.expires_at)}" if row.expires_at is not None else ""
    state = {
        "counts": f"counts{until}",
        "expired": f"expired at {instant(row.expires_at)}",
        "revoked": f"revoked at {instant(row.revoked_at)}{by(row.revoked_by)}",
    }[_state(row, now)]
    used = f"last used at {instant(row.used_at)}" if row.used_at is not None else "never used"
    return f"{row.id}  {row.scopes}{by(row.actor)}{name}", f"  {state}, {used}"


def revoked_text(row: TokenRow) -> str:
    """Renders a token that was revoked."""
    return f"token {row.id} was revoked at {instant(row.revoked_at)}{by(row.revoked_by)}"
