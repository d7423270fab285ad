"""What alarms and coaching come to: frozen values, in the units of `playgate.numbers.result`."""

from __future__ import annotations

from typing import Literal

from playgate.numbers.people_result import Hire, PersonWork, Training
from playgate.numbers.result import Basis, Figure, Scope
from playgate.records import Record

__all__ = [
    "AlarmSeen",
    "Alarms",
    "CoachPlan",
    "Coached",
    "Looked",
    "Next",
    "Session",
    "Skipped",
    "Train",
    "Workload",
]


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
    raised: float
    """The chance, raised for the number of all looks."""
    message: str
    tips: tuple[str, ...]


class Looked(Record):
    """A series that was looked at (`within`, unless `alarms` has it), or that is too short."""

    kpi: str
    scope: Scope
    id: str
    reason: Literal["within", "too-short"]


class Alarms(Record):
    """What `playgate alarms` shows; `looks` says how often something was looked at, at everyone."""

    basis: Basis
    alarms: tuple[AlarmSeen, ...]
    looked: tuple[Looked, ...]
    looks: int


class Skipped(Record):
    """A step that a rep skips more often than the other reps together."""

    rule: str
    title: str
    unmet: int
    surplus: float
    """How many more than were to be expected at the others' share."""
    own: Figure
    others: Figure
    chance: float
    """How likely so large a difference is by chance, raised for the number of steps."""
    why: str
    ask: str
    tools: tuple[str, ...]


class Train(Record):
    """The next thing to train with a rep."""

    rule: str
    title: str
    surplus: float
    sure: bool


class Next(Record):
    """A step that the whole team misses: how often, and in which share of the chances."""

    rule: str
    title: str
    unmet: int
    share: float


class Session(Record):
    """A date to meet a rep."""

    day: str
    kind: Literal["regular", "intensive"]


class Workload(Record):
    """How many sessions a manager holds in the coming year."""

    manager: str
    name: str
    reps: int
    per_week: int | None
    """How many the playbook lets a manager hold a week; `None` where it does not say."""
    sessions: int
    late: int
    """How many of them are held later than they are due, as the weeks before are full."""


class Coached(Record, kw_only=True):
    """A rep's page for coaching."""

    id: str
    name: str
    team: str
    manager: str
    adherence: Figure
    others: Figure
    struggles: bool
    reasons: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    train: Train | None
    missed: tuple[str, ...]
    """KPIs whose target is missed, the interval included."""
    questions: tuple[str, ...]
    last_seen: int | None
    sessions: tuple[Session, ...]
    ramps_until: int | None = None
    """Until when a new rep is not ranked; `None` where the rep is."""
    work: tuple[PersonWork, ...] = ()
    """The rep's tasks and goals, by role."""


class CoachPlan(Record):
    """What `playgate coach` shows; `training` are the steps that are missed most by everyone,
    `planned` what is trained with whom, `hires` the first weeks of who is new."""

    basis: Basis
    reps: tuple[Coached, ...]
    training: tuple[Next, ...]
    workload: tuple[Workload, ...]
    planned: tuple[Training, ...] = ()
    hires: tuple[Hire, ...] = ()
