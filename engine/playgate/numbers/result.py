"""What the numbers come to: frozen values that every report renders.

Instants are microseconds since 1970 in UTC; shares are fractions of 1, times are days, intervals
are at 95 %.
"""

from __future__ import annotations

from typing import Literal

from playgate.history.money import NotAdded
from playgate.model.numbers import Numbers
from playgate.model.playbook import Playbook
from playgate.numbers.figure import Figure
from playgate.numbers.people_result import PersonWork, Used
from playgate.numbers.period import Period
from playgate.records import Record

__all__ = [
    "Apart",
    "Basis",
    "Clean",
    "Figure",
    "Flow",
    "Goal",
    "Input",
    "KpiTable",
    "Kpis",
    "Likely",
    "Line",
    "Misses",
    "Need",
    "PartLine",
    "PlanStep",
    "ProductLine",
    "Reach",
    "RepGroup",
    "Scope",
    "SegmentLine",
    "Segments",
    "TargetResult",
    "Went",
]

Scope = Literal["company", "team", "rep"]
Quarter = Literal["top", "middle", "bottom"]


class Basis(Record, kw_only=True):
    """What was looked at: the playbook, the history, and when."""

    playbook: str
    version: str
    title: str
    sha256: str
    file: str
    timezone: str
    as_of: int | None
    period: str
    start: int | None
    end: int | None
    """The first instant after the period."""
    deals: int
    events: int
    left_out: int
    problems: int
    minimum: int
    """Nothing that rests on fewer is ranked."""
    not_added: tuple[NotAdded, ...] = ()

    @classmethod
    def of(
        cls,
        playbook: Playbook,
        *,
        as_of: int,
        period: Period | None = None,
        deals: int,
        events: int,
        left_out: int,
        problems: int,
        not_added: tuple[NotAdded, ...] = (),
    ) -> Basis:
        """Returns the basis of what was counted by a playbook: in a period, or without one."""
        return cls(
            playbook=playbook.name,
            version=str(playbook.version),
            title=playbook.title,
            sha256=playbook.sha256,
            file=playbook.file,
            timezone=playbook.zone_name,
            as_of=as_of,
            period=period.label if period else "",
            start=period.start if period else None,
            end=period.end if period else None,
            deals=deals,
            events=events,
            left_out=left_out,
            problems=problems,
            minimum=(playbook.numbers or Numbers()).coaching.minimum,
            not_added=not_added,
        )


class Line(Record):
    """A KPI's figure for the company, a team or a rep."""

    scope: Scope
    id: str
    name: str
    team: str
    figure: Figure
    target: Literal["met", "missed"] | None = None
    sure: bool = False
    """Whether the whole interval lies on the same side of the target."""
    quarter: Quarter | None = None
    """Where a rep stands among the peers; `None` where there are too few to tell."""
    chance: float | None = None
    """How likely a rep differs so much from the other reps by chance, raised for the number of
    reps; `None` where it rests on too little."""
    drawn: float | None = None
    """A rep's value, drawn towards that of all reps as far as chance explains how they differ."""
    ramps: bool = False
    """Whether the rep is new: shown, and neither ranked nor held against a target."""


class RepGroup(Record):
    """A quarter (or the middle half) of the reps who can be ranked, taken together."""

    quarter: Quarter
    reps: tuple[str, ...]
    figure: Figure


class Apart(Record):
    """A rep whose figure is far from the peers'."""

    id: str
    name: str
    value: float
    peers: float
    change: float
    """The distance from the peers' value, as a share of it."""
    sure: bool
    """Whether chance is a poor explanation: the difference is tested."""


class KpiTable(Record, kw_only=True):
    """A KPI, for everyone."""

    id: str
    title: str
    kind: str
    source: Literal["playbook", "stage", "activity", "adherence"]
    unit: str
    period: str
    start: int
    end: int
    at_least: float | None
    at_most: float | None
    tips: tuple[str, ...]
    lines: tuple[Line, ...]
    groups: tuple[RepGroup, ...]
    apart: tuple[Apart, ...]
    real: float | None = None
    """Which share of the spread among the ranked reps is more than chance; `None` where that cannot
    be told."""


class Misses(Record, kw_only=True):
    """What a team or rep missed, against what is to be expected of the same chances where each rule
    is missed as often as by all reps."""

    scope: Scope
    id: str
    name: str
    team: str
    deals: int
    chances: int
    misses: int
    expected: float
    low: float | None = None
    """Between `low` and `high` chance keeps 95 % of the reps who are like the others."""
    high: float | None = None
    far_low: float | None = None
    """And here 99.8 %."""
    far_high: float | None = None
    chance: float | None = None
    """How likely so large a difference is by chance, raised for the number of reps; `None` where it
    rests on too few deals."""
    ramps: bool = False
    """Whether the rep is new, and is not ranked."""


class Clean(Record):
    """Deals in which nothing was missed, of those with a chance to; and the share of steps followed
    without the rules that are practically never missed."""

    deals: int
    of: int
    share: float | None
    chances: int
    never_missed: tuple[str, ...]


class Went(Record):
    """To which stage deals went on from another one, and how many."""

    stage: str
    kind: Literal["next", "skip", "back", "lost"]
    deals: int


class Flow(Record):
    """A stage: how many deals came, and where they went on to."""

    scope: Scope
    id: str
    stage: str
    title: str
    deals: int
    open: int
    """How many are still there."""
    on: Figure
    """The share of those that left and went on along the track, skips included."""
    went: tuple[Went, ...]


class Kpis(Record):
    """What `playgate kpi` shows."""

    basis: Basis
    kpis: tuple[KpiTable, ...]
    flows: tuple[Flow, ...]
    misses: tuple[Misses, ...]
    clean: Clean
    people: tuple[PersonWork, ...] = ()
    """Tasks and goals by person and role."""


class Input(Record):
    """One of the numbers that a goal's way rests on; `source` says whose it is."""

    id: str
    title: str
    kind: str
    value: float | None
    low: float | None
    high: float | None
    count: int
    source: Literal["own", "team", "company", "goal", "what-if"]


class PlanStep(Record):
    """A line of a weekly plan."""

    id: str
    title: str
    need: float | None
    """How many are needed per week."""
    does: float | None
    """How many are done per week in the period."""
    this_week: int | None
    to_go: int | None


class Need(Record):
    """How many new opportunities per week a goal needs, and what is done for it."""

    need: float | None
    low: float | None
    high: float | None
    does: float | None
    barometer: float | None
    """What is done as a share of what is needed; the aim is 1."""
    barometer_low: float | None
    barometer_high: float | None
    brings: float | None
    """Revenue per week that the present pace brings."""
    reaches: float | None
    """The revenue that the present pace brings, as a share of the goal."""


class Goal(Record, kw_only=True):
    """The way to a goal, of the company, a team or a rep."""

    scope: Scope
    id: str
    name: str
    team: str
    reps: int
    goal: float
    per_week: float
    inputs: tuple[Input, ...]
    now: Need
    changed: Need | None
    """The need with what `--what-if` changed."""
    steps: tuple[PlanStep, ...]
    sold: float
    """What was sold in the goal's running period."""
    sold_apart: tuple[tuple[str, float], ...] = ()
    """The same of each other currency, which is not added."""
    expected: float | None
    """The revenue to expect from the opportunities that are open."""
    last_day: int | None
    """Until when a new opportunity can, by the median cycle, still be sold in the period."""
    catch_up: float | None
    """Opportunities per week until then that close the rest of the gap; `None`: too late, or the
    inputs are not known."""
    out_of_reach: bool | None
    """Whether that is too late, or more than in any four weeks before; `None` where nobody can
    tell."""
    asked: float | None = None
    """Which share of the weekly plan is asked of a new rep this week; `None` of who is not new."""
    likely: Likely | None = None
    """`None` where the playbook declares no forecast, or too little is known for one."""


Reach = Literal["reached", "likely", "in-reach", "out-of-reach"]
"""Whether a goal is sold already, lies below what is likely, within the interval, or above it."""


class Likely(Record):
    """What is likely to be sold by the end of a goal's period, what is sold already among it."""

    value: float
    low: float
    high: float
    reach: Reach


class TargetResult(Record):
    """What `playgate target` shows."""

    basis: Basis
    unit: str
    per: str
    start: int
    end: int
    what_if: tuple[str, ...]
    goals: tuple[Goal, ...]
    notes: tuple[str, ...]
    tips: tuple[str, ...]
    """What helps where fewer opportunities are opened than are needed."""


class PartLine(Record):
    """A team's or rep's part in a group of customers; shares are of what is theirs in all groups
    together."""

    scope: Scope
    id: str
    name: str
    team: str
    activities: int
    effort: float | None
    sold: int
    value: float
    worth: float | None
    closing: Figure


class SegmentLine(Record, kw_only=True):
    """Effort and value of a group of customers; shares are of all groups together."""

    id: str
    title: str
    deals: int
    touched: int
    activities: int
    effort: float | None
    """Share of all activities."""
    sold: int
    lost: int
    value: float
    worth: float | None
    """Share of all that was sold."""
    open_value: float
    balance: float | None
    """Share of effort over share of value: above 1 where effort outweighs value."""
    closing: Figure
    untouched: tuple[str, ...]
    reps: tuple[PartLine, ...]
    """By team and rep: activities are their doer's, sales the owner's."""


class ProductLine(Record):
    """A product: how urgently it is to be sold, what sets it apart, what was sold of it."""

    id: str
    title: str
    priority: int | None
    differentiators: tuple[str, ...]
    business: SegmentLine | None
    used: tuple[Used, ...] = ()
    """Who says what sets it apart, and what of it is to be looked at again."""


class Segments(Record):
    """What `playgate segments` shows; the empty id stands for what is in none of them, `?` for
    deals of which nobody knows yet."""

    basis: Basis
    unit: str
    segments: tuple[SegmentLine, ...]
    profiles: tuple[SegmentLine, ...]
    products: tuple[ProductLine, ...]
    not_touched: tuple[str, ...]
    """Segments and profiles on which nothing was done."""
