"""Rules with a deadline: each of its starts is a row, with when it was fulfilled, if ever.

A row has a deal and a rule. `fulfilled_at` is NULL where nothing fulfilled it by as of.
`is_made_good` is 1 where it was made good, if it was missed. Two things excuse a missed one: the
deal had passed the stage before (`passed_at`), or had ended, for rules that mind it (`minds_end`).
"""

from __future__ import annotations

import ibis

from playgate.bulk.judging.deals import is_skipped
from playgate.bulk.judging.history import History
from playgate.bulk.judging.judged_moments import MATCH, MOVE, PLAIN, with_values_read
from playgate.bulk.judging.rules_at_moments import when_holds
from playgate.bulk.judging.sequences import NumberedSequence
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.what_rules_read import CountAtMoment, read_at_moments
from playgate.bulk.values.durations import after
from playgate.bulk.values.expressions import (
    Expr,
    Table,
    all_of,
    flag,
    is_in,
    nothing,
    number,
    sure,
    when,
)
from playgate.bulk.values.reused_values import ReusedValues
from playgate.conditions.durations import Duration
from playgate.playbook.model import ActivityDemand
from playgate.playbook.rules import Rule

__all__ = ["deadline_starts"]

StartsOfLength = tuple[Duration | None, Table]
"""How long a deadline is, and the starts; without a length these have their deadlines already."""


def deadline_starts(
    setting: Setting,
    *,
    rules: list[tuple[int, Rule]],
    sequences: dict[int, NumberedSequence],
    history: History,
    deals: Table,
    due: Table,
    matches: Table | None,
) -> Table | None:
    """Find the starts of all rules with a deadline; `None` where there are none."""
    due = _with_whens(setting, rules, sequences, due, deals, history)
    parts: dict[Duration | None, list[Table]] = {}
    for index, rule in rules:
        match rule.family:
            case "within":
                length, found = _within(setting, index, rule, deals, due)
            case "time":
                length, found = _time(setting, index, rule, history.moves, deals, due)
            case "after":
                assert matches is not None  # noqa: S101  (there is a sequence)
                length, found = _after(setting, index, rule, sequences[index], matches, due)
            case "idle":
                length, found = _idle(setting, index, rule, history, deals)
            case _:
                length, found = _age(setting, index, rule, deals)
        parts.setdefault(length, []).append(found)
    whole = [_with_deadline(setting, length, found) for length, found in parts.items()]
    return ibis.union(*whole) if len(whole) > 1 else (whole[0] if whole else None)


def _with_deadline(setting: Setting, length: Duration | None, parts: list[Table]) -> Table:
    """Add the deadlines to starts of one length; without a length they are there already."""
    starts = ibis.union(*parts) if len(parts) > 1 else parts[0]
    if length is None:  # on its own, as a join that goes on Ibis would lose track of it
        return starts.mutate(deadline=starts.deadline)
    reused = ReusedValues(starts)
    deadline = after(length, setting.playbook.calendar, reused.keep)(starts.start_at)
    kept = [name for name in starts.columns if name != "deadline"]
    return reused.select(*kept, deadline=deadline)


def _row(
    index: int,
    row: Expr,
    *,
    start_at: Expr,
    fulfilled_at: Expr,
    is_made_good: Expr,
    deadline: Expr | None = None,
    passed_at: Expr | None = None,
    minds_end: bool = False,
) -> Table:
    return row.select(
        "deal_no",
        rule=number(index),
        start_at=start_at,
        fulfilled_at=fulfilled_at,
        is_made_good=flag(is_made_good),
        passed_at=nothing() if passed_at is None else passed_at,
        minds_end=number(int(minds_end)),
        deadline=nothing() if deadline is None else deadline,
    )


def _in_force(rule: Rule, start: Expr) -> list[Expr]:
    return [start >= number(rule.starts)] if rule.starts is not None else []


def _with_whens(
    setting: Setting,
    rules: list[tuple[int, Rule]],
    sequences: dict[int, NumberedSequence],
    due: Table,
    deals: Table,
    history: History,
) -> Table:
    """Say whether the `when` of rule `i` holds where its deadline starts (`when_holds_i`)."""
    starts = {
        index: MATCH + sequences[index].place if rule.family == "after" else _plain(setting)
        for index, rule in rules
        if (rule.stage and rule.stage.when) or (rule.sequence and rule.sequence.when)
    }
    if not starts:
        return due
    moments = due.filter(is_in(due.kind, set(starts.values())))
    reads = read_at_moments([rule for index, rule in rules if index in starts], setting.playbook)
    row = with_values_read(setting, reads, "starts_as_seen", moments, deals, history)
    whens = {
        f"when_holds_{index}": flag(all_of(when_holds(setting, rule, row)))
        for index, rule in rules
        if index in starts
    }
    return setting.steps.keep(
        "applying_starts", row.select("deal_no", "kind", "move_no", "position", **whens)
    )


def _when(starts: Table, due: Table, index: int, kind: int, key: str) -> Table:
    """Keep those starts at which the `when` of the rule holds, if it has one."""
    if f"when_holds_{index}" not in due.columns:
        return starts
    fitting = due.filter((due.kind == kind) & (due[f"when_holds_{index}"] == 1)).select(
        "deal_no", key
    )
    return starts.semi_join(
        fitting, [starts.deal_no == fitting.deal_no, starts.start == fitting[key]]
    )


def _plain(setting: Setting) -> int:
    return PLAIN if setting.has_grace else MOVE


def _within(setting: Setting, index: int, rule: Rule, deals: Table, due: Table) -> StartsOfLength:
    stage, demand = rule.stage, rule.demand
    assert stage is not None  # noqa: S101
    assert isinstance(demand, ActivityDemand)  # noqa: S101
    assert demand.within is not None  # noqa: S101
    place = setting.numbers[stage.id]
    found = deals.filter(
        all_of(
            [
                deals[f"entered_at_{place}"].notnull(),
                ~is_skipped(setting, stage.id, deals),
                *_in_force(rule, deals[f"entered_at_{place}"]),
            ]
        )
    )
    found = _when(
        found.mutate(start=found[f"entered_move_{place}"]), due, index, _plain(setting), "move_no"
    )
    nth = found[setting.reads.nths[CountAtMoment(demand.count, stage.id).nth]]
    passed_at = found[f"passed_at_{setting.places[stage.id]}"] if stage.id in setting.open else None
    return demand.within, _row(
        index,
        found,
        start_at=found[f"entered_at_{place}"],
        fulfilled_at=nth,
        is_made_good=sure(nth <= setting.as_of),
        passed_at=passed_at,
        minds_end=True,
    )


def _time(
    setting: Setting, index: int, rule: Rule, moves: Table, deals: Table, due: Table
) -> StartsOfLength:
    stage = rule.stage
    assert stage is not None  # noqa: S101
    assert stage.time_limit is not None  # noqa: S101
    found = moves.filter(all_of([moves.to_stage == stage.id, *_in_force(rule, moves["at"])]))
    if stage.optional:
        skipped = deals.filter(is_skipped(setting, stage.id, deals)).select("deal_no")
        found = found.anti_join(skipped, "deal_no")
    found = _when(found.mutate(start="move_no"), due, index, _plain(setting), "move_no")
    return stage.time_limit, _row(
        index,
        found,
        start_at=found["at"],
        fulfilled_at=found["until"],
        is_made_good=ibis.literal(False),
    )


def _after(
    setting: Setting, index: int, rule: Rule, each: NumberedSequence, matches: Table, due: Table
) -> StartsOfLength:
    place, _, sequence = each
    asked = [matches[f"matches_{place}"] == 1, *_in_force(rule, matches.effective_at)]
    if sequence.within is None:
        asked.append(matches.next_end_at.notnull())
    found = matches.filter(all_of(asked)).mutate(start="position")
    found = _when(found, due, index, MATCH + place, "position")
    answered = found[f"answered_at_{place}"]
    return sequence.within, _row(
        index,
        found,
        start_at=found.effective_at,
        fulfilled_at=answered,
        is_made_good=answered.notnull(),
        deadline=found.next_end_at if sequence.within is None else None,
        minds_end=True,
    )


def _idle(
    setting: Setting, index: int, rule: Rule, history: History, deals: Table
) -> StartsOfLength:
    assert setting.playbook.idle is not None  # noqa: S101
    gaps = setting.steps.keep("activity_gaps", _gaps(setting, history, deals))
    found = gaps.filter(all_of([gaps.ended == 0, *_in_force(rule, gaps["at"])]))
    return setting.playbook.idle, _row(
        index,
        found,
        start_at=found["at"],
        fulfilled_at=found.following,
        is_made_good=found.following.notnull(),
    )


def _gaps(setting: Setting, history: History, deals: Table) -> Table:
    """Pair each activity or move with the next, and say whether the deal was ended then."""
    done = history.activities.select("deal_no", "position", at="effective_at", move=nothing())
    moved = history.moves.select(
        "deal_no", "position", "at", move=history.moves.move_no * 2 + history.moves.ends_deal
    )
    steps = ibis.union(done, moved)
    steps = steps.filter(steps["at"] <= setting.as_of).semi_join(deals, "deal_no")
    order = {"group_by": "deal_no", "order_by": ["at", "position"]}
    so_far = ibis.window(preceding=None, following=0, **order)
    row = steps.mutate(
        following=steps["at"].lead().over(**order), last_move=steps.move.max().over(so_far)
    )
    return row.select(
        "deal_no",
        "at",
        "following",
        ended=when(row.last_move.isnull(), number(1), row.last_move % 2),
    )


def _age(setting: Setting, index: int, rule: Rule, deals: Table) -> StartsOfLength:
    assert setting.playbook.age is not None  # noqa: S101
    found = deals.filter(all_of([deals.begun_at.notnull(), *_in_force(rule, deals.begun_at)]))
    return setting.playbook.age, _row(
        index,
        found,
        start_at=found.begun_at,
        fulfilled_at=found.ended_at,
        is_made_good=found.ended_at.notnull(),
    )
