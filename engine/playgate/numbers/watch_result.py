"""What alarms and coaching come to: frozen values, in the units of `playgate.numbers.result`."""

from __future__ import annotations

from typing import Literal

from playgate.numbers.result import Basis, Figure, Scope
from playgate.records import Record

__all__ = ["AlarmSeen", "Alarms", "CoachPlan", "Coached", "Looked", "Next", "Session", "Skipped"]


class AlarmSeen(Record, kw_only=True):
    """Something beyond a control limit."""

    kind: Literal["count", "ratio", "goal"]
    level: Literal["alarm", "watch"]
    side: Literal["low", "high"]
    scope: Scope
    id: str
    name: str
    kpi: str
    title: str
    weeks: int
    """How many weeks were looked at; they end at `until`."""
    start: int
    until: int
    seen: int
    of: int | None
    """How many were decided, where it is a ratio."""
    usual: float
    low: float
    high: float
    """The limits that were crossed."""
    baseline_weeks: int
    chance: float
    message: str
    tips: tuple[str, ...]


class Looked(Record):
    """A series that was looked at (`within`, unless `alarms` has it), or that is too short."""

    kpi: str
    scope: Scope
    id: str
    reason: Literal["within", "too-short"]


class Alarms(Record):
    """What `playgate alarms` shows; `expected` is how many alarms chance alone would raise."""

    basis: Basis
    alarms: tuple[AlarmSeen, ...]
    looked: tuple[Looked, ...]
    expected: float


class Skipped(Record):
    """A step that a rep skips more often than the best quarter of peers.

    The cost is an association: the revenue that so many deals without the step bring less; `None`
    where chance explains the difference, or too few were decided.
    """

    rule: str
    title: str
    unmet: int
    own: Figure
    best: Figure
    gap: float
    chance: float
    with_step: Figure
    """The share of decided deals that were sold, where the step was done."""
    without_step: Figure
    cost: float | None
    why: str
    ask: str
    tools: tuple[str, ...]


class Next(Record):
    """The next thing to train."""

    rule: str
    title: str
    gap: float
    sure: bool


class Session(Record):
    """A date to meet a rep."""

    day: str
    kind: Literal["regular", "intensive"]


class Coached(Record, kw_only=True):
    """A rep's page for coaching."""

    id: str
    name: str
    team: str
    manager: str
    adherence: Figure
    best: Figure
    struggles: bool
    reasons: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    train: Next | None
    missed: tuple[str, ...]
    """KPIs whose target is missed, the interval included."""
    questions: tuple[str, ...]
    last_seen: int | None
    sessions: tuple[Session, ...]


class CoachPlan(Record):
    """What `playgate coach` shows; `training` are the steps with the largest gaps over all reps."""

    basis: Basis
    best: tuple[str, ...]
    reps: tuple[Coached, ...]
    training: tuple[Next, ...]
