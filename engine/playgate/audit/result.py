"""What an audit comes to: one frozen value that every report renders."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from playgate.audit.chances import NO_CHANCES, Chances
from playgate.audit.summary import Summary
from playgate.findings import Finding, Level, RuleInfo
from playgate.history.event import Problem
from playgate.records import Record

__all__ = [
    "ActorTally",
    "AuditResult",
    "BlindSpot",
    "HistoryFacts",
    "PlaybookFacts",
    "RuleTally",
    "Shadow",
    "ShadowRule",
    "Share",
    "StageTally",
    "UngatedMove",
    "UnknownName",
]


class Share(Record):
    """A share of chances that were met, with its 95 % interval; all are `None` without a chance."""

    value: float | None
    low: float | None
    high: float | None
    chances: Chances = NO_CHANCES
    """What the interval rests on, where it is over several rules."""


class PlaybookFacts(Record):
    """A playbook that judged, and how many deals; `zone` is the name of its time zone."""

    name: str
    version: str
    title: str
    sha256: str
    file: str
    deals: int
    zone: str = "UTC"


class HistoryFacts(Record):
    """What was read: distinct events and deals up to `as_of`; instants in microseconds UTC."""

    events: int
    deals: int
    left_out: int
    """Deals to which the playbook does not apply."""
    first: int | None
    last: int | None
    sources: tuple[str, ...]
    duplicates: int


class RuleTally(Record):
    """The verdicts on one rule, one for each deal."""

    rule: RuleInfo
    met: int
    unmet: int
    waived: int
    not_applicable: int
    adherence: Share
    """The share of chances (verdicts met or unmet) that were met, with Wilson's interval."""


class StageTally(Record):
    """A stage: deals that entered it, deals that passed it, and how its rules were followed."""

    id: str
    title: str
    deals: int
    passed: int
    met: int
    unmet: int
    adherence: Share
    playbook: str = ""
    """The name of the playbook that it stands in."""


class ActorTally(Record):
    """What is charged to one actor; `deals` counts those in which the actor had a chance."""

    actor: str
    name: str
    team: str
    role: str
    met: int
    unmet: int
    waived: int
    deals: int
    adherence: Share


class UngatedMove(Record):
    """A move that was made past the gate."""

    deal: str
    event_id: str
    stage: str
    happened_at: int
    actor: str
    origin: str


class ShadowRule(Record):
    """How often a rule would have refused where a ledger only shadowed."""

    playbook: str
    rule: str
    decisions: int
    deals: int


class Shadow(Record):
    """What a ledger decided while it only shadowed, and let through all the same."""

    decisions: int
    would_refuse: int
    not_governed: int
    """How many of those would have been refused because no playbook governed the deal."""
    rules: tuple[ShadowRule, ...]
    """Those that would have refused, the most frequent first."""


class UnknownName(Record):
    """An activity, field, stage or waived rule that the playbook does not know."""

    kind: str
    name: str
    events: int
    hint: str
    playbook: str = ""
    """The name of the playbook that does not know it."""


class BlindSpot(Record):
    """Something the playbook reads and the history never mentions, or spells differently, or that
    it leaves without a verdict."""

    kind: str
    """`field`, `activity`, `role`, `attribute` (never mentioned), `value` (spelled so), `actor`
    (spelled in several ways), `rule` (never due) or `end` (never reached)."""
    name: str
    message: str
    rules: tuple[str, ...]
    playbook: str = ""
    """The name of the playbook that reads it."""


class AuditResult(Record):
    """The whole audit: counts, findings and what could not be judged.

    `rules` in the playbook's order, `findings` by due instant, deal, rule; `actors` by name.
    `adherence` is over all rules at `block` and `warn`; `names` has what people are called, by
    actor, so far as findings and moves name them.

    Where only the `summary` was asked for, `findings` are those that it shows, and there are no
    `problems`.
    """

    playbooks: tuple[PlaybookFacts, ...]
    as_of: int | None
    history: HistoryFacts
    adherence: Share
    met: int
    unmet: int
    waived: int
    stages: tuple[StageTally, ...]
    rules: tuple[RuleTally, ...]
    findings: Collection[Finding]
    actors: tuple[ActorTally, ...]
    ungated: tuple[UngatedMove, ...]
    unknown_names: tuple[UnknownName, ...]
    blind_spots: tuple[BlindSpot, ...]
    problems: tuple[Problem, ...]
    summary: Summary
    names: Mapping[str, str] = MappingProxyType({})
    engine: str = "judge"
    """What judged: `judge`, `duckdb`, `postgres` …"""
    shadow: Shadow | None = None
    """Of a ledger that only shadowed: what it would have refused."""

    def worst(self) -> Level | None:
        """Returns the gravest level among the unmet findings."""
        return self.summary.worst()
