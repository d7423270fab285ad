"""Rules with a deadline: each of its starts is a row, with when it was fulfilled, if ever.

A row has a deal and a rule. `fulfilled_at` is NULL, or later than as of, where nothing fulfilled it
by then. `is_made_good` is 1 where it is made good, if it was missed. Two things excuse a missed
one: the deal had passed the stage before (`passed_at`), or had ended, for rules that mind it
(`minds_end`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

import ibis

from playgate.bulk.judging.dates import OF_DATE, dates_that_stand, held_at_dates
from playgate.bulk.judging.deals import is_skipped
from playgate.bulk.judging.history import History
from playgate.bulk.judging.judged_moments import FIRST, MATCH, MOVE, PLAIN, STEP, with_values_read
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
from playgate.conditions.tree import ActivityPattern
from playgate.rules.asks import Answered, Done, Ended, Left, Resumed
from playgate.rules.due import (
    AtDeadline,
    EachDate,
    EachMatch,
    EachStep,
    EachVisit,
    FirstEntry,
    FirstEvent,
    date_of,
    starts_at,
)
from playgate.rules.list import Rule

__all__ = ["deadline_starts"]


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
    """Finds the starts of all rules with a deadline; `None` where there are none."""
    due = _with_whens(setting, rules, sequences, due, deals, history)
    gaps = _gaps(setting, [rule for _, rule in rules], history, deals)
    parts: dict[Duration | None, list[Table]] = {}
    for index, rule in rules:
        assert isinstance(rule.due, AtDeadline)  # noqa: S101  (such rules are given)
        length = rule.due.length
        match rule.due.start:
            case FirstEntry(stage):
                found = _from_first_entry(setting, index, rule, stage, deals, due)
            case EachVisit(stage):
                found = _from_visits(setting, index, rule, stage, history.moves, deals, due)
            case EachMatch():
                assert matches is not None  # noqa: S101  (there is a sequence)
                found = _from_matches(index, rule, sequences[index], matches, due)
            case EachStep() as start:
                assert gaps is not None  # noqa: S101  (as there is such a start)
                found = _from_steps(setting, index, rule, start, gaps, deals, due)
            case FirstEvent():
                found = _from_first_event(index, rule, deals, due)
            case EachDate():
                continue  # their conditions are asked together
            case _:
                assert_never(rule.due.start)
        parts.setdefault(length, []).append(found)
    dated = _from_dates(setting, rules, history, deals, due)
    if dated is not None:
        parts.setdefault(None, []).append(dated)
    whole = [_with_deadline(setting, length, found) for length, found in parts.items()]
    return ibis.union(*whole) if len(whole) > 1 else (whole[0] if whole else None)


def _with_deadline(setting: Setting, length: Duration | None, parts: list[Table]) -> Table:
    """Adds the deadlines to starts of one length; without a length they are there already."""
    starts = ibis.union(*parts) if len(parts) > 1 else parts[0]
    if length is None:  # on its own, as a join that goes on Ibis would lose track of it
        return starts.mutate(deadline=starts.deadline)
    reused = ReusedValues(starts)
    deadline = after(length, setting.playbook.calendar, reused.keep)(starts.start_at)
    kept = [name for name in starts.columns if name != "deadline"]
    return reused.select(*kept, deadline=deadline)


def _row(
    index: int,
    rule: Rule,
    row: Expr,
    *,
    start_at: Expr,
    fulfilled_at: Expr,
    is_made_good: Expr,
    deadline: Expr | None = None,
    passed_at: Expr | None = None,
) -> Table:
    assert isinstance(rule.due, AtDeadline)  # noqa: S101
    return row.select(
        "deal_no",
        rule=number(index),
        start_at=start_at,
        fulfilled_at=fulfilled_at,
        is_made_good=flag(is_made_good),
        passed_at=nothing() if passed_at is None else passed_at,
        minds_end=number(int("ended" in rule.due.excuses)),
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
    """Says whether the `when` of rule `i` holds where its deadline starts (`when_holds_i`)."""
    starts = {
        index: _kind_of_start(setting, index, rule, sequences)
        for index, rule in rules
        if rule.when is not None
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
    """Keeps those starts at which the `when` of the rule holds, if it has one."""
    if f"when_holds_{index}" not in due.columns:
        return starts
    fitting = due.filter((due.kind == kind) & (due[f"when_holds_{index}"] == 1)).select(
        "deal_no", key
    )
    return starts.semi_join(
        fitting, [starts.deal_no == fitting.deal_no, starts.start == fitting[key]]
    )


def _kind_of_start(
    setting: Setting, index: int, rule: Rule, sequences: dict[int, NumberedSequence]
) -> int:
    """Returns the kind of the moments at which the rule's deadlines start."""
    if index in sequences:
        return MATCH + sequences[index].place
    if starts_at(rule.due, EachStep) or starts_at(rule.due, EachDate):
        return STEP
    return FIRST if starts_at(rule.due, FirstEvent) else _plain(setting)


def _plain(setting: Setting) -> int:
    return PLAIN if setting.has_grace else MOVE


def _from_first_entry(
    setting: Setting, index: int, rule: Rule, stage: str, deals: Table, due: Table
) -> Table:
    assert isinstance(rule.ask, Done)  # noqa: S101  (nothing else is asked from there)
    place = setting.numbers[stage]
    found = deals.filter(
        all_of(
            [
                deals[f"entered_at_{place}"].notnull(),
                ~is_skipped(setting, stage, deals),
                *_in_force(rule, deals[f"entered_at_{place}"]),
            ]
        )
    )
    found = _when(
        found.mutate(start=found[f"entered_move_{place}"]), due, index, _plain(setting), "move_no"
    )
    nth = found[setting.reads.nths[CountAtMoment(rule.ask.count, stage).nth]]
    passed_at = found[f"passed_at_{setting.places[stage]}"] if stage in setting.open else None
    return _row(
        index,
        rule,
        found,
        start_at=found[f"entered_at_{place}"],
        fulfilled_at=nth,
        is_made_good=sure(nth <= setting.as_of),
        passed_at=passed_at,
    )


def _from_visits(
    setting: Setting, index: int, rule: Rule, stage: str, moves: Table, deals: Table, due: Table
) -> Table:
    assert isinstance(rule.ask, Left)  # noqa: S101  (nothing else is asked from there)
    found = moves.filter(all_of([moves.to_stage == stage, *_in_force(rule, moves["at"])]))
    found = _unless_skipped(setting, stage, found, deals)
    found = _when(found.mutate(start="move_no"), due, index, _plain(setting), "move_no")
    return _row(
        index,
        rule,
        found,
        start_at=found["at"],
        fulfilled_at=found["until"],
        is_made_good=ibis.literal(False),
    )


def _unless_skipped(setting: Setting, stage: str, found: Table, deals: Table) -> Table:
    """Leaves out the deals that skipped the stage, where it is optional."""
    if not setting.playbook.stage(stage).optional:
        return found
    skipped = deals.filter(is_skipped(setting, stage, deals)).select("deal_no")
    return found.anti_join(skipped, "deal_no")


def _from_matches(
    index: int, rule: Rule, each: NumberedSequence, matches: Table, due: Table
) -> Table:
    assert isinstance(rule.ask, Answered)  # noqa: S101  (nothing else is asked from there)
    place = each.place
    asked = [matches[f"matches_{place}"] == 1, *_in_force(rule, matches.effective_at)]
    if each.ends_late:
        asked.append(matches.next_end_at.notnull())
    found = matches.filter(all_of(asked)).mutate(start="position")
    found = _when(found, due, index, MATCH + place, "position")
    answered = found[f"answered_at_{place}"]
    return _row(
        index,
        rule,
        found,
        start_at=found.effective_at,
        fulfilled_at=answered,
        is_made_good=answered.notnull(),
        deadline=found.next_end_at if each.ends_late else None,
    )


def _from_steps(
    setting: Setting, index: int, rule: Rule, start: EachStep, gaps: Table, deals: Table, due: Table
) -> Table:
    assert isinstance(rule.ask, Resumed)  # noqa: S101  (nothing else is asked from there)
    stages = [start.stage] if start.stage else setting.open
    waits = is_in(gaps.stage_no, {setting.numbers[each] for each in stages})
    own = gaps.steps == _kinds_of_steps(setting.rules).index(start.activities)
    found = gaps.filter(all_of([own, waits, *_in_force(rule, gaps["at"])]))
    if start.stage:
        found = _unless_skipped(setting, start.stage, found, deals)
    found = _when(found.mutate(start="position"), due, index, STEP, "position")
    return _row(
        index,
        rule,
        found,
        start_at=found["at"],
        fulfilled_at=found.following,
        is_made_good=found.resumed.notnull(),
    )


def _kinds_of_steps(rules: Sequence[Rule]) -> list[ActivityPattern | None]:
    """Lists the activities that are steps to some rule: all of them (`None`) first."""
    starts = [rule.due.start for rule in rules if isinstance(rule.due, AtDeadline)]
    kinds = [each.activities for each in starts if isinstance(each, EachStep)]
    return list(dict.fromkeys([None, *kinds]))


def _gaps(setting: Setting, rules: Sequence[Rule], history: History, deals: Table) -> Table | None:
    """Pairs each activity (or each of a pattern) or move with the next, and says in which stage the
    deal was then, and when such an activity came again."""
    if not any(starts_at(rule.due, EachStep) for rule in rules):
        return None
    done, moves, stages = history.activities, history.moves, len(setting.numbers)
    into = ibis.cases(*[(moves.to_stage == name, each) for name, each in setting.numbers.items()])
    parts = []
    for kind, pattern in enumerate(_kinds_of_steps(rules)):
        such = done if pattern is None else done.filter(done[setting.reads.pattern(pattern)] == 1)
        of = {"at": such.effective_at, "move": nothing(), "again_at": such.effective_at}
        parts.append(such.select("deal_no", "position", steps=number(kind), **of))
        of = {"at": moves["at"], "move": moves.move_no * stages + into}
        of["again_at"] = moves["at"] if pattern is None else nothing()
        parts.append(moves.select("deal_no", "position", steps=number(kind), **of))
    steps = ibis.union(*parts)
    steps = steps.filter(steps["at"] <= setting.as_of).semi_join(deals, "deal_no")
    return setting.steps.keep("activity_gaps", _paired(steps, stages))


def _paired(steps: Table, stages: int) -> Table:
    apart = ["deal_no", "steps"]
    order = {"group_by": apart, "order_by": ["at", "position"]}
    so_far = ibis.window(preceding=None, following=0, **order)
    backwards = [steps["at"].desc(), steps.position.desc()]
    from_here = ibis.window(group_by=apart, order_by=backwards, preceding=None, following=0)
    row = steps.mutate(
        following=steps["at"].lead().over(**order),
        last_move=steps.move.max().over(so_far),
        next_at=steps.again_at.min().over(from_here),
    )
    row = row.mutate(resumed=row.next_at.lead().over(**order))
    return row.select(
        "deal_no",
        "steps",
        "position",
        "at",
        "following",
        "resumed",
        stage_no=row.last_move % stages,
    )


def _from_first_event(index: int, rule: Rule, deals: Table, due: Table) -> Table:
    assert isinstance(rule.ask, Ended)  # noqa: S101  (nothing else is asked from there)
    found = deals.filter(all_of([deals.begun_at.notnull(), *_in_force(rule, deals.begun_at)]))
    found = _when(found.mutate(start=number(-1)), due, index, FIRST, "move_no")
    return _row(
        index,
        rule,
        found,
        start_at=found.begun_at,
        fulfilled_at=found.ended_at,
        is_made_good=found.ended_at.notnull() & (found.is_open == 0),
    )


def _from_dates(
    setting: Setting, rules: list[tuple[int, Rule]], history: History, deals: Table, due: Table
) -> Table | None:
    """Finds the dates at which conditions are asked, and whether they hold there, or by now."""
    dated = [(index, rule, date) for index, rule in rules if (date := date_of(rule.due))]
    if not dated:
        return None
    stands = dates_that_stand(setting, history.fields.semi_join(deals, "deal_no"))
    parts = []
    for index, rule, date in dated:
        own = stands.number == setting.reads.dates[date]
        found = stands.filter(all_of([own, *_in_force(rule, stands.since)]))
        found = _when(found.mutate(start="position"), due, index, STEP, "position")
        parts.append(
            found.select("deal_no", "position", "deadline", rule=number(index), start_at="since")
        )
    starts = setting.steps.keep("dated_starts", ibis.union(*parts) if len(parts) > 1 else parts[0])
    asked = [(index, rule) for index, rule, _ in dated]
    row = starts.left_join(held_at_dates(setting, asked, starts, history, deals), OF_DATE)
    by_now = when(row.held_by_now == 1, setting.as_of, nothing())
    return row.select(
        "deal_no",
        "rule",
        "start_at",
        fulfilled_at=when(row.held_then == 1, row.deadline, by_now),
        is_made_good=number(0),
        passed_at=nothing(),
        minds_end=number(1),
        deadline="deadline",
    )
