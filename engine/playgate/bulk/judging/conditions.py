"""Conditions as expressions, which say whether one holds at a moment."""

from __future__ import annotations

from functools import reduce
from operator import add

from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.what_rules_read import (
    AskedCondition,
    CountAtMoment,
    FieldRead,
    InstantShift,
    read_of,
    shift_of,
)
from playgate.bulk.values.durations import after, before
from playgate.bulk.values.expressions import Expr, Table, all_of, any_of, flag, sure
from playgate.bulk.values.reused_values import ReusedValues
from playgate.bulk.values.typed_values import passes
from playgate.conditions import tree
from playgate.conditions.durations import Duration
from playgate.records import Record

__all__ = ["SpanStarts", "as_truth", "entered", "holds", "shifted", "value_of", "with_shifts"]


def holds(setting: Setting, asked: AskedCondition, row: Expr) -> Expr:
    """Says whether the condition holds at a moment, as a boolean that is never NULL."""
    match asked.condition:
        case tree.FieldTest(field, test) if shift_of(test) in setting.reads.shifts:
            return _dated(setting, test, value_of(setting, row, field), row)
        case tree.FieldTest(field, test):
            return passes(
                test,
                value_of(setting, row, field),
                row["at"],
                setting.playbook.calendar,
                lambda other: value_of(setting, row, read_of(other)),
            )
        case (tree.ActivityCount() | tree.ChangeCount()) as demand:
            return _counted(setting, CountAtMoment(demand, asked.stage), row)
        case tree.StageEntered(stage) as entry:
            reached = _often(setting, stage, entry.decisive, row)
            return reached if entry.no_more_than is None else ~reached
        case tree.SignalRef(name):
            signal = setting.playbook.signals[name]
            return holds(setting, AskedCondition(signal, asked.stage), row)
        case tree.All(parts):
            return all_of(holds(setting, AskedCondition(part, asked.stage), row) for part in parts)
        case tree.Any(parts, 1):
            return any_of(holds(setting, AskedCondition(part, asked.stage), row) for part in parts)
        case tree.Any(parts, at_least):
            held = [holds(setting, AskedCondition(part, asked.stage), row) for part in parts]
            return reduce(add, map(flag, held)) >= at_least
        case tree.Not(part):
            return ~holds(setting, AskedCondition(part, asked.stage), row)


def _dated(setting: Setting, test: tree.Test, value: Expr, row: Expr) -> Expr:
    """Says whether a test passes that counts business days from the moment's instant."""
    shift = shift_of(test)
    assert shift is not None  # noqa: S101  (the caller asked)
    bound = shifted(setting, shift, row)
    match test.operator:
        case "older_than":
            return sure(value < bound)
        case "newer_than":
            return sure((value >= bound) & (value <= row["at"]))
        case _:
            return sure((value >= row["at"]) & (value <= bound))


class SpanStarts(Record):
    """The instants from which activities may count, as of the moments of a row."""

    setting: Setting
    row: Expr

    def entry(self, stage: str) -> Expr:
        """Returns the first entry into the stage."""
        return self.row[f"entered_at_{self.setting.numbers[stage]}"]

    def before(self, length: Duration) -> Expr:
        """Returns the instant that lies so long before the moment."""
        return shifted(self.setting, InstantShift(length, -1), self.row)


def shifted(setting: Setting, shift: InstantShift, row: Expr) -> Expr:
    """Returns the instant that lies so long before or after that of the moment."""
    if shift in setting.reads.shifts:
        return row[setting.reads.shifts[shift]]
    step = after if shift.sign > 0 else before
    return step(shift.duration, setting.playbook.calendar)(row["at"])


def with_shifts(setting: Setting, moments: Table) -> Table:
    """Adds a column to the moments for each step in business days that is taken from them."""
    reused = ReusedValues(moments)
    found: dict[str, Expr] = {}
    for (duration, sign), column in setting.reads.shifts.items():
        step = after if sign > 0 else before
        calendar = setting.playbook.calendar
        found[column] = step(duration, calendar, reused.keep)(moments["at"])
    return reused.select(*moments.columns, **found) if found else moments


def value_of(setting: Setting, row: Expr, read: FieldRead) -> Expr:
    """Returns what is read of a field as of the moment, or NULL where it is absent."""
    return as_truth(setting, read, row[setting.reads.fields[read]])


def as_truth(setting: Setting, read: FieldRead, column: Expr) -> Expr:
    """Returns a column as booleans where the field that is read is one."""
    is_one = isinstance(read, str) and setting.playbook.fields[read].kind == "boolean"
    return column == 1 if is_one else column


def entered(setting: Setting, stage: str, row: Expr) -> Expr:
    """Says whether the moment sees the deal's first move into the stage."""
    number = setting.numbers[stage]
    return sure(
        (row[f"entered_at_{number}"] <= row.seen_until)
        & (row[f"entered_move_{number}"] <= row.last_move_seen)
    )


def _often(setting: Setting, stage: str, times: int, row: Expr) -> Expr:
    """Says whether the moment sees so many moves into the stage."""
    if times == 1:
        return entered(setting, stage, row)
    column = setting.reads.entries[stage, times]
    return sure(
        (row[f"{column}_at"] <= row.seen_until) & (row[f"{column}_move"] <= row.last_move_seen)
    )


def _counted(setting: Setting, count: CountAtMoment, row: Expr) -> Expr:
    cap = count.demand.no_more_than
    if not count.demand.lasts:
        counted = row[setting.reads.counts[count]].fill_null(0)
        return counted <= cap if cap is not None else counted >= count.demand.times
    enough = sure(row[setting.reads.nths[count.nth]] <= row.seen_until)
    for stage in count.nth.entered:
        enough &= entered(setting, stage, row)
    return enough if cap is None else ~enough
