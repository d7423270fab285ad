"""When a rule is due, as values: seven kinds, and five kinds of start for deadlines."""

from __future__ import annotations

from typing import Literal, assert_never

from playgate.conditions.durations import Duration
from playgate.conditions.tree import Pattern
from playgate.records import Record, replace

__all__ = [
    "AsOf",
    "AtDeadline",
    "AtEntry",
    "AtMatch",
    "AtMoves",
    "AtPassing",
    "Due",
    "EachMatch",
    "EachStep",
    "EachVisit",
    "Excuse",
    "FirstEntry",
    "FirstEvent",
    "Start",
    "WhileHeld",
    "first_only_of",
    "length_of",
    "patterns_of",
    "starts_at",
    "with_patterns",
]


class AtEntry(Record):
    """Each move into a stage."""

    stage: str


class AtPassing(Record):
    """The move by which a deal passes a stage: its first into a later one on the track."""

    stage: str
    whole_deal: bool = False
    """Whether it is due there even where the stage is optional and was skipped."""


class WhileHeld(Record):
    """Each move after a stage was first entered, and as of now while the deal is open."""

    stage: str


class AtMoves(Record):
    """Each move but the first."""


class AtMatch(Record):
    """Each event of a pattern, or the first."""

    matches: tuple[Pattern, ...]
    first_only: bool = False


class AsOf(Record):
    """The instant as of which a deal is judged, where an event of a pattern stands in it."""

    matches: tuple[Pattern, ...]
    first_only: bool = False


class FirstEntry(Record):
    """A deadline starts when a stage is first entered."""

    stage: str


class EachVisit(Record):
    """A deadline starts at each move into a stage."""

    stage: str


class EachMatch(Record):
    """A deadline starts at each event of a pattern, or at the first."""

    matches: tuple[Pattern, ...]
    first_only: bool = False


class EachStep(Record):
    """A deadline starts at each activity or move that leaves the deal open."""


class FirstEvent(Record):
    """A deadline starts at the deal's first event."""


Start = FirstEntry | EachVisit | EachMatch | EachStep | FirstEvent

Excuse = Literal["ended", "passed"]
"""What excuses a deadline that was missed: just before it the deal was ended, or had passed the
stage."""


class AtDeadline(Record):
    """So long after a start, where it was not fulfilled by then."""

    start: Start
    length: Duration | None
    """`None`: until the next move that ends the deal."""
    excuses: tuple[Excuse, ...] = ()


Due = AtEntry | AtPassing | WhileHeld | AtMoves | AtMatch | AsOf | AtDeadline


def first_only_of(due: Due) -> bool:
    """Whether only the first event of the patterns makes a rule due."""
    point = due.start if isinstance(due, AtDeadline) else due
    return isinstance(point, AtMatch | AsOf | EachMatch) and point.first_only


def length_of(due: Due) -> Duration | None:
    """Returns how long after its start a deadline is; `None` where the rule has none."""
    return due.length if isinstance(due, AtDeadline) else None


def patterns_of(due: Due) -> tuple[Pattern, ...]:
    """Returns the patterns whose events make a rule due; none where moves or entries do."""
    point = due.start if isinstance(due, AtDeadline) else due
    return point.matches if isinstance(point, AtMatch | AsOf | EachMatch) else ()


def starts_at(due: Due, kind: type[Start]) -> bool:
    """Whether it is a deadline that starts at such a point."""
    return isinstance(due, AtDeadline) and isinstance(due.start, kind)


def with_patterns(due: Due, matches: tuple[Pattern, ...]) -> Due:
    """Returns the same due at events of other patterns."""
    match due:
        case AtMatch() | AsOf():
            return replace(due, matches=matches)
        case AtDeadline(EachMatch() as start):
            return replace(due, start=replace(start, matches=matches))
        case AtDeadline() | AtEntry() | AtPassing() | WhileHeld() | AtMoves():
            raise TypeError(f"{due} has no patterns")
        case _:
            assert_never(due)
