"""What a history shows, deal by deal: stages in order, activities, fields, silences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from playgate.conditions.instants import DAY
from playgate.conditions.values import FieldType, Kind, Reading, value_reader
from playgate.history.event import Event

__all__ = ["FieldSeen", "HistorySeen", "Moves", "moves_of"]

_MOST_OPTIONS = 12
_LEAST_OF_EACH = 10
_ENOUGH = 0.9
"""The share of values that must read as a type; what does not is told."""
_MOST_KEPT = 200
_OPTION = re.compile(r"[^\W_][\w-]{0,30}( [a-z][\w-]{0,30})?")
"""Options are words; names and addresses of people are text."""
_MOST_OF: dict[Kind, int] = {"integer": 4, "number": 15}
"""A whole number of more digits is an amount, which may have cents one day, or an id."""
_PLACEHOLDERS = frozenset(("n/a", "na", "tbd", "-", "--", "?", "none", "null", "unknown"))
_BOOLEANS = frozenset(("true", "false", "yes", "no"))
_KINDS: tuple[Kind, ...] = ("integer", "number", "date", "datetime")


class Moves(NamedTuple):
    """A deal's moves: the stages in order, and at which of its events each was entered."""

    stages: list[str]
    at: list[int]

    def first(self, stage: str) -> int | None:
        """Returns the event at which a stage was first entered."""
        return self.at[self.stages.index(stage)] if stage in self.stages else None


def moves_of(events: Sequence[Event]) -> Moves:
    """Returns a deal's moves; a stage event into the stage that it is in is none."""
    stages: list[str] = []
    at: list[int] = []
    for position, event in enumerate(events):
        if event.kind == "stage" and (not stages or stages[-1] != event.name):
            stages.append(event.name)
            at.append(position)
    return Moves(stages, at)


class FieldSeen:
    """The values of a field."""

    def __init__(self, reading: Reading) -> None:
        self._readers = {kind: value_reader(FieldType(kind), reading) for kind in _KINDS}
        self.deals = 0
        self.values = 0
        """How many values there were, placeholders left out."""
        self._read: Counter[Kind] = Counter()
        """How many values read as each type."""
        self._first: Counter[str] = Counter()
        """How often each of the first values came."""
        self.placeholders: set[str] = set()

    def see(self, text: str) -> None:
        """Takes one value."""
        value = text.strip()
        if not value:
            return
        if value.casefold() in _PLACEHOLDERS:
            self.placeholders.add(value.casefold())
            return
        self.values += 1
        if value in self._first or len(self._first) < _MOST_KEPT:
            self._first[value] += 1
        self._read.update(kind for kind in _KINDS if self._reads(kind, value))

    def _reads(self, kind: Kind, value: str) -> bool:
        digits = sum(each.isdigit() for each in value)
        if digits > _MOST_OF.get(kind, digits):
            return False
        return self._readers[kind](value) is not None

    @property
    def kind(self) -> Kind:
        """The narrowest type that nearly all values read as."""
        enough = _ENOUGH * self.values
        booleans = sum(n for each, n in self._first.items() if each.casefold() in _BOOLEANS)
        if not self.values:
            return "text"
        if booleans >= enough:
            return "boolean"
        fitting = (kind for kind in _KINDS if self._read[kind] >= enough)
        return next(fitting, "choice" if self._usual() else "text")

    def _usual(self) -> tuple[str, ...]:
        """Returns the values that nearly all are, the most frequent first; none where they are too
        many, or read like text."""
        often = [each for each in self._first.most_common(_MOST_OPTIONS) if each[1] > 1]
        covered = sum(number for _, number in often)
        if covered < _ENOUGH * self.values or covered < _LEAST_OF_EACH * len(often):
            return ()
        found = tuple(sorted(each for each, _ in often))
        return found if len(found) > 1 and all(map(_OPTION.fullmatch, found)) else ()

    @property
    def options(self) -> tuple[str, ...]:
        """The options of a choice."""
        return self._usual() if self.kind == "choice" else ()

    @property
    def unread(self) -> int:
        """How many values do not read as the type."""
        kind = self.kind
        if kind == "text":
            return 0
        if kind == "choice":
            return self.values - sum(self._first[each] for each in self.options)
        if kind == "boolean":
            known = (n for each, n in self._first.items() if each.casefold() in _BOOLEANS)
            return self.values - sum(known)
        return self.values - self._read[kind]


class ActivitySeen:
    """How often an activity was done, and how it ended."""

    def __init__(self) -> None:
        self.deals = 0
        self.times = 0
        self.outcomes: Counter[str] = Counter()


class HistorySeen:
    """Counts what the deals of a history show; each deal once, its events in order."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.deals = 0
        self.entered: Counter[str] = Counter()
        """How many deals came into each stage; the stages in the order in which they were met."""
        self.left: Counter[str] = Counter()
        """How many of them went on from it after their last entry."""
        self.before: Counter[tuple[str, str]] = Counter()
        """How many came into the one stage before they came into the other."""
        self.came_from: dict[str, set[str]] = {}
        self.fields: dict[str, FieldSeen] = {}
        self.activities: dict[str, ActivitySeen] = {}
        self.silences: Counter[int] = Counter()
        """How many silences lasted so many whole days."""

    def see(self, events: Sequence[Event]) -> None:
        """Takes one deal."""
        moves = moves_of(events)
        self.deals += 1
        self._see_moves(moves)
        self._see_silences(events, moves)
        for event in events:
            if event.kind == "field" and event.name not in self.fields:
                self.fields[event.name] = FieldSeen(self._reading)
            if event.kind == "field":
                self.fields[event.name].see(event.value)
            elif event.kind == "activity":
                activity = self.activities.setdefault(event.name, ActivitySeen())
                activity.times += 1
                if event.value:
                    activity.outcomes[event.value] += 1
        for name in {each.name for each in events if each.kind == "field"}:
            self.fields[name].deals += 1
        for name in {each.name for each in events if each.kind == "activity"}:
            self.activities[name].deals += 1

    def _see_moves(self, moves: Moves) -> None:
        first = list(dict.fromkeys(moves.stages))
        self.entered.update(first)
        self.left.update({*first} - {*moves.stages[-1:]})
        for place, stage in enumerate(first):
            self.before.update((stage, later) for later in first[place + 1 :])
        for came, stage in pairwise(moves.stages):
            self.came_from.setdefault(stage, set()).add(came)

    def _see_silences(self, events: Sequence[Event], moves: Moves) -> None:
        """Counts the time between activities and moves, from the first move to the last."""
        if not moves.at:
            return
        steps = [
            event.happened_at
            for event in events[moves.at[0] : moves.at[-1] + 1]
            if event.kind in ("stage", "activity")
        ]
        self.silences.update((later - earlier) // DAY for earlier, later in pairwise(steps))

    def in_order(self, stages: Iterable[str]) -> list[str]:
        """Returns stages in the order in which deals come into them, by how often each comes before
        each other."""
        known = list(stages)

        def ahead(stage: str) -> tuple[float, float]:
            wins = share = 0.0
            for other in known:
                here, there = self.before[stage, other], self.before[other, stage]
                if here != there:
                    wins += 1 if here > there else -1
                if here + there:
                    share += here / (here + there) - 0.5
            return -wins, -share

        return sorted(known, key=ahead)
