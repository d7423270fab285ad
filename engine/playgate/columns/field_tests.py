"""Fields as of instants, and tests of their values: the judge's own, once for each distinct case.

A case is the text of the field, the texts of other fields that stand on the right side, and, where
the test is of how near a date is, the instant.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from playgate.columns.arrays import Bools, Ints, number_pairs, offsets, until
from playgate.columns.deals import Deals
from playgate.columns.plan import FIELD
from playgate.conditions import tree
from playgate.conditions.comparisons import compile_test
from playgate.conditions.facts import FieldValues, Moment
from playgate.conditions.values import Value

__all__ = ["passes_at", "texts_at"]

_LONG_AGO = -(2**63)


def texts_at(deals: Deals, field: str, deal: Ints, at: Ints) -> Ints:
    """Returns the number of the text that a field has as of instants; -1 where it has none."""

    def make() -> tuple[Ints, Ints, Ints]:
        position = deals.named(FIELD, field)
        begins = offsets(deals.deal[position], deals.count)
        return begins, deals.happened[position], deals.value[position]

    begins, instants, values = deals.kept(("texts of", field), make)
    low = begins[deal]
    place = until(instants, low, begins[deal + 1], at)
    if not len(values):
        return np.full(len(deal), -1, np.int64)
    return np.where(place > low, values[np.maximum(place - 1, 0)], -1)


def passes_at(
    deals: Deals, field: str, test: tree.Test, text: Ints, deal: Ints, facts: Ints, at: Ints
) -> Bools:
    """Tells which texts of a field pass a test, asked of deals with what is known by `facts`."""
    plan = deals.plan
    passes = plan.kept(("test", test), lambda: compile_test(test, plan.playbook.calendar))
    others = tuple(
        dict.fromkeys(each.field for each in test.operands if isinstance(each, tree.FieldRef))
    )
    if test.duration is None and not others:
        return plan.tells_of_values(
            ("passes", field, test),
            text,
            lambda numbers: [
                passes(value, _KNOWS_NOTHING, _AT_ZERO) for value in plan.typed(field, numbers)
            ],
        )
    if not len(text):
        return np.zeros(0, np.bool_)
    columns = [text, *(texts_at(deals, other, deal, facts) for other in others)]
    if test.duration is not None:
        columns.append(at)
    place, number = number_pairs(*columns)
    values, *right = (
        plan.typed(each, column[place].tolist())
        for each, column in zip((field, *others), columns, strict=False)
    )
    known: list[Any] = [_KNOWS_NOTHING] * len(place)
    if others:
        known = [_Knows(dict(zip(others, each, strict=True))) for each in zip(*right, strict=True)]
    instants = [0] * len(place) if test.duration is None else columns[-1][place].tolist()
    told = [
        passes(value, each, Moment(instant, instant, 0, ""))
        for value, each, instant in zip(values, known, instants, strict=True)
    ]
    found: Bools = np.array(told, np.bool_)[number]
    return found


class _Knows:
    """What a test sees of a deal: the values of some fields."""

    def __init__(self, values: dict[str, Value | None]) -> None:
        self.fields = {
            field: FieldValues([_LONG_AGO], [value], [0]) for field, value in values.items()
        }


_KNOWS_NOTHING: Any = _Knows({})
_AT_ZERO = Moment(0, 0, 0, "")
