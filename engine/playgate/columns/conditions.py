"""Conditions asked of many deals at once, each as of its own moment."""

from __future__ import annotations

import numpy as np

from playgate.columns.arrays import Bools, before
from playgate.columns.counts import holds_count
from playgate.columns.deals import Deals, Moments
from playgate.columns.field_tests import passes_at, texts_at
from playgate.columns.plan import CannotSayError
from playgate.conditions import tree

__all__ = ["holds"]


def holds(deals: Deals, condition: tree.Condition, stage: str, moments: Moments) -> Bools:
    """Tells at which moments a condition holds; `since: stage` in it means `stage`."""
    match condition:
        case tree.FieldTest(field, test):
            text = texts_at(deals, field, moments.deal, moments.facts)
            return passes_at(deals, field, test, text, moments.deal, moments.facts, moments.at)
        case tree.ActivityCount() | tree.ChangeCount():
            return holds_count(deals, condition, stage, moments)
        case tree.StageEntered():
            return _entered(deals, condition, moments)
        case tree.SignalRef(name):
            return holds(deals, deals.plan.playbook.signals[name], stage, moments)
        case tree.All(parts):
            found = np.ones(len(moments.deal), np.bool_)
            for part in parts:
                found &= holds(deals, part, stage, moments)
            return found
        case tree.Any(parts, at_least):
            number = np.zeros(len(moments.deal), np.int64)
            for part in parts:
                number += holds(deals, part, stage, moments)
            # One part alone must hold, whatever is said of how many.
            return number >= (1 if len(parts) == 1 else at_least)
        case tree.Not(part):
            return ~holds(deals, part, stage, moments)
        case _:
            raise CannotSayError(f"{condition}")


def _entered(deals: Deals, asked: tree.StageEntered, moments: Moments) -> Bools:
    if asked.times == 1 and asked.no_more_than is None:
        return deals.has_entered(asked.stage, moments.deal, moments.stages)
    moves, begins = deals.into(asked.stage)
    low = begins[moments.deal]
    seen = deals.move_start[moments.deal] + moments.stages
    often = before(moves, low, begins[moments.deal + 1], seen) - low
    if asked.no_more_than is not None:
        return often <= asked.no_more_than
    return often >= asked.times
