"""Who is looked at: the reps, their names and teams, and since when they are there."""

from __future__ import annotations

from playgate.conditions.durations import Duration
from playgate.conditions.instants import read_instant
from playgate.history.people import SYSTEM, People
from playgate.language import say
from playgate.model.numbers import Numbers
from playgate.model.playbook import Playbook
from playgate.numbers.period import Period, weeks_between
from playgate.numbers.result import Scope
from playgate.numbers.samples import Gathered
from playgate.records import Record

__all__ = ["Member", "Team"]


class Member(Record):
    """The company, a team or a rep; `reps` are the reps in it."""

    scope: Scope
    id: str
    name: str
    team: str
    reps: tuple[str, ...]


class Team:
    """The reps: who holds one of the coached roles, else whose deals the KPIs look at."""

    def __init__(
        self, playbook: Playbook, gathered: Gathered, people: People | None, as_of: int
    ) -> None:
        numbers = playbook.numbers or Numbers()
        ramp = numbers.coaching.ramp
        if ramp is None and numbers.onboarding is not None:
            ramp = Duration(numbers.onboarding.weeks, "week")
        self._ramp = ramp.after(playbook.calendar) if ramp is not None else None
        self._as_of = as_of
        roles = frozenset(numbers.coaching.roles)
        self._people = people
        self._zone = playbook.zone
        held = people.having(roles) if people and roles else ()
        programs = {
            "",
            *playbook.automation,
            *(people.having(frozenset({SYSTEM})) if people else ()),
        }
        self.reps = tuple(sorted(set(held or gathered.owners) - programs))
        self.ranked = tuple(rep for rep in self.reps if self.ramps_until(rep) is None)
        """The reps who are compared with each other: those who are no longer new."""
        self._everyone = {rep for samples in gathered.samples.values() for rep in samples} | set(
            self.reps
        )

    def name(self, actor: str) -> str:
        """Returns what an actor is called; the id where nobody knows."""
        person = self._people.person(actor) if self._people else None
        return (person.name if person else "") or actor

    def team(self, actor: str) -> str:
        """Returns the actor's team, empty where nobody knows."""
        person = self._people.person(actor) if self._people else None
        return person.team if person else ""

    def manager(self, actor: str) -> str:
        """Returns who leads the actor, empty where nobody knows."""
        person = self._people.person(actor) if self._people else None
        return person.manager if person else ""

    def holders(self, role: str) -> tuple[str, ...]:
        """Returns who holds a role."""
        return self._people.having(frozenset({role})) if self._people else ()

    def is_new(self, actor: str) -> bool:
        """Returns whether somebody is so new that they are not held against others."""
        return self.ramps_until(actor) is not None

    def weeks(self, reps: tuple[str, ...], period: Period) -> float:
        """Returns the weeks that the reps worked in a period, added up; each from their first day
        on.

        Where nobody is known, those of the period.
        """
        return sum(self._weeks(rep, period) for rep in reps) if reps else period.weeks

    def first_day(self, rep: str) -> int | None:
        """Returns when the rep started, or `None` where nobody knows."""
        person = self._people.person(rep) if self._people else None
        return read_instant(person.started, self._zone) if person and person.started else None

    def ramps_until(self, rep: str) -> int | None:
        """Returns until when a new rep is not ranked, or `None` where that is over."""
        started = self.first_day(rep)
        if self._ramp is None or started is None:
            return None
        until = self._ramp(started)
        return until if until > self._as_of else None

    def _weeks(self, rep: str, period: Period) -> float:
        started = self.first_day(rep)
        start = period.start if started is None else max(period.start, started)
        return weeks_between(start, period.end)

    def members(self) -> tuple[Member, ...]:
        """Returns the company, its teams and its reps."""
        teams = sorted({self.team(rep) for rep in self.reps} - {""})
        return (
            Member("company", "", say("Company"), "", self.reps),
            *(
                Member(
                    "team",
                    team,
                    team,
                    team,
                    tuple(rep for rep in self.reps if self.team(rep) == team),
                )
                for team in teams
            ),
            *(Member("rep", rep, self.name(rep), self.team(rep), (rep,)) for rep in self.reps),
        )

    def actors(self, member: Member) -> tuple[str, ...]:
        """Returns everyone whose work counts for a member; for the company and teams that includes
        others than reps."""
        if member.scope == "rep":
            return member.reps
        return tuple(
            sorted(
                actor
                for actor in self._everyone
                if member.scope == "company" or self.team(actor) == member.id
            )
        )
