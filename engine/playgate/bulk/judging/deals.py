"""A deal as one row: where it entered and passed the stages, and the instants that decide."""

from __future__ import annotations

import ibis

from playgate.bulk.judging.conditions import SpanStarts
from playgate.bulk.judging.history import History
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.what_rules_read import NthActivity
from playgate.bulk.values.expressions import Expr, Table, beside, flag, sure, when
from playgate.rules.due import FirstEvent, starts_at

__all__ = ["is_skipped", "read_deals"]


def read_deals(setting: Setting, history: History) -> Table:
    """Makes the table that has one row for each deal.

    It says of stage `i` which move first entered it, and when (`entered_move_i`, `entered_at_i`);
    of place `p` of the track which move first passed it, when, and until when that move sees facts
    (`passed_move_p`, `passed_at_p`, `passing_seen_until_p`); how the deal ended (`ended_at`,
    `is_open`); and each instant that a condition asks for (`done_at_`).
    """
    keep = setting.steps.keep
    moved = keep("stages_reached", _moved(setting, history.moves))
    begun = _begun(setting, history.events)
    instants = _instants(setting, history.counted, moved)
    parts = [(part, ("deal_no",)) for part in (begun, moved, instants) if part is not None]
    return keep("deals", beside(history.numbered.select("deal_no"), *parts))


def _begun(setting: Setting, events: Table) -> Table | None:
    """Finds the first event that the playbook knows, where something asks for it."""
    known = events.filter(events.is_known == 1)
    starting = [rule for rule in setting.rules if starts_at(rule.due, FirstEvent)]
    if setting.playbook.applies_to is None and all(rule.when is None for rule in starting):
        if not starting:
            return None
        return known.group_by("deal_no").agg(begun_at=known.happened_at.min())
    ranked = known.mutate(nth=ibis.row_number().over(group_by="deal_no", order_by="position"))
    first = ranked.filter(ranked.nth == 0)
    return first.select(
        "deal_no",
        begun_at="happened_at",
        begun_effective_at="effective_at",
        begins_with_move=flag(first.kind == "stage"),
    )


def _moved(setting: Setting, moves: Table) -> Table:
    found: dict[str, Expr] = {}
    moves = _with_firsts(setting, moves)
    for stage, number in setting.numbers.items():
        into = moves.to_stage == stage
        found[f"entered_move_{number}"] = moves.move_no.min(where=into)
        found[f"entered_at_{number}"] = moves["at"].min(where=into)
    for (stage, times), column in setting.reads.entries.items():
        nth = (moves.to_stage == stage) & (moves.entry_no == times - 1)
        found[f"{column}_move"] = moves.move_no.min(where=nth)
        found[f"{column}_at"] = moves["at"].min(where=nth)
    for place in range(len(setting.open)):
        beyond = moves.track_place > place
        found[f"passed_move_{place}"] = moves.move_no.min(where=beyond)
        found[f"passed_at_{place}"] = moves["at"].min(where=beyond)
        if setting.has_grace:
            found[f"passing_seen_until_{place}"] = moves.seen_until.min(
                where=_sees_least(place, moves, beyond)
            )
    return moves.group_by("deal_no").agg(
        move_count=moves.count(),
        ended_at=moves["at"].min(where=moves.ends_deal == 1),
        is_open=flag(moves.move_no.max(where=moves.ends_deal == 0) == moves.move_no.max()),
        **found,
    )


def _with_firsts(setting: Setting, moves: Table) -> Table:
    """Adds which entry of its stage a move is, and the number of the deal's first move beyond each
    place, where that has to be known.

    Most graces leave instants in their order, so the first move sees the least. One in business
    days does not: it takes a Friday evening further than the Saturday after.
    """
    if setting.reads.entries:
        entry = ibis.row_number().over(group_by=["deal_no", "to_stage"], order_by="move_no")
        moves = moves.mutate(entry_no=entry)
    grace = setting.playbook.grace
    if grace is None or grace.elapsed is not None:
        return moves
    return moves.mutate(
        **{
            f"first_passing_{place}": when(moves.track_place > place, moves.move_no)
            .min()
            .over(group_by="deal_no")
            for place in range(len(setting.open))
        }
    )


def _sees_least(place: int, moves: Table, beyond: Expr) -> Expr:
    first = f"first_passing_{place}"
    return moves.move_no == moves[first] if first in moves.columns else beyond


def is_skipped(setting: Setting, stage: str, row: Expr) -> Expr:
    """Says whether the stage is optional and was not entered by the time the deal passed it."""
    if not setting.playbook.stage(stage).optional:
        return ibis.literal(False)
    number, place = setting.numbers[stage], setting.places[stage]
    passed = row[f"passed_move_{place}"].notnull()
    if setting.has_grace:
        seen = row[f"entered_at_{number}"] <= row[f"passing_seen_until_{place}"]
    else:
        seen = row[f"entered_move_{number}"] < row[f"passed_move_{place}"]
    return passed & ~sure(seen)


def _instants(setting: Setting, activities: Table, moved: Table) -> Table | None:
    """Finds the n-th effective instant of each pattern that is asked for."""
    nths = setting.reads.nths
    if not nths:
        return None
    since = sorted({setting.numbers[stage] for nth in nths for stage in nth.entered})
    row = activities
    if since:
        entries = moved.select("deal_no", *[f"entered_at_{number}" for number in since])
        row = beside(activities, (entries, ("deal_no",)))
    later = {nth: column for nth, column in nths.items() if nth.times > 1}
    seen = {
        f"actor_{column}": _running(setting, nth, row, "deal_no", "actor")
        for nth, column in later.items()
        if nth.of_actors
    }
    row = row.mutate(**seen) if seen else row
    row = row.mutate(
        **{column: _running(setting, nth, row, "deal_no") for nth, column in later.items()}
    )
    return row.group_by("deal_no").agg(
        **{column: _instant(setting, nth, column, row) for nth, column in nths.items()}
    )


def _counts(setting: Setting, nth: NthActivity, row: Expr) -> Expr:
    counts = row[setting.reads.patterns[nth.pattern]] == 1
    for span in nth.spans:
        counts &= sure(row.effective_at >= span.expression(SpanStarts(setting, row)))
    if nth.of_actors:
        counts &= row.actor != ""
        seen = f"actor_{setting.reads.nths[nth]}"
        if seen in row.columns:
            counts &= row[seen] == 1
    return counts


def _running(setting: Setting, nth: NthActivity, row: Expr, *of: str) -> Expr:
    """Counts within a deal, or among what one actor did in it, up to each activity."""
    order = ibis.window(
        group_by=list(of), order_by=["effective_at", "position"], preceding=None, following=0
    )
    return flag(_counts(setting, nth, row)).sum().over(order)


def _instant(setting: Setting, nth: NthActivity, column: str, row: Expr) -> Expr:
    counts = _counts(setting, nth, row)
    if nth.times > 1:
        counts &= row[column] == nth.times
    return row.effective_at.min(where=counts)
