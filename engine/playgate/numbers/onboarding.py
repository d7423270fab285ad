"""Who is new: the plan of the first weeks with its days, and who is behind it.

Weeks are those of the calendar, from Monday on; the first is the one of the first day. What is due
in a week is due by its Sunday.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Literal

from playgate.conditions.instants import to_datetime
from playgate.model.people import FirstStep, Onboarding
from playgate.numbers.figure import standing
from playgate.numbers.gather import ADHERENCE
from playgate.numbers.people_measures import step_id
from playgate.numbers.people_result import Certified, FirstWeek, Hire, StepSeen
from playgate.numbers.period import week_reader, week_start
from playgate.numbers.survey import Survey
from playgate.numbers.team import Member

__all__ = ["Learnt", "asked_share", "hires", "newcomers"]

Learnt = Mapping[tuple[str, str], int]
"""When somebody had a lesson, by actor and lesson."""


def asked_share(survey: Survey, actor: str) -> float:
    """Returns which share of a goal is asked of somebody this week: less than 1 of who is new."""
    onboarding = survey.numbers.onboarding
    if onboarding is None or not _began_since(survey, actor):
        return 1.0
    if actor not in _concerned(survey, onboarding):
        return 1.0
    return _share(_running_week(survey, actor), onboarding.weeks)


def newcomers(survey: Survey) -> tuple[str, ...]:
    """Returns those who started since the history began, whose first weeks it can tell of."""
    onboarding = survey.numbers.onboarding
    if onboarding is None:
        return ()
    concerned = _concerned(survey, onboarding)
    return tuple(actor for actor in concerned if _began_since(survey, actor))


def _concerned(survey: Survey, onboarding: Onboarding) -> tuple[str, ...]:
    """Returns those for whom the plan is, once they are new."""
    team = survey.team
    if not onboarding.roles:
        return team.reps
    return tuple(sorted({actor for role in onboarding.roles for actor in team.holders(role)}))


def _began_since(survey: Survey, actor: str) -> bool:
    """Returns whether somebody started in the first week of the history, or later."""
    week, day = week_reader(survey.playbook.zone), survey.team.first_day(actor)
    return day is not None and week(day) >= week(survey.earliest)


def hires(survey: Survey, learnt: Learnt | None = None) -> tuple[Hire, ...]:
    """Returns the plan of each newcomer, the latest first; `learnt` are the lessons that were had,
    `None` where nobody says."""
    found = [_Newcomer(survey, actor, learnt).hire() for actor in newcomers(survey)]
    return tuple(sorted(found, key=lambda each: each.started, reverse=True))


def _share(week: int, weeks: int) -> float:
    return min(1.0, max(0, week) / weeks)


def _running_week(survey: Survey, actor: str) -> int:
    week, day = week_reader(survey.playbook.zone), survey.team.first_day(actor)
    assert day is not None  # noqa: S101  (of newcomers it is known)
    return week(survey.as_of) - week(day) + 1


class _Newcomer:
    def __init__(self, survey: Survey, actor: str, learnt: Learnt | None) -> None:
        onboarding, day = survey.numbers.onboarding, survey.team.first_day(actor)
        assert onboarding is not None and day is not None  # noqa: S101, PT018  (of newcomers)
        self._survey = survey
        self._actor = actor
        self._learnt = learnt
        self._plan: Onboarding = onboarding
        self._day = day
        self._week = week_reader(survey.playbook.zone)
        self._first = self._week(day)
        self._now = self._week(survey.as_of)

    def hire(self) -> Hire:
        team, zone = self._survey.team, self._survey.playbook.zone
        steps = tuple(map(self._step, self._plan.steps))
        weeks = self._plan.weeks
        return Hire(
            id=self._actor,
            name=team.name(self._actor),
            team=team.team(self._actor),
            manager=team.name(team.manager(self._actor)),
            started=to_datetime(self._day, zone).date().isoformat(),
            ends=self._last_day(weeks),
            week=max(0, self._now - self._first + 1),
            weeks=tuple(self._weeks()),
            steps=steps,
            behind=tuple(each.title for each in steps if each.state == "behind"),
            certified=self._certified(),
        )

    def _last_day(self, week: int) -> str:
        """Returns the Sunday of a week of the plan."""
        return (week_start(self._first + week - 1) + timedelta(days=6)).isoformat()

    def _weeks(self) -> Iterator[FirstWeek]:
        for week in range(1, self._plan.weeks + 1):
            start = week_start(self._first + week - 1).isoformat()
            yield FirstWeek(week, start, _share(week, self._plan.weeks))

    def _step(self, step: FirstStep) -> StepSeen:
        due = self._first + step.week - 1
        done, week = self._counted(step) if step.what is not None else self._had(step)
        return StepSeen(
            id=step.id,
            title=step.title,
            week=step.week,
            due=self._last_day(step.week),
            times=step.times,
            done=done,
            state="unknown" if done is None else self._state(week, due),
        )

    def _state(self, week: int | None, due: int) -> Literal["done", "late", "behind", "ahead"]:
        """Returns how something stands that was done in a week, or in none, and is due in one."""
        if week is None:
            return "behind" if self._now > due else "ahead"
        return "done" if week <= due else "late"

    def _counted(self, step: FirstStep) -> tuple[int, int | None]:
        """Returns how often it was done since the first week, and in which week it was enough."""
        weekly = self._survey.gathered.weekly[step_id(step.id)].get(self._actor, {})
        done, enough = 0, None
        for week in sorted(weekly):
            done += weekly[week][0] if week >= self._first else 0
            if enough is None and done >= step.times:
                enough = week
        return done, enough

    def _had(self, step: FirstStep) -> tuple[int | None, int | None]:
        """Returns whether a lesson was had, and in which week."""
        if self._learnt is None:
            return None, None
        at = self._learnt.get((self._actor, step.id))
        return (0, None) if at is None else (1, self._week(at))

    def _certified(self) -> Certified | None:
        asked = self._plan.certificate
        if asked is None:
            return None
        survey, team = self._survey, self._survey.team
        member = Member(
            "rep", self._actor, team.name(self._actor), team.team(self._actor), (self._actor,)
        )
        found = survey.figure(survey.measure(ADHERENCE), member)
        if found.count < asked.deals:
            return Certified("too-few", False, asked.followed, asked.deals, found)
        target, sure = standing(found, asked.followed, None)
        return Certified(target or "too-few", sure, asked.followed, asked.deals, found)
