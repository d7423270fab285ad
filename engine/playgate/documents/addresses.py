"""Addresses of servers, which may hold secrets: what of them can be shown.

What stands between `//` and `@` of an address, or behind its `?`, is never shown: secrets are
passed there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["is_address", "secrets_in", "without_secrets"]

_POSTGRES = ("postgresql:", "postgres:")
_OF_SOMEBODY = r"(postgres(?:ql)?:/*).*@"


def is_address(name: object) -> bool:
    """Returns whether a name is the address of a server, and not that of a file."""
    text = str(name)
    return "://" in text or text.startswith(_POSTGRES)


def without_secrets(text: str) -> str:
    """Returns a text without whose address of PostgreSQL stands in it, and by which password."""
    return re.sub(_OF_SOMEBODY, r"\1***@", text) if "@" in text else text


def secrets_in(rest: str) -> Iterator[str]:
    """Yields what may be secret in what stands behind the `//` of an address, as it is written and
    as it is meant, the longest first."""
    from urllib.parse import parse_qsl, unquote

    place, _, query = rest.partition("?")
    _, _, password = place.rpartition("@")[0].partition(":")
    found = {
        form
        for text in (password, *(value for _, value in parse_qsl(query)))
        for form in (text, unquote(text))
        if form
    }
    yield from sorted(found, key=len, reverse=True)
