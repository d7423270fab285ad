"""What a rule asks once it is due, as values."""

from __future__ import annotations

from typing import assert_never

from playgate.conditions.tree import ActivityCount, Condition, Pattern
from playgate.records import Record

__all__ = [
    "Answered",
    "Ask",
    "Done",
    "Ended",
    "GoesOn",
    "HasRole",
    "Holds",
    "Left",
    "Resumed",
    "StaysEnded",
    "answers_of",
    "condition_of",
]


class Holds(Record):
    """A condition holds."""

    condition: Condition


class Done(Record):
    """Enough activities are done; where they are not, it is told whether they came late."""

    count: ActivityCount


class HasRole(Record):
    """The actor has one of these roles."""

    roles: tuple[str, ...]


class GoesOn(Record):
    """The move does not lead back on the track."""


class StaysEnded(Record):
    """The move does not lead out of a stage that ended the deal."""


class Answered(Record):
    """Each event that made the rule due has an answer: an event of one of these patterns."""

    answers: tuple[Pattern, ...]
    later: bool
    """Whether it must stand later in order; else it may stand anywhere in the deal."""


class Left(Record):
    """The deal has left the stage that it came into."""


class Resumed(Record):
    """Another activity or move has come."""


class Ended(Record):
    """The deal has ended."""


Ask = Holds | Done | HasRole | GoesOn | StaysEnded | Answered | Left | Resumed | Ended


def condition_of(ask: Ask) -> Condition | None:
    """Returns the condition that is asked; `None` where something else is."""
    match ask:
        case Holds(condition):
            return condition
        case Done(count):
            return count
        case HasRole() | GoesOn() | StaysEnded() | Answered() | Left() | Resumed() | Ended():
            return None
        case _:
            assert_never(ask)


def answers_of(ask: Ask) -> tuple[Pattern, ...]:
    """Returns the patterns of which an event is asked for; none where something else is."""
    return ask.answers if isinstance(ask, Answered) else ()
