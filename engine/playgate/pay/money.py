"""Exact amounts: read from text, reckoned without loss, rounded once, where a line is written."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

from playgate.history.deal import Deal
from playgate.history.money import countable
from playgate.judge.seen import last_change
from playgate.language import speaking
from playgate.pay.model import Round

__all__ = [
    "EXACT",
    "ZERO",
    "exact_amount",
    "exact_number",
    "in_full",
    "rounded",
    "said_share",
    "total",
]

EXACT = Context(prec=200)
"""More digits than amounts and rates have together: nothing is lost before it is rounded."""
ZERO = Decimal(0)
_MODES = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN}
_DIGITS = Context(prec=60)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Returns the exact sum of amounts."""
    found = ZERO
    for amount in amounts:
        found = EXACT.add(found, amount)
    return found


def exact_number(value: float) -> Decimal:
    """Returns a number as its author wrote it, not as it is held."""
    return _DIGITS.create_decimal(str(value))


def exact_amount(deal: Deal, field: str, at: int) -> Decimal | None:
    """Returns a field's number as of an instant, digit by digit as it was recorded; `None` where it
    has none that can be added up."""
    held = countable(deal.field(field, at))
    if not held:
        return None if held is None else ZERO
    position = last_change(deal, field, at)
    assert position is not None  # noqa: S101  (it has a value)
    return _DIGITS.create_decimal(deal.events[position].value.strip())


def in_full(value: Decimal) -> str:
    """Returns an amount as people read it, with all of its digits."""
    exponent = value.as_tuple().exponent
    return speaking().number(value, max(0, -exponent) if isinstance(exponent, int) else 0)


def said_share(value: Decimal, said: str) -> str:
    """Returns a share as people read it: in percent, where its author wrote it so."""
    if not said.endswith("%"):
        return said
    return speaking().percent(in_full(EXACT.multiply(value, Decimal(100)).normalize(EXACT)))


def rounded(value: Decimal, decimals: int, rounding: Round) -> Decimal:
    """Returns the amount to so many decimals; half a unit goes away from zero, or to the even
    one."""
    unit = Decimal(1).scaleb(-decimals)
    found = value.quantize(unit, rounding=_MODES[rounding], context=EXACT)
    return found if found else abs(found)
