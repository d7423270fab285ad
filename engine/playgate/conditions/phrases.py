"""The small words that phrases are made with, in the language that is spoken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from playgate.conditions.durations import Duration
from playgate.conditions.english import with_article
from playgate.language import message, say

__all__ = ["all_of", "any_of", "show_length", "somebody"]

_LENGTHS: Mapping[str, str] = {
    "second": message("{amount} second", counted=True),
    "minute": message("{amount} minute", counted=True),
    "hour": message("{amount} hour", counted=True),
    "day": message("{amount} day", counted=True),
    "week": message("{amount} week", counted=True),
    "calendar day": message("{amount} calendar day", counted=True),
    "business day": message("{amount} business day", counted=True),
    "business hour": message("{amount} business hour", counted=True),
}


def any_of(phrases: Iterable[str]) -> str:
    """Returns phrases of which one is enough."""
    return f" {say('or')} ".join(phrases)


def all_of(phrases: Iterable[str]) -> str:
    """Returns phrases that go together."""
    return f" {say('and')} ".join(phrases)


def somebody(roles: Sequence[str]) -> str:
    """Says somebody of one of these roles: `a rep or manager`."""
    words = any_of(roles)
    if with_article(words).startswith("an "):
        return say("an {role}", role=words)
    return say("a {role}", role=words)


def show_length(length: Duration) -> str:
    """Returns a duration as people say it."""
    one = _LENGTHS[length.unit]
    return say(one, f"{one}s", n=length.amount, amount=length.amount)
