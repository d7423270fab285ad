"""Whether a hook comes from whom it says: by a signature, by a password, by a secret in its path.

Clocks may differ by five minutes, in which what was signed can be sent again: then it is known by
its id.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Literal

from playgate.errors import InputError
from playgate.ledger.hooks import HookIn
from playgate.records import Record

__all__ = ["KINDS", "Came", "Kind", "checked_secret", "delivery_of", "signature"]

Kind = Literal["standard", "hubspot", "pipedrive", "path"]
KINDS: Mapping[Kind, str] = {
    "standard": "Standard Webhooks: HMAC-SHA256 of id, time and body",
    "hubspot": "HubSpot, version 3: HMAC-SHA256 of method, address, body and time",
    "pipedrive": "HTTP Basic: a name and a password",
    "path": "a secret at the end of the address, for who cannot sign",
}
"""How hooks say from whom they come."""
_TOLERANCE = 300
"""Seconds by which clocks may differ."""
_LONGEST_ID = 200
_LEAST_SECRET = 16
"""Characters of a secret, at least."""


class Came(Record, kw_only=True):
    """A hook as it came."""

    header: Callable[[bytes], str]
    path_secret: str
    url: str
    """Its whole address, as the outside sees it."""
    body: bytes


def checked_secret(kind: Kind, secret: str) -> str:
    """Returns a secret that can be used; raises `InputError` where it cannot, without telling
    it."""
    if kind == "standard":
        try:
            key = _key(secret)
        except ValueError:
            key = b""
        if len(key) < _LEAST_SECRET:
            raise _no_secret("whsec_ and at least 24 characters of base64")
    elif kind == "pipedrive":
        name, _, password = secret.partition(":")
        if not name or len(password) < _LEAST_SECRET:
            raise _no_secret(f"NAME:PASSWORD, with a password of {_LEAST_SECRET} characters")
    elif len(secret) < _LEAST_SECRET:
        raise _no_secret(f"at least {_LEAST_SECRET} characters")
    if kind == "path" and not (
        secret.isascii() and secret.replace("-", "").replace("_", "").isalnum()
    ):
        raise _no_secret("letters, digits, - and _: it stands in an address")
    return secret


def _no_secret(hint: str) -> InputError:
    return InputError("this is no secret that can be used", hint=hint, code="wrong-value")


def delivery_of(source: HookIn | None, came: Came, *, now: int) -> str:
    """Returns the id of a hook that its source sent, or nothing where it brings none; raises
    `InputError` of the code `not-signed` where somebody else may have sent it. `now` is in
    microseconds."""
    known = _BY_KIND.get(source.kind) if source is not None else None
    found = known(source.secret, came, now // 1_000_000) if source and known else None
    if found is None:
        raise InputError(
            "no such hook, or not signed by its secret, or too long ago",
            hint="playgate hook list shows them; clocks may differ by five minutes",
            code="not-signed",
        )
    return found


def _standard(secret: str, came: Came, now: int) -> str | None:
    known_id, at = came.header(b"webhook-id"), came.header(b"webhook-timestamp")
    if not (0 < len(known_id) <= _LONGEST_ID and _is_recent(at, now)):
        return None
    expected = signature(secret, known_id, at, came.body)
    is_ours = False
    for each in came.header(b"webhook-signature").split(" ")[:10]:
        is_ours |= _same(each, expected)
    return known_id if is_ours else None


def signature(secret: str, known_id: str, at: str, body: bytes) -> str:
    """Returns the signature that Standard Webhooks asks for."""
    signed = b".".join((known_id.encode("latin-1", "replace"), at.encode(), body))
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def _hubspot(secret: str, came: Came, now: int) -> str | None:
    at = came.header(b"x-hubspot-request-timestamp")
    if not (came.url and _is_recent(at[:-3], now)):  # milliseconds
        return None
    signed = b"".join((b"POST", came.url.encode(), came.body, at.encode()))
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    said = came.header(b"x-hubspot-signature-v3")
    return said if _same(said, base64.b64encode(digest).decode()) else None


def _pipedrive(secret: str, came: Came, now: int) -> str | None:
    kind, _, said = came.header(b"authorization").partition(" ")
    expected = base64.b64encode(secret.encode()).decode()
    is_ours = _same(said.strip(), expected) and kind.lower() == "basic"
    return _id_in(came.body) if is_ours else None


def _id_in(body: bytes) -> str:
    """Returns the id that Pipedrive gives each change, however often it is sent."""
    try:
        found = json.loads(body)["meta"]["id"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return found if isinstance(found, str) and len(found) <= _LONGEST_ID else ""


def _path(secret: str, came: Came, now: int) -> str | None:
    return "" if _same(came.path_secret, secret) else None


def _is_recent(at: str, now: int) -> bool:
    if not (at.isascii() and at.isdecimal() and len(at) < 15):
        return False
    return abs(int(at) - now) <= _TOLERANCE


def _same(said: str, expected: str) -> bool:
    return hmac.compare_digest(said.encode("utf-8", "surrogatepass"), expected.encode())


_BY_KIND: Mapping[str, Callable[[str, Came, int], str | None]] = {
    "standard": _standard,
    "hubspot": _hubspot,
    "pipedrive": _pipedrive,
    "path": _path,
}
