"""What tasks, goals, first weeks, trainings and differentiators come to: frozen values, in the
units of `playgate.numbers.result`; days are written as 2026-01-31."""

from __future__ import annotations

from typing import Literal

from playgate.numbers.figure import Figure
from playgate.records import Record

__all__ = [
    "Certified",
    "FirstWeek",
    "Hire",
    "PersonGoal",
    "PersonWork",
    "StepSeen",
    "Training",
    "Used",
    "UsedBy",
]


class PersonGoal(Record, kw_only=True):
    """A KPI that somebody aims at; a count or a sum is told in each `per`, which is empty of other
    kinds."""

    kpi: str
    title: str
    kind: str
    unit: str
    per: str
    at_least: float | None
    at_most: float | None
    asked: float | None
    """`at_least` of the running `per`, which is less for who is new."""
    done: float | None
    """In the running `per` so far."""
    to_go: float | None
    last: float | None
    """In the last whole `per`."""
    figure: Figure
    """The mean of a `per` over the KPI's period, or the KPI itself."""
    target: Literal["met", "missed"] | None = None
    """`None` of who is new, and where too little is known."""
    sure: bool = False
    """Whether the whole interval lies on that side."""
    few: bool = False
    """Whether the figure rests on too few deals to be held against the goal."""


class PersonWork(Record):
    """What somebody does and aims at in a role."""

    id: str
    name: str
    team: str
    role: str
    title: str
    tasks: tuple[str, ...]
    goals: tuple[PersonGoal, ...]


class StepSeen(Record, kw_only=True):
    """Something that is to be done in the first weeks: by the end of which day, and how often it
    was by now."""

    id: str
    title: str
    week: int
    due: str
    times: int
    done: int | None
    """`None` of a lesson where no file of sessions is given."""
    state: Literal["done", "late", "behind", "ahead", "unknown"]
    """Done in time or late; behind: due and not done."""


class FirstWeek(Record):
    """A week of the onboarding: its Monday, and which share of each goal is asked in it."""

    week: int
    monday: str
    share: float


class Certified(Record):
    """Whether somebody was seen to work by the playbook: too few deals say nothing."""

    state: Literal["met", "missed", "too-few"]
    sure: bool
    followed: float
    """The share that is asked."""
    deals: int
    """On how many deals at least."""
    figure: Figure


class Hire(Record, kw_only=True):
    """Somebody new, and the plan of the first weeks."""

    id: str
    name: str
    team: str
    manager: str
    started: str
    ends: str
    """The last day of the plan."""
    week: int
    """The running week, the first being 1; 0 before it, and above the last when it is over."""
    weeks: tuple[FirstWeek, ...]
    steps: tuple[StepSeen, ...]
    behind: tuple[str, ...]
    """Titles of what is due and not done."""
    certified: Certified | None


class Training(Record, kw_only=True):
    """A skill that some reps are confirmed to lack against the others, and when it is trained."""

    rule: str
    title: str
    surplus: float
    """How many more were missed than at the others' share, by those together."""
    reps: tuple[str, ...]
    names: tuple[str, ...]
    day: str
    tools: tuple[str, ...]


class UsedBy(Record):
    """On how many deals a rep used a differentiator."""

    id: str
    name: str
    team: str
    figure: Figure
    never: bool
    """Whether it was never used, on as many deals as are needed to say so."""
    chance: float | None
    """How likely a rep differs so much from the others by chance, raised for the number of reps."""


class Used(Record, kw_only=True):
    """What sets a product apart: since when it is said, and who says it."""

    product: str
    title: str
    text: str
    since: str
    renew_by: str
    due: bool
    """Whether it is to be looked at again."""
    figure: Figure | None
    """The share of the deals that ended on which it was used; `None` where nothing shows that."""
    reps: tuple[UsedBy, ...]
