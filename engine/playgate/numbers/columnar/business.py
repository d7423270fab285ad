"""Effort, sales and the goal counted over columns, as `gather.py` counts them deal by deal."""

from __future__ import annotations

from collections.abc import Callable
from heapq import nsmallest

import numpy as np

from playgate.columns.arrays import NEVER, Bools, Ints, taken
from playgate.columns.chances import times_of
from playgate.columns.plan import ACTIVITY
from playgate.model.numbers import Kpi, Numbers
from playgate.numbers.columnar.customers import profiles_of, segments_of
from playgate.numbers.columnar.part import Part, each_number, is_in
from playgate.numbers.customers import Groups
from playgate.numbers.occurrences import value_of
from playgate.numbers.period import WEEK, Period
from playgate.numbers.prospects import ANYWHERE, Prospects, whole_weeks
from playgate.numbers.samples import MOST_NAMED, Business, Done, Gathered

__all__ = ["BusinessCounter", "count_goal", "note_prospects"]

_Allowed = Callable[[Part, Kpi, Ints], Ints]


class BusinessCounter:
    """Adds up what was done with groups of deals, part by part."""

    def __init__(self, gathered: Gathered, numbers: Numbers, groups: Groups) -> None:
        self._gathered = gathered
        self._groups = groups
        self._products = [
            (product.id, product.when) for product in numbers.products if product.when is not None
        ]
        self._value = value_of(numbers)

    def add(self, part: Part) -> None:
        """Counts some deals: by segment, by profile and by product."""
        deals, found, period = part.deals, self._gathered, self._gathered.period
        begun = np.zeros(deals.count, np.bool_)
        begun[deals.is_one] = deals.happened[deals.start[:-1][deals.is_one]] < period.end
        wanted = part.governed & begun & (part.ended >= period.start)
        done = _Activities(part, period)
        for into, told in (
            (found.segments, segments_of(deals, self._groups)),
            (found.profiles, profiles_of(deals, self._groups)),
            (found.products, {name: part.now(when) for name, when in self._products}),
        ):
            for name, inside in told.items():
                self._tally(into[name], part, wanted & inside, done)

    def _tally(self, group: Business, part: Part, some: Bools, done: _Activities) -> None:
        deals, is_open = part.deals, part.ended == NEVER
        group.deals += int(some.sum())
        group.touched += int((some & done.touched).sum())
        untouched = np.flatnonzero(some & is_open & ~done.touched)
        for name in nsmallest(MOST_NAMED, map(deals.name_of, untouched.tolist())):
            group.leave(name)
        for rep, times in done.by_rep(some):
            group.activities += times
            group.by_rep[part.owners.name(rep)].activities += times
        is_sold = part.sold < NEVER
        sold = np.flatnonzero(some & is_sold & is_in(self._gathered.period, part.sold))
        self._sold(group, part, sold)
        for worth in self._worth(part, np.flatnonzero(some & ~is_sold & is_open), None):
            group.open_value += worth
        lost = np.flatnonzero(some & ~is_sold & is_in(self._gathered.period, part.ended))
        group.lost += len(lost)
        for rep, those in each_number(part.responsible(part.last_move[lost])):
            group.by_rep[part.owners.name(rep)].lost += len(those)

    def _sold(self, group: Business, part: Part, sold: Ints) -> None:
        reps = part.responsible(part.sold_at[sold]).tolist()
        worths = self._worth(part, sold, part.sold[sold])
        for rep, worth in zip(reps, worths, strict=True):
            own: Done = group.by_rep[part.owners.name(rep)]
            for each in (group, own):
                each.sold += 1
                each.value += worth

    def _worth(self, part: Part, deal: Ints, at: Ints | None) -> list[float]:
        """Returns what deals are worth as of instants, or as of now."""
        if not self._value:
            return [0.0] * len(deal)
        if at is None:
            at = np.full(len(deal), part.deals.as_of, np.int64)
        return [each or 0.0 for each in part.amounts(self._value, deal, at)]


class _Activities:
    """The activities of a period: their deals, and who did them."""

    def __init__(self, part: Part, period: Period) -> None:
        deals = part.deals
        position = np.flatnonzero((deals.kind == ACTIVITY) & is_in(period, deals.happened))
        self._deal, self._rep = deals.deal[position], part.responsible(position, doer=True)
        self.touched = np.zeros(deals.count, np.bool_)
        """Whether something was done on a deal."""
        self.touched[self._deal] = True

    def by_rep(self, some: Bools) -> list[tuple[int, int]]:
        """Returns how often each did something on some deals."""
        times = np.bincount(self._rep[some[self._deal]])
        return [(rep, int(times[rep])) for rep in np.flatnonzero(times).tolist()]


def count_goal(
    part: Part, gathered: Gathered, numbers: Numbers, period: Period, allowed: _Allowed
) -> None:
    """Counts what was sold in the goal's running period, and the opportunities that are open."""
    targets = numbers.targets
    if targets is None:
        return
    deals = part.deals
    revenue, opportunity = numbers.kpi(targets.revenue), numbers.kpi(targets.opportunities)
    first_sale = part.firsts(part.positions(revenue.first))
    sale = allowed(part, revenue, first_sale[is_in(period, deals.happened[first_sale])])
    amounts = part.amounts(revenue.field, deals.deal[sale], deals.happened[sale])
    for rep, value in zip(part.responsible(sale).tolist(), amounts, strict=True):
        if value is not None:
            gathered.sold[part.owners.name(rep)] += value
    when = np.full(deals.count, NEVER, np.int64)
    when[deals.deal[first_sale]] = deals.happened[first_sale]
    start = part.firsts(part.positions(opportunity.first))
    opened = allowed(part, opportunity, start)
    _note_open(part, gathered.prospects, opened, when, revenue.field)


def note_prospects(part: Part, found: Prospects) -> None:
    """Notes the deals that were sold or ended, by stage and weeks."""
    deals = part.deals
    is_sold = part.sold < NEVER
    decided = np.where(is_sold, part.sold, part.ended)
    known = np.flatnonzero(part.governed & (decided < NEVER))
    begun = deals.happened[deals.start[known]]
    _note_decided(found, ANYWHERE, begun, decided[known], is_sold[known])
    for stage in deals.plan.stages:
        entry = deals.first_entry(stage)[known]
        came = taken(deals.move_at, entry, NEVER)
        some = (entry >= 0) & (came <= decided[known])
        _note_decided(found, stage, came[some], decided[known][some], is_sold[known][some])


def _note_open(part: Part, found: Prospects, start: Ints, sale: Ints, field: str) -> None:
    """Notes the opportunities that are open, by whose they are."""
    deals = part.deals
    deal = deals.deal[start]
    is_open = (sale[deal] == NEVER) & (part.sold[deal] == NEVER) & (part.ended[deal] == NEVER)
    start, deal = start[is_open], deal[is_open]
    reps = part.responsible(start).tolist()
    now = np.full(len(deal), deals.as_of, np.int64)
    amounts = part.amounts(field, deal, now)
    for number, rep, amount in zip(deal.tolist(), reps, amounts, strict=True):
        last = int(deals.move_start[number + 1]) - 1
        stage, since = ANYWHERE, int(deals.happened[deals.start[number]])
        if last >= int(deals.move_start[number]):
            stage = deals.plan.stages[int(deals.move_into[last])]
            since = int(deals.move_at[deals.first_entry(stage)[number]])
        found.open[part.owners.name(rep)][stage, whole_weeks(since, deals.as_of)].add(amount)


def _note_decided(found: Prospects, stage: str, start: Ints, end: Ints, is_sold: Bools) -> None:
    weeks = np.maximum(0, end - start) // WEEK
    for (after, sold), times in times_of(weeks, is_sold.astype(np.int64)):
        found.decided[stage, after, bool(sold)] += times
