"""A playbook as frozen values: what its author meant, and the place of each part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from playgate.conditions.activity_words import ActivityWords
from playgate.conditions.durations import Calendar, Duration
from playgate.conditions.instants import Zone
from playgate.conditions.tree import ActivityCount, Condition, FieldRef, Pattern
from playgate.conditions.values import FieldType, Reading
from playgate.errors import Place
from playgate.findings import Level
from playgate.records import Record

if TYPE_CHECKING:
    from playgate.model.experiments import Arms
    from playgate.model.numbers import Numbers

__all__ = [
    "ActivityDemand",
    "ActivityKind",
    "Demand",
    "Experiment",
    "Holidays",
    "Migration",
    "Playbook",
    "Profile",
    "Sequence",
    "SetBy",
    "Settings",
    "Stage",
    "Timed",
]


class Timed(Record):
    """A deadline's length, and the place where the playbook says it."""

    length: Duration
    place: Place


class Holidays(Record):
    """An item of `holidays`: what its author wrote, and the days that it stands for."""

    words: str
    dates: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()
    """The days of every year, each as month and day."""
    country: str = ""
    """The code of the country whose holidays these are."""


class ActivityKind(Record):
    """A kind of activity that the playbook declares."""

    title: str
    tools: tuple[str, ...] = ()
    words: ActivityWords = ActivityWords()


class Demand(Record, kw_only=True):
    """A condition that makes a rule: an item of entry, exit or hold."""

    name: str
    """The last part of the rule's id."""
    condition: Condition
    place: Place
    named: bool
    """Whether the author gave the id, so that inserting a line does not change it."""
    when: Condition | None = None
    level: Level | None = None
    starts: int | None = None
    may_waive: tuple[str, ...] | None = None
    why: str = ""
    ask: str = ""


class ActivityDemand(Record, kw_only=True):
    """An activity that must be done in a stage."""

    name: str
    count: ActivityCount
    place: Place
    named: bool
    lengths: Mapping[str, Timed] = MappingProxyType({})
    """The activity's deadlines, by their keys."""
    when: Condition | None = None
    level: Level | None = None
    starts: int | None = None
    may_waive: tuple[str, ...] | None = None
    why: str = ""
    ask: str = ""
    tools: tuple[str, ...] = ()


class Stage(Record, kw_only=True):
    """A stage of the sale."""

    id: str
    title: str
    place: Place
    ends: Literal["won", "lost"] | None = None
    counts_as_won: bool = False
    when: Condition | None = None
    optional: bool = False
    entry: tuple[Demand, ...] = ()
    activities: tuple[ActivityDemand, ...] = ()
    exit: tuple[Demand, ...] = ()
    hold: tuple[Demand, ...] = ()
    by: tuple[str, ...] = ()
    by_place: Place
    lengths: Mapping[str, Timed] = MappingProxyType({})
    """The stage's deadlines, by their keys."""
    level: Level | None = None
    inputs: tuple[str, ...] = ()
    story: str = ""


class SetBy(Record, kw_only=True):
    """Whose field it is: the roles that may set it, and when only they may."""

    field: str
    roles: tuple[str, ...]
    place: Place
    when: Condition | None = None
    level: Level | None = None
    starts: int | None = None
    may_waive: tuple[str, ...] | None = None


class Sequence(Record, kw_only=True):
    """An order of events that is asked for in every stage."""

    id: str
    title: str
    kind: Literal["before", "after", "if", "until"]
    matches: tuple[Pattern, ...]
    need: Condition | None
    """The condition that a `before` or an `until` asks for."""
    answers: tuple[Pattern, ...]
    """What must come later (`after`) or anywhere (`if`)."""
    place: Place
    first_only: bool = False
    later: bool = False
    """Whether the answers to an `if` must come later than its matches."""
    within: Duration | None = None
    until: FieldRef | None = None
    """The date at which an `until` is asked."""
    when: Condition | None = None
    level: Level | None = None
    starts: int | None = None
    may_waive: tuple[str, ...] | None = None
    why: str = ""
    ask: str = ""


class Profile(Record, kw_only=True):
    """Customers to pursue: groups of conditions, all of which must hold."""

    id: str
    title: str
    story: str
    fit: Mapping[str, Condition]
    place: Place


class Settings(Record):
    """An entry of `rules`: settings for every rule that the glob matches."""

    glob: str
    level: Level | None
    starts: int | None
    place: Place
    when: Condition | None = None
    may_waive: tuple[str, ...] | None = None


class Migration(Record):
    """What happens to open deals that began under an earlier version."""

    policy: Literal["pin", "migrate", "migrate-if-clean", "grandfather-until"] | None = None
    """`None` where the author says nothing: deals then stay with their version, as with `pin`."""
    until: int | None = None
    """The last instant of the date that `grandfather-until` names."""
    stage_map: Mapping[str, str] = MappingProxyType({})
    """Maps stages of earlier versions to stages of this one."""


class Experiment(Record, kw_only=True):
    """A change of one rule, in force for some of the deals that begin in a span of time.

    Deals belong to the arm that they began in, whatever becomes of them.
    """

    id: str
    title: str
    rule: str
    """The id of the rule that is changed."""
    change: Mapping[str, Any]
    """The keys that are changed, with their new values as they are written."""
    arms: Arms
    starts: int
    """The first instant at which deals that begin are in it."""
    until: int
    """The last one."""
    measure: str
    """The KPI that the change is to better."""
    guard: tuple[str, ...]
    """The KPIs that must not become worse."""
    detect: float | None = None
    """The smallest difference that would matter, in the unit of the measure; a fraction of 1 for
    shares. `None`: a fifth of what the measure is."""
    place: Place
    treated: Playbook | None = None
    """The playbook with the change, where it was read together with this one."""
    assigned: frozenset[str] | None = None
    """The deals that a ledger keeps under the change; `None` where nobody keeps that."""


class Playbook(Record, kw_only=True):
    """A whole playbook; `sha256` is the digest of its text."""

    name: str
    version: int | str
    title: str
    file: str
    sha256: str
    place: Place
    zone: Zone
    zone_name: str
    calendar: Calendar
    holidays: tuple[Holidays, ...]
    """The holidays as they are written; the calendar has their days."""
    reading: Reading
    level: Level | None
    starts: int | None
    grace: Duration | None
    late_after: Duration | None
    applies_to: Condition | None
    roles: tuple[str, ...]
    may_waive: tuple[str, ...] | None
    automation: tuple[str, ...] = ()
    """The actors that are programs, and no reps."""
    parts: tuple[str, ...]
    """The parts that people on the customer's side play; empty where any may be named."""
    fields: Mapping[str, FieldType]
    set_by: tuple[SetBy, ...] = ()
    """The fields that not everybody may set."""
    activities: Mapping[str, ActivityKind]
    signals: Mapping[str, Condition]
    profiles: tuple[Profile, ...]
    profiles_place: Place
    stages: tuple[Stage, ...]
    sequence: tuple[Sequence, ...]
    limits: Mapping[str, Timed]
    """The deadlines of the whole deal, by their keys."""
    settings: tuple[Settings, ...]
    migration: Migration = Migration()
    experiments: tuple[Experiment, ...] = ()
    arm: str = ""
    """The experiment whose change this playbook has; empty in a playbook as it is written."""
    numbers: Numbers | None = None
    """What the playbook declares for its numbers; the live gate does not read it."""

    @property
    def track(self) -> tuple[Stage, ...]:
        """The stages in the order of the sale: those that do not end a deal, then the won ones."""
        return tuple(stage for stage in self.stages if stage.ends is None) + tuple(
            stage for stage in self.stages if stage.ends == "won"
        )

    def stage(self, stage_id: str) -> Stage:
        """Returns the stage with this id; raises `KeyError` where there is none."""
        for stage in self.stages:
            if stage.id == stage_id:
                return stage
        raise KeyError(stage_id)
