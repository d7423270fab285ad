"""Compiles condition trees to closures, built once per playbook and asked as of a moment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from operator import gt, lt, ne
from typing import Any as Anything

from playgate.conditions import tree
from playgate.conditions.comparisons import Passes, compile_test
from playgate.conditions.different import ValuesOf
from playgate.conditions.durations import Calendar
from playgate.conditions.facts import DealFacts, HoldsAt, Moment
from playgate.conditions.narrowing import Compares, Comparison, SpanStart, Terms
from playgate.conditions.patience import LOOK, Patience
from playgate.conditions.values import Reading, Value

__all__ = ["Compiler", "Counter", "Matches", "comparing"]

Matches = Callable[[DealFacts], list[int]]
"""Returns the positions of the events that match a pattern, in order."""


class Compiler:
    """Compiles the conditions of one playbook; with `patience`, what is asked counts its steps."""

    def __init__(
        self,
        *,
        signals: Mapping[str, tree.Condition],
        calendar: Calendar,
        reading: Reading,
        patience: Patience | None = None,
    ) -> None:
        self._patience = patience
        self._signals = signals
        self._calendar = calendar
        self._terms = Terms(calendar, reading, self.matches)
        self._keys = count()
        self._shared: dict[object, Anything] = {}
        self._conditions: dict[tuple[int, str], tuple[tree.Condition, HoldsAt]] = {}
        self._counters: dict[tuple[int, str], tuple[tree.Count, Counter]] = {}

    def condition(self, condition: tree.Condition, *, stage: str = "") -> HoldsAt:
        """Returns the closure that answers `condition`; `since: stage` in it means `stage`."""
        # Kept by identity, since hashing a whole tree is slow; the entry keeps its condition alive.
        key = (id(condition), stage)
        if key not in self._conditions:
            holds = self._condition(condition, stage)
            if self._patience is not None and not isinstance(condition, tree.SignalRef):
                holds = _patient(holds, self._patience, condition)
            self._conditions[key] = (condition, holds)
        return self._conditions[key][1]

    def _condition(self, condition: tree.Condition, stage: str) -> HoldsAt:
        match condition:
            case tree.FieldTest(field, test):
                return self._field_test(field, compile_test(test, self._calendar))
            case tree.ActivityCount() | tree.ChangeCount():
                return self.counter(condition, stage=stage).holds
            case tree.StageEntered(name, times, cap):
                return _entered(name) if times == 1 and cap is None else _entries(name, times, cap)
            case tree.SignalRef(name):
                return self.condition(self._signals[name], stage=stage)
            case tree.All(parts):
                return _all([self.condition(part, stage=stage) for part in parts])
            case tree.Any(parts, at_least):
                return _any([self.condition(part, stage=stage) for part in parts], at_least)
            case tree.Not(part):
                inner = self.condition(part, stage=stage)
                return lambda deal, moment: not inner(deal, moment)

    @staticmethod
    def _field_test(field: str, passes: Passes) -> HoldsAt:
        def holds(deal: DealFacts, moment: Moment) -> bool:
            track = deal.fields.get(field)
            if track is None:
                return passes(None, deal, moment)
            last = bisect_right(track.instants, moment.facts)
            return passes(track.values[last - 1] if last else None, deal, moment)

        return holds

    def counter(self, demand: tree.Count, *, stage: str = "") -> Counter:
        """Returns the counter of an activity demand."""
        key = (id(demand), stage)
        if key not in self._counters:
            self._counters[key] = (demand, self._counter(demand, stage))
        return self._counters[key][1]

    def _counter(self, demand: tree.Count, stage: str) -> Counter:
        different = demand.pattern.different
        return Counter(
            demand,
            matches=self.matches(demand.pattern),
            key=next(self._keys),
            values=different.values(self._terms) if different else None,
            starts=[each.of_stage(stage).start(self._terms) for each in demand.spans],
        )

    def pattern(self, patterns: tuple[tree.Pattern, ...]) -> Matches:
        """Returns the closure that finds the events that match any of `patterns`."""
        found = [self._counted(self._matches_of(pattern)) for pattern in patterns]
        if len(found) == 1:
            return found[0]
        return lambda deal: sorted({position for each in found for position in each(deal)})

    def _counted(self, matches: Matches) -> Matches:
        """Counts what is found as steps: whoever asks goes through it."""
        patience = self._patience
        if patience is None:
            return matches

        def counted(deal: DealFacts) -> list[int]:
            found = matches(deal)
            patience.spend(1 + len(found))
            return found

        return counted

    def _matches_of(self, pattern: tree.Pattern) -> Matches:
        match pattern:
            case tree.ActivityPattern() | tree.ChangePattern():
                return self.matches(pattern)
            case tree.StagePattern(stage):
                return lambda deal: [
                    position
                    for position, into in zip(deal.moves, deal.move_into, strict=True)
                    if into == stage
                ]
            case tree.FieldPattern(field, test):
                return self._field_changes(field, compile_test(test, self._calendar))
            case tree.SetPattern(field):
                return lambda deal: [
                    position
                    for position, last, value in _held(deal, field)
                    if value != last and deal.events[position].actor
                ]

    @staticmethod
    def _field_changes(field: str, passes: Passes) -> Matches:
        def matches(deal: DealFacts) -> list[int]:
            track = deal.fields.get(field)
            if track is None:
                return []
            return [
                position
                for at, value, position in zip(*track, strict=True)
                if passes(value, deal, Moment(at, at, 0, ""))
            ]

        return matches

    def matches(self, pattern: tree.Counted) -> Matches:
        """Returns the closure that finds the matching events, whoever did them."""
        key = ("matches", pattern.by_anyone)
        if key not in self._shared:
            self._shared[key] = self._counted(
                self._changes(pattern)
                if isinstance(pattern, tree.ChangePattern)
                else self._activity_matches(pattern)
            )
        matches: Matches = self._shared[key]
        return matches

    def _changes(self, pattern: tree.ChangePattern) -> Matches:
        goes, key = _DIRECTIONS[pattern.to], next(self._keys)
        fits = [each.fits(self._terms) for each in pattern.traits]

        def matches(deal: DealFacts) -> list[int]:
            found: list[int] | None = deal.cache.get(key)
            if found is None:
                found = deal.cache[key] = [
                    position
                    for position, last, value in _changed(deal, pattern.field)
                    if goes(last, value) and all(fit(deal, position) for fit in fits)
                ]
            return found

        return matches

    def _activity_matches(self, pattern: tree.ActivityPattern) -> Matches:
        names = pattern.names
        fits = [each.fits(self._terms) for each in pattern.traits]
        if len(names) == 1 and not fits:
            return lambda deal: deal.activities.get(names[0], _NOTHING)
        key = next(self._keys)

        def matches(deal: DealFacts) -> list[int]:
            found = deal.cache.get(key)
            if found is None:
                positions = deal.activities.get(names[0], [])
                if len(names) > 1:
                    positions = sorted(
                        position
                        for name in dict.fromkeys(names)
                        for position in deal.activities.get(name, ())
                    )
                for fit in fits:
                    positions = [position for position in positions if fit(deal, position)]
                found = deal.cache[key] = positions
            result: list[int] = found
            return result

        return matches


class Counter:
    """Counts the activities that a demand asks for, as of a moment."""

    def __init__(
        self,
        demand: tree.Count,
        *,
        matches: Matches,
        key: int,
        values: ValuesOf | None,
        starts: list[SpanStart],
    ) -> None:
        self.times = demand.times
        self.cap = demand.no_more_than
        self.matches = matches
        self._compares = comparing(demand.pattern.comparisons)
        self._key = key
        self._values = values
        self._starts = starts
        self.stays = self.cap is None and not (self._compares or starts)
        """Whether it stays enough once it is, so that the n-th instant decides."""
        self.holds: HoldsAt = self._simple() if self.stays else self._any_holds

    def _simple(self) -> HoldsAt:
        """Returns the closure for "at least n, ever", which the n-th effective instant decides."""
        times = self.times
        instants_of = self.instants

        def holds(deal: DealFacts, moment: Moment) -> bool:
            instants = instants_of(deal)
            return len(instants) >= times and instants[times - 1] <= moment.facts

        return holds

    def _any_holds(self, deal: DealFacts, moment: Moment) -> bool:
        counted = self.count(deal, moment)
        return counted <= self.cap if self.cap is not None else counted >= self.times

    def instants(self, deal: DealFacts) -> list[int]:
        """Returns when each matching activity takes effect, in order of time, whoever did it.

        Of different values it is when each is first there.
        """
        found: list[int] | None = deal.cache.get(self._key)
        if found is None:
            found = deal.cache[self._key] = self._instants_of(deal, self.matches(deal))
        return found

    def _instants_of(self, deal: DealFacts, positions: list[int]) -> list[int]:
        effective, values = deal.effective, self._values
        if values is None:
            return sorted([effective[position] for position in positions])
        first: dict[str, int] = {}
        for position in positions:
            for value in values(deal, position):
                first[value] = min(effective[position], first.get(value, effective[position]))
        return sorted(first.values())

    def instants_by(self, deal: DealFacts, moment: Moment) -> list[int]:
        """Returns when the activities counted at `moment` take effect; later ones may follow."""
        if self.stays:
            return self.instants(deal)
        return self._instants_of(deal, self.counted(deal, moment))

    def counted(self, deal: DealFacts, moment: Moment, *, happened: bool = False) -> list[int]:
        """Returns the positions of the activities that count at `moment`, in order.

        With `happened`, it counts as if everything had been logged at once.
        """
        start = self._start(deal, moment, happened)
        if start is None:
            return []
        since, after = start
        instants = deal.happened if happened else deal.effective
        until, compares = moment.at if happened else moment.facts, self._compares
        return [
            position
            for position in self.matches(deal)
            if position > after
            and since <= instants[position] <= until
            and (compares is None or compares(deal, position, moment.actor))
        ]

    def count(self, deal: DealFacts, moment: Moment, *, happened: bool = False) -> int:
        """Returns how many activities, or different values of them, count at `moment`."""
        found, values = self.counted(deal, moment, happened=happened), self._values
        if values is None:
            return len(found)
        return len({value for position in found for value in values(deal, position)})

    def enough(self, deal: DealFacts, moment: Moment, *, happened: bool = False) -> bool:
        """Whether at least `times` count."""
        if self.stays and (not happened or deal.effective is deal.happened):
            if happened and moment.facts != moment.at:
                moment = moment._replace(facts=moment.at)
            return self.holds(deal, moment)
        return self.count(deal, moment, happened=happened) >= self.times

    def _start(self, deal: DealFacts, moment: Moment, happened: bool) -> tuple[int, int] | None:
        """Returns from which instant, and after which position, things count; `None`: nothing."""
        since, after = _BEGINNING, -1
        for each in self._starts:
            found = each(deal, moment, happened)
            if found is None:
                return None
            since, after = max(since, found[0]), max(after, found[1])
        return since, after


_DIRECTIONS: dict[str, Callable[[Anything, Anything], bool]] = {
    "": ne,
    "later": lt,
    "higher": lt,
    "earlier": gt,
    "lower": gt,
}
"""How the last present value compares with the new one."""


def _changed(deal: DealFacts, field: str) -> Iterator[tuple[int, Value, Value]]:
    """Yields where a field has another present value, with the present value before it."""
    track, last = deal.fields.get(field), None
    if track is None:
        return
    for value, position in zip(track.values, track.positions, strict=True):
        if value is None:
            continue
        if last is not None and value != last:
            yield position, last, value
        last = value


def _held(deal: DealFacts, field: str) -> Iterator[tuple[int, Value | None, Value | None]]:
    """Yields each event of a field, with what the field held before it and what it holds then."""
    track, last = deal.fields.get(field), None
    if track is None:
        return
    for value, position in zip(track.values, track.positions, strict=True):
        yield position, last, value
        last = value


def comparing(comparisons: tuple[Comparison, ...]) -> Compares | None:
    """Returns the closure that asks all comparisons; `None` where there are none."""
    found = [each.compares() for each in comparisons]
    if len(found) < 2:
        return found[0] if found else None
    return lambda deal, position, judged: all(each(deal, position, judged) for each in found)


_BEGINNING = -(2**63)
_NOTHING: list[int] = []


def _patient(holds: HoldsAt, patience: Patience, condition: tree.Condition) -> HoldsAt:
    """Counts what a condition takes: an expression is looked for in texts of any length."""
    spend = patience.spend
    looks = isinstance(condition, tree.FieldTest) and condition.test.operator == "matches"
    steps = LOOK if looks else 1

    def patient(deal: DealFacts, moment: Moment) -> bool:
        spend(steps)
        return holds(deal, moment)

    return patient


def _entered(stage: str) -> HoldsAt:
    return lambda deal, moment: deal.first_entry.get(stage, moment.stages) < moment.stages


def _entries(stage: str, times: int, cap: int | None) -> HoldsAt:
    def holds(deal: DealFacts, moment: Moment) -> bool:
        entered = deal.move_into[: moment.stages].count(stage)
        return entered >= times if cap is None else entered <= cap

    return holds


def _all(parts: list[HoldsAt]) -> HoldsAt:
    if len(parts) == 1:
        return parts[0]

    def holds(deal: DealFacts, moment: Moment) -> bool:
        for part in parts:  # noqa: SIM110  (a loop is faster than a generator here)
            if not part(deal, moment):
                return False
        return True

    return holds


def _any(parts: list[HoldsAt], at_least: int) -> HoldsAt:
    if len(parts) == 1:
        return parts[0]
    if at_least > 1:
        return lambda deal, moment: sum(part(deal, moment) for part in parts) >= at_least

    def holds(deal: DealFacts, moment: Moment) -> bool:
        for part in parts:  # noqa: SIM110
            if part(deal, moment):
                return True
        return False

    return holds
