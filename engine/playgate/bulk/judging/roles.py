"""Roles as expressions: those who hold one stand in them as literals."""

from __future__ import annotations

from collections.abc import Iterable

import ibis

from playgate.bulk.values.expressions import Expr, any_of, is_in
from playgate.history.people import People

__all__ = ["holds_role"]


def holds_role(people: People | None, actor: Expr, at: Expr, roles: Iterable[str]) -> Expr:
    """Says whether the actor holds one of the roles at the instant; without people nobody does."""
    if people is None:
        return ibis.literal(False)
    wanted = frozenset(roles)
    always, dated = people.holders(wanted)
    ways = [is_in(actor, always)] if always else []
    for person in dated:
        way = actor == person.actor
        if person.since is not None:
            way &= at >= person.since
        if person.until is not None:
            way &= at < person.until
        ways.append(way)
    return any_of(ways)
