"""The deals of a history as experiments count them: when each began, whose it was then, and what it
came to in each KPI."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from playgate.conditions.instants import DAY
from playgate.history.deal import responsible
from playgate.history.people import People
from playgate.model.experiments import STEPS_FOLLOWED
from playgate.model.numbers import Numbers
from playgate.model.playbook import Playbook
from playgate.numbers.gather import ADHERENCE, Apart, gather_apart
from playgate.numbers.history import History
from playgate.numbers.incidence import incidence
from playgate.numbers.period import Period
from playgate.numbers.samples import Measure, Sample
from playgate.numbers.survey import adherence_in, usual_kpis

__all__ = ["Part", "See", "SeenDeal", "days_of", "measures_for", "part_of"]


class Part(NamedTuple):
    """What a deal adds to a KPI: to the number above and to the one below; `open` while that is
    not known yet."""

    top: float
    bottom: float
    open: bool = False


_NOTHING = Part(0.0, 0.0)


class SeenDeal(NamedTuple):
    """A deal as of an instant."""

    id: str
    begins: int
    rep: str
    ended: int | None
    apart: dict[str, tuple[Sample, int | None]]
    """By KPI: its sample, and when what it looks at happened first."""


def measures_for(playbook: Playbook, kpis: Iterable[str], *, as_of: int) -> dict[str, Measure]:
    """Returns the measures of these KPIs, over the whole history."""
    whole = Period("", -(2**63), as_of + 1)
    declared = (playbook.numbers or Numbers()).kpis or usual_kpis(playbook)
    known = {kpi.id: Measure(kpi, whole) for kpi in declared}
    known.setdefault(STEPS_FOLLOWED, adherence_in(playbook, whole))
    return {kpi: known[kpi] for kpi in dict.fromkeys(kpis)}


class See:
    """Goes once over a history, and counts what is in it."""

    def __init__(self) -> None:
        self.deals = self.events = self.left_out = self.problems = 0

    def over(
        self,
        playbook: Playbook,
        history: History,
        measures: dict[str, Measure],
        *,
        people: People | None,
        as_of: int,
        progress: Callable[[int], None] | None,
    ) -> Iterator[SeenDeal]:
        """Yields the deals that the playbook governs."""
        every = tuple(measures.values())
        whole = every[0].period
        for apart in gather_apart(
            playbook,
            history,
            measures=every,
            period=whole,
            people=people,
            as_of=as_of,
            progress=progress,
        ):
            self.problems = apart.problems
            if not apart.walked.governed:
                self.left_out += 1
                continue
            self.deals += 1
            self.events += len(apart.walked.deal.events)
            yield _seen(apart, measures)


def _seen(apart: Apart, measures: dict[str, Measure]) -> SeenDeal:
    deal = apart.walked.deal
    ended = deal.move_at[-1] if deal.moves and not deal.is_open else None
    own = {
        name: (apart.samples[each.kpi.id], apart.began.get(each.kpi.id))
        for name, each in measures.items()
    }
    return SeenDeal(deal.id, deal.happened[0], responsible(deal, 0), ended, own)


def part_of(
    deal: SeenDeal, name: str, measure: Measure, *, within: float | None, as_of: int
) -> Part:
    """Returns what a deal adds to a KPI; of a time, whether it came `within` so many days."""
    sample, began = deal.apart[name]
    if measure.kpi.id == ADHERENCE:
        return Part(float(sample.part), float(sample.part + sample.rest))
    match measure.kpi.kind:
        case "ratio":
            return Part(float(sample.part), float(sample.part + sample.rest), sample.open > 0)
        case "time":
            return _in_time(sample, began, within, as_of)
        case "mean":
            return Part(sum(sample.values), float(len(sample.values)))
        case "sum":
            known = deal.ended is not None or len(sample.values) > 0
            return Part(sum(sample.values), float(known), not known)
    return Part(float(sample.part), 1.0)


def _in_time(sample: Sample, began: int | None, within: float | None, as_of: int) -> Part:
    """Returns whether something came in time. That is known of no deal before the time is over,
    so that those where it came soon do not count sooner than the others."""
    if began is None or within is None or not (sample.values or sample.rest or sample.open):
        return _NOTHING
    if as_of - began < within * DAY:
        return Part(0.0, 0.0, True)
    return Part(float(any(days <= within for days in sample.values)), 1.0)


def days_of(deals: Iterable[SeenDeal], name: str, measure: Measure) -> float | None:
    """Returns within how many days something is to come: the KPI's aim, else how long half of those
    deals took to which it came."""
    if measure.kpi.at_most is not None:
        return measure.kpi.at_most
    came, ended, waiting = array("d"), array("d"), array("d")
    for deal in deals:
        sample, _ = deal.apart[name]
        came.extend(sample.values)
        ended.extend(sample.ended)
        waiting.extend(sample.waiting)
    return incidence(came, ended, waiting).median
