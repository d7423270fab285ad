"""What an experiment comes to, as frozen values that every report renders.

Instants are microseconds since 1970 in UTC. Values and differences of shares are fractions of 1,
intervals are at 95 %. Nobody is named.
"""

from __future__ import annotations

from typing import Literal

from playgate.numbers.result import Basis
from playgate.records import Record

__all__ = [
    "SHARES",
    "Arm",
    "ArmValue",
    "Compared",
    "Experiments",
    "Kept",
    "Outcome",
    "Phase",
    "Planned",
    "Tried",
]

SHARES = ("ratio", "time")
"""The kinds of KPIs whose values are shares of deals: a time is told as those to which it came."""
Phase = Literal["planned", "running", "over"]
Outcome = Literal["better", "worse", "open", "too-few"]
"""What the difference says: all of its interval is on the better side of 0, or on the worse one, or
neither, or it cannot be told. Less is better of what has nothing but an upper target."""


class Arm(Record):
    """An arm, by what was assigned."""

    treated: bool
    version: str
    """The version of the playbook that judges its deals."""
    deals: int
    ended: int
    reps: int


class ArmValue(Record):
    """What a KPI is in one arm; `before` is what it was in as long a time before, where arms are
    compared before and after."""

    value: float | None
    deals: int
    """How many deals it rests on."""
    open: int
    """Deals of which it is not known yet."""
    before: float | None
    before_deals: int


class Compared(Record, kw_only=True):
    """A KPI in both arms, and the difference."""

    kpi: str
    title: str
    kind: str
    unit: str
    within: float | None
    """Of a time: it is the share of deals to which it came within so many days."""
    control: ArmValue
    treated: ArmValue
    difference: float | None
    low: float | None
    high: float | None
    reps: int
    outcome: Outcome


class Planned(Record, kw_only=True):
    """What the deals of before say of the experiment."""

    kind: str
    """What kind of KPI the measure is."""
    value: float | None
    """What the measure was."""
    known: int
    """On how many deals this rests."""
    detect: float | None
    """The difference that is to be found."""
    needed: int | None
    """How many deals find it in 8 of 10 experiments; `None` where none do, or nobody can tell."""
    expected: float
    """How many deals that count are to be expected until the end."""
    per_week: float
    """How many deals that count begin in a week."""
    enough_at: int | None
    """When so many will have begun as it needs."""
    known_days: float | None
    """After so many days three quarters of the deals have ended."""
    smallest: float | None
    """The smallest difference that what is expected finds as surely."""


class Kept(Record):
    """What a ledger keeps of an experiment that is over."""

    version: str
    kept_at: int
    outcome: Outcome
    difference: float | None
    low: float | None
    high: float | None
    control: int
    """Deals in the control arm."""
    treated: int


class Tried(Record, kw_only=True):
    """An experiment as of an instant."""

    id: str
    title: str
    rule: str
    change: str
    method: Literal["drawn", "difference-in-differences"]
    start: int
    until: int
    phase: Phase
    arms: tuple[Arm, ...]
    """Control first."""
    plan: Planned | None
    """`None` once it is over."""
    measure: Compared | None
    """`None` until it is over: what is looked at before tempts to stop early."""
    guards: tuple[Compared, ...]
    notes: tuple[str, ...]
    kept: tuple[Kept, ...] = ()


class Experiments(Record, kw_only=True):
    """All experiments that a playbook declares, or those that were asked for."""

    basis: Basis
    experiments: tuple[Tried, ...]
