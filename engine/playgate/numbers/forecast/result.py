"""What the next days bring, as frozen values that every report renders.

Instants are microseconds since 1970 in UTC; chances are fractions of 1, intervals are at 95 %.
"""

from __future__ import annotations

from typing import Literal

from playgate.numbers.result import Basis
from playgate.records import Record

__all__ = ["Backtest", "Brought", "Coming", "Expected", "Forecast", "Whose"]

Whose = Literal["company", "team", "rep", "segment"]


class Brought(Record):
    """What open deals of somebody, or of a segment, are likely to bring."""

    scope: Whose
    id: str
    name: str
    deals: int
    amount: float
    """Of all of them, whatever their chance."""
    value: float
    low: float
    high: float
    commit: float
    """The part of the value that comes from deals whose gate is met."""


class Coming(Record):
    """What is likely to come until an instant, of open deals and those not yet begun."""

    end: int
    value: float
    low: float
    high: float


class Expected(Record, kw_only=True):
    """An open deal, and the chance that it is sold within the horizon."""

    deal: str
    rep: str
    stage: str
    days: int
    """Since it came into the stage."""
    segment: str
    amount: float | None
    """`None` where it has none: it is taken to be worth what sold deals are on average."""
    chance: float
    value: float
    ready: bool
    """Whether all is met that its next move asks for."""
    missing: tuple[str, ...]
    """The rules of its gate that are not met."""
    would: float
    """How much more it would be worth were its gate met; below 0 never."""
    why: tuple[str, ...]


class Backtest(Record, kw_only=True):
    """The same forecast made at earlier dates, held against what came."""

    times: int
    """How often it was made; 0 where the history is too short."""
    deals: int
    brier: float | None
    """The mean square of the deals' chances less what came, 0 or 1 (Brier 1950): less is better."""
    brier_by_stage: float | None
    """The same with nothing but each stage's share."""
    error: float | None
    """How far the sum was off on average, as a share of what came on average."""
    error_by_stage: float | None
    error_by_last: float | None
    """The same where what the span before brought is taken for the next."""
    covered: int
    """How often what came lay within the interval."""


class Forecast(Record, kw_only=True):
    """What comes from now to the horizon's end."""

    basis: Basis
    unit: str
    days: int
    start: int
    end: int
    value: float | None
    """`None` where the history is too short to tell."""
    low: float | None
    high: float | None
    commit: float
    fresh: float
    """The part of the value that comes from deals not yet begun."""
    lines: tuple[Brought, ...]
    deals: tuple[Expected, ...]
    """Those worth most first."""
    backtest: Backtest
    notes: tuple[str, ...]
