"""Who is told: everyone's manager, those whom a manager leads, a team, or a rep."""

from __future__ import annotations

from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.people import People, those_called
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
                hint = nearest(name, teams)
                raise InputError(f'there is no team "{name}"', hint=hint, code="unknown-name")
            own = frozenset(actor for actor in actors if team.team(actor) == name)
            return cls("team", name, name, own, frozenset({name}))
        if kind == "manager":
            managers = sorted({team.manager(actor) for actor in actors} - {""})
            found = those_called(name, {each: team.name(each) for each in managers}, kind=kind)[0]
            own = frozenset(actor for actor in actors if team.manager(actor) == found)
            led = frozenset(team.team(actor) for actor in own) - {""}
            return cls("manager", found, team.name(found), own, led)
        rep = those_called(name, {each: team.name(each) for each in sorted(team.reps)})[0]
        return cls("rep", rep, team.name(rep), frozenset({rep}), frozenset())

    def owns(self, actor: str) -> bool:
        """Returns whether somebody's work is told of."""
        return self.owners is None or actor in self.owners

    def reads(self, scope: str, member: str) -> bool:
        """Returns whether an alarm of the company, a team or a rep is told of."""
        if self.owners is None:
            return True
        return member in (self.teams if scope == "team" else self.owners if scope == "rep" else ())
