"""Turns conditions into formulas over cells.

A formula says in which of its cells a *subject* (a field's value, a count of activities, whether a
stage was entered) lies. What is not modelled is left free, so that every deal at every moment
stands for some choice of cells: where no choice makes formulas hold, no deal does. The converse is
not claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from math import comb

from playgate.conditions import tree
from playgate.conditions.durations import Calendar
from playgate.conditions.literals import GROUP
from playgate.conditions.tree import FieldRef, Test, walk
from playgate.conditions.values import FieldType, Reading
from playgate.proof.ages import Ages
from playgate.proof.cells import ABSENT, Cells
from playgate.proof.counting import Counting
from playgate.proof.logic import (
    NO,
    YES,
    Both,
    Formula,
    In,
    Subject,
    both,
    either,
    is_never,
    subjects,
)

__all__ = ["ABOVE", "BELOW", "SAME", "Formulas", "grouped", "topics"]

BELOW, SAME, ABOVE = 1, 2, 4
_COMPARED = {
    "equals": SAME,
    "more_than": ABOVE,
    "at_least": SAME | ABOVE,
    "less_than": BELOW,
    "at_most": SAME | BELOW,
}
"""How two fields compare where the test passes."""
_NEGATED = {"not_equals": "equals", "none_of": "one_of"}
_ON_TEXT = ("contains", "matches")
_MOST_CHOICES = 500
"""The most ways to choose some of many conditions that are written out."""


def topics(formula: Formula) -> Iterator[tuple[str, object]]:
    """Yields the fields, activities and stages that a formula speaks of.

    Two formulas without a common one say nothing of each other.
    """
    for kind, first, *others in subjects(formula):
        if isinstance(first, Counting):
            yield from ((first.of, name) for name in first.names)
        elif kind in ("stage", "entries"):
            yield "stage", first
        else:
            yield "field", first
        if kind == "compared":
            other = others[0]
            yield "field", other.field if isinstance(other, FieldRef) else other


class Formulas:
    """Turns conditions into formulas.

    The constants in `conditions` and `patterns` make the cells. Tests against other constants, and
    tests of fields that are not among `fields`, are taken as independent of each other.
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
        tests = list(self._tests([*parts, *patterns]))
        self.cells = Cells(tests, calendar=calendar, reading=reading)
        self._ages = Ages((test.duration for _, test in tests if test.duration), calendar)
        cuts = {0, 1}
        for part in parts:
            if isinstance(part, tree.Count):
                cuts.add(_cut(part))
            elif isinstance(part, tree.StageEntered):
                cuts.add(part.decisive)
        self._count_cells = {cut: cell for cell, cut in enumerate(sorted(cuts))}
        self._named: dict[tuple[str, str, bool], Formula] = {}
        self._tested: dict[int, tuple[tree.FieldTest, Formula]] = {}
        self._attributes: dict[tree.AttributeTest, Formula] = {}
        self._whole: dict[Subject, int] = {}

    def _tests(
        self, parts: Iterable[tree.Condition | tree.Pattern]
    ) -> Iterator[tuple[FieldType, Test]]:
        for part in parts:
            pattern = part.pattern if isinstance(part, tree.ActivityCount) else part
            if isinstance(pattern, tree.ActivityPattern):
                yield from ((each.kind, each.test) for each in pattern.tests)
            elif (
                isinstance(pattern, tree.FieldTest | tree.FieldPattern)
                and pattern.field in self.fields
            ):
                yield self.fields[pattern.field], pattern.test

    def whole(self, subject: Subject) -> int:
        """Returns all cells in which a subject can lie."""
        found = self._whole.get(subject)
        if found is None:
            found = self._whole[subject] = self._all_cells(subject)
        return found

    def _all_cells(self, subject: Subject) -> int:
        match subject:
            case ("field", str(name)):
                return self.cells.of(self.fields[name]).whole
            case ("count" | "entries", *_):
                return (1 << len(self._count_cells)) - 1
            case ("compared", str(left), str(right)):
                return SAME if left == right else 7
            case ("compared", *_):
                return 7
            case ("attribute", _, FieldType() as kind):
                return self.cells.of(kind).whole
            case ("age", *_):
                return self._ages.whole
            case _:
                return 3

    def single(self, name: str) -> int:
        """Returns the cells of a field that hold only one value."""
        return self.cells.of(self.fields[name]).single

    # Conditions

    def of(self, condition: tree.Condition, *, stage: str = "", holds: bool = True) -> Formula:
        """Returns the formula that the condition holds, or, if `holds` is false, that it does not.

        `since: stage` in it means `stage`.
        """
        match condition:
            case tree.All(parts):
                join = both if holds else either
                return join(*(self.of(part, stage=stage, holds=holds) for part in parts))
            case tree.Any(parts, at_least):
                fewest = at_least if holds else len(parts) - at_least + 1
                told = tuple(self.of(part, stage=stage, holds=holds) for part in parts)
                if comb(len(told), fewest) > _MOST_CHOICES:
                    return In(("untold", condition), 2 if holds else 1)
                return either(*(both(*each) for each in combinations(told, fewest)))
            case tree.Not(part):
                return self.of(part, stage=stage, holds=not holds)
            case tree.SignalRef(name) if name in self._signals:
                key = name, stage, holds
                if key not in self._named:
                    self._named[key] = self.of(self._signals[name], stage=stage, holds=holds)
                return self._named[key]
            case tree.StageEntered(name):
                enough = self._entries(name, condition.decisive)
                holds = holds == (condition.no_more_than is None)
                return enough if holds else self.negated(enough)
            case tree.SignalRef(name):
                found = self._free(name)
            case tree.ActivityCount() | tree.ChangeCount():
                found = self._count(condition, stage)
            case tree.FieldTest(field, test):
                if id(condition) not in self._tested:  # the entry keeps its condition alive
                    self._tested[id(condition)] = condition, self.test(field, test)
                found = self._tested[id(condition)][1]
        return found if holds else self.negated(found)

    def negated(self, formula: Formula) -> Formula:
        """Returns the formula that the given formula does not hold."""
        if isinstance(formula, In):
            cells = self.whole(formula.subject) & ~formula.cells
            return In(formula.subject, cells) if cells else NO
        join = either if isinstance(formula, Both) else both
        return join(*map(self.negated, formula[0]))

    @staticmethod
    def _free(*what: object) -> Formula:
        """Returns a formula that is left free; the first item is what it speaks of."""
        return In(("untold", *what), 2)

    def absent(self, field: str) -> Formula:
        """Returns the formula that the field has no value."""
        return In(("field", field), ABSENT)

    def _present(self, subject: Subject) -> Formula:
        return self._in(subject, ~ABSENT)

    def _in(self, subject: Subject, cells: int) -> Formula:
        """Returns the formula that the subject lies in these cells; it may be never or always."""
        whole = self.whole(subject)
        cells &= whole
        if cells == whole:
            return YES
        return In(subject, cells) if cells else NO

    # Fields

    def test(self, field: str, test: Test) -> Formula:
        """Returns the formula that the field's value passes the test."""
        others = [each.field for each in test.operands if isinstance(each, FieldRef)]
        if not all(name in self.fields for name in (field, *others)):
            return self._free(field, test)
        if test.operator in _NEGATED:
            return self.negated(self.test(field, Test(_NEGATED[test.operator], test.operands)))
        if others:
            return self._with_fields(field, test)
        return self._literal(("field", field), self.fields[field], test)

    def _literal(self, subject: Subject, kind: FieldType, test: Test) -> Formula:
        """Returns the formula that a subject of this type passes a test against written values."""
        if test.operator in _NEGATED:
            opposite = Test(_NEGATED[test.operator], test.operands)
            return self.negated(self._literal(subject, kind, opposite))
        free = self._free(*subject[1:], test)
        if test.duration is not None:
            # How now compares with the dates that are written is left free.
            ages = self._ages.passing(test.operator, test.duration)
            passing = free if ages is None else self._in(("age", *subject[1:]), ages)
            return both(self._present(subject), passing)
        if kind.kind == "choices" and test.operator != "is":
            # Each option is a subject of its own: it is among those chosen, or not.
            join = both if test.operator == "includes_all" else either
            chosen = [In(("includes", *subject[1:], each), 2) for each in test.operands]
            return both(self._present(subject), join(*chosen))
        cells = self.cells.passing(kind, test)
        if cells is None:
            return free
        if test.operator not in _ON_TEXT:
            return self._in(subject, cells)
        unknown = self.cells.of(kind).open_texts
        return either(self._in(subject, cells & ~unknown), both(self._in(subject, unknown), free))

    def _with_fields(self, field: str, test: Test) -> Formula:
        operator, operands = test.operator, test.operands
        if operator == "one_of":
            return either(*(self.test(field, Test("equals", (each,))) for each in operands))
        if operator in ("includes_any", "includes_all") and len(operands) > 1:
            join = either if operator == "includes_any" else both
            return join(*(self.test(field, Test("includes", (each,))) for each in operands))
        if operator == "between":
            low, high = operands
            return both(
                self.test(field, Test("at_least", (low,))),
                self.test(field, Test("at_most", (high,))),
            )
        (other,) = operands
        assert isinstance(other, FieldRef)  # noqa: S101  (it is the only operand, and one is)
        if operator in _COMPARED:
            passing = self._compared(field, other, _COMPARED[operator])
        else:
            passing = self._free(field, test)
        present = self._present(("field", field)), self._present(("field", other.field))
        return both(*present, passing)

    def _compared(self, left: str, other: FieldRef, cells: int) -> Formula:
        """Returns the formula of how two fields compare, always said of the same one of the two.

        What is reckoned from a field compares with nothing but itself.
        """
        if not other.is_plain:
            return self._in(("compared", left, other), cells)
        right = other.field
        if left > right:
            left, right = right, left
            cells = cells & SAME | (cells & BELOW) << 2 | (cells & ABOVE) >> 2
        return self._in(("compared", left, right), cells)

    # Stages

    def _entries(self, stage: str, times: int) -> Formula:
        """Returns the formula that a stage was entered at least so often."""
        if times == 1:
            return In(("stage", stage), 2)
        subject: Subject = ("entries", stage)
        cut = self._count_cells.get(times)
        often = self._free(*subject, times) if cut is None else self._in(subject, -1 << cut)
        return both(In(("stage", stage), 2), often)

    # Activities

    def lasting(self, formula: Formula) -> Formula:
        """Returns what stays true once the formula is true: counts reached and stages entered."""
        if not isinstance(formula, In):
            join = both if isinstance(formula, Both) else either
            return join(*map(self.lasting, formula[0]))
        match formula:
            case In(("stage", _), 2):
                return formula
            case In(("count", Counting(lasts=True)) | ("entries", _) as subject, cells):
                return self._in(subject, -(cells & -cells))
            case _:
                return YES

    def happened(self, pattern: tree.Pattern) -> Formula:
        """Returns the formula of what is true where an event of the pattern is effective."""
        match pattern:
            case tree.ActivityPattern():
                return self.of(tree.ActivityCount(pattern))
            case tree.ChangePattern():
                return self.of(tree.ChangeCount(pattern))
            case tree.StagePattern(stage):
                return In(("stage", stage), 2)
            case _:
                return YES  # the field may have changed again at the same instant

    def where(self, tests: Iterable[tree.AttributeTest]) -> Formula:
        """Returns the formula that an activity's attributes pass the tests, as of that activity."""
        return both(*map(self._attribute, tests))

    def _attribute(self, wanted: tree.AttributeTest) -> Formula:
        if wanted not in self._attributes:
            subject: Subject = ("attribute", wanted.attribute, wanted.kind)
            self._attributes[wanted] = self._literal(subject, wanted.kind, wanted.test)
        return self._attributes[wanted]

    def _count(self, count: tree.Count, stage: str) -> Formula:
        spans = [each.of_stage(stage) for each in count.spans]
        counting = Counting.of_count(count, spans)
        subject: Subject = ("count", counting)
        cut = self._count_cells.get(_cut(count))
        enough = self._free(counting, _cut(count)) if cut is None else self._in(subject, -1 << cut)
        if counting.different and cut is not None:  # no value without an activity
            done = ("count", counting._replace(different=""))
            enough = both(enough, self._in(done, -1 << self._count_cells[1]))
        if is_never(self.where(count.pattern.tests)):
            enough = NO
        else:  # where a stage must have been entered, nothing counts before that
            entered = [each.entered for each in spans if each.entered]
            enough = both(enough, *(In(("stage", each), 2) for each in entered))
        return enough if count.no_more_than is None else self.negated(enough)


def _cut(count: tree.Count) -> int:
    """Returns the count from which on more changes nothing."""
    return count.times if count.no_more_than is None else count.no_more_than + 1


def grouped(kind: FieldType) -> str:
    """Returns the group of types that share their cells; `""` for choices, which share none."""
    return "" if kind.kind == "choice" else GROUP[kind.kind]
