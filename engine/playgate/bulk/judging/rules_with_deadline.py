"""Rules with a deadline: one row for each start, with when it was fulfilled, if ever.

A row has its deal and `rule`, `start_at`, `deadline`, `fulfilled` (NULL: not by as of), `good` (1
where it was made good, if it was missed), and what excuses it where it was missed: that the deal
had passed the stage before (`passed_at`), and, of those that mind it, that it had ended.
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
    """The starts of all rules with a deadline; `None` where there are none."""
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
    """Starts of one length, with their deadlines; of none, the deadline stands there already."""
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
    fulfilled: Expr,
    good: Expr,
    deadline: Expr | None = None,
    passed_at: Expr | None = None,
    minds_end: bool = False,
) -> Table:
    return row.select(
        "d",
        rule=number(index),
        start_at=start_at,
        fulfilled=fulfilled,
        good=flag(good),
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
    """The moments at which deadlines start, with what the `when` of each rule says (`t{i}`)."""
    starts = {
        index: MATCH + sequences[index].place if rule.family == "after" else _plain(setting)
        for index, rule in rules
        if (rule.stage and rule.stage.when) or (rule.sequence and rule.sequence.when)
    }
    if not starts:
        return due
    moments = due.filter(is_in(due.kind, set(starts.values())))
    reads = read_at_moments([rule for index, rule in rules if index in starts], setting.playbook)
    row = with_values_read(setting, reads, "starting", moments, deals, history)
    whens = {
        f"t{index}": flag(all_of(when_holds(setting, rule, row)))
        for index, rule in rules
        if index in starts
    }
    return setting.steps.keep("whens", row.select("d", "kind", "n", "pos", **whens))


def _when(starts: Table, due: Table, index: int, kind: int, key: str) -> Table:
    """Those starts at which the `when` of the rule holds, if it has one."""
    if f"t{index}" not in due.columns:
        return starts
    fitting = due.filter((due.kind == kind) & (due[f"t{index}"] == 1)).select("d", key)
    return starts.semi_join(fitting, [starts.d == fitting.d, starts.start == fitting[key]])


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
                deals[f"ea{place}"].notnull(),
                ~is_skipped(setting, stage.id, deals),
                *_in_force(rule, deals[f"ea{place}"]),
            ]
        )
    )
    found = _when(found.mutate(start=found[f"en{place}"]), due, index, _plain(setting), "n")
    nth = found[setting.reads.nths[CountAtMoment(demand.count, stage.id).nth]]
    passed_at = found[f"ga{setting.places[stage.id]}"] if stage.id in setting.open else None
    return demand.within, _row(
        index,
        found,
        start_at=found[f"ea{place}"],
        fulfilled=nth,
        good=sure(nth <= setting.as_of),
        passed_at=passed_at,
        minds_end=True,
    )


def _time(
    setting: Setting, index: int, rule: Rule, moves: Table, deals: Table, due: Table
) -> StartsOfLength:
    stage = rule.stage
    assert stage is not None  # noqa: S101
    assert stage.time_limit is not None  # noqa: S101
    found = moves.filter(all_of([moves.into == stage.id, *_in_force(rule, moves["at"])]))
    if stage.optional:
        skipped = deals.filter(is_skipped(setting, stage.id, deals)).select("d")
        found = found.anti_join(skipped, "d")
    found = _when(found.mutate(start="n"), due, index, _plain(setting), "n")
    return stage.time_limit, _row(
        index, found, start_at=found["at"], fulfilled=found["until"], good=ibis.literal(False)
    )


def _after(
    setting: Setting, index: int, rule: Rule, each: NumberedSequence, matches: Table, due: Table
) -> StartsOfLength:
    place, _, sequence = each
    asked = [matches[f"m{place}"] == 1, *_in_force(rule, matches.effective)]
    if sequence.within is None:
        asked.append(matches.next_end.notnull())
    found = matches.filter(all_of(asked)).mutate(start="pos")
    found = _when(found, due, index, MATCH + place, "pos")
    answered = found[f"t{place}"]
    return sequence.within, _row(
        index,
        found,
        start_at=found.effective,
        fulfilled=answered,
        good=answered.notnull(),
        deadline=found.next_end if sequence.within is None else None,
        minds_end=True,
    )


def _idle(
    setting: Setting, index: int, rule: Rule, history: History, deals: Table
) -> StartsOfLength:
    assert setting.playbook.idle is not None  # noqa: S101
    gaps = setting.steps.keep("gaps", _gaps(setting, history, deals))
    found = gaps.filter(all_of([gaps.ended == 0, *_in_force(rule, gaps["at"])]))
    return setting.playbook.idle, _row(
        index,
        found,
        start_at=found["at"],
        fulfilled=found.following,
        good=found.following.notnull(),
    )


def _gaps(setting: Setting, history: History, deals: Table) -> Table:
    """From each activity or move to the next, by effective instant; whether the deal was ended."""
    done = history.activities.select("d", "pos", at="effective", move=nothing())
    moved = history.moves.select("d", "pos", "at", move=history.moves.n * 2 + history.moves.ends)
    steps = ibis.union(done, moved)
    steps = steps.filter(steps["at"] <= setting.as_of).semi_join(deals, "d")
    order = {"group_by": "d", "order_by": ["at", "pos"]}
    so_far = ibis.window(preceding=None, following=0, **order)
    row = steps.mutate(
        following=steps["at"].lead().over(**order), last_move=steps.move.max().over(so_far)
    )
    return row.select(
        "d", "at", "following", ended=when(row.last_move.isnull(), number(1), row.last_move % 2)
    )


def _age(setting: Setting, index: int, rule: Rule, deals: Table) -> StartsOfLength:
    assert setting.playbook.age is not None  # noqa: S101
    found = deals.filter(all_of([deals.begun_at.notnull(), *_in_force(rule, deals.begun_at)]))
    return setting.playbook.age, _row(
        index,
        found,
        start_at=found.begun_at,
        fulfilled=found.ended_at,
        good=found.ended_at.notnull(),
    )
