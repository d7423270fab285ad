"""Rules that are asked at moments, which come to one packed verdict for each deal and rule."""

from __future__ import annotations

from typing import Any, assert_never

import ibis

from playgate.bulk.judging.conditions import holds
from playgate.bulk.judging.deals import is_skipped
from playgate.bulk.judging.judged_moments import AS_OF, MATCH, MOVE
from playgate.bulk.judging.roles import holds_role
from playgate.bulk.judging.sequences import NumberedSequence
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.what_rules_read import AskedCondition
from playgate.bulk.values.expressions import Expr, Table, all_of, is_in, nothing, number, when
from playgate.rules.asks import (
    Answered,
    Done,
    Ended,
    GoesOn,
    HasRole,
    Holds,
    Left,
    Resumed,
    StaysEnded,
)
from playgate.rules.due import AsOf, AtDeadline, AtEntry, AtMatch, AtMoves, AtPassing, WhileHeld
from playgate.rules.list import Rule

__all__ = [
    "MET",
    "UNMET",
    "WAIVED",
    "asks_when_before",
    "is_asked_at_moments",
    "is_due",
    "is_met",
    "packed_verdicts",
    "unpacked_verdicts",
    "when_holds",
]

UNMET, WAIVED, MET = 0, 1, 2
UNIT = 2**60
"""A packed verdict is so many times its class, and the number of its moment: the least is the first
unmet, else the first waived, else the first met."""


def packed_verdicts(
    setting: Setting,
    row: Any,
    rules: list[tuple[int, Rule]],
    sequences: dict[int, NumberedSequence],
) -> dict[str, Expr]:
    """Returns each rule's packed verdict at the moment of a row: NULL where it is not due."""
    return {
        f"verdict_{index}": _packed(setting, row, index, rule, sequences) for index, rule in rules
    }


def unpacked_verdicts(setting: Setting, found: Table, indexes: list[int]) -> Table:
    """Unpacks the least verdicts of deals: deal, rule, class and moment of each."""
    numbers = setting.steps.numbers("asked_rules", indexes)
    long = found.cross_join(numbers)
    chosen = ibis.cases(*[(long.rule == index, long[f"verdict_{index}"]) for index in indexes])
    one = long.select("deal_no", "rule", packed=chosen).filter(lambda t: t.packed.notnull())
    failed = when(one.packed >= UNIT, number(WAIVED), number(UNMET))
    verdict = when(one.packed >= MET * UNIT, number(MET), failed)
    split = one.mutate(verdict=verdict)
    return split.select("deal_no", "rule", "verdict", moment_no=split.packed - split.verdict * UNIT)


def _packed(
    setting: Setting, row: Any, index: int, rule: Rule, sequences: dict[int, NumberedSequence]
) -> Expr:
    asked = is_due(setting, row, index, rule, sequences)
    if rule.starts is not None:
        asked.append(row.due_at >= number(rule.starts))
    if asks_when_before(rule):
        asked.append(row[f"when_holds_{index}"] == 1)
    else:
        asked.extend(when_holds(setting, rule, row))
    waived = row[f"waives_{index}"] == 1 if f"waives_{index}" in row.columns else None
    failed = number(UNMET)
    if waived is not None:
        failed = when(waived, number(WAIVED), failed)
    verdict = when(is_met(setting, row, index, rule, sequences), number(MET), failed)
    return when(all_of(asked), verdict * UNIT + row.moment_no, nothing())


def is_asked_at_moments(rule: Rule) -> bool:
    """Says whether a rule is asked at moments; the others have deadlines."""
    return not isinstance(rule.due, AtDeadline)


def asks_when_before(rule: Rule) -> bool:
    """Says whether the rule has a `when` that is asked as of the instants before a moment's."""
    return rule.when is not None and isinstance(rule.due, AtMatch) and rule.due.when_before


def when_holds(setting: Setting, rule: Rule, row: Any) -> list[Expr]:
    """Returns what the `when` of the rule asks, if it has one."""
    return [holds(setting, AskedCondition(rule.when, ""), row)] if rule.when is not None else []


def is_due(
    setting: Setting, row: Any, index: int, rule: Rule, sequences: dict[int, NumberedSequence]
) -> list[Expr]:
    """Returns what must hold of a moment at which the rule is due; its `when` is not among it."""
    match rule.due:
        case AtMatch():
            return [row.kind == MATCH + sequences[index].place]
        case AsOf():
            return [row.kind == AS_OF, row[f"has_match_{sequences[index].place}"] == 1]
        case AtMoves():
            return [row.kind == MOVE, row.move_no >= 1]
        case AtEntry(stage):
            return [row.kind == MOVE, row.to_stage == stage, *_not_skipped(setting, row, stage)]
        case WhileHeld(stage):
            return [_is_held(setting, row, stage), *_not_skipped(setting, row, stage)]
        case AtPassing(stage, whole_deal):
            if stage not in setting.open:
                return [ibis.literal(False)]
            passing = row[f"passed_move_{setting.places[stage]}"]
            skipped = [] if whole_deal else _not_skipped(setting, row, stage)
            return [row.kind == MOVE, row.move_no == passing, *skipped]
        case AtDeadline():
            return [ibis.literal(False)]
        case _:
            assert_never(rule.due)


def _not_skipped(setting: Setting, row: Any, stage: str) -> list[Expr]:
    is_optional = setting.playbook.stage(stage).optional
    return [~is_skipped(setting, stage, row)] if is_optional else []


def _is_held(setting: Setting, row: Any, stage: str) -> Expr:
    lost = [each.id for each in setting.playbook.stages if each.ends == "lost"]
    entry = row[f"entered_move_{setting.numbers[stage]}"]
    later = (row.kind == MOVE) & (row.move_no > entry)
    if lost:
        later &= ~is_in(row.to_stage, lost)
    return entry.notnull() & (later | (row.kind == AS_OF) & (row.is_open == 1))


def is_met(
    setting: Setting, row: Any, index: int, rule: Rule, sequences: dict[int, NumberedSequence]
) -> Expr:
    """Says whether what the rule asks holds at the moment."""
    match rule.ask:
        case Holds(condition) | Done(condition):
            return holds(setting, AskedCondition(condition, rule.info.stage), row)
        case HasRole(roles):
            return holds_role(setting.people, row.actor, row["at"], roles)
        case GoesOn():
            return _is_forward(setting, row)
        case StaysEnded():
            ends = [stage.id for stage in setting.playbook.stages if stage.ends]
            return ~is_in(row.from_stage, ends) | is_in(row.to_stage, ends)
        case Answered():
            return row[f"all_answered_{sequences[index].place}"] == 1
        case Left() | Resumed() | Ended():
            raise TypeError(f"{rule.info.id}: {rule.ask} is not asked at moments")
        case _:
            assert_never(rule.ask)


def _is_forward(setting: Setting, row: Any) -> Expr:
    """Says whether a move leads to no earlier place on the track; a lost stage has no place."""
    places = setting.places

    def place(column: Expr) -> Expr:
        cases = [(column == stage, number(index)) for stage, index in places.items()]
        return ibis.cases(*cases, else_=number(-1))

    entered = place(row.to_stage)
    return (entered < 0) | (entered >= place(row.from_stage))
