"""Who asks: tokens that are made, and held against what the ledger knows of them.

A token is `pgt_ID_SECRET`. The secret is 32 random bytes, of which the ledger keeps the SHA-256
alone: what cannot be guessed needs no slower hash.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Callable, Mapping

from playgate.enforce.commands import Request
from playgate.enforce.confined import Confined
from playgate.enforce.keyed import Keyed
from playgate.enforce.requests import Asked
from playgate.errors import InputError
from playgate.ledger.rows import TokenRow
from playgate.ledger.store import Ledger
from playgate.records import Record
from playgate.serve.glance import Glance
from playgate.serve.scopes import AS_ANYBODY, acts, checked, confined, held, playbooks_of

__all__ = ["Asker", "Doorkeeper", "new_token"]

_KNOWN_FOR = 1.0
"""Seconds for which a token is not looked up again: so late it may be heard that it was revoked."""
_MOST_KNOWN = 1_000
_LONGEST = 200


class Asker(Record):
    """Somebody who asks by a token."""

    id: str
    actor: str
    """Who acts by it; empty where each request says so."""
    scopes: frozenset[str]
    """What it lets through."""
    playbooks: frozenset[str] = frozenset()
    """For whose deals alone that is; none where it is for all."""

    def confined(self, request: Request | Keyed) -> Asked:
        """Returns a request that counts only for the deals which this token is for."""
        return Confined(request, self.playbooks) if self.playbooks else request

    def refuse_confined(self) -> None:
        """Raises `InputError` where the token is for the deals of some playbooks only."""
        if self.playbooks:
            hint = "a token without --playbook is for all of them"
            raise InputError("this token is not for all deals", hint=hint, code="may-not")

    def refuse_beyond(self, what: str) -> None:
        """Raises `InputError` where the token is not for this."""
        if what not in self.scopes:
            hint = f"playgate token new --scope {what} makes one that is"
            raise InputError(f"this token is not for {what}", hint=hint, code="may-not")

    @property
    def trusted(self) -> bool:
        """Whether a request says itself who acts."""
        return AS_ANYBODY in self.scopes


def new_token(
    ledger: Ledger,
    *,
    scopes: tuple[str, ...],
    playbooks: tuple[str, ...] = (),
    actor: str,
    name: str,
    by: str,
    now: int,
    expires_at: int | None,
    random: Callable[[int], bytes],
) -> tuple[TokenRow, str]:
    """Records a new token, and returns it with its text, which nothing tells again; must be called
    inside a transaction. With `playbooks` it is for their deals alone."""
    told = confined(checked(scopes), playbooks)
    if acts(told) and not actor and AS_ANYBODY not in told:
        raise InputError(
            "who acts by this token?",
            hint=f"--by ACTOR pins one; --scope {AS_ANYBODY} trusts what each request says",
            code="usage",
        )
    known_id = b32encode(random(5)).decode().lower()
    secret = urlsafe_b64encode(random(32)).decode().rstrip("=")
    row = TokenRow(known_id, now, _hash(secret), " ".join(told), expires_at, actor, by, name)
    ledger.tokens.add(row)
    return row, f"pgt_{known_id}_{secret}"


class Doorkeeper:
    """Knows who asks."""

    def __init__(self, look: Glance, *, now: Callable[[], int], clock: Callable[[], float]) -> None:
        self._look = look
        self._now = now
        self._clock = clock
        self._known: dict[str, tuple[float, TokenRow, Asker]] = {}
        self._uses: dict[str, int] = {}

    def asker(self, authorization: str) -> Asker:
        """Returns who asks, by the header that says so; raises `InputError` of the code `no-token`
        where that is nobody, however it comes."""
        kind, _, said = authorization.partition(" ")
        parts = said.strip().split("_", 2)
        if kind.lower() != "bearer" or len(parts) != 3 or len(said) > _LONGEST:
            raise _nobody()
        _, known_id, secret = parts
        row, asker = self._looked_up(known_id)
        digest = row.hash if row else ""
        now = self._now()
        is_theirs = hmac.compare_digest(_hash(secret), digest)
        if not is_theirs or asker is None or row is None or not _counts(row, now):
            raise _nobody()
        self._uses[asker.id] = now
        return asker

    def still(self, known_id: str) -> Asker | None:
        """Returns who asks by the token of an id, which was shown before; `None` where it counts no
        more."""
        row, asker = self._looked_up(known_id)
        now = self._now()
        if row is None or not _counts(row, now):
            return None
        self._uses[row.id] = now
        return asker

    def take_uses(self) -> Mapping[str, int]:
        """Returns when tokens were used since this was asked last."""
        taken, self._uses = self._uses, {}
        return taken

    def _looked_up(self, known_id: str) -> tuple[TokenRow | None, Asker | None]:
        at = self._clock()
        known = self._known.get(known_id)
        if known is not None and at < known[0]:
            return known[1:]
        row = self._row(known_id) if known_id.isascii() else None
        if row is None:
            self._known.pop(known_id, None)
            return None, None
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        scopes = row.scopes.split()
        asker = Asker(row.id, row.actor, held(scopes), playbooks_of(scopes))
        self._known[known_id] = at + _KNOWN_FOR, row, asker
        return row, asker

    def _row(self, known_id: str) -> TokenRow | None:
        return self._look(lambda ledger: ledger.tokens.get(known_id))


def _counts(row: TokenRow, now: int) -> bool:
    return row.revoked_at is None and (row.expires_at is None or now < row.expires_at)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _nobody() -> InputError:
    return InputError(
        "no token, or none that counts",
        hint="Authorization: Bearer TOKEN; playgate token new makes one",
        code="no-token",
    )
