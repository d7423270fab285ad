"""A number with its interval, and what it rests on."""

from __future__ import annotations

from typing import Literal

from playgate.records import Record

__all__ = ["Figure", "standing"]


class Figure(Record):
    """A number with its interval, and what it rests on.

    `count` is how many deals, values or events it rests on; `part` of a ratio those that did, of a
    time those where it was seen to the end, of adherence the verdicts met. `open` are deals that
    may still do it; of a mean and a sum those without a value.
    """

    value: float | None
    low: float | None
    high: float | None
    count: int
    part: int = 0
    open: int = 0
    lower: float | None = None
    """The day by which a quarter had come, where the figure is a time."""
    upper: float | None = None
    """The day by which three quarters had come, where the figure is a time."""
    comes: float | None = None
    """Of a time until something comes: the share of deals that it comes to at all. The days are of
    these."""
    comes_low: float | None = None
    comes_high: float | None = None

    def rests_on(self, kind: str) -> int:
        """Returns how many deals decide the value; of a time, those where it was seen to the
        end."""
        return self.part if kind == "time" else self.count


def standing(
    found: Figure, at_least: float | None, at_most: float | None
) -> tuple[Literal["met", "missed"] | None, bool]:
    """Returns whether a target is met, and whether the whole interval lies on that side."""
    value, low, high = found.value, found.low, found.high
    if value is None or (at_least is None and at_most is None):
        return None, False
    least = float("-inf") if at_least is None else at_least
    most = float("inf") if at_most is None else at_most
    if least <= value <= most:
        return "met", low is not None and high is not None and least <= low and high <= most
    if value < least:
        return "missed", high is not None and high < least
    return "missed", low is not None and low > most
