"""What deals did before a landmark, as candidates: each is a rule of the playbook's language, to
stand under `sequence`, and is read and judged as any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from playgate.conditions.instants import DAY, Zone, wall_clock
from playgate.history.deal import Deal
from playgate.history.event import Event, read_attrs
from playgate.model.numbers import LOOKS, Look
from playgate.model.playbook import Playbook

__all__ = ["Candidate", "Seen", "candidates"]

_MOST = 600
"""So many candidates are tried at most: of each look those that were seen most often."""
_SPANS = (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90)
_OFTEN = (2, 3)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NOON = 12
_OWNER = "owner"


class Candidate(NamedTuple):
    """Where it comes from, what it may be called, and the rule without its id."""

    look: Look
    name: str
    among: tuple[str, ...]
    """The activities that deals must have done at all: what narrows one is told from doing it
    otherwise, and not from leaving it."""
    rule: dict[str, Any]
    alike: tuple[str, ...]
    """The same of those that narrow the same in the same way, such as by another span."""

    @property
    def threshold(self) -> str:
        """How often, or within how long, it asks for something; empty where it does neither."""
        need = self.rule["need"]
        often = need.get("times")
        span = self.rule.get("within") or need.get("in_last") or ""
        return f"{often} times" if often else str(span)


class _Thing(NamedTuple):
    """Something that a deal did: an activity, or a field that became known, and what narrows it."""

    look: Look
    name: str
    how: str = ""
    detail: str | int = ""


class Seen:
    """In how many deals each thing was seen before the landmark."""

    def __init__(self, playbook: Playbook, parts: frozenset[str]) -> None:
        self._zone: Zone = playbook.zone
        self._activities = playbook.activities
        self._fields = playbook.fields.keys() - {_OWNER}
        self._parts = parts
        self.deals = 0
        self.things: Counter[_Thing] = Counter()

    def see(self, deal: Deal, landmark: int) -> None:
        """Takes a deal that entered the landmark with the event at this position."""
        self.deals += 1
        before = deal.events[:landmark]
        done = [event for event in before if event.kind == "activity"]
        found = {each for event in done for each in self._told(event)}
        found.update(_often(done), _order(done))
        found.update(_gaps(done, deal.happened[0], deal.happened[landmark]))
        found.update(
            _Thing("fields", event.name)
            for event in before
            if event.kind == "field" and event.name in self._fields
        )
        self.things.update(found)

    def _told(self, event: Event) -> Iterator[_Thing]:
        name = event.name
        yield _Thing("activities", name)
        if event.value and self._has(name, event.value):
            yield _Thing("activities", name, "outcome", event.value)
        parts = read_attrs(event).get("with", ())
        for part in parts if isinstance(parts, list) else (parts,):
            if isinstance(part, str) and (part in self._parts or not self._parts):
                yield _Thing("parts", name, "with", part)
        when = wall_clock(event.happened_at, self._zone)
        yield _Thing("weekdays", name, "on", _DAYS[when.weekday()])
        if when.hour < _NOON:
            yield _Thing("weekdays", name, "hours")

    def _has(self, name: str, outcome: str) -> bool:
        """Returns whether an activity may have an outcome: where some are declared, one of them."""
        declared = self._activities[name].words.outcomes if name in self._activities else ()
        return not declared or outcome in declared


def _often(done: list[Event]) -> Iterator[_Thing]:
    for name, times in Counter(event.name for event in done).items():
        yield from (
            _Thing("activities", name, "times", often) for often in _OFTEN if times >= often
        )


def _order(done: list[Event]) -> Iterator[_Thing]:
    names = list(dict.fromkeys(event.name for event in done))
    for place, name in enumerate(names):
        yield from (_Thing("order", name, "before", later) for later in names[place + 1 :])


def _gaps(done: list[Event], start: int, landmark: int) -> Iterator[_Thing]:
    """Yields how soon after the deal's start something was done, and how shortly before the
    landmark."""
    for event in done:
        since, left = event.happened_at - start, landmark - event.happened_at
        for days in _SPANS:
            if since <= days * DAY:
                yield _Thing("gaps", event.name, "within", days)
            if left <= days * DAY:
                yield _Thing("gaps", event.name, "in_last", days)


def candidates(
    seen: Seen, *, look: tuple[Look, ...], landmark: str, first: str, minimum: int
) -> list[Candidate]:
    """Returns what is to be tried: what at least `minimum` deals did, and as many did not.

    `landmark` is the stage by whose entry it was done, `first` the one in which deals start.
    """
    found: list[Candidate] = []
    for each in (each for each in LOOKS if each in look):
        things = (
            Candidate(
                each, _name(thing), _among(thing), _rule(thing, landmark, first), _alike(thing)
            )
            for thing, deals in sorted(seen.things.items(), key=_most_first)
            if thing.look == each and minimum <= deals <= seen.deals - minimum
        )
        found += islice(things, _MOST // len(look))
    return found


def _most_first(item: tuple[_Thing, int]) -> tuple[int, str, str, str]:
    thing, deals = item
    return -deals, thing.name, thing.how, f"{thing.detail:>9}"


def _among(thing: _Thing) -> tuple[str, ...]:
    if not thing.how:
        return ()
    return (thing.name, f"{thing.detail}") if thing.look == "order" else (thing.name,)


def _alike(thing: _Thing) -> tuple[str, ...]:
    is_one = thing.how in ("before", "with", "outcome")
    return (thing.look, thing.name, thing.how, f"{thing.detail}" if is_one else "")


def _name(thing: _Thing) -> str:
    words = {"times": "often", "outcome": "", "hours": "mornings", "in_last": "in-last"}
    detail = f"{thing.detail}-days" if thing.look == "gaps" else f"{thing.detail}"
    return "-".join(filter(None, (thing.name, words.get(thing.how, thing.how), detail)))


def _rule(thing: _Thing, landmark: str, first: str) -> dict[str, Any]:
    """Returns a thing as a rule that asks for it."""
    activity: dict[str, Any] = {"activity": thing.name}
    by_landmark: dict[str, Any] = {"before": {"stage": landmark}, "which": "first"}
    match thing.how:
        case "before":
            later = {"activity": thing.detail}
            return {"before": later, "which": "first", "need": activity}
        case "within":
            start = {"after": {"stage": first}, "which": "first"}
            return {**start, "need": activity, "within": _days(thing.detail)}
        case "in_last":
            return {**by_landmark, "need": {**activity, "in_last": _days(thing.detail)}}
        case "on":
            return {**by_landmark, "need": {**activity, "on": [thing.detail]}}
        case "hours":
            return {**by_landmark, "need": {**activity, "hours": ["00:00", "12:00"]}}
        case "":
            known = {"field": thing.name, "is": "present"}
            return {**by_landmark, "need": known if thing.look == "fields" else activity}
    return {**by_landmark, "need": {**activity, thing.how: thing.detail}}


def _days(number: str | int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"
