"""Who is signed in to the page, and what shows that a form came from it.

A session is a cookie that nobody can guess, kept here as its SHA-256 and for as long as the server
runs. A form carries what only who holds the cookie can have been given: an HMAC of it.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import NamedTuple

from playgate.serve.tokens import Asker

__all__ = ["Session", "Sessions", "cookie", "cookies"]


class Session(NamedTuple):
    """Somebody who signed in."""

    token: str
    """The id of the token by which they did."""
    ends: int
    """The instant until which it counts."""


class Sessions:
    """All who are signed in."""

    def __init__(
        self, *, now: Callable[[], int], random: Callable[[int], bytes], seconds: float, most: int
    ) -> None:
        self._now = now
        self._random = random
        self._seconds = seconds
        self._most = most
        self._key = random(32)
        self._by: dict[str, Session] = {}

    def begin(self, asker: Asker) -> str:
        """Signs somebody in, and returns the secret by which they are known."""
        while len(self._by) >= self._most:
            del self._by[next(iter(self._by))]
        secret = self.secret()
        self._by[_hash(secret)] = Session(asker.id, self._now() + int(self._seconds * 1_000_000))
        return secret

    def find(self, secret: str) -> Session | None:
        """Returns the session of a secret; `None` where there is none, or none any more."""
        found = self._by.get(_hash(secret)) if secret else None
        if found is not None and self._now() >= found.ends:
            self.end(secret)
            return None
        return found

    def end(self, secret: str) -> None:
        """Signs somebody out."""
        self._by.pop(_hash(secret), None)

    def secret(self) -> str:
        """Returns what nobody can guess."""
        return urlsafe_b64encode(self._random(32)).decode().rstrip("=")

    def form_token(self, secret: str, whose: str) -> str:
        """Returns what a form carries that was given to who holds a secret."""
        said = f"{secret}\n{whose}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, said, hashlib.sha256).hexdigest()

    def is_ours(self, said: str, secret: str, whose: str) -> bool:
        """Whether a form carries what it was given."""
        known = self.form_token(secret, whose)
        return bool(secret) and hmac.compare_digest(said.encode(errors="replace"), known.encode())


def cookies(header: str) -> dict[str, str]:
    """Returns the cookies of a request; of one that is said twice, the first."""
    found: dict[str, str] = {}
    for each in header.split(";"):
        name, _, value = each.strip().partition("=")
        found.setdefault(name, value)
    return found


def cookie(name: str, value: str, *, seconds: float, secure: bool) -> bytes:
    """Returns a cookie as it is set: kept from scripts, and from requests that other pages make;
    without a value, it is taken back."""
    lasts = int(seconds) if value else 0
    text = f"{name}={value}; Path=/; Max-Age={lasts}; HttpOnly; SameSite=Strict"
    return (text + "; Secure" * secure).encode()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
