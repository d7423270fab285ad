"""Deadlines that hang on a date of the deal, as `judge/dates.py` has them."""

from __future__ import annotations

import numpy as np

from playgate.columns.arrays import NEVER, Ints, distinct, spread
from playgate.columns.conditions import holds
from playgate.columns.deals import Deals
from playgate.columns.patterns import ranks_of
from playgate.conditions import tree
from playgate.conditions.arithmetic import reckoned
from playgate.conditions.instants import day_end, is_bare_date
from playgate.conditions.value_tests import FieldRef

__all__ = ["before_dates", "date_events", "held_there"]


def date_events(deals: Deals, field: str) -> Ints:
    """Returns the events that give a field a date."""
    position, rank = ranks_of(deals, field)
    return position[rank >= 0]


def before_dates(deals: Deals, reference: FieldRef, position: Ints) -> Ints:
    """Returns the instants before the dates that events give; `NEVER` where there is none.

    There is none where it lies before the date was given, or the field has another value by then.
    """
    numbers, place = np.unique(deals.value[position], return_inverse=True)
    told = [_before(deals, reference, each) for each in numbers.tolist()]
    found = np.array(told, np.int64)[place]
    begun = deals.happened[position]
    found[found < begun] = NEVER
    found[_falls_away(deals, reference.field, position, found)] = NEVER
    return found


def _before(deals: Deals, reference: FieldRef, number: int) -> int:
    calendar = deals.plan.playbook.calendar
    text = deals.plan.words.values[number].strip()
    (date,) = deals.plan.typed(reference.field, (number,))
    if is_bare_date(text):
        date = day_end(text, calendar.zone)
    at = None if date is None else reckoned(reference, calendar)(date)
    return at if isinstance(at, int) else NEVER


def _falls_away(deals: Deals, field: str, position: Ints, at: Ints) -> Ints:
    """Returns the places of dates that the field does not have any more by an instant."""
    events, rank = ranks_of(deals, field)
    deal, happened = deals.deal[events], deals.happened[events]
    place = np.searchsorted(events, position)
    end = np.searchsorted(deal, deals.deal[position], side="right")
    number, later = spread(place + 1, end)
    begun = deals.happened[position][number]
    counts = (happened[later] < at[number]) | (happened[later] == begun)
    counts &= rank[later] != rank[place[number]]
    return distinct(number[counts])


def held_there(
    deals: Deals, condition: tree.Condition, stage: str, deal: Ints, deadline: Ints
) -> Ints:
    """Returns the deadline where a condition holds at it; as of, where it holds by then by the
    deadline's clock; else `NEVER`."""
    found = np.full(len(deal), NEVER, np.int64)
    some = np.flatnonzero(deadline <= deals.as_of)
    moments = deals.instant_moments(deal[some], deadline[some])
    found[some[holds(deals, condition, stage, deals.by_now(moments))]] = deals.as_of
    there = some[holds(deals, condition, stage, moments)]
    found[there] = deadline[there]
    return found
