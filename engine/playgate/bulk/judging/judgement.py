"""Distinct events are judged: steps lead from them to verdicts. Nothing is fetched.

The audit that runs and the one that is written as SQL are made here, by the same words.
"""

from __future__ import annotations

import ibis

from playgate.bulk.judging.deals import read_deals
from playgate.bulk.judging.governed import governed
from playgate.bulk.judging.history import History, read_history
from playgate.bulk.judging.made_good import with_made_good
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.verdicts import verdicts_of
from playgate.bulk.judging.waivers import Waivers, read_waivers
from playgate.bulk.values.expressions import Table
from playgate.records import Record

__all__ = ["Judgement", "judge_events", "verdict_rows", "with_deal_ids", "with_stages"]


class Judgement(Record):
    """A judgement is all that follows from a history."""

    history: History
    governing: History
    """The history with the moves of those deals only that the playbook governs."""
    deals: Table
    """The deals that are governed."""
    waivers: Waivers | None
    verdicts: Table
    failed: Table
    """The unmet and waived verdicts, with `is_made_good` (1 or 0) and `cause`."""


def judge_events(setting: Setting, distinct: Table, waived: frozenset[int] | None) -> Judgement:
    """Judges the deals of distinct events; waivers, if any, are for the rules in `waived`."""
    history = read_history(setting, distinct)
    waivers = None if waived is None else read_waivers(setting, history, waived)
    governing, deals = governed(setting, history, read_deals(setting, history))
    verdicts = verdicts_of(setting, governing, deals, waivers)
    return Judgement(
        history=history,
        governing=governing,
        deals=deals,
        waivers=waivers,
        verdicts=verdicts.table,
        failed=with_made_good(setting, governing, deals, verdicts),
    )


def verdict_rows(verdicts: Table, history: History) -> Table:
    """Returns verdicts with their deals' ids, as they leave the audit."""
    return _with_deals(verdicts, history).select("deal", "rule", "verdict", "due_at", "charged")


def with_deal_ids(failed: Table, history: History) -> Table:
    """Adds the deals' ids to the unmet and waived verdicts."""
    row = _with_deals(failed, history)
    return row.select("deal", "rule", "verdict", "due_at", "charged", "is_made_good", "cause")


def with_stages(failed: Table, history: History) -> Table:
    """Adds the deals' ids to these verdicts, and the stages that each lies between."""
    moves = history.moves
    moved = moves.select(
        "from_stage", "to_stage", moved_deal_no="deal_no", moved_position="position"
    )
    stayed = moves.select(stayed_deal_no="deal_no", stage="to_stage", begins="at", ends="until")
    row = _with_deals(failed, history)
    row = row.left_join(
        moved, [row.deal_no == moved.moved_deal_no, row.position == moved.moved_position]
    )
    row = row.left_join(
        stayed,
        [
            row.deal_no == stayed.stayed_deal_no,
            stayed.begins <= row.due_at,
            row.due_at < stayed.ends,
        ],
    )
    is_move = row.to_stage.notnull()
    return row.select(
        "deal",
        "rule",
        "verdict",
        "due_at",
        "charged",
        "is_made_good",
        "cause",
        from_stage=ibis.ifelse(is_move, row.from_stage, row.stage.fill_null("")),
        to_stage=row.to_stage.fill_null(""),
    )


def _with_deals(failed: Table, history: History) -> Table:
    numbered = history.numbered.select("deal", numbered_deal_no="deal_no")
    return failed.join(numbered, failed.deal_no == numbered.numbered_deal_no)
