"""A pay plan as frozen values: what is paid for, at which rate, and when it falls due."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from playgate.conditions.durations import Duration
from playgate.conditions.tree import Condition
from playgate.errors import Place
from playgate.model.numbers import Kpi, Occurrence, Per, Product
from playgate.records import Record

__all__ = ["Each", "Goal", "Part", "PayPlan", "Rate", "Round", "Step"]

Round = Literal["half-up", "half-even"]


class Rate(Record):
    """Pays a share of a field's value: of what lies over another field's where one is named."""

    field: str
    at: Occurrence | None
    """When the value is taken; `None` means where the deal falls due."""
    over: str
    rate: Decimal
    said: str
    """The rate as it is written."""


class Each(Record):
    """Pays an amount for each deal in which a product is sold."""

    product: Product
    pays: Decimal


class Step(Record):
    """What is paid from a value on: of the KPI itself, or of its goal where that is a share."""

    at_least: Decimal
    of_goal: bool
    pays: Decimal
    said: str
    place: Place


class Goal(Record):
    """Pays by what a KPI comes to over a whole period: the highest step that is reached."""

    kpi: Kpi
    goal: Decimal | None
    reps: Mapping[str, Decimal]
    """The goals of single reps."""
    steps: tuple[Step, ...]


class Part(Record):
    """A part of the pay; `place` is where its rate stands."""

    id: str
    title: str
    pays: Rate | Each | Goal
    when: Condition | None
    place: Place


class PayPlan(Record, kw_only=True):
    """A whole plan; `sha256` is the digest of its text."""

    playbook: str
    file: str
    sha256: str
    title: str
    per: Per
    base: Decimal
    base_place: Place
    parts: tuple[Part, ...]
    due: str
    """The stage at whose entry a deal is paid for."""
    due_place: Place
    only_if: tuple[str, ...]
    """The ids of the rules without which nothing is paid."""
    claw_back: Duration | None
    claw_back_place: Place
    roles: tuple[str, ...]
    """Who is paid by this plan; empty where everybody is."""
    currency: str
    currency_field: str
    """The field that says which currency a deal is in; empty where all are in one."""
    decimals: int
    rounding: Round
