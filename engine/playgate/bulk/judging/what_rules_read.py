"""What the rules of a playbook read of a history, each with the column in which it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from playgate.conditions import tree
from playgate.conditions.durations import Duration
from playgate.conditions.narrowing import Span
from playgate.model.playbook import Playbook
from playgate.rules.asks import answers_of, condition_of
from playgate.rules.due import date_of, patterns_of
from playgate.rules.list import Rule

__all__ = [
    "AskedCondition",
    "CountAtMoment",
    "FieldRead",
    "InstantShift",
    "NthActivity",
    "ReadColumns",
    "asked_by",
    "read_at_moments",
    "read_by_rules",
    "read_of",
    "referred",
    "shift_of",
]


FieldRead = str | tree.FieldRef
"""A field by its name, or what is reckoned from one."""


class NthActivity(NamedTuple):
    """It counts when a pattern was done the n-th time in a deal, from where its spans start."""

    pattern: tree.Counted
    times: int
    spans: tuple[Span, ...]
    of_actors: bool = False
    """Whether it is the n-th actor who counts."""

    @property
    def entered(self) -> tuple[str, ...]:
        """Returns the stages that must have been entered for anything to count."""
        return tuple(each.entered for each in self.spans if each.entered)


class CountAtMoment(NamedTuple):
    """A demand counts activities at a moment; `stage` is what `since: stage` means in it."""

    demand: tree.Count
    stage: str

    @property
    def spans(self) -> tuple[Span, ...]:
        """Returns the spans in which activities count."""
        return tuple(each.of_stage(self.stage) for each in self.demand.spans)

    @property
    def nth(self) -> NthActivity:
        """Returns the instant that decides, where one does."""
        cap = self.demand.no_more_than
        times = self.demand.times if cap is None else cap + 1
        pattern = self.demand.pattern
        return NthActivity(pattern.by_anyone, times, self.spans, pattern.different is not None)


class InstantShift(NamedTuple):
    """A shift leads so long before (`sign` -1) or after (1) a moment's instant."""

    duration: Duration
    sign: int


class AskedCondition(NamedTuple):
    """A rule asks a condition; `stage` is what `since: stage` means in it."""

    condition: tree.Condition
    stage: str


class ReadColumns:
    """Each pattern, instant, count and field that is read gets a column of its own."""

    def __init__(self, signals: Mapping[str, tree.Condition]) -> None:
        self._signals = signals
        self.patterns: dict[tree.Counted, str] = {}
        self.nths: dict[NthActivity, str] = {}
        self.counts: dict[CountAtMoment, str] = {}
        self.starts: dict[tree.Counted, str] = {}
        """The events after the last of which something counts."""
        self.entries: dict[tuple[str, int], str] = {}
        """The n-th moves into stages; of the first there are columns anyway."""
        self.fields: dict[FieldRead, str] = {}
        self.dates: dict[tree.FieldRef, int] = {}
        """The deadlines that hang on dates, numbered."""
        self.shifts: dict[InstantShift, str] = {}
        self.demands: list[CountAtMoment] = []
        """What rules of activities count."""

    def take(self, asked: AskedCondition) -> None:
        """Takes note of all that a condition reads."""
        for part in tree.walk(asked.condition, self._signals):
            match part:
                case tree.FieldTest(field, test):
                    self.take_test(field, test)
                case tree.ActivityCount() | tree.ChangeCount():
                    self.take_count(CountAtMoment(part, asked.stage))
                case tree.StageEntered(stage) if part.decisive > 1:
                    self.entries.setdefault((stage, part.decisive), f"entry_{len(self.entries)}")

    def take_count(self, count: CountAtMoment) -> None:
        """Takes note of an activity demand."""
        self.pattern(count.demand.pattern)
        if count.demand.lasts:
            self.nths.setdefault(count.nth, f"done_at_{len(self.nths)}")
        else:
            self.counts.setdefault(count, f"count_{len(self.counts)}")
        for event in tree.starts_of(count.demand):
            self.pattern(event)
            self.starts.setdefault(event, f"last_{len(self.starts)}")
        for length in (length for span in count.spans for length in span.lengths):
            self.take_shift(InstantShift(length, -1))

    def take_test(self, field: str, test: tree.Test) -> None:
        """Takes note of a field, and of those on the right of its test."""
        for name in (field, *referred(test)):
            self.fields.setdefault(name, f"field_{len(self.fields)}")
        shift = shift_of(test)
        if shift is not None:
            self.take_shift(shift)

    def take_shift(self, shift: InstantShift) -> None:
        """Takes note of a step in business days; any other is a mere sum."""
        if shift.duration.elapsed is None:
            self.shifts.setdefault(shift, f"shifted_at_{len(self.shifts)}")

    def pattern(self, pattern: tree.Counted) -> str:
        """Returns the column that says whether an event matches, whoever did it."""
        return self.patterns.setdefault(pattern.by_anyone, f"pattern_{len(self.patterns)}")


def read_at_moments(rules: Iterable[Rule], playbook: Playbook) -> ReadColumns:
    """Collects what these rules ask at a moment, their stage's or sequence's `when` included."""
    reads = ReadColumns(playbook.signals)
    for rule in rules:
        asked = asked_by(rule)
        if asked is not None:
            reads.take(asked)
        if rule.when is not None:
            reads.take(AskedCondition(rule.when, ""))
    return reads


def read_by_rules(playbook: Playbook, rules: tuple[Rule, ...]) -> ReadColumns:
    """Collects all that the rules read, the activities of sequences included."""
    reads = ReadColumns(playbook.signals)
    if playbook.applies_to is not None:
        reads.take(AskedCondition(playbook.applies_to, ""))
    for stage in playbook.stages:
        if stage.when is not None:
            reads.take(AskedCondition(stage.when, ""))
    for rule in rules:
        asked = asked_by(rule)
        if asked is not None:
            reads.take(asked)
            if isinstance(asked.condition, tree.ActivityCount):
                reads.demands.append(CountAtMoment(asked.condition, asked.stage))
        if rule.when is not None:
            reads.take(AskedCondition(rule.when, ""))
        if date := date_of(rule.due):
            reads.dates.setdefault(date, len(reads.dates))
        for pattern in (*patterns_of(rule.due), *answers_of(rule.ask)):
            if isinstance(pattern, tree.Counted):
                reads.pattern(pattern)
            elif isinstance(pattern, tree.FieldPattern):
                reads.take_test(pattern.field, pattern.test)
    return reads


def referred(test: tree.Test) -> Iterator[FieldRead]:
    """Lists what is read of fields on the right of a test."""
    return (read_of(each) for each in test.operands if isinstance(each, tree.FieldRef))


def read_of(reference: tree.FieldRef) -> FieldRead:
    """Returns what a reference reads."""
    return reference.field if reference.is_plain else reference


def shift_of(test: tree.Test) -> InstantShift | None:
    """Returns what a test on dates measures from the moment's instant."""
    if test.duration is None:
        return None
    return InstantShift(test.duration, 1 if test.operator == "in_next" else -1)


def asked_by(rule: Rule) -> AskedCondition | None:
    """Returns the condition that the rule asks, if it asks one."""
    condition = condition_of(rule.ask)
    return None if condition is None else AskedCondition(condition, rule.info.stage)
