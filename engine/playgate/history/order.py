"""Settles a deal's events: one of each, in order, those from the start given their instant."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from playgate.history.event import START, Event, Problem, event_id, said

__all__ = ["Clash", "SettledEvents", "settle"]

_AT = itemgetter(1)
_ID = itemgetter(7)
_REST = itemgetter(11)
FINELY = itemgetter(1, 11)
_APART = itemgetter(1, 3, 4)
"""Instant, name and value: where these differ no two events are alike."""
_SAID = itemgetter(1, 2, 3, 4, 5, 6, 8, 11)
"""All that an event says, besides whose it is and which."""
_DERIVED = "e-"
_NONE = {""}


class Clash(NamedTuple):
    """Two events have one id and say different things: the first in the source stays."""

    kept: Event
    left_out: Event

    def problem(self, sources: Sequence[str]) -> Problem:
        """Returns the clash as a problem of the second row, which names the first."""
        kept, left_out = (
            f"{sources[each.source] if each.source < len(sources) else ''}:{each.line}"
            for each in self
        )
        file = left_out.rpartition(":")[0]
        reason = f'the id "{self.kept.event_id}" is taken: {kept} has it with other content'
        return Problem(file, self.left_out.line, reason, "the first stays; this row is left out")


class SettledEvents(NamedTuple):
    """A deal's events, each once and in order, how many repeated another, and which ids were
    taken."""

    events: list[Event]
    duplicates: int
    clashes: tuple[Clash, ...] = ()


def settle(events: list[Event]) -> SettledEvents:
    """The deal's distinct events by `happened_at` (to the last digit), then place.

    `events` are all those of one deal, in the order of the source. Of two with one id the first
    stays, as of two without ids that are equal in all columns. Fields known from the start take the
    earliest instant and stand first in it, once for each field; a deal of which nothing else is
    known has no events.
    """
    finely = any(map(_REST, events))
    ordered = sorted(events, key=FINELY if finely else _AT)
    if ordered and ordered[0][1] == START:
        ordered = _resolve(ordered)
    ids = set(map(_ID, ordered))
    if "" not in ids and len(ids) == len(ordered):
        return SettledEvents(ordered, 0)
    if ids == _NONE and len(set(map(_APART, ordered))) == len(ordered):
        return SettledEvents(ordered, 0)
    derive = any(given.startswith(_DERIVED) for given in ids)
    if not derive and _are_apart(ordered, ids):
        return SettledEvents(ordered, 0)
    kept, clashes = _distinct(ordered, events, derive)
    kept.sort(key=FINELY if finely else _AT)
    return SettledEvents(kept, len(ordered) - len(kept) - len(clashes), tuple(clashes))


def _resolve(ordered: list[Event]) -> list[Event]:
    """Events at START moved to the first instant, still in front; the first of each field."""
    known: dict[str, Event] = {}
    count = 0
    for event in ordered:
        if event.happened_at != START:
            break
        count += 1
        known.setdefault(event.name, event)
    if count == len(ordered):
        return []
    first = ordered[count].happened_at
    begun = (event._replace(happened_at=first, recorded_at=first) for event in known.values())
    return [*begun, *ordered[count:]]


def _are_apart(ordered: list[Event], ids: set[str]) -> bool:
    """Whether no two events share an id, nor any without an id look alike."""
    bare = [event for event in ordered if not event.event_id]
    given = len(ids) - bool(bare)
    return given == len(ordered) - len(bare) and len(set(map(_APART, bare))) == len(bare)


def _distinct(
    ordered: list[Event], events: list[Event], derive: bool
) -> tuple[list[Event], list[Clash]]:
    """Returns the first in the source of each id, or of all that is alike, and the clashes.

    Where ids are derived, one that was written out counts as derived.
    """
    kept: list[Event] = []
    clashes: list[Clash] = []
    seen: dict[object, Event] = {}
    place = {id(event): index for index, event in enumerate(events)}
    for event in sorted(ordered, key=lambda each: place.get(id(each), -1)):
        key = event.event_id or (event_id(event) if derive else said(event))
        first = seen.get(key)
        if first is None:
            seen[key] = event
            kept.append(event)
        elif _SAID(first) != _SAID(event):
            clashes.append(Clash(first, event))
    return kept, clashes
