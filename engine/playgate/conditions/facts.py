"""What a condition is asked about: a deal's facts, and the moment at which they are seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from playgate.conditions.values import Value

__all__ = ["DealFacts", "Due", "EventFacts", "Holds", "Moment", "Roles", "Track"]

Roles = Callable[[str, int], frozenset[str]]
"""The roles that an actor holds at an instant."""


class Moment(NamedTuple):
    """An instant, and what can be seen from it."""

    at: int
    """The instant that windows and dates are measured from."""
    facts: int
    """Facts effective up to here count; later than `at` only when asking whether a finding is
    made good."""
    stages: int
    """How many of the deal's moves can be seen."""
    actor: str
    """Who did the event that is judged; empty where there is none."""


class Due(NamedTuple):
    """One instant at which a rule is judged."""

    at: int
    """The instant that is reported: of a move its own, grace or not."""
    position: int
    """The event at which it is judged; -1 where there is none (a deadline, as of)."""
    moment: Moment
    """What is seen."""


class EventFacts(Protocol):
    """An event, so far as conditions read it."""

    @property
    def name(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def attrs(self) -> str: ...


class Track(NamedTuple):
    """The values that a field had: instants, in order, and the value from each of them on."""

    instants: list[int]
    values: list[Value | None]
    positions: list[int]
    """Where the events stand among the deal's."""


class DealFacts(Protocol):
    """A deal, so far as conditions read it. Positions are those in `events`."""

    @property
    def events(self) -> Sequence[EventFacts]: ...
    @property
    def effective(self) -> Sequence[int]: ...
    @property
    def happened(self) -> Sequence[int]: ...
    @property
    def activities(self) -> Mapping[str, list[int]]: ...
    @property
    def fields(self) -> Mapping[str, Track]: ...
    @property
    def moves(self) -> Sequence[int]: ...
    @property
    def move_at(self) -> Sequence[int]: ...
    @property
    def move_into(self) -> Sequence[str]: ...
    @property
    def first_entry(self) -> Mapping[str, int]: ...
    @property
    def roles(self) -> Roles: ...
    @property
    def cache(self) -> dict[int, Any]: ...


Holds = Callable[[DealFacts, Moment], bool]
"""A compiled condition."""
