"""What is counted for people beside the KPIs: goals in their periods, first steps, differentiators.

These are measures as all others are; no table of KPIs lists them.
"""

from __future__ import annotations

from collections.abc import Iterator

from playgate.conditions.instants import Zone
from playgate.model.numbers import Kpi, Numbers, Occurrence
from playgate.model.playbook import Playbook
from playgate.numbers.period import Period, running
from playgate.numbers.samples import Measure
from playgate.records import replace

__all__ = ["DONE", "LAST", "goal_id", "people_measures", "step_id", "used_id"]

DONE, LAST = "done", "last"
"""What a KPI is counted in for a goal: the running period so far, and the last whole one."""


def goal_id(kpi: str, per: str, which: str) -> str:
    """Returns the id of the measure of a KPI in the running or the last period."""
    return f"goal/{kpi}/{per}/{which}"


def step_id(step: str) -> str:
    """Returns the id of the measure of something that is done in the first weeks."""
    return f"onboarding/{step}"


def used_id(product: str, place: int) -> str:
    """Returns the id of the measure of a product's differentiator, by its place."""
    return f"differentiator/{product}/{place}"


def people_measures(
    playbook: Playbook, numbers: Numbers, whole: Period, as_of: int
) -> Iterator[Measure]:
    """Yields what is counted; `whole` is the period of what has none of its own."""
    asked = {
        (aim.kpi, aim.per) for role in numbers.roles for aim in role.aims if aim.per is not None
    }
    for name, per in sorted(asked):
        kpi = numbers.kpi(name)
        for which, period in _periods(per, as_of, playbook.zone):
            yield Measure(_hidden(kpi, goal_id(name, per, which)), period, "goal")
    onboarding = numbers.onboarding
    for step in onboarding.steps if onboarding else ():
        if step.what is not None:
            kpi = _counted(step_id(step.id), step.title, step.what, playbook)
            yield Measure(kpi, whole, "onboarding")
    for product in numbers.products:
        for place, each in enumerate(product.differentiators):
            if each.used is not None:
                yield Measure(
                    Kpi(
                        id=used_id(product.id, place),
                        title=each.text,
                        kind="ratio",
                        place=product.place,
                        first=product.offered,
                        then=each.used,
                        when=product.when,
                    ),
                    whole,
                    "differentiator",
                )


def _periods(per: str, as_of: int, zone: Zone) -> Iterator[tuple[str, Period]]:
    """Yields the running period and the one before it."""
    now = running(per, as_of, zone)
    yield DONE, now
    yield LAST, running(per, now.start - 1, zone)


def _hidden(kpi: Kpi, name: str) -> Kpi:
    """Returns a KPI under another id, which nobody is warned of."""
    return replace(kpi, id=name, alarm="none")


def _counted(name: str, title: str, what: Occurrence, playbook: Playbook) -> Kpi:
    return Kpi(id=name, title=title, kind="count", place=playbook.place, first=what)
