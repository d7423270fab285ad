"""Instants that options name."""

from __future__ import annotations

from playgate.conditions.instants import Zone, day_end, read_instant
from playgate.enforce.when import bounded

__all__ = ["instant_of"]


def instant_of(option: str, text: str | None, zone: Zone, *, end: bool) -> int | None:
    """Returns the instant that an option names; a bare date means the day's end, or its
    beginning."""
    if text is None:
        return None
    instant = day_end(text, zone) if end else read_instant(text, zone)
    return bounded(option, text, instant, "write 2026-03-31 or 2026-03-31T09:00:00+01:00")
