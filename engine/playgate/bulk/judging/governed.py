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
    """Leaves out the deals that the playbook does not govern, and their moves."""
    applies = setting.playbook.applies_to
    if applies is None:
        return history, deals
    columns = ("deal_no", "moment_no", "at", "seen_until", "last_move_seen", "actor")
    first = plain_moments(history.moves.filter(history.moves.move_no == 0))
    unmoved = deals.filter(deals.move_count.isnull())
    at = unmoved.begun_effective_at.fill_null(setting.as_of)
    others = unmoved.select(
        "deal_no",
        moment_no=number(0),
        at=at,
        seen_until=at,
        last_move_seen=number(EVERYTHING),
        actor=ibis.literal(""),
    )
    moments = with_shifts(setting, ibis.union(first.select(*columns), others.select(*columns)))
    reads = ReadColumns(setting.playbook.signals)
    reads.take(AskedCondition(applies, ""))
    row = with_values_read(setting, reads, "first_moments", moments, deals, history)
    asked = row.select("deal_no", applies=holds(setting, AskedCondition(applies, ""), row))
    fitting = setting.steps.keep("governed_deal_nos", asked.filter(asked.applies).select("deal_no"))
    moves = setting.steps.keep("governed_moves", history.moves.semi_join(fitting, "deal_no"))
    kept = setting.steps.keep("governed_deals", deals.semi_join(fitting, "deal_no"))
    return replace(history, moves=moves), kept
