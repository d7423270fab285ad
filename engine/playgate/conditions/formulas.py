"""Conditions as formulas over cells, and whether any deal could make some of them hold at once.

A formula says of a *subject* (a field's value, a count of activities, whether a stage was entered)
in which of its cells it lies. What is not modelled is left free, so that every deal at every moment
stands for some choice of cells: where no choice makes the formulas hold, no deal does. The other
way round nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import eq
from typing import NamedTuple

from playgate.conditions import tree
from playgate.conditions.cells import ABSENT, Cells
from playgate.conditions.durations import Calendar, Duration
from playgate.conditions.literals import GROUP
from playgate.conditions.logic import NO, YES, Both, Formula, In, Subject, both, either, subjects
from playgate.conditions.narrowing import Narrowing, Order, Span, covers
from playgate.conditions.tree import FieldRef, Test, walk
from playgate.conditions.values import FieldType, Reading

__all__ = ["ABOVE", "BELOW", "SAME", "Formulas", "grouped", "narrower", "topics"]

BELOW, SAME, ABOVE = 1, 2, 4
_COMPARED = {
    "equals": SAME,
    "more_than": ABOVE,
    "at_least": SAME | ABOVE,
    "less_than": BELOW,
    "at_most": SAME | BELOW,
}
"""How two fields stand to each other where the test passes."""
_NEGATED = {"not_equals": "equals", "none_of": "one_of"}
_OLDER, _PAST, _NOW, _SOON = 1, 2, 4, 8
_RELATIVE = {"older_than": _OLDER, "newer_than": _PAST | _NOW, "in_next": _NOW | _SOON}
"""Where a date stands to business days before and after now (16: later still)."""
_ON_TEXT = ("contains", "matches")


def topics(formula: Formula) -> Iterator[tuple[str, object]]:
    """The fields, activities and stages that a formula speaks of: without a common one two
    formulas say nothing of each other."""
    for kind, first, *others in subjects(formula):
        if isinstance(first, _Counted):
            yield from (("activity", name) for name in first.names)
        elif kind == "stage":
            yield "stage", first
        else:
            yield "field", first
        if kind == "compared":
            yield "field", others[0]


class Formulas:
    """Turns the conditions of one playbook into formulas.

    `conditions` and `patterns` are all that there are: the constants in them make the cells.
    """

    def __init__(
        self,
        *,
        fields: Mapping[str, FieldType],
        signals: Mapping[str, tree.Condition],
        conditions: Iterable[tree.Condition],
        patterns: Iterable[tree.Pattern],
        calendar: Calendar,
        reading: Reading,
    ) -> None:
        self.fields = fields
        self._signals = signals
        parts = [part for each in (*conditions, *signals.values()) for part in walk(each, {})]
        parts_and_patterns = [*parts, *patterns]
        self.cells = Cells(self._tests(parts_and_patterns), calendar=calendar, reading=reading)
        counts = [part for part in parts if isinstance(part, tree.ActivityCount)]
        cuts = {0, 1, *(_cut(each) for each in counts)}
        self._count_cells = {cut: cell for cell, cut in enumerate(sorted(cuts))}
        offsets = {
            part.test.duration.elapsed or 0
            for part in parts_and_patterns
            if isinstance(part, tree.FieldTest | tree.FieldPattern) and part.test.duration
        }
        offsets |= {-each for each in offsets} | {0}
        self._offset_cells = {each: 2 * cell + 1 for cell, each in enumerate(sorted(offsets))}
        self._named: dict[tuple[str, str, bool], Formula] = {}
        self._tested: dict[int, tuple[tree.FieldTest, Formula]] = {}
        self._whole: dict[Subject, int] = {}

    def _tests(
        self, parts: Iterable[tree.Condition | tree.Pattern]
    ) -> Iterator[tuple[FieldType, Test]]:
        for part in parts:
            pattern = part.pattern if isinstance(part, tree.ActivityCount) else part
            if isinstance(pattern, tree.ActivityPattern):
                yield from ((each.kind, each.test) for each in pattern.tests)
            elif isinstance(pattern, tree.FieldTest | tree.FieldPattern):
                yield self.fields[pattern.field], pattern.test

    def whole(self, subject: Subject) -> int:
        """All cells that a subject can lie in."""
        found = self._whole.get(subject)
        if found is None:
            found = self._whole[subject] = self._all_cells(subject)
        return found

    def _all_cells(self, subject: Subject) -> int:
        match subject:
            case ("field", str(name)):
                return self.cells.of(self.fields[name]).whole
            case ("count", *_):
                return (1 << len(self._count_cells)) - 1
            case ("compared", str(left), str(right)):
                return SAME if left == right else 7
            case ("elapsed", _):
                return (1 << (2 * len(self._offset_cells) + 1)) - 1
            case ("business", _, _):
                return 31
            case _:
                return 3

    def single(self, name: str) -> int:
        """The cells of a field that have one value only."""
        return self.cells.of(self.fields[name]).single

    # Conditions

    def of(self, condition: tree.Condition, *, stage: str = "", holds: bool = True) -> Formula:
        """That the condition holds, or does not; `stage` is what `since: stage` means."""
        match condition:
            case tree.All(parts):
                join = both if holds else either
                return join(*(self.of(part, stage=stage, holds=holds) for part in parts))
            case tree.Any(parts):
                join = either if holds else both
                return join(*(self.of(part, stage=stage, holds=holds) for part in parts))
            case tree.Not(part):
                return self.of(part, stage=stage, holds=not holds)
            case tree.SignalRef(name):
                key = name, stage, holds
                if key not in self._named:
                    self._named[key] = self.of(self._signals[name], stage=stage, holds=holds)
                return self._named[key]
            case tree.StageEntered(name):
                return In(("stage", name), 2 if holds else 1)
            case tree.ActivityCount():
                found = self._count(condition, stage)
            case tree.FieldTest(field, test):
                if id(condition) not in self._tested:  # the entry keeps its condition alive
                    self._tested[id(condition)] = condition, self.test(field, test)
                found = self._tested[id(condition)][1]
        return found if holds else self.negated(found)

    def negated(self, formula: Formula) -> Formula:
        """That the formula does not hold."""
        if isinstance(formula, In):
            cells = self.whole(formula.subject) & ~formula.cells
            return In(formula.subject, cells) if cells else NO
        join = either if isinstance(formula, Both) else both
        return join(*map(self.negated, formula[0]))

    def absent(self, field: str) -> Formula:
        """That the field has no value."""
        return In(("field", field), ABSENT)

    def _present(self, field: str) -> Formula:
        return self._in(("field", field), ~ABSENT)

    def _in(self, subject: Subject, cells: int) -> Formula:
        """That the subject lies in one of the cells: never, always, or said so."""
        whole = self.whole(subject)
        cells &= whole
        if cells == whole:
            return YES
        return In(subject, cells) if cells else NO

    # Fields

    def test(self, field: str, test: Test) -> Formula:
        """That the field's value passes the test."""
        if test.operator in _NEGATED:
            return self.negated(self.test(field, Test(_NEGATED[test.operator], test.operands)))
        if test.duration is not None:
            return self._dated(field, test.operator, test.duration)
        if any(isinstance(each, FieldRef) for each in test.operands):
            return self._with_fields(field, test)
        kind = self.fields[field]
        passing = self.cells.passing(kind, test)
        subject: Subject = ("field", field)
        free = In(("untold", field, test.operator, test.operands), 2)
        if passing is None:
            return free
        if test.operator not in _ON_TEXT:
            return self._in(subject, passing)
        unknown = self.cells.of(kind).open_texts
        return either(self._in(subject, passing & ~unknown), both(self._in(subject, unknown), free))

    def _with_fields(self, field: str, test: Test) -> Formula:
        operator, operands = test.operator, test.operands
        if operator == "one_of":
            return either(*(self.test(field, Test("equals", (each,))) for each in operands))
        if operator == "between":
            low, high = operands
            return both(
                self.test(field, Test("at_least", (low,))),
                self.test(field, Test("at_most", (high,))),
            )
        (other,) = operands
        assert isinstance(other, FieldRef)  # noqa: S101  (it is the only operand, and one is)
        if operator in _COMPARED:
            passing = self._compared(field, other.field, _COMPARED[operator])
        else:
            passing = In(("untold", field, operator, operands), 2)
        return both(self._present(field), self._present(other.field), passing)

    def _compared(self, left: str, right: str, cells: int) -> Formula:
        """How two fields stand to each other, always said of the same of the two."""
        if left > right:
            left, right = right, left
            cells = cells & SAME | (cells & BELOW) << 2 | (cells & ABOVE) >> 2
        return self._in(("compared", left, right), cells)

    def _dated(self, field: str, operator: str, duration: Duration) -> Formula:
        """Where the date stands to now; how now stands to the dates written is left free."""
        length = duration.elapsed
        if length is None:
            # How long business days are depends on the day: only the same number is compared.
            where = In(("business", field, str(duration)), _RELATIVE[operator])
            return both(self._present(field), where)
        cell, last = self._offset_cells, 2 * len(self._offset_cells) + 1
        match operator:
            case "older_than":
                first, last = 0, cell[-length]
            case "newer_than":
                first, last = cell[-length], cell[0] + 1
            case _:
                first, last = cell[0], cell[length] + 1
        return both(self._present(field), In(("elapsed", field), (1 << last) - (1 << first)))

    # Activities

    def lasting(self, formula: Formula) -> Formula:
        """What stays true once the formula is true: so many were done, a stage was entered."""
        if not isinstance(formula, In):
            join = both if isinstance(formula, Both) else either
            return join(*map(self.lasting, formula[0]))
        match formula:
            case In(("stage", _), 2):
                return formula
            case In(("count", _Counted(lasts=True)) as subject, cells):
                return self._in(subject, -(cells & -cells))
            case _:
                return YES

    def happened(self, pattern: tree.Pattern) -> Formula:
        """What is true where an event of the pattern is effective."""
        match pattern:
            case tree.ActivityPattern():
                return self.of(tree.ActivityCount(pattern))
            case tree.StagePattern(stage):
                return In(("stage", stage), 2)
            case _:
                return YES  # the field may have changed again at the same instant

    def _count(self, count: tree.ActivityCount, stage: str) -> Formula:
        spans = [each.of_stage(stage) for each in count.spans]
        subject: Subject = ("count", _Counted.of(count, spans))
        cut = self._count_cells[_cut(count)]
        enough: Formula = self._in(subject, -1 << cut)
        if any(self._never_passes(each) for each in count.pattern.tests):
            enough = NO
        else:  # where a stage must have been entered, none counts before
            entered = [each.entered for each in spans if each.entered]
            enough = both(enough, *(In(("stage", each), 2) for each in entered))
        return enough if count.no_more_than is None else self.negated(enough)

    def _never_passes(self, wanted: tree.AttributeTest) -> bool:
        test = wanted.test
        if test.duration is not None or test.operator in _ON_TEXT:
            return False
        return self.cells.passing(wanted.kind, test) == 0


def _cut(count: tree.ActivityCount) -> int:
    """The count from which on more changes nothing."""
    return count.times if count.no_more_than is None else count.no_more_than + 1


class _Counted(NamedTuple):
    """Which activities a count is of."""

    names: frozenset[str]
    narrowings: frozenset[Narrowing]
    spans: frozenset[Span]
    lasts: bool

    @classmethod
    def of(cls, count: tree.ActivityCount, spans: Iterable[Span]) -> _Counted:
        narrowings = frozenset(each.normal() for each in count.pattern.narrowings)
        names, normal = frozenset(count.pattern.names), (each.normal() for each in spans)
        return cls(names, narrowings, frozenset(normal), count.lasts)


def narrower(left: Subject, right: Subject) -> bool:
    """Whether each activity that the first count counts is counted by the second, too."""
    a, b = left[1], right[1]
    assert isinstance(a, _Counted)  # noqa: S101  (counts are asked about)
    assert isinstance(b, _Counted)  # noqa: S101
    return (
        a.names <= b.names
        and covers(b.narrowings, a.narrowings, _ORDER)
        and covers(b.spans, a.spans, _ORDER)
    )


def _is_at_most(left: Duration, right: Duration) -> bool:
    if left == right or left.elapsed is None or right.elapsed is None:
        return left == right
    return left.elapsed <= right.elapsed


_ORDER = Order(test=eq, length=_is_at_most)


def grouped(kind: FieldType) -> str:
    """Fields of one group share their cells; those of a choice are its own."""
    return "" if kind.kind == "choice" else GROUP[kind.kind]
