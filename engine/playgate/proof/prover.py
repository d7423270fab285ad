"""Proves what follows from what: the one prover for `lint`, for `diff` and for mutants.

It says yes only where that is true for every deal at every moment. Where it cannot tell, or where
telling would take too many steps, it says no.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from playgate.conditions import tree
from playgate.conditions.durations import Calendar, Duration
from playgate.conditions.tree import (
    ActivityPattern,
    ChangePattern,
    Condition,
    FieldPattern,
    Pattern,
)
from playgate.conditions.values import FieldType, Reading
from playgate.proof.counting import Counting, counts_no_more
from playgate.proof.durations import Order, compare_durations
from playgate.proof.formulas import Formulas
from playgate.proof.logic import Formula
from playgate.proof.search import Search
from playgate.records import replace

__all__ = ["Prover"]


_PRESENT = tree.Test("is", ("present",))


class Prover:
    """Proves what follows from conditions and patterns.

    `conditions` and `patterns` are those about which it will be asked; it knows little about
    constants that are in none of them. A field that is missing in `fields` may be of any type.
    """

    def __init__(
        self,
        *,
        fields: Mapping[str, FieldType],
        signals: Mapping[str, Condition],
        conditions: Iterable[Condition],
        patterns: Iterable[Pattern],
        calendar: Calendar,
        reading: Reading,
    ) -> None:
        self._calendar = calendar
        self.formulas = Formulas(
            fields=fields,
            signals=signals,
            conditions=conditions,
            patterns=patterns,
            calendar=calendar,
            reading=reading,
        )
        self._search = Search(self.formulas, self._counts_no_more)
        self._attributes = Search(self.formulas, lambda one, other: False)
        """Answers for what stands under `where`, in which nothing is counted."""

    def can_hold(self, *formulas: Formula) -> bool:
        """Whether all formulas may hold at one moment of some deal; also true where that is not
        known."""
        return self._search.can_hold(*formulas)

    # Conditions

    def implies(self, given: Condition, asked: Condition, *, stage: str = "") -> bool:
        """Whether `asked` holds wherever `given` does; `since: stage` in them means `stage`."""
        if given == asked:
            return True
        # Small questions take fewer steps than a large one.
        if isinstance(asked, tree.All):
            return all(self.implies(given, part, stage=stage) for part in asked.parts)
        if isinstance(given, tree.Any) and given.at_least == 1:
            return all(self.implies(part, asked, stage=stage) for part in given.parts)
        of = self.formulas.of
        return not self.can_hold(of(asked, stage=stage, holds=False), of(given, stage=stage))

    def contradicts(self, one: Condition, other: Condition, *, stage: str = "") -> bool:
        """Whether the two never hold at the same time."""
        of = self.formulas.of
        return not self.can_hold(of(one, stage=stage), of(other, stage=stage))

    # Patterns

    def covers(self, wide: Iterable[Pattern], narrow: Iterable[Pattern]) -> bool:
        """Whether each event that matches one of `narrow` also matches one of `wide`."""
        listed = tuple(wide)
        return all(self._covers(listed, each) for each in narrow)

    def _covers(self, wide: tuple[Pattern, ...], narrow: Pattern) -> bool:
        if narrow in wide:
            return True
        match narrow:
            case FieldPattern():
                return not _reads_itself(narrow) and self._covers_changes(wide, narrow)
            case ChangePattern() if FieldPattern(narrow.field, _PRESENT) in wide:
                return True
            case ActivityPattern() | ChangePattern():
                kinds = [
                    Counting.of_pattern(each) for each in wide if isinstance(each, tree.Counted)
                ]
                return all(
                    any(self._counts_no_more(one, other) for other in kinds)
                    for one in map(Counting.of_pattern, _by_name(narrow))
                )
            case _:
                return False

    def _covers_changes(self, wide: tuple[Pattern, ...], narrow: FieldPattern) -> bool:
        """Whether each value that passes this test also passes a test of the field in `wide`."""
        of, field = self.formulas.test, narrow.field
        others = [
            self.formulas.negated(of(field, each.test))
            for each in wide
            if isinstance(each, FieldPattern) and each.field == field and not _reads_itself(each)
        ]
        return not self.can_hold(of(field, narrow.test), *others)

    def _counts_no_more(self, one: Counting, other: Counting) -> bool:
        return counts_no_more(one, other, imply=self._attributes_imply, calendar=self._calendar)

    def _attributes_imply(
        self, given: frozenset[tree.AttributeTest], asked: frozenset[tree.AttributeTest]
    ) -> bool:
        where = self.formulas.where
        return not self._attributes.can_hold(where(given), self.formulas.negated(where(asked)))

    # Durations

    def compare_durations(self, one: Duration, other: Duration) -> Order | None:
        """Returns how the first compares with the second; `None` if it depends on the instant."""
        return compare_durations(one, other, self._calendar)


def _by_name(pattern: tree.Counted) -> Iterator[tree.Counted]:
    """Yields the pattern for each of its activities alone."""
    if isinstance(pattern, ChangePattern):
        return iter((pattern,))
    return (replace(pattern, names=(name,)) for name in pattern.names)


def _reads_itself(pattern: FieldPattern) -> bool:
    """Whether the new value is compared with its own field, which may have changed again by
    then."""
    return any(
        isinstance(each, tree.FieldRef) and each.field == pattern.field
        for each in pattern.test.operands
    )
