"""What somebody starts the day with, as frozen values; days are written as 2026-01-31."""

from __future__ import annotations

from typing import Literal

from playgate.numbers.people_result import Hire, PersonWork
from playgate.numbers.result import Basis, PlanStep
from playgate.records import Record

__all__ = ["Calls", "Today", "TodayDeal"]


class TodayDeal(Record, kw_only=True):
    """An open deal on which something is to be done."""

    deal: str
    stage: str
    title: str
    """Of the stage."""
    level: Literal["block", "warn", "due"]
    """How grave what was missed is; `due`: nothing was, and something falls due within a week."""
    what: str
    """The next step."""
    rule: str
    who: tuple[str, ...]
    """Names of who can do it."""
    due_at: int | None
    more: int
    """How many steps besides can be done."""
    worth: float | None
    unit: str


class Calls(Record):
    """Contacts that are owed in the running week (or month), and whom to call first."""

    title: str
    per: str
    at_least: int
    done: int
    left: int
    first: tuple[str, ...]


class Today(Record, kw_only=True):
    """What `playgate today` shows."""

    basis: Basis
    id: str
    name: str
    team: str
    day: str
    deals: tuple[TodayDeal, ...]
    left_out: int
    """How many more deals have something to do."""
    calls: Calls | None
    """`None` where no plan of leads stands beside the playbook."""
    week: tuple[PlanStep, ...]
    """What the goal asks of the week, against what is done."""
    work: tuple[PersonWork, ...]
    hire: Hire | None
    question: str
    """One to think about; empty where nobody asks any."""
    meets: str
    """The day on which the manager is met next; empty where none is planned."""
