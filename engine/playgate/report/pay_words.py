"""Amounts and places of pay, as every report of it writes them."""

from __future__ import annotations

from decimal import Decimal

from playgate.errors import Place
from playgate.language import speaking

__all__ = ["exact", "money", "where"]


def exact(value: Decimal) -> str:
    """Returns an amount digit by digit, for programs."""
    return f"{value:f}"


def money(value: Decimal, decimals: int) -> str:
    """Returns an amount with its thousands apart."""
    return speaking().number(value, decimals)


def where(place: Place) -> str:
    """Returns file and line."""
    return f"{place.file}:{place.line}"
