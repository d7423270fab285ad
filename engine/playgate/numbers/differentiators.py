"""What sets each product apart: who says it, and what of it is to be looked at again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from playgate.conditions.instants import to_datetime
from playgate.model.numbers import Differentiator, Product
from playgate.numbers.coaching_calendar import days_of
from playgate.numbers.people_measures import used_id
from playgate.numbers.people_result import Used, UsedBy
from playgate.numbers.statistics import fisher, sieved
from playgate.numbers.survey import Survey

__all__ = ["used"]


def used(survey: Survey, product: Product) -> Iterator[Used]:
    """Yields each differentiator of a product, of which something more than its words is said."""
    for place, each in enumerate(product.differentiators):
        if each.used is not None or each.since is not None:
            yield _used(survey, product, each, used_id(product.id, place))


def _used(survey: Survey, product: Product, each: Differentiator, measure_id: str) -> Used:
    since = None if each.since is None else _day(survey, each.since)
    renew = None
    if product.renew is not None and since is not None:
        # By the calendar: no hour of a clock change moves the day.
        renew = since + timedelta(days=days_of(product.renew, survey.playbook.calendar))
    reps = tuple(_reps(survey, measure_id)) if each.used is not None else ()
    company = survey.team.members()[0]
    return Used(
        product=product.id,
        title=product.title,
        text=each.text,
        since="" if since is None else since.isoformat(),
        renew_by="" if renew is None else renew.isoformat(),
        due=renew is not None and renew <= _day(survey, survey.as_of),
        figure=survey.figure(survey.measure(measure_id), company) if reps or each.used else None,
        reps=reps,
    )


def _day(survey: Survey, at: int) -> date:
    return to_datetime(at, survey.playbook.zone).date()


def _reps(survey: Survey, measure_id: str) -> Iterator[UsedBy]:
    """Yields the reps on whose deals it was to be used, each held against the others."""
    samples, team = survey.gathered.samples[measure_id], survey.team
    decided = {
        rep: (samples[rep].part, samples[rep].rest)
        for rep in team.reps
        if rep in samples and samples[rep].part + samples[rep].rest
    }
    measure, minimum = survey.measure(measure_id), survey.basis.minimum
    members = {each.id: each for each in team.members() if each.scope == "rep"}
    enough = [rep for rep in decided if sum(decided[rep]) >= minimum and rep in team.ranked]
    tested = [fisher(*decided[rep], *_others(decided, rep)) for rep in enough]
    chances = dict(zip(enough, sieved(tested), strict=True))
    for rep in decided:
        yield UsedBy(
            rep,
            team.name(rep),
            team.team(rep),
            survey.figure(measure, members[rep]),
            rep in chances and not decided[rep][0],
            chances.get(rep),
        )


def _others(decided: dict[str, tuple[int, int]], rep: str) -> tuple[int, int]:
    found = [each for other, each in decided.items() if other != rep]
    return sum(part for part, _ in found), sum(rest for _, rest in found)
