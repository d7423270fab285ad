"""A small line under a number: how it went, week by week."""

from __future__ import annotations

from playgate.language import say
from playgate.numbers.review import Review
from playgate.numbers.trends import Trend
from playgate.report.figures import percent
from playgate.report.html_parts import View
from playgate.report.numbers_words import number

__all__ = ["sparks"]

_WEEKS = 26
_LEAST = 4
_WIDE, _HIGH, _EDGE = 120, 26, 4


def sparks(review: Review) -> dict[str, View]:
    """Returns the lines of the last weeks, by the title of what they show."""
    found = {trend.title: _spark(trend) for trend in review.trends}
    return {title: spark for title, spark in found.items() if spark is not None}


def _spark(trend: Trend) -> View | None:
    last = list(enumerate(trend.weeks[-_WEEKS:]))
    known = [(place, week.value) for place, week in last if week.value is not None]
    if len(known) < _LEAST:
        return None
    values = [value for _, value in known]
    low, high = min(values), max(values)
    across = (_WIDE - 2 * _EDGE) / (len(last) - 1)
    up = (_HIGH - 2 * _EDGE) / (high - low) if high > low else 0.0
    points = [
        (_EDGE + place * across, _HIGH - _EDGE - (value - low) * up) for place, value in known
    ]
    shown = percent if trend.kind == "ratio" else number
    return {
        "width": _WIDE,
        "height": _HIGH,
        "points": " ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        "x": f"{points[-1][0]:.1f}",
        "y": f"{points[-1][1]:.1f}",
        "said": say(
            "The last {number} weeks: lowest {low}, highest {high}, last {last}",
            number=len(last),
            low=shown(low),
            high=shown(high),
            last=shown(values[-1]),
        ),
    }
