"""What every step of a bulk audit needs to know."""

from __future__ import annotations

from collections.abc import Mapping

from playgate.audit.bulk.calendar import after, before
from playgate.audit.bulk.expressions import Expr, Table, all_of, any_of, sure
from playgate.audit.bulk.layers import Layers
from playgate.audit.bulk.reads import Asked, CountAt, Reads, Shift, asked_by, shift_of
from playgate.audit.bulk.steps import Steps
from playgate.audit.bulk.values import passes
from playgate.conditions import tree
from playgate.conditions.durations import Duration
from playgate.history.people import People
from playgate.playbook.model import Playbook
from playgate.playbook.rules import Rule
from playgate.records import Record

__all__ = ["Setting", "Starts", "entered", "holds", "read_by", "shifted", "value_of", "with_shifts"]


class Setting(Record):
    """The playbook, its rules, and where the intermediate tables go."""

    playbook: Playbook
    rules: tuple[Rule, ...]
    people: People | None
    as_of: Expr
    """The audit's instant."""
    is_latest: bool
    """Whether nothing happened after it."""
    steps: Steps
    reads: Reads
    places: Mapping[str, int]
    """Where on the track a stage stands; the won stages share the last place."""
    open: tuple[str, ...]
    """The stages that end nothing, by place."""
    numbers: Mapping[str, int]
    """The stages, numbered."""

    @property
    def has_grace(self) -> bool:
        """Whether rules due at a move see some time beyond it."""
        return bool(self.playbook.grace and self.playbook.grace.amount)


def read_by(playbook: Playbook, rules: tuple[Rule, ...]) -> Reads:
    """All that the rules read, the activities of sequences included."""
    reads = Reads(playbook.signals)
    if playbook.applies_to is not None:
        reads.take(Asked(playbook.applies_to, ""))
    for stage in playbook.stages:
        if stage.when is not None:
            reads.take(Asked(stage.when, ""))
    for rule in rules:
        asked = asked_by(rule, playbook)
        if asked is not None:
            reads.take(asked)
            if isinstance(asked.condition, tree.ActivityCount):
                reads.demands.append(CountAt(asked.condition, asked.stage))
        if rule.sequence is None:
            continue
        if rule.sequence.when is not None:
            reads.take(Asked(rule.sequence.when, ""))
        for pattern in (*rule.sequence.matches, *rule.sequence.answers):
            if isinstance(pattern, tree.ActivityPattern):
                reads.pattern(pattern)
            elif isinstance(pattern, tree.FieldPattern):
                reads.take_test(pattern.field, pattern.test)
    return reads


def holds(setting: Setting, asked: Asked, row: Expr) -> Expr:
    """Whether the condition holds at a moment: a boolean that is never NULL."""
    match asked.condition:
        case tree.FieldTest(field, test) if shift_of(test) in setting.reads.shifts:
            return _dated(setting, test, value_of(setting, row, field), row)
        case tree.FieldTest(field, test):
            return passes(
                test,
                value_of(setting, row, field),
                row["at"],
                setting.playbook.calendar,
                lambda name: value_of(setting, row, name),
            )
        case tree.ActivityCount() as demand:
            return _counted(setting, CountAt(demand, asked.stage), row)
        case tree.StageEntered(stage):
            return entered(setting, stage, row)
        case tree.SignalRef(name):
            signal = setting.playbook.signals[name]
            return holds(setting, Asked(signal, asked.stage), row)
        case tree.All(parts):
            return all_of(holds(setting, Asked(part, asked.stage), row) for part in parts)
        case tree.Any(parts):
            return any_of(holds(setting, Asked(part, asked.stage), row) for part in parts)
        case tree.Not(part):
            return ~holds(setting, Asked(part, asked.stage), row)


def _dated(setting: Setting, test: tree.Test, value: Expr, row: Expr) -> Expr:
    """A test that is measured in business days from the moment's instant."""
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


class Starts(Record):
    """The instants from which activities may count, as of the moments of a row."""

    setting: Setting
    row: Expr

    def entry(self, stage: str) -> Expr:
        """The first entry into the stage."""
        return self.row[f"ea{self.setting.numbers[stage]}"]

    def before(self, length: Duration) -> Expr:
        """So long before the moment."""
        return shifted(self.setting, Shift(length, -1), self.row)


def shifted(setting: Setting, shift: Shift, row: Expr) -> Expr:
    """The instant so long before or after that of the moment."""
    if shift in setting.reads.shifts:
        return row[setting.reads.shifts[shift]]
    step = after if shift.sign > 0 else before
    return step(shift.duration, setting.playbook.calendar)(row["at"])


def with_shifts(setting: Setting, moments: Table) -> Table:
    """The moments with a column for each step in business days that is taken from their instant."""
    layers = Layers(moments)
    found: dict[str, Expr] = {}
    for (duration, sign), column in setting.reads.shifts.items():
        step = after if sign > 0 else before
        calendar = setting.playbook.calendar
        found[column] = step(duration, calendar, layers.keep)(moments["at"])
    return layers.select(*moments.columns, **found) if found else moments


def value_of(setting: Setting, row: Expr, field: str) -> Expr:
    """A field's value as of the moment; NULL where it is absent."""
    column = row[setting.reads.fields[field]]
    return column == 1 if setting.playbook.fields[field].kind == "boolean" else column


def entered(setting: Setting, stage: str, row: Expr) -> Expr:
    """Whether the deal's first move into the stage is seen from the moment."""
    number = setting.numbers[stage]
    return sure((row[f"ea{number}"] <= row.facts) & (row[f"en{number}"] <= row.seen))


def _counted(setting: Setting, count: CountAt, row: Expr) -> Expr:
    cap = count.demand.no_more_than
    if not count.demand.lasts:
        counted = row[setting.reads.counts[count]].fill_null(0)
        return counted <= cap if cap is not None else counted >= count.demand.times
    enough = sure(row[setting.reads.nths[count.nth]] <= row.facts)
    for stage in count.nth.entered:
        enough &= entered(setting, stage, row)
    return enough if cap is None else ~enough
