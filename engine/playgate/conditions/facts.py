"""What conditions are asked about: a deal's facts, and the moment at which they are seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from playgate.conditions.values import Value

__all__ = ["DealFacts", "DueAt", "EventFacts", "FieldValues", "HoldsAt", "Moment", "Roles"]

Roles = Callable[[str, int], frozenset[str]]
"""Returns the roles that an actor holds at an instant."""


class Moment(NamedTuple):
    """An instant, and what can be seen at it."""

    at: int
    """The instant from which time windows and dates are measured."""
    facts: int
    """Facts effective by this instant count; it is later than `at` only to see what was made
    good."""
    stages: int
    """The number of the deal's moves that can be seen."""
    actor: str
    """The actor of the event that is judged; empty where there is none."""


class DueAt(NamedTuple):
    """One instant at which a rule is judged."""

    at: int
    """The instant that is reported; for a move it is the move's own, whatever the grace."""
    position: int
    """The position of the judged event; -1 where there is none (at a deadline, or as of now)."""
    moment: Moment
    """What can be seen."""


class EventFacts(Protocol):
    """The part of an event that conditions read."""

    @property
    def name(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def attrs(self) -> str: ...


class FieldValues(NamedTuple):
    """The values of a field over time: instants in order, and the value that begins at each."""

    instants: list[int]
    values: list[Value | None]
    positions: list[int]
    """The positions of the events that set the values."""


class DealFacts(Protocol):
    """The part of a deal that conditions read. Positions are those in `events`."""

    @property
    def events(self) -> Sequence[EventFacts]: ...
    @property
    def effective(self) -> Sequence[int]: ...
    @property
    def happened(self) -> Sequence[int]: ...
    @property
    def activities(self) -> Mapping[str, list[int]]: ...
    @property
    def fields(self) -> Mapping[str, FieldValues]: ...
    @property
    def moves(self) -> Sequence[int]: ...
    @property
    def move_at(self) -> Sequence[int]: ...
    @property
    def move_into(self) -> list[str]: ...
    @property
    def first_entry(self) -> Mapping[str, int]: ...
    @property
    def roles(self) -> Roles: ...
    @property
    def cache(self) -> dict[int, Any]: ...


HoldsAt = Callable[[DealFacts, Moment], bool]
"""Whether a condition holds for a deal at a moment."""
