"""Finds roles on which a playbook counts and which nobody holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from playgate.conditions.narrowings import NARROWINGS
from playgate.documents.document import Document, Route, quoted, shortened
from playgate.errors import Mistake, Place
from playgate.model.playbook import Playbook
from playgate.proof.claims import proven

__all__ = ["check_roles"]

_OF_ROLES = {"may_waive", *(key for key, kind in NARROWINGS.items() if kind.holds == "roles")}
_OF_ATTRIBUTES = {key for key, kind in NARROWINGS.items() if kind.holds == "attributes"}
"""The keys under which attributes stand, which may have any name."""


def check_roles(
    playbook: Playbook, document: Document, *, held: Collection[str], people: str
) -> list[Mistake]:
    """Returns where the playbook names a role that nobody has in the file `people`."""
    found = []
    for route, role in _named(document.data, ()):
        if role not in playbook.roles or role in held:
            continue
        what = "may make exceptions" if "may_waive" in route[-2:] else "is asked for here"
        found.append(
            proven(
                document.place(route),
                f"the role {quoted(role)} {what}, and nobody in {shortened(people)} has it",
                "role-nobody-has",
                "give it to somebody there, or name another role here",
                Place(people, 1, 1),
            )
        )
    return found


def _named(data: Any, route: Route) -> Iterator[tuple[Route, str]]:
    """Yields the roles under `may_waive`, and under every key that narrows by roles."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in _OF_ROLES and route != ("signals",):
                yield from _listed(value, (*route, key))
            elif key not in _OF_ATTRIBUTES:
                yield from _named(value, (*route, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _named(value, (*route, index))


def _listed(value: Any, route: Route) -> Iterator[tuple[Route, str]]:
    if isinstance(value, str):
        yield route, value
    elif isinstance(value, list):
        yield from (((*route, i), each) for i, each in enumerate(value) if isinstance(each, str))
