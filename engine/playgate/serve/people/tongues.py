"""The language in which the page speaks to who looks: that which their browser asks for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from playgate.errors import InputError
from playgate.language import ENGLISH, Language
from playgate.report.catalogue import language_of, tags

__all__ = ["language_for", "spoken"]

_MOST = 20
"""Languages that a browser may ask for; of more, those that it names first are heard."""


def language_for(asked: str, usual: str) -> Language:
    """Returns the language that a browser likes best (`Accept-Language`) of those that there are;
    where it likes none of them, the usual one."""
    for tag in _liked(asked):
        if tag == "*":
            break
        known = tag.partition("-")[0]
        if known in _tags():
            return spoken(known)
    return spoken(usual)


@cache
def spoken(tag: str) -> Language:
    """Returns a language, or English where what writes its numbers is not installed."""
    try:
        return language_of(tag)
    except InputError as error:
        if error.code != "not-installed":
            raise
        return ENGLISH


@cache
def _tags() -> frozenset[str]:
    return frozenset(tags())


def _liked(asked: str) -> Iterator[str]:
    """Yields the tags that a browser names, those that it likes best first."""
    weighed = []
    for place, each in enumerate(asked.split(",")[:_MOST]):
        tag, _, weight = each.strip().lower().partition(";")
        liking = _liking(weight)
        if tag.strip() and liking > 0:
            weighed.append((-liking, place, tag.strip()))
    yield from (tag for _, _, tag in sorted(weighed))


def _liking(weight: str) -> float:
    name, _, said = weight.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        liking = float(said)
    except ValueError:
        return 0.0
    return liking if 0 <= liking <= 1 else 0.0
