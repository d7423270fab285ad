"""Whose deals somebody is shown: their own, and of who leads others, those of these people."""

from __future__ import annotations

from playgate.history.people import People
from playgate.records import Record

__all__ = ["Sight", "sight_of"]

_LEADS = "manager"
"""The role that leads its team."""


class Sight(Record):
    """Whose deals somebody is shown; `None`: everybody's."""

    owners: frozenset[str] | None

    def has(self, owner: str) -> bool:
        """Whether the deals of somebody are shown."""
        return self.owners is None or owner in self.owners

    @property
    def is_one(self) -> bool:
        """Whether nobody's are shown but their own."""
        return self.owners is not None and len(self.owners) == 1


def sight_of(actor: str, people: People | None, now: int) -> Sight:
    """Returns what an actor is shown; a token that names nobody shows all.

    Somebody leads whom the people file gives them as `manager`, directly or through others, and in
    the role `manager` everybody of the same team.
    """
    if not actor:
        return Sight(None)
    if people is None:
        return Sight(frozenset({actor}))
    led: dict[str, list[str]] = {}
    for each in people.actors():
        person = people.person(each)
        if person is not None:
            led.setdefault(person.manager, []).append(each)
    found, waiting = {actor}, [actor]
    while waiting:
        new = set(led.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return Sight(frozenset(found.union(_team(actor, people, now))))


def _team(actor: str, people: People, now: int) -> list[str]:
    own = people.person(actor)
    if own is None or not own.team or _LEADS not in people.roles(actor, now):
        return []
    members = (people.person(each) for each in people.actors())
    return [each.actor for each in members if each is not None and each.team == own.team]
