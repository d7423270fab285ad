"""A second way to reckon pay, written for being obviously right: rows, fractions and no engine.

It knows one plan only: `RATE` of `amount` less `before`, in new deals `EACH` for the crane; due in
`close`, where `paid` must be true or waived; taken back within `CLAW_BACK` days.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

__all__ = ["CLAW_BACK", "EACH", "PLAN", "PLAYBOOK", "RATE", "Row", "lines"]

RATE, EACH, CLAW_BACK = Fraction(15, 1000), Decimal(150), 30
TRACK = {"talk": 0, "offer": 1, "close": 2, "care": 3, "done": 4}

PLAYBOOK = """
playbook: sales
version: 1
roles: [rep]
fields:
  amount: {type: number, unit: EUR}
  before: {type: number, unit: EUR}
  paid:   {type: boolean}
  kind:   {type: choice, options: [new, old]}
activities:
  call: {title: Call}
stages:
  - {stage: talk}
  - {stage: offer}
  - stage: close
    counts_as: won
    entry:
      - {id: paid, field: paid, equals: true}
  - {stage: care}
  - {stage: done, ends: won}
  - {stage: lost, ends: lost}
kpis:
  sold: {sum: {field: amount, at: won}}
  calls: {count: {activity: call}}
  cycle: {time: {from: opened, to: won}}
products:
  crane: {differentiators: It folds., when: {field: kind, equals: new}}
  dream: {differentiators: It is none.}
"""
PLAN = """
pay: sales
per: month
parts:
  share: {of: {field: amount}, over: {field: before}, rate: 1.5 %}
  crane: {product: crane, each: 150}
due: {stage: close}
only_if: [close/entry/paid]
claw_back: 30 days
"""


class Row(NamedTuple):
    """Something that happened on a day."""

    day: int
    kind: str
    name: str
    value: str


Paid = tuple[str, str, int, str, Decimal, Decimal]
"""Whom, for which part, on which day, how, how much, and what was withheld."""


def lines(rows: list[Row], until: int) -> list[Paid]:
    """The lines of one deal, whose rows are in order, as of a day."""
    rows = [row for row in rows if row.day <= until]
    found: list[Paid] = []
    standing: list[Paid] | None = None
    paid_on = stage_now = None
    been_there = False
    for row in rows:
        if row.kind != "stage" or row.name == stage_now:
            continue
        stage_now = row.name
        back = row.name == "lost" or TRACK[row.name] < TRACK["close"]
        if standing is not None and paid_on is not None:
            if back and row.day - paid_on <= CLAW_BACK:
                found += [
                    (rep, part, row.day, "taken-back", -pays, Decimal(0))
                    for rep, part, _, _, pays, _ in standing
                    if pays
                ]
                standing = None
        elif row.name == "close":
            standing, paid_on = _due(rows, row.day), row.day
            found += standing
        elif not back and not been_there:
            found.append(
                (_said(rows, row.day, "owner"), "", row.day, "deal", Decimal(0), Decimal(0))
            )
        been_there = been_there or not back
    return found


def _due(rows: list[Row], day: int) -> list[Paid]:
    rep = _said(rows, day, "owner")
    is_paid = _said(rows, day, "paid") == "true"
    is_waived = any(row.kind == "waiver" and row.day <= day for row in rows)
    shares = [("share", _share(rows, day))]
    if _said(rows, day, "kind") == "new":
        shares.append(("crane", EACH))
    nothing = Decimal(0)
    if is_paid or is_waived:
        return [(rep, part, day, "deal", pays, nothing) for part, pays in shares]
    return [(rep, part, day, "deal", nothing, pays) for part, pays in shares]


def _share(rows: list[Row], day: int) -> Decimal:
    amount, before = _said(rows, day, "amount"), _said(rows, day, "before")
    if not (amount and before):
        return Decimal(0)
    exact = (Fraction(amount) - Fraction(before)) * RATE
    if exact <= 0:
        return Decimal(0)
    cents = Decimal(exact.numerator * 100) / Decimal(exact.denominator)
    return cents.quantize(Decimal(1), ROUND_HALF_UP) / 100


def _said(rows: list[Row], day: int, field: str) -> str:
    said = [row.value for row in rows if row.kind == "field" and row.name == field]
    instants = [row.day for row in rows if row.kind == "field" and row.name == field]
    known = [value for value, at in zip(said, instants, strict=True) if at <= day]
    return known[-1] if known else ""
