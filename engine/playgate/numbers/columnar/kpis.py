"""KPIs counted over columns, as `gather.py` counts them deal by deal."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import numpy as np

from playgate.columns.arrays import NEVER, Bools, Ints, before, offsets, taken
from playgate.columns.conditions import holds
from playgate.columns.lengths import each_distinct, shifted
from playgate.columns.plan import ACTIVITY
from playgate.conditions.instants import DAY
from playgate.model.numbers import Kpi, Occurrence
from playgate.numbers.columnar.customers import are_customers
from playgate.numbers.columnar.part import Part, each_number, is_in
from playgate.numbers.customers import Groups
from playgate.numbers.period import QUARTER_HOUR
from playgate.numbers.samples import Gathered, Measure, Sample

__all__ = ["KpiCounter"]


class KpiCounter:
    """Adds up each measure, part by part."""

    def __init__(self, gathered: Gathered, groups: Groups, week: Callable[[int], int]) -> None:
        self._gathered = gathered
        self._groups = groups
        self._week = week

    def add(self, part: Part, measure: Measure) -> None:
        """Counts what one measure says of some deals."""
        if measure.source == "adherence":
            return
        if measure.source == "stage":
            self._stay(part, measure)
            return
        match measure.kpi.kind:
            case "ratio":
                self._ratio(part, measure)
            case "time":
                self._time(part, measure)
            case "mean" | "sum":
                self._values(part, measure)
            case _:
                self._count(part, measure)

    def allowed(self, part: Part, kpi: Kpi, position: Ints) -> Ints:
        """Returns the positions that the KPI looks at."""
        deals = part.deals
        if kpi.customers:
            begun = deals.instant_moments(deals.deal[position], deals.happened[position])
            position = position[are_customers(deals, self._groups, kpi.customers, begun)]
        if kpi.when is not None:
            moments = deals.event_moments(position, grace=False)
            position = position[holds(deals, kpi.when, "", moments)]
        return position

    def _starts(self, part: Part, kpi: Kpi) -> tuple[Ints, Ints, Ints]:
        """Returns the first event of each deal that the KPI looks at, when, and whose it is."""
        start = self.allowed(part, kpi, part.firsts(part.positions(kpi.first)))
        rep = part.responsible(start)
        self._gathered.owners.update(map(part.owners.name, np.unique(rep).tolist()))
        return start, part.deals.happened[start], rep

    def _ratio(self, part: Part, measure: Measure) -> None:
        kpi, deals = measure.kpi, part.deals
        start, at, rep = self._starts(part, kpi)
        limit = np.full(len(at), NEVER, np.int64)
        if kpi.within is not None:
            limit = shifted(kpi.within, deals.plan.playbook.calendar, at)
        done = _following(part, _then(kpi), start)
        did = (done < NEVER) & (done <= limit)
        ends = np.minimum(part.ended[deals.deal[start]], limit)
        end = np.where(ends <= deals.as_of, np.maximum(at, ends), NEVER)
        decided = np.where(did, done, end)
        for number, those in each_number(np.where(is_in(measure.period, at), rep, -1)):
            if number >= 0:
                sample = self._sample(part, kpi, number)
                sample.part += int(did[those].sum())
                sample.rest += int((~did & (decided < NEVER))[those].sum())
                sample.open += int((decided[those] == NEVER).sum())
        is_decided = decided < NEVER
        self._by_week(part, kpi, rep[is_decided], decided[is_decided], did[is_decided])

    def _by_week(self, part: Part, kpi: Kpi, rep: Ints, at: Ints, did: Bools | None) -> None:
        """Counts by week how many did, and of how many; or how many there were."""
        if not len(at):
            return
        weeks = each_distinct(self._week, at // QUARTER_HOUR * QUARTER_HOUR)
        first = int(weeks.min())
        span = int(weeks.max()) - first + 1
        weekly = self._gathered.weekly[kpi.id]
        for key, those in each_number(rep * span + weeks - first):
            week = weekly[part.owners.name(key // span)][first + key % span]
            week[0] += len(those) if did is None else int(did[those].sum())
            week[1] += 0 if did is None else len(those)

    def _time(self, part: Part, measure: Measure) -> None:
        start, at, rep = self._starts(part, measure.kpi)
        done = _following(part, _then(measure.kpi), start)
        ended = part.ended[part.deals.deal[start]]
        wanted = is_in(measure.period, at)
        self._lasted(part, measure.kpi, rep, (at, done, ended), wanted)

    def _stay(self, part: Part, measure: Measure) -> None:
        deals = part.deals
        entry = deals.first_entry(measure.kpi.first.reached[0])
        move = entry[(entry >= 0) & part.governed]
        at, follows = deals.move_at[move], move + 1 < deals.move_start[deals.move_deal[move] + 1]
        left = np.where(follows, taken(deals.move_at, move + 1, NEVER), NEVER)
        rep = part.responsible(deals.move_position[move])
        never = np.full(len(move), NEVER, np.int64)
        self._lasted(part, measure.kpi, rep, (at, left, never), is_in(measure.period, at))

    def _lasted(
        self, part: Part, kpi: Kpi, rep: Ints, times: tuple[Ints, Ints, Ints], wanted: Bools
    ) -> None:
        """Notes how long it took from the first of the times to the second, or so far, where the
        deal may have ended at the third."""
        start, done, ended = times
        did = done < NEVER
        until = np.where(ended < NEVER, np.maximum(start, ended), part.deals.as_of)
        is_over = ended < NEVER
        for number, those in each_number(np.where(wanted, rep, -1)):
            if number < 0:
                continue
            sample = self._sample(part, kpi, number)
            came, other = those[did[those]], those[~did[those]]
            over, waits = other[is_over[other]], other[~is_over[other]]
            sample.values.extend(_days(done[came] - start[came]))
            sample.ended.extend(_days(until[over] - start[over]))
            sample.waiting.extend(_days(until[waits] - start[waits]))
            sample.rest += len(over)
            sample.open += len(waits)

    def _values(self, part: Part, measure: Measure) -> None:
        kpi, deals = measure.kpi, part.deals
        start, at, rep = self._starts(part, kpi)
        amounts = list(part.amounts(kpi.field, deals.deal[start], at))
        for number, those in each_number(np.where(is_in(measure.period, at), rep, -1)):
            if number < 0:
                continue
            sample = self._sample(part, kpi, number)
            values = [amounts[each] for each in those.tolist()]
            sample.values.extend(value for value in values if value is not None)
            sample.open += values.count(None)

    def _count(self, part: Part, measure: Measure) -> None:
        kpi, deals = measure.kpi, part.deals
        position = part.positions(kpi.first)
        if kpi.only_first:
            position = part.firsts(position)
        position = self.allowed(part, kpi, position)
        at, is_done = deals.happened[position], deals.kind[position] == ACTIVITY
        rep = part.responsible(position)
        rep[is_done] = part.responsible(position[is_done], doer=True)
        self._by_week(part, kpi, rep, at, None)
        for number, those in each_number(rep[is_in(measure.period, at)]):
            self._sample(part, kpi, number).part += len(those)

    def _sample(self, part: Part, kpi: Kpi, number: int) -> Sample:
        return self._gathered.samples[kpi.id][part.owners.name(number)]


def _then(kpi: Kpi) -> Occurrence:
    assert kpi.then is not None  # noqa: S101  (a ratio and a time have one)
    return kpi.then


def _following(part: Part, then: Occurrence, start: Ints) -> Ints:
    """Returns when the first of some events came that is neither an event itself nor before it;
    `NEVER` where none did."""
    deals = part.deals
    position = part.positions(then)
    begins, happened = offsets(deals.deal[position], deals.count), deals.happened[position]
    deal = deals.deal[start]
    low, high = begins[deal], begins[deal + 1]
    place = before(happened, low, high, deals.happened[start])
    place += (place < high) & (taken(position, place, -1) == start)
    return np.where(place < high, taken(happened, place, NEVER), NEVER)


def _days(length: Ints) -> array[float]:
    return array("d", [each / DAY for each in length.tolist()])
