"""From settled events to verdicts and findings: expressions and steps, nothing is fetched.

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

__all__ = ["Judgement", "judge_events", "with_deal_ids", "with_stages"]


class Judgement(Record):
    """All that follows from a history."""

    history: History
    governing: History
    """The history with the moves of those deals only that the playbook governs."""
    deals: Table
    """The deals that are governed."""
    waivers: Waivers | None
    verdicts: Table
    failed: Table
    """The unmet and waived verdicts, with `good` (1: made good) and `cause`."""


def judge_events(setting: Setting, settled: Table, lifted: frozenset[int] | None) -> Judgement:
    """The verdicts on the deals of settled events; waivers are for rules of `lifted`, if any."""
    history = read_history(setting, settled)
    waivers = None if lifted is None else read_waivers(setting, history, lifted)
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


def with_deal_ids(failed: Table, history: History) -> Table:
    """The unmet and waived verdicts with their deals."""
    row = _with_deals(failed, history)
    return row.select("deal", "rule", "verdict", "due_at", "charged", "good", "cause")


def with_stages(failed: Table, history: History) -> Table:
    """The unmet and waived verdicts with their deals, and the stages that they lie between."""
    moves = history.moves
    moved = moves.select("left", "into", md="d", mpos="pos")
    stayed = moves.select(sd="d", stage="into", begins="at", ends="until")
    row = _with_deals(failed, history)
    row = row.left_join(moved, [row.d == moved.md, row.pos == moved.mpos])
    row = row.left_join(
        stayed, [row.d == stayed.sd, stayed.begins <= row.due_at, row.due_at < stayed.ends]
    )
    is_move = row.into.notnull()
    return row.select(
        "deal",
        "rule",
        "verdict",
        "due_at",
        "charged",
        "good",
        "cause",
        from_stage=ibis.ifelse(is_move, row.left, row.stage.fill_null("")),
        to_stage=row.into.fill_null(""),
    )


def _with_deals(failed: Table, history: History) -> Table:
    numbered = history.numbered.select("deal", nd="d")
    return failed.join(numbered, failed.d == numbered.nd)
