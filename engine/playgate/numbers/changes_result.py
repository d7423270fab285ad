"""What a digest comes to: frozen values that every report of it renders.

Instants are microseconds since 1970 in UTC.
"""

from __future__ import annotations

from typing import Literal

from playgate.findings import Level
from playgate.numbers.result import Basis
from playgate.numbers.today_result import Today
from playgate.numbers.watch_result import AlarmSeen
from playgate.records import Record

__all__ = ["Changes", "DueSoon", "Missed", "Moved", "Readers", "WaiverAsked", "WaiverGiven"]

Readers = Literal["manager", "team", "rep"]


class Missed(Record, kw_only=True):
    """A finding at `block` or `warn`; `made_good_at` is `None` while it is open."""

    deal: str
    owner: str
    rule: str
    title: str
    level: Level
    actor: str
    """Who is charged, else the deal's owner."""
    due_at: int
    made_good_at: int | None
    message: str


class DueSoon(Record):
    """A deadline on an open deal, within the coming week."""

    deal: str
    owner: str
    rule: str
    title: str
    due_at: int


class WaiverAsked(Record):
    """A waiver that was asked for, or declined."""

    deal: str
    owner: str
    rule: str
    reason: str
    actor: str
    at: int
    answer: str
    """`open` or `declined`."""


class WaiverGiven(Record):
    """A waiver that was given: for which rules, why, and by whom."""

    deal: str
    owner: str
    rule: str
    reason: str
    actor: str
    at: int


class Moved(Record, kw_only=True):
    """A deal that stands elsewhere than it did; `from_stage` is empty for a new one."""

    deal: str
    owner: str
    from_stage: str
    to_stage: str
    state: str
    """`open`, `sold` or `lost`."""
    was: str
    """The same of then; empty for a new one."""
    at: int
    amount: float | None
    unit: str
    """Of the amount."""


class Changes(Record, kw_only=True):
    """What changed after `since` and until the basis' `as_of`, for whom."""

    basis: Basis
    since: int
    readers: Readers
    id: str
    """The manager (empty: all), team or rep who is told."""
    name: str
    missed: tuple[Missed, ...]
    """New findings that are open."""
    made_good: tuple[Missed, ...]
    due: tuple[DueSoon, ...]
    begun: tuple[AlarmSeen, ...]
    over: tuple[AlarmSeen, ...]
    """Alarms of then that are none now, as they were then."""
    asked: tuple[WaiverAsked, ...]
    given: tuple[WaiverGiven, ...]
    moved: tuple[Moved, ...]
    names: dict[str, str]
    today: Today | None = None
    """The day of the rep who is told."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        told = (self.missed, self.made_good, self.due, self.begun, self.over)
        return not any((*told, self.asked, self.given, self.moved))
