"""When a rule may be due, as values: seven kinds, and six kinds of start for deadlines."""

from __future__ import annotations

from typing import Literal, assert_never

from playgate.conditions.durations import Duration
from playgate.conditions.tree import ActivityPattern, FieldPattern, FieldRef, Pattern, Test
from playgate.records import Record, replace

__all__ = [
    "AsOf",
    "AtDeadline",
    "AtEntry",
    "AtMatch",
    "AtMoves",
    "AtPassing",
    "Due",
    "EachDate",
    "EachMatch",
    "EachStep",
    "EachVisit",
    "Excuse",
    "FirstEntry",
    "FirstEvent",
    "Start",
    "WhileHeld",
    "date_of",
    "entered_for",
    "first_only_of",
    "is_of_matches",
    "length_of",
    "patterns_of",
    "starts_at",
    "with_patterns",
]


class AtEntry(Record):
    """The rule is due at each move into a stage."""

    stage: str


class AtPassing(Record):
    """The rule is due when a deal passes a stage: at its first move into a later one on the
    track."""

    stage: str
    whole_deal: bool = False
    """Whether the rule is due there even if the stage is optional and was skipped."""


class WhileHeld(Record):
    """The rule is due at each move after a stage's first entry, and as of now while the deal is
    open."""

    stage: str


class AtMoves(Record):
    """The rule is due at each move but the first."""


class AtMatch(Record):
    """The rule is due at each event of a pattern, or only at the first."""

    matches: tuple[Pattern, ...]
    first_only: bool = False
    when_before: bool = False
    """Whether its `when` is asked as of the instants before the event's own."""


class AsOf(Record):
    """The rule is due as of the judging instant if the deal has an event of a pattern."""

    matches: tuple[Pattern, ...]
    first_only: bool = False


class FirstEntry(Record):
    """A deadline starts when a stage is first entered."""

    stage: str


class EachVisit(Record):
    """A deadline starts at each move into a stage."""

    stage: str


class EachMatch(Record):
    """A deadline starts at each event of a pattern, or only at the first."""

    matches: tuple[Pattern, ...]
    first_only: bool = False


class EachStep(Record):
    """A deadline starts at each activity (or each of a pattern) and each move that leaves the deal
    open, or in a stage."""

    stage: str = ""
    """The stage in which the wait counts; empty where any that does not end the deal does."""
    activities: ActivityPattern | None = None
    """The activities that count; `None` where all do."""


class FirstEvent(Record):
    """A deadline starts at the deal's first event."""


class EachDate(Record):
    """A deadline starts at each event that gives a field a date, and lies its length before that
    date; what is asked is asked there alone."""

    field: str
    stepped: bool = False
    """Whether days and weeks are steps of the calendar, as the date has no time of day."""


Start = FirstEntry | EachVisit | EachMatch | EachStep | FirstEvent | EachDate

Excuse = Literal["ended", "passed"]
"""What excuses a missed deadline: before it, the deal had ended or had passed the stage."""


class AtDeadline(Record):
    """The rule is due at a deadline, a fixed time after a start, unless it was fulfilled by
    then."""

    start: Start
    length: Duration | None
    """How long the deadline is after its start, or before its date; `None` means until the next
    move that ends the deal."""
    excuses: tuple[Excuse, ...] = ()


Due = AtEntry | AtPassing | WhileHeld | AtMoves | AtMatch | AsOf | AtDeadline


def date_of(due: Due) -> FieldRef | None:
    """Returns the deadline as it is reckoned from a field; `None` where it does not hang on one."""
    match due:
        case AtDeadline(EachDate(field, stepped), length):
            return FieldRef(field, shift=length, sign=-1, stepped=stepped)
        case _:
            return None


def entered_for(due: Due) -> str:
    """Returns the stage that a deal must enter for the rule to be due; empty where none must be."""
    match due:
        case AtEntry(stage) | WhileHeld(stage):
            return stage
        case AtDeadline(FirstEntry(stage) | EachVisit(stage) | EachStep(stage)):
            return stage
        case _:
            return ""


def first_only_of(due: Due) -> bool:
    """Whether only the first event of the patterns makes the rule due."""
    point = due.start if isinstance(due, AtDeadline) else due
    return isinstance(point, AtMatch | AsOf | EachMatch) and point.first_only


def length_of(due: Due) -> Duration | None:
    """Returns how long the deadline is; `None` where it has no length."""
    return due.length if isinstance(due, AtDeadline) else None


def is_of_matches(due: Due) -> bool:
    """Whether the events of patterns, and they alone, make the rule due."""
    point = due.start if isinstance(due, AtDeadline) else due
    return isinstance(point, AtMatch | AsOf | EachMatch)


def patterns_of(due: Due) -> tuple[Pattern, ...]:
    """Returns the patterns whose events make the rule due; empty where only moves or entries do."""
    match due:
        case AtMatch(matches) | AsOf(matches) | AtDeadline(EachMatch(matches)):
            return matches
        case AtDeadline(EachStep(_, activities)) if activities is not None:
            return (activities,)
        case AtDeadline(EachDate(field)):
            return (FieldPattern(field, Test("is", ("present",))),)
        case _:
            return ()


def starts_at(due: Due, kind: type[Start]) -> bool:
    """Whether the rule has a deadline that starts at this kind of start."""
    return isinstance(due, AtDeadline) and isinstance(due.start, kind)


def with_patterns(due: Due, matches: tuple[Pattern, ...]) -> Due:
    """Returns the same due with other patterns in place of its own."""
    match due:
        case AtMatch() | AsOf():
            return replace(due, matches=matches)
        case AtDeadline(EachMatch() as start):
            return replace(due, start=replace(start, matches=matches))
        case AtDeadline(EachStep() as start):
            return replace(due, start=replace(start, activities=matches[0]))
        case AtDeadline() | AtEntry() | AtPassing() | WhileHeld() | AtMoves():
            raise TypeError(f"{due} has no patterns")
        case _:
            assert_never(due)
