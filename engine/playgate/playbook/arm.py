"""From a playbook's text to the version of it that has an experiment's change.

Both are one file. The change is written over the rule in the document before that is read, so that
it is checked, judged and told as if it stood there; it keeps the place where it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from playgate.documents.document import Document, Route
from playgate.playbook.naming import name_all, own_name
from playgate.records import replace

__all__ = ["CHANGED_BY_RULES", "arm_content", "as_armed", "route_of"]

CHANGED_BY_RULES = ("level", "from", "may_waive")
"""What `rules` says last is what counts of these, so that it is said there."""
_LISTS = {
    "entry": "entry",
    "exit": "exit",
    "hold": "hold",
    "activity": "activities",
    "within": "activities",
    "every": "activities",
}
_OF_STAGE = ("by", "time", "idle")
_CHANGE = ("experiments",)


def arm_content(content: bytes, experiment: str) -> bytes:
    """Returns a playbook's text with the line that gives it an experiment's change; all other
    lines stay where they are."""
    text = content.rstrip()
    if text.startswith(b"{") and text.endswith(b"}"):
        return text[:-1].rstrip() + f", arm: {experiment}}}\n".encode()
    return text + f"\narm: {experiment}\n".encode()


def as_armed(document: Document) -> Document:
    """Returns the document with the change of the experiment that its `arm` names; without one, or
    where no such rule is in it, as it is."""
    data = document.data if isinstance(document.data, dict) else {}
    name = data.get("arm")
    change = document.get((*_CHANGE, name, "change")) if isinstance(name, str) else None
    if not isinstance(change, dict) or not isinstance(change.get("rule"), str):
        return document
    route = route_of(document, change["rule"])
    changed = _Changed(document, (*_CHANGE, str(name), "change"))
    for key, value in change.items():
        if key == "rule":
            continue
        if key in CHANGED_BY_RULES or (key == "when" and not _takes_when(route)):
            changed.set_rule(change["rule"], key, value)
        elif route is not None:
            changed.set(route, key, value)
    return changed.document()


def _takes_when(route: Route | None) -> bool:
    """Whether a `when` can stand beside what the rule asks."""
    return route is not None and len(route) > 1 and route[-2] != "stages"


def route_of(document: Document, rule: str) -> Route | None:
    """Returns where the keys of a rule stand, `None` of one that only `rules` speaks of."""
    head, _, rest = rule.partition("/")
    family, _, name = rest.partition("/")
    if head == "sequence":
        return next(_with_name(document, ("sequence",), rest), None)
    if head == "limit":
        return ("limits",) if document.get(("limits", rest)) is not None else None
    if head == "field":
        owner = ("fields", rest.removesuffix("/by"))
        return owner if isinstance(document.get((*owner, "by")), list | str) else None
    stages = document.get(("stages",))
    for place, stage in enumerate(stages if isinstance(stages, list) else ()):
        if not isinstance(stage, dict) or stage.get("stage") != head:
            continue
        if family in _LISTS:
            return next(_with_name(document, ("stages", place, _LISTS[family]), name), None)
        return ("stages", place) if family in _OF_STAGE else None
    return None


def _with_name(document: Document, route: Route, wanted: str) -> Iterator[Route]:
    """Yields the items of a list that give their rules this name."""
    items = document.get(route)
    listed = items if isinstance(items, list) else []
    given = [item.get("id") if isinstance(item, dict) else None for item in listed]
    names = name_all(given, [own_name(item) for item in listed])
    yield from ((*route, place) for place, name in enumerate(names) if name == wanted)


class _Changed:
    """A document that is written over, so that the one it was made of stays."""

    def __init__(self, document: Document, source: Route) -> None:
        self._document = document
        self._source = source
        self._data: dict[str, Any] = deepcopy(document.data)
        self._values = dict(document.values)
        self._keys = dict(document.keys)

    def document(self) -> Document:
        """Returns the document with all that was set."""
        return replace(self._document, data=self._data, values=self._values, keys=self._keys)

    def set(self, route: Route, key: str, value: Any) -> None:
        """Sets a key of the mapping at a route; an item that is only a name becomes one."""
        holder: Any = self._data
        for step in route[:-1]:
            holder = holder[step]
        item = holder[route[-1]]
        if isinstance(item, str):
            item = {"do" if route[-2] == "activities" else "signal": item}
        if not isinstance(item, dict):
            return
        holder[route[-1]] = {**item, key: deepcopy(value)}
        self._place((*route, key), key)

    def set_rule(self, rule: str, key: str, value: Any) -> None:
        """Sets a key that `rules` has of this rule, behind all other entries."""
        rules = self._data.get("rules")
        settings = dict(rules) if isinstance(rules, dict) else {}
        own = settings.pop(rule, {})
        settings[rule] = {**(own if isinstance(own, dict) else {}), key: deepcopy(value)}
        self._data["rules"] = settings
        for route in (("rules",), ("rules", rule)):
            self._values.setdefault(route, self._values[self._source])
            self._keys.setdefault(route, self._values[self._source])
        self._place(("rules", rule, key), key)

    def _place(self, route: Route, key: str) -> None:
        """Lets what stands at a route have the places of what the change says."""
        source = (*self._source, key)
        for places in (self._values, self._keys):
            for old in [each for each in places if each[: len(route)] == route]:
                del places[old]
            places.update({(*route, *e[len(source) :]): at for e, at in _under(places, source)})


def _under(
    places: Mapping[Route, tuple[int, int]], route: Route
) -> list[tuple[Route, tuple[int, int]]]:
    return [(each, at) for each, at in places.items() if each[: len(route)] == route]
