"""Amounts and places of pay, as every report of it writes them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from playgate.errors import Place
from playgate.language import message, say, speaking
from playgate.pay.money import total
from playgate.pay.result import Held, Line, LineKind, Statement

__all__ = ["KINDS", "exact", "line_of", "money", "of_kind", "state_of", "where"]


def exact(value: Decimal) -> str:
    """Returns an amount digit by digit, for programs."""
    return f"{value:f}"


def money(value: Decimal, decimals: int) -> str:
    """Returns an amount with its thousands apart."""
    return speaking().number(value, decimals)


def where(place: Place) -> str:
    """Returns file and line."""
    return f"{place.file}:{place.line}"


KINDS: Mapping[LineKind, str] = {
    "base": message("Base"),
    "deal": message("Deals"),
    "taken-back": message("Taken back"),
    "goal": message("Goals"),
}
"""The kinds of lines, as the heads of columns."""


def of_kind(statement: Statement, kind: LineKind) -> Decimal:
    """Returns what a statement's lines of a kind come to."""
    return total(line.amount for line in statement.lines if line.kind == kind)


def line_of(line: Line) -> str:
    """Returns what a line is of."""
    what = line.part or (say("base") if line.kind == "base" else say("due", about="pay"))
    if line.kind == "taken-back":
        what = say("{part}, back", part=what)
    return say("{part}, corrected", part=what) if line.corrects else what


def state_of(held: Held) -> str:
    """Returns whether a rule is unmet or waived."""
    return say("waived") if held.state == "waived" else say("unmet")
