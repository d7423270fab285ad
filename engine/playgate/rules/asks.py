"""What a rule may ask once it is due, as values."""

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
    """Asks that a condition holds."""

    condition: Condition


class Done(Record):
    """Asks that enough activities are done; if they are not, the finding says whether they came
    late."""

    count: ActivityCount


class HasRole(Record):
    """Asks that the actor has one of these roles."""

    roles: tuple[str, ...]


class GoesOn(Record):
    """Asks that the move does not lead back on the track."""


class StaysEnded(Record):
    """Asks that the move does not lead out of a stage that ended the deal, unless into another
    one."""


class Answered(Record):
    """Asks that each event that made the rule due is answered by an event of one of these
    patterns."""

    answers: tuple[Pattern, ...]
    later: bool
    """Whether the answer must come later in order; otherwise it may stand anywhere in the deal."""


class Left(Record):
    """Asks that the deal has left the stage that it had entered."""


class Resumed(Record):
    """Asks that another activity or move has come."""


class Ended(Record):
    """Asks that the deal has ended."""


Ask = Holds | Done | HasRole | GoesOn | StaysEnded | Answered | Left | Resumed | Ended


def condition_of(ask: Ask) -> Condition | None:
    """Returns the condition that is asked; `None` where the rule asks something else."""
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
    """Returns the patterns one of which must match an answer; empty where no answer is asked
    for."""
    return ask.answers if isinstance(ask, Answered) else ()
