"""Shares and instants as people read them; the same in every report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playgate.audit.result import Share
from playgate.conditions.instants import Zone, show_instant
from playgate.language import speaking

if TYPE_CHECKING:
    from playgate.numbers.result import Figure

__all__ = ["FEW_DEALS", "day", "instant", "minute", "percent", "share", "trimmed"]

FEW_DEALS = 10
"""Below so many deals a share says little, and is marked."""


def instant(value: int | None) -> str | None:
    """Returns an instant as RFC 3339 in UTC, and `None` for none."""
    return None if value is None else show_instant(value)


def day(at: int | None, zone: Zone) -> str:
    """Returns the day on which an instant lies."""
    return "–" if at is None else speaking().day(show_instant(at, zone)[:10])


def minute(at: int, zone: Zone) -> str:
    """Returns the day on which an instant lies, with its time."""
    return f"{day(at, zone)} {show_instant(at, zone)[11:16]}"


def percent(value: float | None) -> str:
    """Returns a share as whole percent; what is not quite all or nothing is not rounded to 100 or
    0."""
    if value is None:
        return "–"
    whole = round(value * 100)
    shown = f"{whole}"
    if whole == 100 and value < 1:
        shown = ">99"
    elif whole == 0 and value > 0:
        shown = "<1"
    return speaking().percent(shown)


def trimmed(value: float) -> float:
    """Returns the value without the noise of the arithmetic: to nine digits."""
    return float(f"{value:.9g}")


def share(value: Share | Figure) -> str:
    """Returns a share with its interval: `87 % (82–91)`."""
    shown = percent(value.value)
    if value.low is None or value.high is None:
        return shown
    return f"{shown} ({round(value.low * 100)}–{round(value.high * 100)})"
