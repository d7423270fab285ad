"""What was counted week by week, for the company, a team or a rep, and what was usual before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from playgate.conditions.instants import from_datetime
from playgate.numbers.period import week_reader, week_start
from playgate.numbers.statistics import Limits, count_limits, ratio_limits
from playgate.numbers.survey import Survey
from playgate.numbers.team import Member

__all__ = ["BASELINE", "Counts", "Series", "Weekly", "usual_limits"]

BASELINE, _LEAST = 26, 8
"""How many weeks before are what was usual, and how few say nothing."""

Counts = tuple[int, int]
"""How many, and (of a ratio) of how many."""


class Series(dict[int, Counts]):
    """Counts by week; a week without any is not there."""

    def over(self, weeks: range) -> Counts:
        """Returns the sum of some weeks."""
        found = [self.get(week, (0, 0)) for week in weeks]
        return sum(part for part, _ in found), sum(whole for _, whole in found)

    def each(self, weeks: range) -> list[Counts]:
        """Returns the counts of each of some weeks."""
        return [self.get(week, (0, 0)) for week in weeks]


class Weekly:
    """The weekly counts of a survey. Only whole weeks are looked at, those from `first` to `last`:
    the running one is always below the usual."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._week = week_reader(survey.playbook.zone)
        self.last = self._week(survey.as_of + 1) - 1
        counted = survey.gathered.weekly.values()
        starts = [week for by_rep in counted for weeks in by_rep.values() for week in weeks]
        self.first = min(starts, default=self._week(survey.gathered.period.start)) + 1

    def begin(self, member: Member) -> int:
        """Returns the first week of which all is known, which for a rep begins at the first day."""
        begun = (
            [self._survey.team.first_day(rep) for rep in member.reps]
            if member.scope == "rep"
            else []
        )
        known = [self._week(day) + 1 for day in begun if day is not None]
        return max([self.first, *known])

    def series(self, kpi_id: str, member: Member) -> Series:
        """Returns what was counted of a KPI."""
        weekly = self._survey.gathered.weekly[kpi_id]
        series = Series()
        for rep in self._survey.team.actors(member):
            for week, (part, whole) in weekly[rep].items() if rep in weekly else ():
                old = series.get(week, (0, 0))
                series[week] = old[0] + part, old[1] + whole
        return series

    def instant(self, week: int) -> int:
        """Returns when a week begins."""
        zone = self._survey.playbook.zone
        return from_datetime(datetime.combine(week_start(week), datetime.min.time(), zone))


def usual_limits(
    usual: Sequence[Counts], seen: Counts, weeks: int, *, is_ratio: bool, minimum: int
) -> Limits | None:
    """Returns the limits of what was seen in some weeks, by the weeks that were usual; `None` where
    these are too few, or a ratio rests on fewer than `minimum`."""
    if len(usual) < _LEAST:
        return None
    if not is_ratio:
        return count_limits([part for part, _ in usual], seen[0], weeks)
    part, whole = (sum(column) for column in zip(*usual, strict=True))
    return ratio_limits(part, whole, *seen) if whole >= minimum and seen[1] else None
