"""Finds fields, activities, signals and roles that a playbook declares and never speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playgate.documents.document import Route, quoted
from playgate.documents.yaml12 import parse, read_bytes
from playgate.errors import Mistake
from playgate.model.playbook import Playbook
from playgate.playbook.beside import plans_beside
from playgate.proof.claims import Reasoner
from playgate.rules.list import Rule

__all__ = ["check_names"]

_SECTIONS = {"fields": "field", "activities": "activity", "signals": "signal", "roles": "role"}
_ALWAYS_READ = ("owner",)
_DECLARING = {
    *("fields", "activities", "signals", "roles"),
    *("profiles", "segments", "products", "kpis"),
}


def check_names(reasoner: Reasoner, _: tuple[Rule, ...]) -> Iterator[Mistake]:
    """Yields a warning for each declared name that stands nowhere else in the playbook.

    A text that happens to be the name counts as a use of it, in a plan of pay or leads beside the
    playbook, too: nothing here is a guess. Where a limit
    says how long a deal may be silent, any activity ends the silence, so that all of them are used.
    """
    document = reasoner.document
    said = set(_said(document.data, ()))
    owned = {each.field for each in reasoner.playbook.set_by}
    timed = [document.data.get("limits"), *(document.get(("stages",)) or ())]
    ends_silence = any(isinstance(each, dict) and "idle" in each for each in timed)
    beside = _SaidBeside(reasoner.playbook)
    for section, kind in _SECTIONS.items():
        declared = document.get((section,)) or ()
        for index, name in enumerate(declared):
            route: Route = (section, index if isinstance(declared, list) else name)
            is_shared = document.file_of(route) != document.file
            if name in said or name in _ALWAYS_READ or (kind == "activity" and ends_silence):
                continue
            if is_shared or (kind == "field" and name in owned) or name in beside:
                continue
            if kind == "role" and isinstance(declared, dict) and declared[name]:
                continue  # its tasks and goals speak of it
            message = f"{kind} {quoted(name)} is used nowhere"
            hint = "name it where it is meant, or leave it out"
            yield Mistake(document.key_place(route), message, "unused", hint, level="warning")


class _SaidBeside:
    """The texts of the plans beside a playbook, which are read where the first is asked for."""

    def __init__(self, playbook: Playbook) -> None:
        self._playbook = playbook
        self._said: frozenset[str] | None = None

    def __contains__(self, name: str) -> bool:
        if self._said is None:
            self._said = frozenset(self._read())
        return name in self._said

    def _read(self) -> Iterator[str]:
        for path in plans_beside(Path(self._playbook.file), self._playbook.name):
            document, _ = parse(read_bytes(path), str(path))
            if document is not None:
                yield from _said(document.data, ("plan",))


def _said(data: Any, route: Route) -> Iterator[str]:
    """Yields all texts of a playbook, and the keys that are not declared there, apart from lists
    that declare names."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, list) and route != ("roles",):
        for index, each in enumerate(data):
            yield from _said(each, (*route, index))
    elif isinstance(data, dict):
        for key, each in data.items():
            if route and not (len(route) == 1 and route[0] in _DECLARING):
                yield key
            yield from _said(each, (*route, key))
