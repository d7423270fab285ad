"""Counts activities and changes as of moments, as `conditions/compile.py: Counter` does."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np

from playgate.columns.arrays import Bools, Ints, before, offsets, spread, taken, until
from playgate.columns.deals import Deals, Moments
from playgate.columns.lengths import shifted
from playgate.columns.patterns import ask_comparisons, counted
from playgate.columns.plan import CannotSayError
from playgate.conditions import tree
from playgate.conditions.different import Different
from playgate.conditions.spans import InLast, Since

__all__ = ["count_at", "enough_at", "holds_count", "nth_instants", "span_entry"]

_BEGINNING = -(2**63)
_MOST = 8_000_000
"""So many pairs of moments and events are looked at at once."""


class _Starts(NamedTuple):
    """From when, and behind which position, things count; where nothing counts it is not `any`."""

    since: Ints
    after: Ints
    any: Bools


def holds_count(deals: Deals, count: tree.Count, stage: str, moments: Moments) -> Bools:
    """Tells where enough, or not too many, are counted."""
    if _is_simple(count):
        return nth_instants(deals, count, moments.deal) <= moments.facts
    number = count_at(deals, count, stage, moments)
    if count.no_more_than is not None:
        return number <= count.no_more_than
    return number >= count.times


def enough_at(
    deals: Deals, count: tree.Count, stage: str, moments: Moments, *, happened: bool = False
) -> Bools:
    """Tells where at least `times` are counted."""
    return count_at(deals, count, stage, moments, happened=happened) >= count.times


def _is_simple(count: tree.Count) -> bool:
    return count.no_more_than is None and not (count.pattern.comparisons or count.spans)


def nth_instants(deals: Deals, count: tree.Count, deal: Ints) -> Ints:
    """Returns when enough activities are effective in deals, whenever they were done."""

    def make() -> tuple[Ints, Ints]:
        position, value = _things(deals, count.pattern)
        its, instants = deals.deal[position], deals.effective[position]
        if count.pattern.different is not None:
            order = np.lexsort((instants, value, its))
            its, instants, value = its[order], instants[order], value[order]
            first = np.ones(len(its), np.bool_)
            first[1:] = (its[1:] != its[:-1]) | (value[1:] != value[:-1])
            its, instants = its[first], instants[first]
        if not _is_in_order(its, instants):
            instants = instants[np.lexsort((instants, its))]
        return offsets(its, deals.count), instants

    begins, instants = deals.kept(("instants", count.pattern.by_anyone, _what(count)), make)
    place = begins[deal] + count.times - 1
    return np.where(place < begins[deal + 1], taken(instants, place, _NEVER), _NEVER)


_NEVER = 2**62


def _what(count: tree.Count) -> str:
    return count.pattern.different.what if count.pattern.different else ""


def _is_in_order(deal: Ints, instants: Ints) -> bool:
    return bool(((deal[1:] > deal[:-1]) | (instants[1:] >= instants[:-1])).all())


def _things(deals: Deals, pattern: tree.Counted) -> tuple[Ints, Ints]:
    """Returns the positions of what is counted, and the number of the value of each; where
    different values are counted, an event stands once for each of its own."""
    position = counted(deals, pattern)
    if pattern.different is None:
        return position, position
    if pattern.different.is_of_actors:
        position = position[deals.actor[position] > 0]
        return position, deals.actor[position]
    return _items(deals, pattern.different, position)


def _items(deals: Deals, different: Different, position: Ints) -> tuple[Ints, Ints]:
    """Returns the items of an attribute, each with the event that has it."""
    plan = deals.plan
    known: dict[str, int] = plan.kept(("items", different), dict)
    of_attrs: dict[int, list[int]] = plan.kept(("items of", different), dict)
    attrs, number = np.unique(deals.attrs[position], return_inverse=True)
    for each in attrs.tolist():
        if each not in of_attrs:
            items = _values(deals, different, plan.words.attrs[each])
            of_attrs[each] = [known.setdefault(item, len(known)) for item in items]
    lists = [of_attrs[each] for each in attrs.tolist()]
    ends = np.cumsum([len(each) for each in lists], dtype=np.int64)
    begins = np.concatenate((np.zeros(1, np.int64), ends))
    flat = np.array([item for each in lists for item in each], np.int64)
    which, place = spread(begins[number], begins[number + 1])
    return position[which], flat[place]


def _values(deals: Deals, different: Different, attrs: str) -> list[str]:
    event = _Event(attrs)
    terms: Any = _Terms(deals.plan.playbook.reading)
    one: Any = _OneEvent([event])
    return sorted(different.values(terms)(one, 0))


class _Event(NamedTuple):
    attrs: str
    actor: str = ""


class _OneEvent(NamedTuple):
    events: list[_Event]


class _Terms(NamedTuple):
    reading: Any


# Counting at moments


def count_at(
    deals: Deals, count: tree.Count, stage: str, moments: Moments, *, happened: bool = False
) -> Ints:
    """Returns how many activities, or different values, count at moments.

    With `happened` it counts as if everything had been logged at once.
    """
    starts = _starts(deals, count, stage, moments, happened=happened)
    last = moments.at if happened else moments.facts
    position, value = _things(deals, count.pattern)
    instants = (deals.happened if happened else deals.effective)[position]
    begins = offsets(deals.deal[position], deals.count)
    low, high = begins[moments.deal], begins[moments.deal + 1]
    plain = not count.pattern.comparisons and count.pattern.different is None
    if plain and (starts.after < 0).all() and _is_in_order(deals.deal[position], instants):
        number = until(instants, low, high, last) - before(instants, low, high, starts.since)
        return np.where(starts.any, np.maximum(number, 0), 0)
    high = np.where(starts.any, high, low)
    found = np.zeros(len(low), np.int64)
    for some in _pieces(high - low):
        which, place = spread(low[some], high[some])
        which += some.start
        counts = (position[place] > starts.after[which]) & (instants[place] <= last[which])
        counts &= instants[place] >= starts.since[which]
        if count.pattern.comparisons:
            actor = deals.actor[position[place]]
            counts &= ask_comparisons(count.pattern.comparisons, actor, moments.actor[which])
        which, place = which[counts], place[counts]
        if count.pattern.different is not None and len(which):
            order = np.lexsort((value[place], which))
            which, values = which[order], value[place][order]
            first = np.ones(len(which), np.bool_)
            first[1:] = (which[1:] != which[:-1]) | (values[1:] != values[:-1])
            which = which[first]
        found += np.bincount(which, minlength=len(low))
    return found


def _pieces(lengths: Ints) -> list[slice]:
    """Returns the moments in pieces of which each looks at not too many events."""
    total = int(lengths.sum())
    if total <= _MOST:
        return [slice(0, len(lengths))]
    piece = np.cumsum(lengths) // _MOST
    cuts = [0, *(np.flatnonzero(np.diff(piece)) + 1).tolist(), len(lengths)]
    return [slice(low, high) for low, high in itertools.pairwise(cuts)]


def _starts(
    deals: Deals, count: tree.Count, stage: str, moments: Moments, *, happened: bool
) -> _Starts:
    size = len(moments.deal)
    since, after = np.full(size, _BEGINNING, np.int64), np.full(size, -1, np.int64)
    any_ = np.ones(size, np.bool_)
    for span in count.spans:
        match span.of_stage(stage):
            case InLast(length):
                calendar = deals.plan.playbook.calendar
                since = np.maximum(since, shifted(length, calendar, moments.at, sign=-1))
            case Since(name, after=None):
                entered, at = span_entry(deals, name, moments.deal, moments.stages)
                any_ &= entered
                since = np.maximum(since, at)
            case Since(after=event):
                last = _last_before(deals, event, moments, happened=happened)
                after = np.maximum(after, last)
            case _:
                raise CannotSayError(f"{span.key} says in another way from when on things count")
    return _Starts(since, after, any_)


def span_entry(deals: Deals, stage: str, deal: Ints, seen: Ints) -> tuple[Bools, Ints]:
    """Tells which deals have entered a stage among so many moves, and when they first did."""
    entry = deals.first_entry(stage)[deal]
    return deals.has_entered(stage, deal, seen), taken(deals.move_at, entry, _BEGINNING)


def _last_before(deals: Deals, event: Any, moments: Moments, *, happened: bool) -> Ints:
    """Returns the last position, in order, of the events that were there by moments."""
    position = counted(deals, event)
    its, instants = (
        deals.deal[position],
        (deals.happened if happened else deals.effective)[position],
    )
    if not _is_in_order(its, instants):
        order = np.lexsort((instants, its))
        position, its, instants = position[order], its[order], instants[order]
    # Positions grow from deal to deal, so that the largest so far is one of the deal's own.
    largest = np.maximum.accumulate(position) if len(position) else position
    begins = offsets(its, deals.count)
    low = begins[moments.deal]
    place = until(instants, low, begins[moments.deal + 1], moments.at)
    return np.where(place > low, taken(largest, place - 1, -1), -1)
