"""Rules that are asked at moments, which come to one packed verdict for each deal and rule."""

from __future__ import annotations

from typing import Any

import ibis

from playgate.bulk.judging.conditions import holds
from playgate.bulk.judging.deals import is_skipped
from playgate.bulk.judging.judged_moments import AS_OF, MATCH, MOVE
from playgate.bulk.judging.roles import holds_role
from playgate.bulk.judging.sequences import NumberedSequence
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.what_rules_read import AskedCondition, asked_by
from playgate.bulk.values.expressions import Expr, Table, all_of, is_in, nothing, number, when
from playgate.playbook.rules import Rule

__all__ = [
    "AT_MOMENTS",
    "MET",
    "UNMET",
    "WAIVED",
    "is_due",
    "is_met",
    "packed_verdicts",
    "unpacked_verdicts",
    "when_holds",
]

AT_MOMENTS = frozenset(
    (
        "entered",
        "entry",
        "by",
        "activity",
        "exit",
        "hold",
        "back",
        "reopened",
        "before",
        "if",
        "fit",
    )
)
"""The families whose rules are asked at moments; the others have deadlines."""

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
    """Return each rule's packed verdict at the moment of a row: NULL where it is not due."""
    return {
        f"verdict_{index}": _packed(setting, row, index, rule, sequences) for index, rule in rules
    }


def unpacked_verdicts(setting: Setting, found: Table, indexes: list[int]) -> Table:
    """Unpack the least verdicts of deals: deal, rule, class and moment of each."""
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
    asked.extend(when_holds(setting, rule, row))
    waived = row[f"waives_{index}"] == 1 if f"waives_{index}" in row.columns else None
    failed = number(UNMET)
    if waived is not None:
        failed = when(waived, number(WAIVED), failed)
    verdict = when(is_met(setting, row, index, rule, sequences), number(MET), failed)
    return when(all_of(asked), verdict * UNIT + row.moment_no, nothing())


def when_holds(setting: Setting, rule: Rule, row: Any) -> list[Expr]:
    """Return what the `when` of the stage or the sequence asks, if it has one."""
    asked = None
    if rule.stage is not None:
        asked = rule.stage.when
    elif rule.sequence is not None:
        asked = rule.sequence.when
    return [holds(setting, AskedCondition(asked, ""), row)] if asked is not None else []


def is_due(
    setting: Setting, row: Any, index: int, rule: Rule, sequences: dict[int, NumberedSequence]
) -> list[Expr]:
    """Return what must hold of a moment at which the rule is due; its `when` is not among it."""
    if rule.family in ("before", "if"):
        place = sequences[index].place
        if rule.family == "before":
            return [row.kind == MATCH + place]
        return [row.kind == AS_OF, row[f"has_match_{place}"] == 1]
    if rule.family in ("back", "reopened"):
        return [row.kind == MOVE, row.move_no >= 1]
    if rule.family == "fit":
        return (
            [row.kind == MOVE, row.move_no == row.passed_move_0]
            if setting.open
            else [ibis.literal(False)]
        )
    assert rule.stage is not None  # noqa: S101  (all others are rules of a stage)
    stage = rule.stage.id
    if rule.family in ("entry", "by"):
        due = [row.kind == MOVE, row.to_stage == stage]
    elif rule.family == "hold":
        due = [_is_held(setting, row, stage)]
    elif stage in setting.open:
        due = [row.kind == MOVE, row.move_no == row[f"passed_move_{setting.places[stage]}"]]
    else:
        return [ibis.literal(False)]
    if rule.stage.optional:
        due.append(~is_skipped(setting, stage, row))
    return due


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
    """Say whether what the rule asks holds at the moment."""
    asked = asked_by(rule, setting.playbook)
    if asked is not None:
        return holds(setting, asked, row)
    match rule.family:
        case "by":
            assert rule.stage is not None  # noqa: S101
            return holds_role(setting.people, row.actor, row["at"], rule.stage.by)
        case "back":
            return _is_forward(setting, row)
        case "reopened":
            ends = [stage.id for stage in setting.playbook.stages if stage.ends]
            return ~is_in(row.from_stage, ends)
        case _:
            return row[f"all_answered_{sequences[index].place}"] == 1


def _is_forward(setting: Setting, row: Any) -> Expr:
    """Say whether a move leads to no earlier place on the track; a lost stage has no place."""
    places = setting.places

    def place(column: Expr) -> Expr:
        cases = [(column == stage, number(index)) for stage, index in places.items()]
        return ibis.cases(*cases, else_=number(-1))

    entered = place(row.to_stage)
    return (entered < 0) | (entered >= place(row.from_stage))
