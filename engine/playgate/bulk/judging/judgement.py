"""Distinct events are judged: steps lead from them to verdicts. Nothing is fetched.

The audit that runs and the one that is written as SQL are made here, by the same words.
"""

from __future__ import annotations

import ibis

from playgate.bulk.judging.deals import read_deals
from playgate.bulk.judging.governed import Governing, governing
from playgate.bulk.judging.history import History, read_history
from playgate.bulk.judging.judged_moments import AS_OF_MID
from playgate.bulk.judging.made_good import with_made_good
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.verdicts import verdicts_of
from playgate.bulk.judging.waivers import Waivers, read_waivers
from playgate.bulk.values.expressions import Table, beside, when
from playgate.records import Record

__all__ = [
    "Judgement",
    "judge_events",
    "verdict_rows",
    "with_deal_ids",
    "with_done_at",
    "with_stages",
]


class Judgement(Record):
    """A judgement is all that follows from a history."""

    history: History
    governing: Governing
    waivers: Waivers | None
    verdicts: Table
    failed: Table
    """The unmet and waived verdicts, with `is_made_good` (1 or 0) and `cause`."""
    last_matches: Table | None
    """When the last match of the rule `i` took effect in each deal (`last_match_i`), of rules that
    are due as of now; `None` where there are none."""


def judge_events(setting: Setting, distinct: Table, waived: frozenset[int] | None) -> Judgement:
    """Judges the deals of distinct events; waivers, if any, are for the rules in `waived`."""
    history = read_history(setting, distinct)
    waivers = None if waived is None else read_waivers(setting, history, waived)
    found = governing(setting, history, read_deals(setting, history))
    verdicts = verdicts_of(setting, found, waivers)
    return Judgement(
        history=history,
        governing=found,
        waivers=waivers,
        verdicts=verdicts.table,
        failed=with_made_good(setting, found.history, found.deals, verdicts),
        last_matches=verdicts.last_matches,
    )


def with_done_at(done: Judgement, verdicts: Table) -> Table:
    """Adds when that was done which each verdict judges (`done_at`): when it was due, but what is
    due as of now counts at the last match, else at the deal's last event."""
    events, moves = done.history.events, done.history.moves
    facts = events.filter((events.is_known == 1) & (events.kind != "stage"))
    known = ibis.union(facts.select("deal_no", at="happened_at"), moves.select("deal_no", "at"))
    last = known.group_by("deal_no").agg(last_event_at=known["at"].max())
    parts = [last] if done.last_matches is None else [last, done.last_matches]
    row = beside(verdicts, *((part, ("deal_no",)) for part in parts))
    at_matches = [
        (row.rule == int(name.removeprefix("last_match_")), row[name])
        for name in row.columns
        if name.startswith("last_match_")
    ]
    as_of = ibis.cases(*at_matches, else_=row.last_event_at) if at_matches else row.last_event_at
    done_at = when(row.moment_no == AS_OF_MID, as_of, row.due_at)
    return row.select(*verdicts.columns, done_at=done_at)


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
