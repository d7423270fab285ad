"""When things happened, as requests say it."""

from __future__ import annotations

from datetime import UTC

from playgate.conditions.instants import (
    EVENTS_FROM,
    EVENTS_UNTIL,
    OUT_OF_RANGE,
    SKEW,
    Zone,
    read_instant,
    show_instant,
)
from playgate.enforce.live import Live
from playgate.errors import InputError

__all__ = ["bounded", "happened", "instant", "since_of", "zone_of"]


def instant(text: str | None, zone: Zone, default: int) -> int:
    """Returns the instant that `at` names, else `default`; raises `InputError` where it is none."""
    if text is None:
        return default
    hint = "write 2026-03-31T09:00:00+01:00, or a date for its midnight"
    return bounded("at", text, read_instant(text, zone), hint)


def bounded(what: str, text: str, instant: int | None, hint: str) -> int:
    """Returns the instant that a text names; raises `InputError` where it is none, or none that
    anything can have happened at."""
    if instant is None:
        raise InputError(f'{what}: "{text[:60]}" is no date', hint=hint, code="wrong-value")
    if not EVENTS_FROM <= instant <= EVENTS_UNTIL:
        message = f'{what}: "{text[:60]}" {OUT_OF_RANGE}'
        raise InputError(message, hint="correct the year", code="wrong-value")
    return instant


def zone_of(live: Live, deal: str) -> Zone:
    """Returns the time zone of the playbook that judges a deal."""
    return live.pinned(live.row(deal)).zone


def happened(text: str | None, zone: Zone, now: int) -> int:
    """Returns when something that is to be recorded happened; raises `InputError` for the
    future."""
    found = instant(text, zone, now)
    if found > now + SKEW:
        hint = f"now is {show_instant(now, zone)}; record it when it has happened"
        message = f'at: "{text}" lies in the future'
        raise InputError(message, hint=hint, code="in-the-future")
    return found


def since_of(text: str | None) -> int | None:
    """Returns the instant from which on something counts, a date being its midnight in UTC; raises
    `InputError` where it is none."""
    if text is None:
        return None
    hint = "write 2026-03-31T09:00:00Z, or a date for its midnight in UTC"
    return bounded("since", text, read_instant(text, UTC), hint)
