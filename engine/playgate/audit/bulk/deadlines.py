"""Rules with a deadline: one row for each start, with when it was fulfilled, if ever.

A row has its deal and `rule`, `start_at`, `deadline`, `fulfilled` (NULL: not by as of), `good` (1
where it was made good, if it was missed), and whether it speaks at all where it was missed: it is
`void` where something else speaks, and `minds_end` where an ended deal excuses.
"""

from __future__ import annotations

import ibis

from playgate.audit.bulk.calendar import after
from playgate.audit.bulk.deals import is_skipped
from playgate.audit.bulk.dues import when_holds
from playgate.audit.bulk.expressions import (
    Expr,
    Table,
    all_of,
    flag,
    nothing,
    number,
    sure,
    when,
)
from playgate.audit.bulk.history import History
from playgate.audit.bulk.moments import MATCH, MOVE, PLAIN
from playgate.audit.bulk.reads import CountAt
from playgate.audit.bulk.sequences import Numbered
from playgate.audit.bulk.setting import Setting
from playgate.playbook.model import ActivityDemand
from playgate.playbook.rules import Rule

__all__ = ["started"]


def started(
    setting: Setting,
    *,
    rules: list[tuple[int, Rule]],
    sequences: dict[int, Numbered],
    history: History,
    deals: Table,
    due: Table,
    matches: Table | None,
) -> Table | None:
    """The starts of all rules with a deadline; `None` where there are none."""
    parts: list[Table] = []
    for index, rule in rules:
        match rule.family:
            case "within":
                parts.append(_within(setting, index, rule, deals, due))
            case "time":
                parts.append(_time(setting, index, rule, history.moves, deals, due))
            case "after":
                assert matches is not None  # noqa: S101  (there is a sequence)
                parts.append(_after(setting, index, rule, sequences[index], matches, due))
            case "idle":
                parts.append(_idle(setting, index, rule, history, deals))
            case "age":
                parts.append(_age(setting, index, rule, deals))
    return ibis.union(*parts) if len(parts) > 1 else (parts[0] if parts else None)


def _row(
    index: int, row: Expr, *, start_at: Expr, deadline: Expr, fulfilled: Expr, good: Expr,
    void: Expr | None = None, minds_end: bool = False,
) -> Table:  # fmt: skip
    return row.select(
        "d", rule=number(index), start_at=start_at, deadline=deadline, fulfilled=fulfilled,
        good=flag(good), void=number(0) if void is None else flag(void),
        minds_end=number(int(minds_end)),
    )  # fmt: skip


def _in_force(rule: Rule, start: Expr) -> list[Expr]:
    return [start >= number(rule.starts)] if rule.starts is not None else []


def _with_when(setting: Setting, rule: Rule, starts: Table, due: Table, kind: int) -> Table:
    """Those starts at which `when` holds, asked at the moment of the start."""
    row = due.filter(due.kind == kind)
    asked = when_holds(setting, rule, row)
    if not asked:
        return starts
    fitting = row.filter(all_of(asked)).select("d", "pos")
    return starts.semi_join(fitting, [starts.d == fitting.d, starts.start_pos == fitting.pos])


def _plain(setting: Setting) -> int:
    return PLAIN if setting.has_grace else MOVE


def _within(setting: Setting, index: int, rule: Rule, deals: Table, due: Table) -> Table:
    stage, demand = rule.stage, rule.demand
    assert stage is not None  # noqa: S101
    assert isinstance(demand, ActivityDemand)  # noqa: S101
    assert demand.within is not None  # noqa: S101
    place = setting.numbers[stage.id]
    found = deals.filter(
        all_of([
            deals[f"ea{place}"].notnull(),
            ~is_skipped(setting, stage.id, deals),
            *_in_force(rule, deals[f"ea{place}"]),
        ])
    )  # fmt: skip
    found = found.mutate(start_pos=found[f"ep{place}"])
    found = _with_when(setting, rule, found, due, _plain(setting))
    start = found[f"ea{place}"]
    deadline = after(demand.within, setting.playbook.calendar)(start)
    nth = found[setting.reads.nths[CountAt(demand.count, stage.id).nth]]
    track = setting.places.get(stage.id)
    passed = sure(found[f"ga{track}"] < deadline) if stage.id in setting.open else None
    return _row(
        index, found, start_at=start, deadline=deadline, fulfilled=nth,
        good=sure(nth <= number(setting.as_of)), void=passed, minds_end=True,
    )  # fmt: skip


def _time(
    setting: Setting, index: int, rule: Rule, moves: Table, deals: Table, due: Table
) -> Table:
    stage = rule.stage
    assert stage is not None  # noqa: S101
    assert stage.time_limit is not None  # noqa: S101
    found = moves.filter(all_of([moves.into == stage.id, *_in_force(rule, moves["at"])]))
    found = found.mutate(start_pos="pos")
    if stage.optional:
        skipped = deals.filter(is_skipped(setting, stage.id, deals)).select("d")
        found = found.anti_join(skipped, "d")
    found = _with_when(setting, rule, found, due, _plain(setting))
    deadline = after(stage.time_limit, setting.playbook.calendar)(found["at"])
    return _row(
        index, found, start_at=found["at"], deadline=deadline, fulfilled=found["until"],
        good=ibis.literal(False),
    )  # fmt: skip


def _after(
    setting: Setting, index: int, rule: Rule, each: Numbered, matches: Table, due: Table
) -> Table:
    place, _, _, sequence = each
    asked = [matches[f"m{place}"] == 1, *_in_force(rule, matches.effective)]
    if sequence.within is None:
        asked.append(matches.next_end.notnull())
    found = matches.filter(all_of(asked)).mutate(start_pos=matches.pos)
    found = _with_when(setting, rule, found, due, MATCH + place)
    if sequence.within is None:
        deadline = found.next_end
    else:
        deadline = after(sequence.within, setting.playbook.calendar)(found.effective)
    answered = found[f"t{place}"]
    return _row(
        index, found, start_at=found.effective, deadline=deadline, fulfilled=answered,
        good=answered.notnull(), minds_end=True,
    )  # fmt: skip


def _idle(setting: Setting, index: int, rule: Rule, history: History, deals: Table) -> Table:
    assert setting.playbook.idle is not None  # noqa: S101
    gaps = setting.steps.keep("gaps", _gaps(setting, history, deals))
    found = gaps.filter(all_of([gaps.ended == 0, *_in_force(rule, gaps["at"])]))
    deadline = after(setting.playbook.idle, setting.playbook.calendar)(found["at"])
    return _row(
        index, found, start_at=found["at"], deadline=deadline, fulfilled=found.following,
        good=found.following.notnull(),
    )  # fmt: skip


def _gaps(setting: Setting, history: History, deals: Table) -> Table:
    """From each activity or move to the next, by effective instant; whether the deal was ended."""
    done = history.activities.select("d", "pos", at="effective", move=nothing())
    moved = history.moves.select("d", "pos", "at", move=history.moves.n * 2 + history.moves.ends)
    steps = ibis.union(done, moved)
    steps = steps.filter(steps["at"] <= number(setting.as_of)).semi_join(deals, "d")
    order = {"group_by": "d", "order_by": ["at", "pos"]}
    so_far = ibis.window(preceding=None, following=0, **order)
    row = steps.mutate(
        following=steps["at"].lead().over(**order), last_move=steps.move.max().over(so_far)
    )
    return row.select(
        "d", "at", "following", ended=when(row.last_move.isnull(), number(1), row.last_move % 2)
    )


def _age(setting: Setting, index: int, rule: Rule, deals: Table) -> Table:
    assert setting.playbook.age is not None  # noqa: S101
    found = deals.filter(all_of([deals.begun_at.notnull(), *_in_force(rule, deals.begun_at)]))
    deadline = after(setting.playbook.age, setting.playbook.calendar)(found.begun_at)
    return _row(
        index, found, start_at=found.begun_at, deadline=deadline, fulfilled=found.ended_at,
        good=found.ended_at.notnull(),
    )  # fmt: skip
