"""The deals that the playbook governs: those to which `applies_to` applies."""

from __future__ import annotations

import ibis

from playgate.bulk.judging.conditions import holds, with_shifts
from playgate.bulk.judging.history import EVERYTHING, History
from playgate.bulk.judging.judged_moments import plain_moments, with_values_read
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.what_rules_read import AskedCondition, ReadColumns
from playgate.bulk.values.expressions import Table, number
from playgate.records import replace

__all__ = ["governed"]


def governed(setting: Setting, history: History, deals: Table) -> tuple[History, Table]:
    """The history and the deals, without those that the playbook does not govern."""
    applies = setting.playbook.applies_to
    if applies is None:
        return history, deals
    columns = ("d", "mid", "at", "facts", "seen", "actor")
    first = plain_moments(history.moves.filter(history.moves.n == 0))
    unmoved = deals.filter(deals.moves.isnull())
    at = unmoved.begun_effective.fill_null(setting.as_of)
    others = unmoved.select(
        "d", mid=number(0), at=at, facts=at, seen=number(EVERYTHING), actor=ibis.literal("")
    )
    moments = with_shifts(setting, ibis.union(first.select(*columns), others.select(*columns)))
    reads = ReadColumns(setting.playbook.signals)
    reads.take(AskedCondition(applies, ""))
    row = with_values_read(setting, reads, "applying", moments, deals, history)
    asked = row.select("d", applies=holds(setting, AskedCondition(applies, ""), row))
    fitting = setting.steps.keep("fitting", asked.filter(asked.applies).select("d"))
    moves = setting.steps.keep("governed_moves", history.moves.semi_join(fitting, "d"))
    kept = setting.steps.keep("governed", deals.semi_join(fitting, "d"))
    return replace(history, moves=moves), kept
