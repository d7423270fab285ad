"""The cases of a playbook as frozen values: what is given, what is asked, what must be said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from playgate.errors import Place
from playgate.history.event import Event
from playgate.history.people import People
from playgate.records import Record

__all__ = ["APPLIES", "AnswerKind", "Attempt", "Case", "CaseFile", "MayLive", "Named"]

APPLIES = "applies_to"
"""What refuses a move of a deal that the playbook does not govern; it stands among the rules."""

AnswerKind = Literal["refused", "warned", "waived", "finds", "observed"]
"""What a rule's answer comes to: for a move all but `finds`, for an audit the last two."""


class Named(Record):
    """A rule that a case expects to hear of; what is empty is not asked for."""

    rule: str
    place: Place
    level: str = ""
    state: str = ""
    cause: str = ""
    charged: str = ""


class Attempt(Record):
    """A move that the gate is asked for; `since` is when the deal first met the gate."""

    event: Event
    since: int | None


class Case(Record, kw_only=True):
    """A scenario; its events are in order, each with the line of its step in the file."""

    name: str
    place: Place
    events: tuple[Event, ...]
    asked: Attempt | int
    """The move that is tried, or the instant as of which an audit judges."""
    then_place: Place
    expected: Mapping[AnswerKind, tuple[Named, ...]]
    """The groups that the case speaks of, each complete."""
    about: tuple[str, ...] = ()
    """Globs of the rules that it looks at; with none it looks at all."""


class MayLive(Record):
    """A mutant (or, with `*`, several) that no case needs to notice."""

    mutant: str
    why: str
    place: Place


class CaseFile(Record, kw_only=True):
    """A file of cases; without people no roles are known."""

    file: str
    playbook: str
    people: People | None
    cases: tuple[Case, ...]
    may_live: tuple[MayLive, ...]
