"""Settles a deal's events: one of each, in order, those from the start given their instant."""

from __future__ import annotations

from operator import itemgetter

from playgate.history.event import START, Event, event_id

__all__ = ["settle"]

_AT = itemgetter(1)
_ID = itemgetter(7)
_APART = itemgetter(1, 3, 4)
"""Instant, name and value: where these differ no two events are alike."""
_DERIVED = "e-"


def settle(events: list[Event]) -> tuple[list[Event], int]:
    """The deal's distinct events by `happened_at`, then place; and how many were duplicates.

    `events` are all those of one deal, in the order of the source. Of two with one id the first
    stays, as of two without ids that are equal in all columns. Fields known from the start take the
    earliest instant and stand first in it, once for each field; a deal of which nothing else is
    known has no events.
    """
    ordered = sorted(events, key=_AT)
    if ordered and ordered[0][1] == START:
        ordered = _resolve(ordered)
    if any(map(_ID, ordered)):
        kept = _by_id(ordered, events)
    elif len(set(map(_APART, ordered))) == len(ordered):
        return ordered, 0
    else:
        kept = _without_twins(ordered)
    return kept, len(ordered) - len(kept)


def _resolve(ordered: list[Event]) -> list[Event]:
    """Events at START moved to the first instant, still in front; the first of each field."""
    known: dict[str, Event] = {}
    count = 0
    for event in ordered:
        if event[1] != START:
            break
        count += 1
        known.setdefault(event.name, event)
    if count == len(ordered):
        return []
    first = ordered[count][1]
    begun = [
        Event._make((event[0], first, *event[2:6], first, *event[7:])) for event in known.values()
    ]
    return begun + ordered[count:]


def _without_twins(ordered: list[Event]) -> list[Event]:
    kept: list[Event] = []
    seen: set[tuple[object, ...]] = set()
    instant = START
    for event in ordered:
        if event[1] != instant:
            instant = event[1]
            seen.clear()
        columns = event[:9]
        if columns not in seen:
            seen.add(columns)
            kept.append(event)
    return kept


def _by_id(ordered: list[Event], events: list[Event]) -> list[Event]:
    """The first in the source of each id; a derived id that was written out counts as derived."""
    ids = {event[7] for event in ordered}
    derive = any(given.startswith(_DERIVED) for given in ids)
    kept: list[Event] = []
    seen: set[object] = set()
    place = {id(event): index for index, event in enumerate(events)}
    for event in sorted(ordered, key=lambda each: place.get(id(each), -1)):
        key = event[7] or (event_id(event) if derive else event[:9])
        if key not in seen:
            seen.add(key)
            kept.append(event)
    kept.sort(key=_AT)
    return kept
