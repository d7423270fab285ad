"""What the rules of a playbook read of a history, and the column in which each of it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from playgate.conditions import tree
from playgate.conditions.durations import Duration
from playgate.conditions.narrowing import Span
from playgate.playbook.model import ActivityDemand, Demand, Playbook
from playgate.playbook.rules import Rule

__all__ = [
    "Asked",
    "CountAt",
    "Nth",
    "Reads",
    "Shift",
    "asked_by",
    "read_at_moments",
    "referred",
    "shift_of",
]


class Nth(NamedTuple):
    """The n-th effective instant of a pattern in a deal, counted from where its spans start."""

    pattern: tree.ActivityPattern
    times: int
    spans: tuple[Span, ...]

    @property
    def entered(self) -> tuple[str, ...]:
        """The stages that must have been entered for anything to count."""
        return tuple(each.entered for each in self.spans if each.entered)


class CountAt(NamedTuple):
    """How many activities of a demand count at a moment; `stage` is what `since: stage` means."""

    demand: tree.ActivityCount
    stage: str

    @property
    def spans(self) -> tuple[Span, ...]:
        """The instants from which activities count."""
        return tuple(each.of_stage(self.stage) for each in self.demand.spans)

    @property
    def nth(self) -> Nth:
        """The instant that decides, where one does."""
        cap = self.demand.no_more_than
        times = self.demand.times if cap is None else cap + 1
        return Nth(self.demand.pattern.by_anyone, times, self.spans)


class Shift(NamedTuple):
    """So long before (`sign` -1) or after (1) a moment's instant."""

    duration: Duration
    sign: int


class Asked(NamedTuple):
    """A condition that a rule asks, and the stage that `since: stage` means in it."""

    condition: tree.Condition
    stage: str


class Reads:
    """Gives each pattern, instant, count and field that is read a column of its own."""

    def __init__(self, signals: Mapping[str, tree.Condition]) -> None:
        self._signals = signals
        self.patterns: dict[tree.ActivityPattern, str] = {}
        self.nths: dict[Nth, str] = {}
        self.counts: dict[CountAt, str] = {}
        self.fields: dict[str, str] = {}
        self.shifts: dict[Shift, str] = {}
        self.demands: list[CountAt] = []
        """What rules of activities count."""

    def take(self, asked: Asked) -> None:
        """Takes note of all that a condition reads."""
        for part in tree.walk(asked.condition, self._signals):
            match part:
                case tree.FieldTest(field, test):
                    self.take_test(field, test)
                case tree.ActivityCount():
                    self.take_count(CountAt(part, asked.stage))

    def take_count(self, count: CountAt) -> None:
        """Takes note of an activity demand."""
        self.pattern(count.demand.pattern)
        if count.demand.lasts:
            self.nths.setdefault(count.nth, f"i{len(self.nths)}")
        else:
            self.counts.setdefault(count, f"c{len(self.counts)}")
        for length in (length for span in count.spans for length in span.lengths):
            self.take_shift(Shift(length, -1))

    def take_test(self, field: str, test: tree.Test) -> None:
        """Takes note of a field, and of those on the right of its test."""
        for name in (field, *referred(test)):
            self.fields.setdefault(name, f"f{len(self.fields)}")
        shift = shift_of(test)
        if shift is not None:
            self.take_shift(shift)

    def take_shift(self, shift: Shift) -> None:
        """Takes note of a step in business days: what else there is, is a mere sum."""
        if shift.duration.elapsed is None:
            self.shifts.setdefault(shift, f"s{len(self.shifts)}")

    def pattern(self, pattern: tree.ActivityPattern) -> str:
        """The column that says whether an activity matches, whoever did it."""
        return self.patterns.setdefault(pattern.by_anyone, f"p{len(self.patterns)}")


def read_at_moments(rules: Iterable[Rule], playbook: Playbook) -> Reads:
    """What these rules ask at a moment, their stage's or sequence's `when` included."""
    reads = Reads(playbook.signals)
    for rule in rules:
        asked = asked_by(rule, playbook)
        if asked is not None:
            reads.take(asked)
        for part in (rule.stage, rule.sequence):
            if part is not None and part.when is not None:
                reads.take(Asked(part.when, ""))
    return reads


def referred(test: tree.Test) -> Iterator[str]:
    """The fields on the right of a test."""
    return (each.field for each in test.operands if isinstance(each, tree.FieldRef))


def shift_of(test: tree.Test) -> Shift | None:
    """What a test on dates measures from the moment's instant."""
    if test.duration is None:
        return None
    return Shift(test.duration, 1 if test.operator == "in_next" else -1)


def asked_by(rule: Rule, playbook: Playbook) -> Asked | None:
    """The condition that the rule asks, of rules that ask one."""
    match rule.demand:
        case Demand(condition=condition):
            return Asked(condition, rule.info.stage)
        case ActivityDemand(count=count):
            return Asked(count, rule.info.stage)
    if rule.family == "entered":
        return Asked(tree.StageEntered(rule.info.stage), "")
    if rule.family == "before" and rule.sequence is not None and rule.sequence.need is not None:
        return Asked(rule.sequence.need, "")
    if rule.family == "fit":
        fits = (tree.All(tuple(each.fit.values())) for each in playbook.profiles)
        return Asked(tree.Any(tuple(fits)), "")
    return None
