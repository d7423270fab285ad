"""What a rule asks, as a value: two rules that ask the same are equal, however they are written.

Signals are written out, and lists that combine conditions are flat and unordered. What else the
rule reads (the types of its fields, and the working calendar where it counts by it) belongs to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeGuard, TypeVar, assert_never

from playgate.conditions import tree
from playgate.conditions.calendar import Calendar
from playgate.conditions.durations import Duration
from playgate.conditions.narrowing import Narrowing
from playgate.conditions.tree import Condition, Pattern
from playgate.conditions.value_tests import normal_test
from playgate.model.playbook import Playbook
from playgate.records import Record, replace
from playgate.rules.asks import (
    Answered,
    Ask,
    Done,
    Ended,
    GoesOn,
    HasRole,
    Holds,
    Left,
    Resumed,
    StaysEnded,
    answers_of,
    condition_of,
)
from playgate.rules.due import (
    AsOf,
    AtDeadline,
    AtEntry,
    AtMatch,
    AtMoves,
    AtPassing,
    Due,
    EachDate,
    EachMatch,
    EachStep,
    EachVisit,
    FirstEntry,
    FirstEvent,
    Start,
    WhileHeld,
    length_of,
    patterns_of,
)
from playgate.rules.list import Rule

__all__ = [
    "Applies",
    "Asks",
    "FieldReading",
    "asks",
    "calendar_read",
    "conditions_of",
    "normal",
    "stages_named",
]

FieldReading = tuple[str, str, tuple[str, ...]]
"""A field, its kind, and its options in order."""

_N = TypeVar("_N", bound=Narrowing)
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Applies(Record):
    """When a rule, or a stage with all its rules, applies."""

    when: Condition | None
    optional: bool = False


class Asks(Record, kw_only=True):
    """What a rule asks, with stages by their names in the newer version."""

    family: str
    stage: str
    due: Due
    """When the rule is due; its own stage is written as `""`."""
    ask: Ask
    scope: Applies
    stage_when: Condition | None
    """When its stage applies; the scope asks for that, too."""
    own_when: Condition | None
    """When it applies where its stage does."""
    fields: frozenset[FieldReading] = frozenset()
    calendar: Calendar | None = None
    """The working calendar, so far as its durations count by it."""

    @property
    def condition(self) -> Condition | None:
        """The condition that is asked; `None` where there is none."""
        return condition_of(self.ask)

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """All patterns that the rule names."""
        return (*patterns_of(self.due), *answers_of(self.ask))


def asks(rule: Rule, playbook: Playbook, renamed: Mapping[str, str] = _NOTHING) -> Asks:
    """Returns what the rule asks; `renamed` gives an older version's stages their newer names."""
    found = _Reader(playbook, renamed).asks(rule)
    conditions = list(conditions_of(found))
    return replace(
        found,
        fields=frozenset(_fields(conditions, found, playbook)),
        calendar=calendar_read(_lengths(conditions, found), playbook.calendar),
    )


class _Reader:
    def __init__(self, playbook: Playbook, renamed: Mapping[str, str]) -> None:
        self._playbook = playbook
        self._renamed = renamed

    def asks(self, rule: Rule) -> Asks:
        stage = rule.info.stage
        optional = bool(stage) and self._playbook.stage(stage).optional
        return Asks(
            family=rule.row.name,
            stage=self._name(stage),
            due=self._due(rule.due),
            ask=self._ask(rule.ask),
            scope=Applies(self._condition(rule.when), optional),
            stage_when=self._condition(rule.stage_when),
            own_when=self._condition(rule.item_when),
        )

    def _due(self, due: Due) -> Due:
        match due:
            case AtMatch(matches) | AsOf(matches):
                return replace(due, matches=self._patterns(matches))
            case AtDeadline(start):
                return replace(due, start=self._start(start))
            case AtEntry() | AtPassing() | WhileHeld():
                return replace(due, stage="")
            case AtMoves():
                return due
            case _:
                assert_never(due)

    def _start(self, start: Start) -> Start:
        match start:
            case EachMatch(matches):
                return replace(start, matches=self._patterns(matches))
            case FirstEntry() | EachVisit():
                return replace(start, stage="")
            case EachStep(_, activities):
                return EachStep("", activities and _activity(activities))
            case FirstEvent() | EachDate():
                return start
            case _:
                assert_never(start)

    def _ask(self, ask: Ask) -> Ask:
        match ask:
            case Holds(condition):
                return Holds(self._normal(condition))
            case Done(count):
                return Done(self._count(count))
            case HasRole(roles):
                return HasRole(tuple(sorted(set(roles))))
            case Answered(answers):
                return replace(ask, answers=self._patterns(answers))
            case GoesOn() | StaysEnded() | Left() | Resumed() | Ended():
                return ask
            case _:
                assert_never(ask)

    def _name(self, stage: str) -> str:
        return self._renamed.get(stage, stage)

    def _condition(self, condition: Condition | None) -> Condition | None:
        return None if condition is None else self._normal(condition)

    def _normal(self, condition: Condition) -> Condition:
        return normal(condition, self._playbook.signals, self._renamed)

    def _count(self, count: tree.ActivityCount) -> tree.ActivityCount:
        spans = tuple(each.renamed(self._renamed) for each in count.spans)
        return replace(count, pattern=_activity(count.pattern), spans=spans)

    def _patterns(self, patterns: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
        return tuple(sorted((_pattern(each, self._renamed) for each in patterns), key=repr))


def normal(
    condition: Condition, signals: Mapping[str, Condition], renamed: Mapping[str, str] = _NOTHING
) -> Condition:
    """Returns the condition with signals written out and parts flat, once each, in one order."""
    match condition:
        case tree.SignalRef(name):
            return normal(signals[name], signals, renamed) if name in signals else condition
        case tree.StageEntered(stage):
            return replace(condition, stage=renamed.get(stage, stage))
        case tree.FieldTest(field, test):
            return tree.FieldTest(field, normal_test(test))
        case tree.ActivityCount():
            spans = tuple(each.renamed(renamed) for each in condition.spans)
            return replace(condition, pattern=_activity(condition.pattern), spans=_ordered(spans))
        case tree.ChangeCount():
            spans = tuple(each.renamed(renamed) for each in condition.spans)
            return replace(condition, pattern=_change(condition.pattern), spans=_ordered(spans))
        case tree.Not(part):
            inner = normal(part, signals, renamed)
            return inner.part if isinstance(inner, tree.Not) else tree.Not(inner)
        case tree.Any(parts, at_least) if (
            1 < at_least < len(parts)
        ):  # what stands twice counts twice
            listed = [normal(part, signals, renamed) for part in parts]
            return replace(condition, parts=tuple(sorted(listed, key=repr)))
        case tree.All(parts) | tree.Any(parts):
            asks_all = isinstance(condition, tree.All) or len(parts) == condition.at_least
            return _flat(parts, tree.All if asks_all else tree.Any, signals, renamed)


def _flat(
    parts: tuple[Condition, ...],
    kind: type[tree.All] | type[tree.Any],
    signals: Mapping[str, Condition],
    renamed: Mapping[str, str],
) -> Condition:
    found: dict[Condition, None] = {}
    for part in parts:
        inner = normal(part, signals, renamed)
        found.update(dict.fromkeys(inner.parts if _is_plain(inner, kind) else (inner,)))
    ordered = tuple(sorted(found, key=repr))
    return ordered[0] if len(ordered) == 1 else kind(ordered)


def _is_plain(
    condition: Condition, kind: type[tree.All] | type[tree.Any]
) -> TypeGuard[tree.All | tree.Any]:
    """Whether the parts of a condition may stand among those of one of this kind."""
    return isinstance(condition, kind) and getattr(condition, "at_least", 1) == 1


def _pattern(pattern: Pattern, renamed: Mapping[str, str]) -> Pattern:
    match pattern:
        case tree.ActivityPattern():
            return _activity(pattern)
        case tree.ChangePattern():
            return _change(pattern)
        case tree.FieldPattern(field, test):
            return tree.FieldPattern(field, normal_test(test))
        case tree.StagePattern(stage):
            return tree.StagePattern(renamed.get(stage, stage))
        case tree.SetPattern():
            return pattern


def _activity(pattern: tree.ActivityPattern) -> tree.ActivityPattern:
    names = tuple(sorted(set(pattern.names)))
    return tree.ActivityPattern(names, _ordered(pattern.narrowings))


def _change(pattern: tree.ChangePattern) -> tree.ChangePattern:
    return replace(pattern, narrowings=_ordered(pattern.narrowings))


def _ordered(narrowings: tuple[_N, ...]) -> tuple[_N, ...]:
    return tuple(sorted({each.normal() for each in narrowings}, key=repr))


# What is read besides


def conditions_of(found: Asks) -> Iterator[Condition]:
    """Yields all conditions that are asked, and their parts."""
    for condition in (found.condition, found.scope.when):
        if condition is not None:
            yield from tree.walk(condition, {})


def _tests(conditions: list[Condition], found: Asks) -> Iterator[tuple[str, tree.Test]]:
    """Yields the tests that are made, each with the field that it reads; `""` for attributes."""
    for part in (*conditions, *found.patterns):
        if isinstance(part, tree.FieldTest | tree.FieldPattern):
            yield part.field, part.test
        pattern = part.pattern if isinstance(part, tree.Count) else part
        if isinstance(pattern, tree.ActivityPattern):
            yield from (("", each.test) for each in pattern.tests)


def _fields(conditions: list[Condition], found: Asks, playbook: Playbook) -> Iterator[FieldReading]:
    for name in _fields_read(conditions, found):
        kind = playbook.fields.get(name)
        if kind is not None:
            yield name, kind.kind, tuple(sorted(kind.options))


def _fields_read(conditions: list[Condition], found: Asks) -> Iterator[str]:
    for field, test in _tests(conditions, found):
        yield field
        yield from (each.field for each in test.operands if isinstance(each, tree.FieldRef))
    for part in (*conditions, *found.patterns):
        own = part.pattern if isinstance(part, tree.Count) else part
        for pattern in (own, *tree.starts_of(part)):
            if isinstance(pattern, tree.ChangePattern | tree.SetPattern):
                yield pattern.field


def _lengths(conditions: list[Condition], found: Asks) -> list[Duration]:
    tests = [test for _, test in _tests(conditions, found)]
    lengths = [length_of(found.due), *(test.duration for test in tests)]
    for test in tests:
        lengths += [each.shift for each in test.operands if isinstance(each, tree.FieldRef)]
    for part in (*conditions, *found.patterns):
        for each in _narrowings(part):
            lengths += each.lengths
    return [each for each in lengths if each is not None]


def calendar_read(lengths: Iterable[Duration], calendar: Calendar) -> Calendar | None:
    """Returns what the lengths read of the calendar, but for its zone, which is told by itself."""
    units = {each.unit for each in lengths if each.counts_work}
    if not units:
        return None
    hours = calendar.hours if "business hour" in units else Calendar().hours
    return replace(calendar, zone=Calendar().zone, hours=hours)


def _narrowings(part: Condition | Pattern) -> tuple[Narrowing, ...]:
    if isinstance(part, tree.Count):
        return (*part.pattern.narrowings, *part.spans)
    return part.narrowings if isinstance(part, tree.Counted) else ()


def stages_named(found: Asks) -> frozenset[str]:
    """Returns the stages that it names."""
    named = {found.stage} - {""}
    for part in (*conditions_of(found), *found.patterns):
        if isinstance(part, tree.StageEntered | tree.StagePattern):
            named.add(part.stage)
        elif isinstance(part, tree.Count):
            named.update(each.entered for each in part.spans if each.entered)
    return frozenset(named)
