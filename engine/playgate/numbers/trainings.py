"""What is trained next: the skills that reps are confirmed to lack, the largest gap first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from playgate.conditions.calendar import Calendar
from playgate.conditions.instants import to_datetime
from playgate.numbers.coaching_calendar import days_of
from playgate.numbers.peers import is_unlikely
from playgate.numbers.people_result import Training
from playgate.numbers.survey import Survey
from playgate.numbers.watch_result import Coached, Skipped

__all__ = ["trainings"]


def trainings(survey: Survey, pages: Sequence[Coached]) -> tuple[Training, ...]:
    """Returns a training for each step that some reps skip more often than the others, beyond
    chance.

    They are held one after the other, each so long after the one before as the playbook says;
    where it says nothing, each when the first of its reps is met.
    """
    lacking: dict[str, list[tuple[Coached, Skipped]]] = {}
    for page in pages:
        for step in page.skipped:
            if is_unlikely(step.chance):
                lacking.setdefault(step.rule, []).append((page, step))
    ordered = sorted(lacking.items(), key=lambda each: (-_surplus(each[1]), each[0]))
    return tuple(
        _training(found, _day(survey, place, [page for page, _ in found]))
        for place, (_, found) in enumerate(ordered)
    )


def _surplus(found: Sequence[tuple[Coached, Skipped]]) -> float:
    return sum(step.surplus for _, step in found)


def _training(found: Sequence[tuple[Coached, Skipped]], day: str) -> Training:
    first = found[0][1]
    return Training(
        rule=first.rule,
        title=first.title,
        surplus=_surplus(found),
        reps=tuple(page.id for page, _ in found),
        names=tuple(page.name for page, _ in found),
        day=day,
        tools=first.tools,
    )


def _day(survey: Survey, place: int, pages: Sequence[Coached]) -> str:
    calendar, every = survey.playbook.calendar, survey.numbers.coaching.training
    if every is None:
        return min((page.sessions[0].day for page in pages if page.sessions), default="")
    today = to_datetime(survey.as_of, survey.playbook.zone).date()
    wanted = today + timedelta(days=(place + 1) * days_of(every, calendar))
    return _working_day(wanted, calendar).isoformat()


def _working_day(day: date, calendar: Calendar) -> date:
    """Returns the first working day from one on."""
    while not calendar.is_business_day(day):
        day += timedelta(days=1)
    return day
