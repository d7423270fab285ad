"""What a history shows, deal by deal: stages in order, activities, fields, silences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from playgate.conditions.instants import DAY
from playgate.conditions.values import FieldType, Kind, Reading, value_reader
from playgate.history.event import Event

__all__ = ["FieldSeen", "HistorySeen", "Moves", "moves_of"]

_MOST_OPTIONS = 12
_LEAST_OF_EACH = 3
_MOST_KEPT = 200
_LONGEST_OPTION = 40
_MOST_DIGITS = 15
"""A whole number of more digits is an id, which must stay text."""
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
        self._reading = reading
        self.deals = 0
        self._kinds: list[Kind] = list(_KINDS)
        self._values: Counter[str] = Counter()
        self._is_all_kept = True
        self.placeholders: set[str] = set()

    def see(self, text: str) -> None:
        """Takes one value."""
        value = text.strip()
        if not value:
            return
        if value.casefold() in _PLACEHOLDERS:
            self.placeholders.add(value.casefold())
            return
        if value not in self._values:
            if len(self._values) >= _MOST_KEPT:
                self._is_all_kept = False
            self._kinds = [kind for kind in self._kinds if self._reads(kind, value)]
            if not self._is_all_kept:
                return
        self._values[value] += 1

    def _reads(self, kind: Kind, value: str) -> bool:
        digits = sum(each.isdigit() for each in value)
        if kind in ("integer", "number") and digits > _MOST_DIGITS:
            return False
        return value_reader(FieldType(kind), self._reading)(value) is not None

    @property
    def kind(self) -> Kind:
        """The narrowest type that all values read as."""
        values = self._values
        if values and self._is_all_kept and {each.casefold() for each in values} <= _BOOLEANS:
            return "boolean"
        if values and self._kinds:
            return self._kinds[0]
        return "choice" if self._is_choice() else "text"

    def _is_choice(self) -> bool:
        values = self._values
        return (
            self._is_all_kept
            and 1 < len(values) <= _MOST_OPTIONS
            and sum(values.values()) >= _LEAST_OF_EACH * len(values)
            and all(len(each) <= _LONGEST_OPTION and each.isprintable() for each in values)
        )

    @property
    def options(self) -> tuple[str, ...]:
        """The options of a choice, the most frequent first."""
        if self.kind != "choice":
            return ()
        return tuple(sorted(self._values, key=lambda each: (-self._values[each], each)))


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
        for came, stage in zip(moves.stages, moves.stages[1:], strict=False):
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
        self.silences.update(
            (later - earlier) // DAY for earlier, later in zip(steps, steps[1:], strict=False)
        )

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
