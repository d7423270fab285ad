"""Whereto deals went on from each stage, counted over columns."""

from __future__ import annotations

import numpy as np

from playgate.columns.arrays import Bools, Ints, taken
from playgate.columns.chances import times_of
from playgate.columns.conditions import holds
from playgate.numbers.columnar.part import Part, is_in
from playgate.numbers.samples import Gathered

__all__ = ["count_flows"]

_KINDS = ("open", "lost", "back", "skip", "next")
_OPEN, _LOST, _BACK, _SKIP, _NEXT = range(5)


def count_flows(part: Part, gathered: Gathered) -> None:
    """Counts from first coming into each stage in the period to the move that leaves it."""
    deals = part.deals
    stages = deals.plan.stages
    for stage in deals.plan.judge.track.open:
        entry = deals.first_entry(stage)
        move = entry[(entry >= 0) & part.governed]
        move = move[is_in(gathered.period, deals.move_at[move])]
        goes_on = move + 1 < deals.move_start[deals.move_deal[move] + 1]
        into = np.where(goes_on, taken(deals.move_into, move + 1, -1), -1)
        kind = np.full(len(move), _OPEN, np.int64)
        kind[goes_on] = _kinds(part, stage, move[goes_on] + 1, into[goes_on])
        rep = part.responsible(deals.move_position[move])
        for (number, to, how), times in times_of(rep, into + 1, kind):
            name = stages[to - 1] if to else ""
            gathered.flows[stage][part.owners.name(number)][name, _KINDS[how]] += times


def _kinds(part: Part, stage: str, move: Ints, into: Ints) -> Ints:
    """Returns what moves out of a stage are: each goes into a stage by its number."""
    plan = part.deals.plan
    own, place = plan.judge.track.place[stage], plan.place[into]
    found = np.where(_skips(part, stage, move, place), _SKIP, _NEXT)
    found[place < own] = _BACK
    found[plan.is_lost[into]] = _LOST
    return found


def _skips(part: Part, stage: str, move: Ints, place: Ints) -> Bools:
    """Tells the moves that leave out a stage which applies."""
    plan = part.deals.plan
    track = plan.judge.track
    moments = part.deals.plain_move_moments().take(move)
    whens = {each.id: each.when for each in plan.playbook.stages}
    found = np.zeros(len(move), np.bool_)
    for jumped in track.open[track.place[stage] + 1 :]:
        if jumped in track.optional:
            continue
        over = np.flatnonzero(place > track.place[jumped])
        when = whens[jumped]
        if when is not None:
            over = over[holds(part.deals, when, "", moments.take(over))]
        found[over] = True
    return found
