"""Which customers deals are of, over columns: what `numbers/customers.py` tells of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from playgate.columns.arrays import Bools
from playgate.columns.conditions import holds
from playgate.columns.deals import Deals, Moments
from playgate.numbers.customers import NOT_KNOWN, OUTSIDE, Group, Groups

__all__ = ["are_customers", "profiles_of", "segments_of"]

_ToldAt = Callable[[Group], Moments]


def segments_of(deals: Deals, groups: Groups) -> dict[str, Bools]:
    """Tells which deals are in each segment, in none, and in nobody knows which."""
    return _segments(deals, groups, lambda group: _known_at(deals, group.stage))


def profiles_of(deals: Deals, groups: Groups) -> dict[str, Bools]:
    """Tells which deals fit each profile, none, and nobody knows whether one."""
    if not groups.profiles:
        return {}
    found, unknown = _fitting(deals, groups, lambda group: _known_at(deals, group.stage))
    none = ~np.logical_or.reduce(list(found.values()))
    return {**found, OUTSIDE: none & ~unknown, NOT_KNOWN: none & unknown}


def are_customers(
    deals: Deals, groups: Groups, customers: Iterable[str], moments: Moments
) -> Bools:
    """Tells at which moments the deals are of a KPI's customers."""
    segments, profiles = groups.named(customers)
    found = np.zeros(len(moments.deal), np.bool_)
    if segments:
        inside = _segments(deals, groups, lambda _: moments)
        for name in segments:
            found |= inside[name]
    if profiles:
        fitting, _ = _fitting(deals, groups, lambda _: moments)
        for name in profiles:
            found |= fitting[name]
    return found


def _known_at(deals: Deals, stage: str) -> Moments:
    """Returns the moments as of which whole deals are told."""

    def make() -> Moments:
        every = np.arange(deals.count)
        found = deals.instant_moments(every, np.full(deals.count, deals.as_of, np.int64))
        move = np.where(deals.is_ended, deals.move_start[1:] - 1, -1)
        if stage:
            passed = deals.passing(stage)
            move = np.where(passed >= 0, passed, move)
        which = np.flatnonzero(move >= 0)
        for column, its in zip(found, deals.move_dues().moments.take(move[which]), strict=True):
            column[which] = its
        return found

    return deals.kept(("known at", stage), make)


def _segments(deals: Deals, groups: Groups, told_at: _ToldAt) -> dict[str, Bools]:
    found: dict[str, Bools] = {}
    left = unknown = None
    for each in groups.segments:
        moments = told_at(each)
        if left is None or unknown is None:
            left = np.ones(len(moments.deal), np.bool_)
            unknown = np.zeros(len(moments.deal), np.bool_)
        hidden = left & _is_unknown(deals, each, moments)
        unknown |= hidden
        found[each.id] = left & ~hidden & holds(deals, each.when, "", moments)
        left &= ~hidden & ~found[each.id]
    if left is None or unknown is None:
        return {OUTSIDE: np.ones(deals.count, np.bool_)}
    return {**found, OUTSIDE: left, NOT_KNOWN: unknown}


def _fitting(deals: Deals, groups: Groups, told_at: _ToldAt) -> tuple[dict[str, Bools], Bools]:
    """Tells which fit each profile, and of which that is not known of any of them."""
    found, hidden = {}, []
    for each in groups.profiles:
        moments = told_at(each)
        hidden.append(_is_unknown(deals, each, moments))
        found[each.id] = holds(deals, each.when, "", moments) & ~hidden[-1]
    return found, np.logical_or.reduce(hidden)


def _is_unknown(deals: Deals, group: Group, moments: Moments) -> Bools:
    if group.unknown is None:
        return np.zeros(len(moments.deal), np.bool_)
    return holds(deals, group.unknown, "", moments)
