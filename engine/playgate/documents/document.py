"""A parsed file: plain data beside the place of every value and key in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from playgate.errors import Place

__all__ = ["Document", "Route", "nearest"]

Route = tuple[str | int, ...]
"""The way to a value: keys and list positions, from the top."""


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data (`dict`, `list`, `str`, `int`, `float`, `bool`, `None`) that knows its places."""

    file: str
    data: Any
    values: Mapping[Route, tuple[int, int]]
    keys: Mapping[Route, tuple[int, int]]
    sha256: str

    def place(self, route: Route) -> Place:
        """Where the value at `route` starts; of something that is not there, its container."""
        while route and route not in self.values:
            route = route[:-1]
        return Place(self.file, *self.values.get(route, (1, 1)))

    def key_place(self, route: Route) -> Place:
        """Where the key that `route` ends in stands; of a list item, the item itself."""
        found = self.keys.get(route)
        return Place(self.file, *found) if found else self.place(route)

    def get(self, route: Route) -> Any:
        """The value at `route`, or `None`."""
        data = self.data
        for step in route:
            try:
                data = data[step]
            except (KeyError, IndexError, TypeError):
                return None
        return data


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the known name nearest to `name`, or lists the few that there are."""
    names = sorted(set(known))
    folded: dict[str, str] = {}
    for each in names:
        folded.setdefault(each.strip().casefold(), each)
    close = get_close_matches(name.strip().casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{folded[close[0]]}"?'
    if 0 < len(names) <= 12:
        return "known: " + ", ".join(names)
    return ""
