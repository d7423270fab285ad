"""The key `different`: what is counted are the different values of an attribute, or the actors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Self

from playgate.conditions.facts import DealFacts
from playgate.conditions.narrowing import (
    Changes,
    Follows,
    Narrowing,
    OfActivity,
    Read,
    Reader,
    Terms,
)
from playgate.conditions.values import Reading, attribute_text, is_absent
from playgate.documents.document import Route
from playgate.language import say

__all__ = ["Different", "ValuesOf"]

ValuesOf = Callable[[DealFacts, int], frozenset[str]]
"""Returns the values that the activity at a position adds to those that are counted."""


class Different(OfActivity):
    """The key `different`: an attribute, each item of a list apart, or `actor`."""

    key = "different"
    holds = "values"
    what: str

    @classmethod
    def read(cls, reader: Reader, route: Route, data: Any) -> tuple[Self, ...] | None:
        return (cls(data),)

    @property
    def is_of_actors(self) -> bool:
        """Whether it counts who did the activities."""
        return self.what == "actor"

    @property
    def words(self) -> str:
        if self.is_of_actors:
            return say(", different actors")
        return say(", different {attribute}", attribute=self.what)

    def is_within(self, other: Narrowing, order: Follows) -> bool:
        return self == other

    def loosened(self, changes: Changes) -> Iterator[tuple[str, Self | None]]:
        yield f"without different: {self.what}", None

    def reads(self) -> Iterator[Read]:
        if not self.is_of_actors:
            yield "attribute", self.what

    def values(self, terms: Terms) -> ValuesOf:
        """Returns the closure that the judge asks for the values of an activity."""
        what, reading = self.what, terms.reading
        if self.is_of_actors:
            return lambda deal, position: _present([deal.events[position].actor], None)
        return lambda deal, position: _items(deal.events[position].attrs, what, reading)


@lru_cache(maxsize=1024)
def _items(attrs: str, name: str, reading: Reading) -> frozenset[str]:
    value = json.loads(attrs).get(name) if attrs else None
    items = value if isinstance(value, list) else [value]
    return _present(map(attribute_text, items), reading)


def _present(texts: Any, reading: Reading | None) -> frozenset[str]:
    return frozenset(
        text for text in texts if text and (reading is None or not is_absent(text, reading))
    )
