"""What a playbook declares for its numbers: KPIs, targets, segments, products and coaching."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from playgate.conditions.durations import Duration
from playgate.conditions.tree import Condition
from playgate.errors import Place
from playgate.model.occurrence import Occurrence, Per
from playgate.model.people import Onboarding, RoleWork
from playgate.records import Record

__all__ = [
    "KINDS",
    "LARGEST",
    "LOOKS",
    "SMALLEST",
    "Alarm",
    "Batch",
    "Coaching",
    "Differentiator",
    "Forecasting",
    "Kpi",
    "KpiKind",
    "Look",
    "Numbers",
    "Occurrence",
    "Per",
    "Practising",
    "Product",
    "Quality",
    "SameText",
    "Segment",
    "Targets",
]

SMALLEST, LARGEST = 1e-9, 1e15
"""The bounds of an amount other than 0; amounts beyond them could not be added or divided."""

KpiKind = Literal["ratio", "time", "mean", "sum", "count"]
KINDS: tuple[KpiKind, ...] = ("ratio", "time", "mean", "sum", "count")
Look = Literal["activities", "order", "gaps", "parts", "weekdays", "fields"]
LOOKS: tuple[Look, ...] = ("activities", "order", "gaps", "parts", "weekdays", "fields")
"""What can be looked at, to find out what winners do."""
Alarm = Literal["low", "high", "both", "none"]


class Kpi(Record, kw_only=True):
    """A number that is watched.

    For a ratio `first` is `of` and `then` is `to`; for a time they are `from` and `to`; for a mean,
    a sum and a count `first` is what is looked at or counted. Shares are fractions of 1.
    """

    id: str
    title: str
    kind: KpiKind
    first: Occurrence
    place: Place
    then: Occurrence | None = None
    within: Duration | None = None
    field: str = ""
    unit: str = ""
    only_first: bool = False
    when: Condition | None = None
    customers: tuple[str, ...] = ()
    period: str = ""
    at_least: float | None = None
    at_most: float | None = None
    tips: tuple[str, ...] = ()
    apart: float | None = None
    """How far below the peers' value a rep's must be for the rep to be named, as a share of
    theirs."""
    alarm: Alarm = "none"


class Targets(Record, kw_only=True):
    """The revenue goal, and the ids of the KPIs that lead from a new opportunity to it."""

    goal: float
    per: Per
    reps: Mapping[str, float]
    """The goals of single reps; the other reps share the rest equally."""
    revenue: str
    ratios: tuple[str, ...]
    opportunities: str
    activities: tuple[str, ...]
    cycle: str
    place: Place


class Segment(Record):
    """A group of customers; a deal belongs to the first segment whose condition holds."""

    id: str
    title: str
    when: Condition
    place: Place
    known_by: str = ""
    """The stage at whose passing it is told; empty: the first."""


class Differentiator(Record):
    """What only a product can say, since which day it is said so, and what shows in a deal that it
    was said; `None` where nothing does."""

    text: str
    since: int | None = None
    used: Occurrence | None = None


class Product(Record):
    """Something that is sold: how urgently, and what sets it apart from other products."""

    id: str
    title: str
    priority: int | None
    differentiators: tuple[Differentiator, ...]
    when: Condition | None
    place: Place
    renew: Duration | None = None
    """How long a differentiator is good for until somebody looks at it again."""
    offered: Occurrence = Occurrence(words=("opened",))
    """From when on a differentiator can be used on a deal."""


class Coaching(Record):
    """Who is coached, how many cases a ranking needs, and how often each person is seen."""

    roles: tuple[str, ...] = ()
    minimum: int = 10
    every: Duration = Duration(180, "day")
    intensive: Duration = Duration(6, "week")
    sessions_per_week: int | None = None
    """How many sessions a manager can hold a week; `None`: as many as are due."""
    ramp: Duration | None = None
    """How long who is new is not ranked."""
    session: Occurrence | None = None
    questions: tuple[str, ...] = ()
    training: Duration | None = None
    """How often something is trained together; `None`: with each rep alone."""


class SameText(Record):
    """A text of so many letters at least that stands in so many deals."""

    deals: int | None = 5
    share: float | None = None
    """Of the deals in which there is a text in that place, as a fraction of 1."""
    letters: int = 20


class Batch(Record):
    """So many activities logged by one actor within so long."""

    activities: int = 5
    within: Duration = Duration(10, "minute")


class Quality(Record):
    """What is looked for in the facts on which rules were met; `None` where something is not."""

    just_before: Duration | None = Duration(1, "minute")
    """How short before the move that needs it a field was filled."""
    same_text: SameText | None = SameText()
    batch: Batch | None = Batch()
    at_threshold: bool = True


class Practising(Record):
    """Where to look for what winners do: the KPI whose `to` is the outcome (where none is named,
    the sale), the stage by whose entry it is done (where none is named, the one in the middle of
    the track), and what is looked at."""

    outcome: str = ""
    landmark: str = ""
    look: tuple[Look, ...] = LOOKS


class Forecasting(Record):
    """How many days are foretold, which rules (by id or glob) a deal must meet to be in the commit
    (where none is named, those that block its next move), and the field that says what a deal is
    worth where no KPI does."""

    days: int = 30
    commit: tuple[str, ...] = ()
    field: str = ""


class Numbers(Record):
    """Everything that the playbook declares for its numbers; empty where it declares nothing."""

    kpis: tuple[Kpi, ...] = ()
    targets: Targets | None = None
    segments: tuple[Segment, ...] = ()
    products: tuple[Product, ...] = ()
    coaching: Coaching = Coaching()
    quality: Quality | None = Quality()
    """`None` where the playbook switches it off."""
    # What the playbook does not declare is looked at by its defaults, where somebody asks for it.
    practices: Practising | None = None
    forecast: Forecasting | None = None
    roles: tuple[RoleWork, ...] = ()
    """The roles that have tasks or goals."""
    onboarding: Onboarding | None = None

    def kpi(self, kpi_id: str) -> Kpi:
        """Returns the KPI with this id; raises `KeyError` where there is none."""
        return {kpi.id: kpi for kpi in self.kpis}[kpi_id]
