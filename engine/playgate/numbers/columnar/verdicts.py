"""Verdicts counted over columns for the numbers: by rule, and by who is charged."""

from __future__ import annotations

import numpy as np

from playgate.columns.arrays import Ints
from playgate.columns.chances import DealChances, times_of
from playgate.columns.charges import charged
from playgate.columns.kernels import done_at
from playgate.columns.verdicts import MET, WAIVED, Verdicts
from playgate.history.people import People
from playgate.judge.judge import Judge
from playgate.numbers.columnar.part import Owners, Part, is_in
from playgate.numbers.gather import ADHERENCE
from playgate.numbers.samples import Gathered

__all__ = ["VerdictCounter"]


class VerdictCounter:
    """Adds up the verdicts of each rule, part by part."""

    def __init__(self, gathered: Gathered, judge: Judge, people: People | None) -> None:
        self._gathered = gathered
        self._people = people
        self._rules = judge.rules
        self._chances = DealChances(0)
        self._teams: dict[str, int] = {}

    def begin(self, part: Part) -> None:
        """Begins with some deals."""
        self._chances = DealChances(part.deals.count)

    def take(self, part: Part, place: int, verdicts: Verdicts) -> None:
        """Counts what is said of one rule."""
        done = done_at(part.deals, self._rules[place], verdicts.dues)
        wanted = np.flatnonzero(is_in(self._gathered.period, done))
        said, dues = verdicts.said[wanted], verdicts.dues.take(wanted)
        rep = charged(part.deals, dues, part.owners)
        for (number, slot), times in times_of(rep, said):
            self._gathered.rules[place, part.owners.name(number)][slot] += times
        chance = said != WAIVED
        if self._rules[place].rule.info.level != "observe":
            self._chances.take(dues.deal[chance], rep[chance], said[chance] == MET)

    def end(self, part: Part) -> None:
        """Counts the deals by their chances: of each rep, each team and the company."""
        found, name = self._gathered, part.owners.name
        for (rep, n, met), times in times_of(*self._chances.of_actors()):
            sample = found.samples[ADHERENCE][name(rep)]
            sample.part += met * times
            sample.rest += (n - met) * times
            sample.chances[n, met] += times
        for (n, met), times in times_of(*self._chances.of_deals()):
            found.followed["company", ""][n, met] += times
        of_teams = self._chances.of_actors(self._team_of(part.owners))
        teams = list(self._teams)
        for (team, n, met), times in times_of(*of_teams):
            found.followed["team", teams[team]][n, met] += times

    def _team_of(self, owners: Owners) -> Ints:
        persons = (self._people.person(rep) if self._people else None for rep in owners)
        teams = [person.team if person else "" for person in persons]
        return np.array([self._teams.setdefault(team, len(self._teams)) for team in teams])
