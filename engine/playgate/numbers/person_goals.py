"""What each person does and aims at in a role, against what was done."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from playgate.model.numbers import Kpi
from playgate.model.occurrence import Per
from playgate.model.people import Aim, RoleWork
from playgate.numbers.figure import Figure, standing
from playgate.numbers.onboarding import asked_share
from playgate.numbers.people_measures import DONE, LAST, goal_id
from playgate.numbers.people_result import PersonGoal, PersonWork
from playgate.numbers.samples import Sample
from playgate.numbers.survey import Survey
from playgate.numbers.team import Member
from playgate.records import replace

__all__ = ["WEEKS", "work_of", "work_of_all"]

_YEAR = 365.25 / 7
WEEKS: dict[Per, float] = {"week": 1.0, "month": _YEAR / 12, "quarter": _YEAR / 4, "year": _YEAR}
"""How many weeks each has on average."""
_NOISE = 1e-9


def work_of_all(survey: Survey) -> tuple[PersonWork, ...]:
    """Returns the tasks and goals of everyone who holds a role that has some, role by role."""
    return tuple(
        _work(survey, actor, role)
        for role in survey.numbers.roles
        for actor in survey.team.holders(role.id)
    )


def work_of(survey: Survey, actor: str) -> tuple[PersonWork, ...]:
    """Returns the tasks and goals of one person."""
    return tuple(
        _work(survey, actor, role)
        for role in survey.numbers.roles
        if actor in survey.team.holders(role.id)
    )


def _work(survey: Survey, actor: str, role: RoleWork) -> PersonWork:
    team = survey.team
    goals = tuple(_goals(survey, actor, role))
    return PersonWork(
        actor, team.name(actor), team.team(actor), role.id, role.title, role.tasks, goals
    )


def _goals(survey: Survey, actor: str, role: RoleWork) -> Iterator[PersonGoal]:
    for aim in role.aims:
        kpi = survey.numbers.kpi(aim.kpi)
        found = _over_time(survey, actor, aim, kpi) if aim.per else _own(survey, actor, aim, kpi)
        few = not aim.per and found.figure.rests_on(kpi.kind) < survey.basis.minimum
        aims = not few and not survey.team.is_new(actor)
        target, sure = standing(found.figure, aim.at_least, aim.at_most) if aims else (None, False)
        yield replace(found, target=target, sure=sure, few=few)


def _own(survey: Survey, actor: str, aim: Aim, kpi: Kpi) -> PersonGoal:
    """Returns the goal of a KPI that does not add up over time."""
    figure = survey.figure(survey.measure(kpi.id), _member(survey, actor))
    return _goal(aim, kpi, figure)


def _over_time(survey: Survey, actor: str, aim: Aim, kpi: Kpi) -> PersonGoal:
    """Returns the goal of a count or a sum in each `per`."""
    per = aim.per
    assert per is not None  # noqa: S101  (who calls asks for it)
    done = _added(survey, goal_id(kpi.id, per, DONE), actor, kpi) or 0.0
    last_id = goal_id(kpi.id, per, LAST)
    is_known = survey.measure(last_id).period.start >= survey.earliest
    asked = None if aim.at_least is None else aim.at_least * asked_share(survey, actor)
    return replace(
        _goal(aim, kpi, _mean(survey, actor, kpi, per)),
        asked=asked,
        done=done,
        to_go=None if asked is None else _left(asked - done, kpi),
        last=_added(survey, last_id, actor, kpi) if is_known else None,
    )


def _left(given: float, kpi: Kpi) -> float:
    """Returns what is left; of what is counted one by one, a whole number."""
    left = max(0.0, given)
    return float(ceil(left - _NOISE)) if kpi.kind == "count" else left


def _goal(aim: Aim, kpi: Kpi, figure: Figure) -> PersonGoal:
    return PersonGoal(
        kpi=kpi.id,
        title=kpi.title,
        kind=kpi.kind,
        unit=kpi.unit,
        per=aim.per or "",
        at_least=aim.at_least,
        at_most=aim.at_most,
        asked=None,
        done=None,
        to_go=None,
        last=None,
        figure=figure,
    )


def _added(survey: Survey, measure_id: str, actor: str, kpi: Kpi) -> float:
    sample = survey.gathered.samples[measure_id].get(actor) or Sample()
    return float(sum(sorted(sample.values)) if kpi.kind == "sum" else sample.part)


def _mean(survey: Survey, actor: str, kpi: Kpi, per: Per) -> Figure:
    """Returns what came in a `per` on average, in the weeks in which somebody was there."""
    measure, member = survey.measure(kpi.id), _member(survey, actor)
    found, weeks = survey.figure(measure, member), survey.team.weeks((actor,), measure.period)
    if kpi.kind == "sum":
        value = None if found.value is None or weeks <= 0 else found.value / weeks
        found = replace(found, value=value)
    each = WEEKS[per]
    value, low, high = (
        None if part is None else part * each for part in (found.value, found.low, found.high)
    )
    return replace(found, value=value, low=low, high=high)


def _member(survey: Survey, actor: str) -> Member:
    return Member("rep", actor, survey.team.name(actor), survey.team.team(actor), (actor,))
