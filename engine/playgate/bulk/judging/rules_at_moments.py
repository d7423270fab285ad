"""Rules that are asked at moments: one packed verdict for each deal and rule."""

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
    """The packed verdict of each rule at the moment of a row: `v{i}`, NULL where it is not due."""
    return {f"v{index}": _packed(setting, row, index, rule, sequences) for index, rule in rules}


def unpacked_verdicts(setting: Setting, found: Table, indexes: list[int]) -> Table:
    """Deal, rule, class and moment of each verdict, of the least packed ones of deals."""
    numbers = setting.steps.numbers("rules", indexes)
    long = found.cross_join(numbers)
    chosen = ibis.cases(*[(long.rule == index, long[f"v{index}"]) for index in indexes])
    one = long.select("d", "rule", packed=chosen).filter(lambda t: t.packed.notnull())
    failed = when(one.packed >= UNIT, number(WAIVED), number(UNMET))
    verdict = when(one.packed >= MET * UNIT, number(MET), failed)
    split = one.mutate(verdict=verdict)
    return split.select("d", "rule", "verdict", mid=split.packed - split.verdict * UNIT)


def _packed(
    setting: Setting, row: Any, index: int, rule: Rule, sequences: dict[int, NumberedSequence]
) -> Expr:
    asked = is_due(setting, row, index, rule, sequences)
    if rule.starts is not None:
        asked.append(row.due_at >= number(rule.starts))
    asked.extend(when_holds(setting, rule, row))
    waived = row[f"w{index}"] == 1 if f"w{index}" in row.columns else None
    failed = number(UNMET)
    if waived is not None:
        failed = when(waived, number(WAIVED), failed)
    verdict = when(is_met(setting, row, index, rule, sequences), number(MET), failed)
    return when(all_of(asked), verdict * UNIT + row.mid, nothing())


def when_holds(setting: Setting, rule: Rule, row: Any) -> list[Expr]:
    """What `when` of the stage or the sequence asks, if anything."""
    asked = None
    if rule.stage is not None:
        asked = rule.stage.when
    elif rule.sequence is not None:
        asked = rule.sequence.when
    return [holds(setting, AskedCondition(asked, ""), row)] if asked is not None else []


def is_due(
    setting: Setting, row: Any, index: int, rule: Rule, sequences: dict[int, NumberedSequence]
) -> list[Expr]:
    """What must hold of a moment at which the rule is due; not yet its `when`."""
    if rule.family in ("before", "if"):
        place = sequences[index].place
        if rule.family == "before":
            return [row.kind == MATCH + place]
        return [row.kind == AS_OF, row[f"x{place}"] == 1]
    if rule.family in ("back", "reopened"):
        return [row.kind == MOVE, row.n >= 1]
    if rule.family == "fit":
        return [row.kind == MOVE, row.n == row.gn0] if setting.open else [ibis.literal(False)]
    assert rule.stage is not None  # noqa: S101  (all others are rules of a stage)
    stage = rule.stage.id
    if rule.family in ("entry", "by"):
        due = [row.kind == MOVE, row.into == stage]
    elif rule.family == "hold":
        due = [_is_held(setting, row, stage)]
    elif stage in setting.open:
        due = [row.kind == MOVE, row.n == row[f"gn{setting.places[stage]}"]]
    else:
        return [ibis.literal(False)]
    if rule.stage.optional:
        due.append(~is_skipped(setting, stage, row))
    return due


def _is_held(setting: Setting, row: Any, stage: str) -> Expr:
    lost = [each.id for each in setting.playbook.stages if each.ends == "lost"]
    entry = row[f"en{setting.numbers[stage]}"]
    later = (row.kind == MOVE) & (row.n > entry)
    if lost:
        later &= ~is_in(row.into, lost)
    return entry.notnull() & (later | (row.kind == AS_OF) & (row.is_open == 1))


def is_met(
    setting: Setting, row: Any, index: int, rule: Rule, sequences: dict[int, NumberedSequence]
) -> Expr:
    """Whether what the rule asks holds at the moment."""
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
            return ~is_in(row.left, ends)
        case _:
            return row[f"y{sequences[index].place}"] == 1


def _is_forward(setting: Setting, row: Any) -> Expr:
    """Not into a stage earlier on the track than the one left; a lost stage has no place."""
    places = setting.places

    def place(column: Expr) -> Expr:
        cases = [(column == stage, number(index)) for stage, index in places.items()]
        return ibis.cases(*cases, else_=number(-1))

    entered = place(row.into)
    return (entered < 0) | (entered >= place(row.left))
