"""Who is told: everyone's manager, those whom a manager leads, a team, or a rep."""

from __future__ import annotations

from collections.abc import Collection

from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.people import People
from playgate.numbers.changes_result import Readers
from playgate.numbers.team import Team
from playgate.records import Record

__all__ = ["Readership"]

_FORMS = "manager, manager=NAME, team=NAME or rep=NAME"


class Readership(Record):
    """Whom a digest is for, and whose work it speaks of; `owners` is `None` for everyone's."""

    scope: Readers
    id: str
    name: str
    owners: frozenset[str] | None
    teams: frozenset[str]

    @classmethod
    def named(cls, text: str, team: Team, people: People | None) -> Readership:
        """Returns those whom a text names: `manager`, `manager=mia`, `team=North`, `rep=ann`."""
        kind, is_named, name = text.partition("=")
        if kind == "manager" and not is_named:
            return cls("manager", "", "", None, frozenset())
        if kind not in ("manager", "team", "rep") or not name:
            raise InputError(f'--for: "{text}" is nobody', hint=_FORMS, code="wrong-value")
        actors = people.actors() if people else team.reps
        if kind == "team":
            teams = {team.team(actor) for actor in actors} - {""}
            if name not in teams:
                raise _nobody("team", name, teams)
            own = frozenset(actor for actor in actors if team.team(actor) == name)
            return cls("team", name, name, own, frozenset({name}))
        if kind == "manager":
            found = _found(name, {team.manager(actor) for actor in actors} - {""}, team, "manager")
            own = frozenset(actor for actor in actors if team.manager(actor) == found)
            led = frozenset(team.team(actor) for actor in own) - {""}
            return cls("manager", found, team.name(found), own, led)
        rep = _found(name, team.reps, team, "rep")
        return cls("rep", rep, team.name(rep), frozenset({rep}), frozenset())

    def owns(self, actor: str) -> bool:
        """Returns whether somebody's work is told of."""
        return self.owners is None or actor in self.owners

    def reads(self, scope: str, member: str) -> bool:
        """Returns whether an alarm of the company, a team or a rep is told of."""
        if self.owners is None:
            return True
        return member in (self.teams if scope == "team" else self.owners if scope == "rep" else ())


def _found(name: str, known: Collection[str], team: Team, kind: str) -> str:
    """Returns the actor who is called so, by id or name."""
    wanted = name.casefold()
    for actor in sorted(known):
        if actor == name or team.name(actor).casefold() == wanted:
            return actor
    raise _nobody(kind, name, {*known, *map(team.name, known)})


def _nobody(kind: str, name: str, known: Collection[str]) -> InputError:
    message = f'there is no {kind} "{name}"'
    return InputError(message, hint=nearest(name, known), code="unknown-name")
