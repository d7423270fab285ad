"""What stands in place of what names a deal or somebody, once that was erased."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from playgate.ledger.entries import Columns

__all__ = ["DealNames", "PersonNames", "blanked"]

_STRUCTURE = frozenset(("rule", "level", "state", "kind", "name", "command", "stage"))
"""Keys under which a text of the ledger has words of its playbook."""
_MADE_OF_ALL = re.compile(r"(?:^|[:/])[er]-[0-9a-f]{16}$")
_SOMETHING = "erased"
"""Stands where something was said."""


class DealNames:
    """What a deal's names, and the ids of what happened to it, are called once it was erased: each
    is called alike wherever it stands."""

    def __init__(self, names: Sequence[str], token: str) -> None:
        numbered = [token, *(f"{token}-{place}" for place in range(2, len(names) + 1))]
        self._deals = dict(zip(names, numbered, strict=True))
        self._longest = sorted(names, key=len, reverse=True)
        self._ids: dict[str, str] = {}
        self._token = token

    @property
    def pseudonyms(self) -> list[str]:
        """What the deal is called now, first the name that it had last."""
        return list(self._deals.values())

    def knows(self, deal: Columns, *, is_merge: bool) -> bool:
        """Returns whether columns about a deal are about this one."""
        return any(each in self._deals for each in deal[: 2 if is_merge else 1])

    def renamed(self, deal: Columns, *, is_merge: bool) -> Columns:
        """Returns the columns about the deal as they stand from now on."""
        if is_merge:
            return tuple(self._deals.get(each, each) for each in deal)
        return (self._deals[deal[0]], *map(self._id, deal[1:]))

    def _id(self, known_id: str) -> str:
        if not known_id:
            return known_id
        for name in self._longest:
            if known_id.startswith(f"{name}/"):
                return f"{self._deals[name]}/{self._id(known_id[len(name) + 1 :])}"
        return self._ids.setdefault(known_id, f"{self._token}:{len(self._ids) + 1}")


class PersonNames:
    """What somebody is called once they were erased: by their id as a whole, and wherever their id
    or their name stands as a word of a text."""

    def __init__(self, actor: str, names: Iterable[str], token: str) -> None:
        self._actor = actor
        self._names = {actor, *names} - {""}
        self._ids: dict[str, str] = {}
        self._token = token
        found = "|".join(map(re.escape, sorted(self._names, key=len, reverse=True)))
        # Not where it is a part of an id or of an address.
        self._words = re.compile(rf"(?<![\w.@-])(?:{found})(?![\w@]|[.-]\w)")

    def renamed(self, who: Columns) -> Columns:
        """Returns the columns that say who acted as they stand from now on; somebody else may bear
        the same name, and keeps it."""
        known = self._names if who[:1] == (self._actor,) else {self._actor}
        return tuple(self._token if each in known else each for each in who)

    def learn(self, known_id: str) -> None:
        """Gives a new id to an event of theirs whose id was made of all that it says: who knows the
        rest could try out names."""
        if _MADE_OF_ALL.search(known_id):
            self._ids.setdefault(known_id, f"{self._token}:{len(self._ids) + 1}")

    def with_new_ids(self, deal: Columns) -> Columns:
        """Returns the columns about a deal with the ids that its events have from now on."""
        return (*deal[:1], *(self._id(each) for each in deal[1:]))

    def _id(self, known_id: str) -> str:
        if known_id in self._ids:
            return self._ids[known_id]
        deal, slash, rest = known_id.partition("/")
        return f"{deal}/{self._id(rest)}" if slash else known_id

    def reworded(self, text: Columns) -> Columns:
        """Returns columns of text as they stand from now on; what is JSON stays JSON."""
        return tuple(self._reworded(each) for each in text)

    def _reworded(self, text: str) -> str:
        data = _data(text)
        if data is None:
            return self._words.sub(self._token, text)
        said = self._walked(data)
        return text if said == data else _as_json(said)

    def _walked(self, data: Any) -> Any:
        if isinstance(data, str):
            return self._words.sub(self._token, data)
        if isinstance(data, list):
            return [self._walked(each) for each in data]
        if isinstance(data, dict):
            return {key: self._said(key, value) for key, value in data.items()}
        return data

    def _said(self, key: str, value: Any) -> Any:
        if key in _STRUCTURE and isinstance(value, str):
            return self._token if value in self._names else value
        return self._walked(value)


def blanked(text: Columns) -> Columns:
    """Returns columns that say as little as they can: whether something was said, and that it was a
    list or an object, where it was."""
    return tuple(_blank(each) for each in text)


def _blank(text: str) -> str:
    if not text:
        return text
    data = _data(text)
    return _SOMETHING if data is None else _as_json(type(data)())


def _data(text: str) -> list[Any] | dict[str, Any] | None:
    """Returns the list or object that a text is as JSON, or `None` where it is none."""
    if text[:1] not in ("[", "{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list | dict) else None


def _as_json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
