"""What publishing a newer version would mean for the deals of a history, as values."""

from __future__ import annotations

from typing import Literal

from playgate.findings import Level
from playgate.records import Record
from playgate.versions.change import Version

__all__ = ["Amount", "AtGate", "DealGroup", "DealImpact", "Plan", "RepImpact", "RuleImpact"]

DealStatus = Literal["open", "won", "lost"]


class AtGate(Record):
    """What a deal in flight would be answered at its next gate."""

    to_stage: str
    """Empty where no stage follows."""
    rules: tuple[str, ...]
    """Those that refuse; none where it is allowed."""


class DealImpact(Record, kw_only=True):
    """What the newer version changes for one deal; at least one thing."""

    deal: str
    outcome: DealStatus
    stage: str
    """The stage, by its older name."""
    rep: str
    amount: float | None
    currency: str = ""
    """That of the amount, where it is not in the field's unit."""
    blocked: AtGate | None = None
    """What the newer version alone refuses at the next gate."""
    freed: AtGate | None = None
    """What the older version alone refused at the gate."""
    more: AtGate | None = None
    """What, of a move that both refuse, the newer version refuses besides."""
    less: AtGate | None = None
    """What, of a move that both refuse, the older version refused besides."""
    stranded: str = ""
    """Why it would be without a stage."""
    flagged: tuple[str, ...] = ()
    """Rules that only the newer version finds unmet."""
    cleared: tuple[str, ...] = ()
    """Rules that only the older version finds unmet; by their newer ids, where there are any."""


class DealGroup(Record):
    """Deals that the change means the same for: how many, what they are worth, how they ended."""

    deals: int
    amount: float | None
    won: int
    lost: int
    apart: tuple[tuple[str, float], ...] = ()
    """What the deals are worth in each other currency, which is not added."""


class RuleImpact(Record):
    """On how many deals a rule is unmet only by the newer, or only by the older version."""

    rule: str
    level: Level
    flagged: int
    cleared: int


class RepImpact(Record):
    """What is charged to a rep: findings under either version, and the deals that differ."""

    actor: str
    name: str
    was: int
    now: int
    flagged: int
    cleared: int


class Amount(Record):
    """The field that tells what a deal is worth."""

    field: str
    unit: str


class Plan(Record, kw_only=True):
    """The replay of a history under two versions; findings at `observe` count nowhere."""

    old: Version
    new: Version
    policy: str
    as_of: int | None
    events: int
    deals: int
    in_flight: int
    ended: DealGroup
    """All deals that were won or lost, for comparison."""
    amount: Amount | None
    impacts: tuple[DealImpact, ...]
    """The impact on each deal, by its id."""
    groups: tuple[tuple[str, DealGroup], ...]
    """`blocked`, `freed`, `more`, `less`, `stranded`, `flagged` and `cleared`."""
    rules: tuple[RuleImpact, ...]
    reps: tuple[RepImpact, ...]
    stops_publish: bool
    roles_unknown: bool
    """Whether a role is asked for at the gate where no people are known: nobody holds it then."""
    problems: int
    """Rows that could not be read, or not wholly."""
    arms: tuple[tuple[str, int], ...] = ()
    """Where experiments run: by which version of the newer playbook how many deals are judged."""
