"""Which activities a count or a pattern is of, and when all that one counts another counts, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from playgate.conditions import tree
from playgate.conditions.durations import Calendar, Duration
from playgate.proof.durations import is_no_longer

__all__ = ["AttributesImply", "Counting", "counts_no_more"]

AttributesImply = Callable[[frozenset[tree.AttributeTest], frozenset[tree.AttributeTest]], bool]
"""Whether the attributes of an activity that pass the first tests pass the second, too."""


class Counting(NamedTuple):
    """What is counted; an empty narrowing leaves all."""

    names: frozenset[str]
    outcome: frozenset[str]
    by: frozenset[str]
    parts: frozenset[str]
    where: frozenset[tree.AttributeTest]
    actor: str | None
    since: str
    window: Duration | None

    @classmethod
    def of(cls, count: tree.ActivityCount, since: str) -> Counting:
        """What the count counts; `since` is the stage that it counts from, if there is one."""
        return cls.of_pattern(count.pattern)._replace(since=since, window=count.in_last)

    @classmethod
    def of_pattern(cls, pattern: tree.ActivityPattern) -> Counting:
        """What matches the pattern, whenever it happened."""
        return cls(
            frozenset(pattern.names),
            frozenset(pattern.outcome),
            frozenset(pattern.by),
            frozenset(pattern.parts),
            frozenset(pattern.where),
            pattern.actor,
            "",
            None,
        )


def counts_no_more(
    one: Counting, other: Counting, *, imply: AttributesImply, calendar: Calendar
) -> bool:
    """Whether each activity that the first counts is counted by the second, too."""
    return (
        one.names <= other.names
        and all(
            not wide or (narrow and narrow <= wide)
            for narrow, wide in (
                (one.outcome, other.outcome),
                (one.by, other.by),
                (one.parts, other.parts),
            )
        )
        and other.actor in (None, one.actor)
        and other.since in ("", one.since)
        and (
            other.window is None
            or (one.window is not None and is_no_longer(one.window, other.window, calendar))
        )
        and (other.where <= one.where or imply(one.where, other.where))
    )
