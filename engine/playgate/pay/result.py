"""What a pay statement comes to: frozen values that every report renders.

Instants are microseconds since 1970 in UTC; amounts are exact decimals.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from playgate.errors import Place
from playgate.records import Record

__all__ = ["Held", "Line", "LineKind", "PayResult", "Standing", "Statement"]

LineKind = Literal["base", "deal", "taken-back", "goal"]


class Held(Record):
    """A rule that decided over a line: what was seen, and the events that show it."""

    rule: str
    state: Literal["unmet", "waived"]
    message: str
    place: Place
    """Where the playbook asks it."""
    events: tuple[str, ...]


class Line(Record, kw_only=True):
    """A line of a statement; it belongs to the period in which it came to be."""

    rep: str
    at: int
    kind: LineKind
    part: str
    deal: str
    event: str
    """The id of the event that it rests on; empty where it rests on a period."""
    amount: Decimal
    withheld: Decimal
    """What it would have been, where it is nothing."""
    said: str
    """How it was reckoned, or why it is nothing."""
    rules: tuple[Held, ...]
    place: Place
    """Where the plan says so."""
    supposed: bool
    """Whether it rests on what was only supposed."""
    corrects: bool = False
    """Whether it is what lines of this kind, part and deal come to now, less what was kept."""
    kept: int | None = None
    """When it was kept in a ledger; from then on it stands."""


class Standing(Record, kw_only=True):
    """How far a rep has come in a period that is not over, of what is paid by a KPI."""

    rep: str
    part: str
    kpi: str
    end: int
    """The first instant after the period."""
    value: Decimal | None
    said: str
    """The value as people read it."""
    goal: Decimal | None
    pays: Decimal
    """What it would pay if the period ended now."""
    next_step: str
    next_pays: Decimal | None


class Statement(Record):
    """What one rep is paid in a period; the total is the sum of the lines."""

    rep: str
    name: str
    team: str
    lines: tuple[Line, ...]
    total: Decimal
    withheld: Decimal
    supposed: Decimal
    """How much of the total rests on what was only supposed."""
    standing: tuple[Standing, ...]
    kept: int | None = None
    """When it was last kept in a ledger, or corrected there."""


class PayResult(Record, kw_only=True):
    """All statements of a period, and what they rest on."""

    playbook: str
    version: str
    title: str
    sha256: str
    file: str
    plan: str
    """The file of the plan."""
    plan_sha256: str
    timezone: str
    currency: str
    decimals: int
    rounding: str
    as_of: int
    period: str
    start: int
    end: int
    """The first instant after the period, or after what is known of it."""
    deals: int
    left_out: int
    problems: int
    statements: tuple[Statement, ...]
    total: Decimal
