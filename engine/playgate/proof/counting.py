"""What counts and patterns count, and when all that one counts is counted by another, too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import eq
from typing import Literal, NamedTuple

from playgate.conditions import tree
from playgate.conditions.different import Different
from playgate.conditions.durations import Calendar
from playgate.conditions.narrowing import Follows, Narrowing, OfActivity, Span, covers
from playgate.proof.durations import is_no_longer

__all__ = ["AttributesImply", "Counting", "counts_no_more"]

AttributesImply = Callable[[frozenset[tree.AttributeTest], frozenset[tree.AttributeTest]], bool]
"""Whether attributes of an activity that pass the first tests always pass the second, too."""


class Counting(NamedTuple):
    """What is counted: activities of these names that all narrowings and spans let through."""

    names: frozenset[str]
    narrowings: frozenset[Narrowing]
    """The narrowings that are not tests of attributes."""
    tests: frozenset[tree.AttributeTest]
    spans: frozenset[Narrowing]
    lasts: bool
    """Whether what counts once counts ever after."""
    of: Literal["activity", "field"] = "activity"
    """Whether activities are counted, or changes of a field."""
    to: str = ""
    """The direction of the changes; empty where any counts."""
    different: str = ""
    """Of what the different values are counted; empty where the activities themselves are."""

    @classmethod
    def of_count(cls, count: tree.Count, spans: Iterable[Span]) -> Counting:
        """Returns what the count counts from where its `spans` start."""
        known, different = cls.of_pattern(count.pattern), count.pattern.different
        return known._replace(
            spans=_normal(spans), lasts=count.lasts, different=different.what if different else ""
        )

    @classmethod
    def of_pattern(cls, pattern: tree.Counted) -> Counting:
        """Returns what matches the pattern, whenever it happened."""
        narrowings: Iterable[OfActivity] = pattern.narrowings
        return cls(
            frozenset(pattern.names),
            _normal(each for each in narrowings if _is_of_activity(each)),
            frozenset(test for each in narrowings for test in each.normal().tests),
            frozenset(),
            not pattern.comparisons,
            of="field" if isinstance(pattern, tree.ChangePattern) else "activity",
            to=pattern.to if isinstance(pattern, tree.ChangePattern) else "",
        )


def _is_of_activity(each: OfActivity) -> bool:
    """Whether it is no test of an attribute, and says which activities count at all."""
    return not each.tests and not isinstance(each, Different)


def _normal(narrowings: Iterable[Narrowing]) -> frozenset[Narrowing]:
    return frozenset(each.normal() for each in narrowings)


def counts_no_more(
    one: Counting, other: Counting, *, imply: AttributesImply, calendar: Calendar
) -> bool:
    """Whether each activity that the first counts is counted by the second, too.

    An activity has one actor, so there are no more different actors than activities.
    """
    if one.different not in (other.different, "" if other.different else "actor"):
        return False
    order = Follows(test=eq, length=lambda short, long: is_no_longer(short, long, calendar))
    return (
        one.of == other.of
        and other.to in ("", one.to)
        and one.names <= other.names
        and covers(other.narrowings, one.narrowings, order)
        and covers(other.spans, one.spans, order)
        and (other.tests <= one.tests or imply(one.tests, other.tests))
    )
