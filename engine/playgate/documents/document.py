"""A parsed file: plain data beside the place of every value and key in it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from playgate.errors import Place
from playgate.language import say
from playgate.records import Record

__all__ = [
    "Document",
    "Route",
    "WrittenNumber",
    "composed",
    "nearest",
    "nearest_said",
    "quoted",
    "resembles",
    "shortened",
    "written",
]

Route = tuple[str | int, ...]
"""The way to a value: keys and list positions, from the top."""


class WrittenNumber(float):
    """A number that knows how its author wrote it, since `1.10` and `1.1` are different texts."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> WrittenNumber:
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __str__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[type[WrittenNumber], tuple[str]]:
        return WrittenNumber, (self.text,)


class Document(Record):
    """Plain data (`dict`, `list`, `str`, `int`, `float`, `bool`, `None`) that knows its places."""

    file: str
    data: Any
    values: Mapping[Route, tuple[int, int]]
    keys: Mapping[Route, tuple[int, int]]
    sha256: str
    origins: Mapping[Route, str] = MappingProxyType({})
    """The files of what was brought from others, by the first two steps of its routes."""
    used: Mapping[str, str] = MappingProxyType({})
    """The texts of those files, by the names under which the document uses them."""

    def place(self, route: Route) -> Place:
        """Returns where the value at `route` starts, or its container where there is no such
        value."""
        while route and route not in self.values:
            route = route[:-1]
        return Place(self.file_of(route), *self.values.get(route, (1, 1)))

    def file_of(self, route: Route) -> str:
        """Returns the file in which the value at `route` stands."""
        return self.origins.get(route[:2], self.file)

    def key_place(self, route: Route) -> Place:
        """Returns where the key that `route` ends in stands; for an item of a list, the item
        itself."""
        found = self.keys.get(route)
        return Place(self.file_of(route), *found) if found else self.place(route)

    def get(self, route: Route) -> Any:
        """Returns the value at `route`, or `None`."""
        data = self.data
        for step in route:
            try:
                data = data[step]
            except (KeyError, IndexError, TypeError):
                return None
        return data


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns a hint that names the known name nearest to `name`, or lists the few that there are.

    Very long names, and very many of them, are only compared without case and outer spaces.
    """
    meant, listed = _meant_or_known(name, known)
    if meant:
        return f"did you mean {quoted(meant)}?"
    return f"known: {', '.join(listed)}" if listed else ""


def nearest_said(name: str, known: Iterable[str]) -> str:
    """Returns the same hint in the language that is spoken."""
    meant, listed = _meant_or_known(name, known)
    if meant:
        return say("did you mean {name}?", name=quoted(meant))
    return say("known: {names}", names=", ".join(listed)) if listed else ""


def _meant_or_known(name: str, known: Iterable[str]) -> tuple[str, list[str]]:
    """Returns the known name nearest to `name`, or else the few that there are."""
    names = set(known)
    folded = {each.strip().casefold(): each for each in sorted(names, reverse=True)}
    wanted = name.strip().casefold()
    close = [wanted] if wanted in folded else []
    if not close and len(wanted) <= _LONGEST_NAME and len(folded) <= _MOST_NAMES:
        short = [each for each in folded if len(each) <= _LONGEST_NAME]
        close = _close(wanted, short)
    if close:
        return folded[close[0]], []
    if len(names) > _MOST_LISTED:
        return "", []
    return "", [shortened(each) for each in sorted(names) if each.strip()]


def resembles(name: object, known: Iterable[str]) -> bool:
    """Returns whether `name` is one of the names, or so near that its author may have meant one."""
    if not isinstance(name, str) or len(name) > _LONGEST_NAME:
        return False
    return bool(_close(name.casefold(), list(known)))


def _close(name: str, known: list[str]) -> list[str]:
    from difflib import get_close_matches  # only here: few words are misspelled

    close = get_close_matches(name, known, n=1, cutoff=_CLOSE)
    if close or len(name) < _SHORTEST_PART:
        return close
    longer = [each for each in known if each.startswith(name)]
    shorter = [each for each in known if len(each) >= _SHORTEST_PART and name.startswith(each)]
    return [min(longer, key=len)] if longer else sorted(shorter, key=len)[-1:]


def composed(text: str) -> str:
    """Returns the text in Unicode's form C, in which texts are compared.

    What is typed as one sign and what is typed as a letter and its accent are then the same.
    """
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", text)


def written(value: object) -> str:
    """Returns a plain value as its author wrote it."""
    return json.dumps(value) if value is None or isinstance(value, bool) else str(value)


def shortened(text: str) -> str:
    """Returns the text, cut where a line of a message would become too long."""
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…"


def quoted(text: str) -> str:
    """Returns the text as a message shows it: in quotes, on one line, not too long."""
    return json.dumps(shortened(text), ensure_ascii=False)


_LONGEST_NAME = 60
_MOST_NAMES = 700
_MOST_LISTED = 16
_CLOSE = 0.7
_SHORTEST_PART = 2
