"""Some deals as of an instant: their events, moves and entries as arrays, deal after deal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from playgate.columns.arrays import Bools, Ints, first_in_deal, offsets, spread, until
from playgate.columns.lengths import shifted
from playgate.columns.plan import ACTIVITY, FIELD, STAGE, UNKNOWN, WAIVER, Plan
from playgate.columns.rows import Rows
from playgate.columns.settled import SettledRows
from playgate.history.deal import Deal
from playgate.history.event import Event

__all__ = ["Deals", "Dues", "Moments"]

_T = TypeVar("_T")
_NO_ACTOR = 0


class Moments(NamedTuple):
    """Moments (`conditions/facts.py: Moment`) of deals; actors are numbers, 0 is nobody."""

    deal: Ints
    at: Ints
    facts: Ints
    stages: Ints
    actor: Ints

    def take(self, which: Any) -> Moments:
        """Returns some of them."""
        return Moments(*(column[which] for column in self))


class Dues(NamedTuple):
    """When rules are due (`conditions/facts.py: DueAt`); positions are those of all events."""

    at: Ints
    position: Ints
    moments: Moments

    @property
    def deal(self) -> Ints:
        """The deal of each."""
        return self.moments.deal

    def take(self, which: Any) -> Dues:
        """Returns some of them."""
        return Dues(self.at[which], self.position[which], self.moments.take(which))

    def where(self, which: Bools) -> Dues:
        """Returns those for which something is true."""
        return self if which.all() else self.take(np.flatnonzero(which))

    def with_those(self, other: Dues) -> Dues:
        """Returns these and others behind them."""
        pairs = zip(self.moments, other.moments, strict=True)
        return Dues(
            np.concatenate((self.at, other.at)),
            np.concatenate((self.position, other.position)),
            Moments(*(np.concatenate(pair) for pair in pairs)),
        )


class Deals:
    """Deals, numbered from 0, with what a playbook knows of their events until as of.

    `start` says where each deal's events begin, and `move_start` where its moves begin; a
    position is a place among all events. `met` are all rows until as of, known or not.
    """

    def __init__(self, plan: Plan, rows: Rows, settled: SettledRows, number: Ints) -> None:
        self.plan = plan
        self.rows = rows
        self.number = number
        """The number of each deal among the words."""
        self.count = len(number)
        self.as_of = plan.as_of
        by_now = settled.at <= plan.as_of
        self.met_row, self.met_deal = settled.row[by_now], settled.deal[by_now]
        self.met_at, self.met_recorded = settled.at[by_now], settled.recorded[by_now]
        self.met_name = rows.name[self.met_row].astype(np.int64)
        self._kept: dict[object, Any] = {}
        self._take_known()
        self._take_moves()
        self.is_one = self.start[1:] > self.start[:-1]
        """Whether the playbook knows anything of a deal; else it is none."""

    def _take_known(self) -> None:
        plan, rows = self.plan, self.rows
        kind = plan.kind[self.met_name]
        known = np.flatnonzero((kind != UNKNOWN) & ~self._stays(kind))
        self.known = known
        """The place of each event among all that were met."""
        self.row, self.deal, self.happened = (
            each[known] for each in (self.met_row, self.met_deal, self.met_at)
        )
        self.name, self.kind = self.met_name[known], kind[known]
        recorded = self.met_recorded[known]
        self.value, self.actor, self.attrs = (
            each[self.row].astype(np.int64) for each in (rows.value, rows.actor, rows.attrs)
        )
        self.effective = self._effective(recorded)
        self.start = offsets(self.deal, self.count)

    def _stays(self, kind: npt.NDArray[np.int8]) -> Bools:
        """Tells the stage events into the stage that a deal is in already."""
        found = np.zeros(len(kind), np.bool_)
        entering = np.flatnonzero(kind == STAGE)
        deal, stage = self.met_deal[entering], self.plan.stage[self.met_name[entering]]
        found[entering[1:]] = (deal[1:] == deal[:-1]) & (stage[1:] == stage[:-1])
        return found

    def _effective(self, recorded: Ints) -> Ints:
        apart = self.kind == WAIVER
        late_after = self.plan.playbook.late_after
        if late_after is not None:
            late = np.flatnonzero((self.kind == ACTIVITY) & (recorded > self.happened))
            limit = shifted(late_after, self.plan.playbook.calendar, self.happened[late])
            apart[late[recorded[late] > limit]] = True
        return np.where(apart, recorded, self.happened) if apart.any() else self.happened

    def _take_moves(self) -> None:
        plan = self.plan
        self.move_position = np.flatnonzero(self.kind == STAGE)
        self.move_deal = self.deal[self.move_position]
        self.move_at = self.happened[self.move_position]
        self.move_into = plan.stage[self.name[self.move_position]]
        self.move_start = offsets(self.move_deal, self.count)
        self.moves = np.diff(self.move_start)
        """How many each deal has."""
        last = self.move_start[1:] - 1
        self.is_ended = np.zeros(self.count, np.bool_)
        has = self.moves > 0
        self.is_ended[has] = plan.ends[self.move_into[last[has]]]
        self.is_open = has & ~self.is_ended

    def kept(self, key: object, make: Callable[[], _T]) -> _T:
        """Returns what was made once for a key."""
        if key not in self._kept:
            self._kept[key] = make()
        found: _T = self._kept[key]
        return found

    # Events

    def named(self, kind: int, name: str) -> Ints:
        """Returns the positions of the events of a name."""
        kinds = {STAGE: "stage", ACTIVITY: "activity", FIELD: "field"}
        number = self.plan.number_of_name.get((kinds[kind], name), -1)
        order, names = self.kept("by name", self._by_name)
        low, high = np.searchsorted(names, (number, number + 1))
        found: Ints = order[low:high]
        return found

    def _by_name(self) -> tuple[Ints, Ints]:
        is_few = len(self.plan.words.names) < 2**15  # small numbers are sorted by counting
        order = np.argsort(self.name.astype(np.int16) if is_few else self.name, kind="stable")
        return order, self.name[order]

    # Moves

    def into(self, stage: str) -> tuple[Ints, Ints]:
        """Returns the moves into a stage, and where those of each deal begin."""

        def make() -> tuple[Ints, Ints]:
            number = self.plan.stage_number.get(stage, -1)
            moves = np.flatnonzero(self.move_into == number)
            return moves, offsets(self.move_deal[moves], self.count)

        return self.kept(("into", stage), make)

    def first_entry(self, stage: str) -> Ints:
        """Returns the move by which each deal first entered a stage; -1 where it never did."""

        def make() -> Ints:
            moves, _ = self.into(stage)
            return first_in_deal(self.move_deal[moves], moves, self.count)

        return self.kept(("first entry", stage), make)

    def passing(self, stage: str) -> Ints:
        """Returns the first move of each deal into a stage later on the track; -1 where it has
        none."""

        def make() -> Ints:
            track = self.plan.judge.track
            place = track.place.get(stage, len(track.open))
            moves = np.flatnonzero(self.plan.place[self.move_into] > place)
            if place >= len(track.open):
                moves = moves[:0]
            return first_in_deal(self.move_deal[moves], moves, self.count)

        return self.kept(("passing", stage), make)

    def is_skipped(self, stage: str) -> Bools:
        """Tells the deals that passed an optional stage without entering it."""

        def make() -> Bools:
            found = np.zeros(self.count, np.bool_)
            if stage in self.plan.judge.track.optional:
                passing = self.passing(stage)
                deals = np.flatnonzero(passing >= 0)
                seen = self.move_dues().moments.stages[passing[deals]]
                found[deals] = ~self.has_entered(stage, deals, seen)
            return found

        return self.kept(("skipped", stage), make)

    def has_entered(self, stage: str, deal: Ints, seen: Ints) -> Bools:
        """Tells which deals have entered a stage among so many of their moves."""
        entry = self.first_entry(stage)[deal]
        found: Bools = (entry >= 0) & (entry - self.move_start[deal] < seen)
        return found

    # Moments

    def move_dues(self) -> Dues:
        """Returns when rules fall due at each move, grace included."""

        def make() -> Dues:
            grace = self.plan.playbook.grace
            at, deal = self.move_at, self.move_deal
            if grace is None or grace.is_nothing:
                return Dues(at, self.move_position, self.plain_move_moments())
            facts = np.minimum(shifted(grace, self.plan.playbook.calendar, at), self.as_of)
            actor = self.actor[self.move_position]
            moments = Moments(deal, facts, facts, self.moves_by(deal, facts), actor)
            return Dues(at, self.move_position, moments)

        return self.kept("move dues", make)

    def plain_move_moments(self) -> Moments:
        """Returns what is seen from each move without grace."""
        deal, at = self.move_deal, self.move_at
        seen = np.arange(len(deal)) - self.move_start[deal] + 1
        return Moments(deal, at, at, seen, self.actor[self.move_position])

    def moves_by(self, deal: Ints, at: Ints) -> Ints:
        """Returns how many moves each deal has made by an instant."""
        low = self.move_start[deal]
        return until(self.move_at, low, self.move_start[deal + 1], at) - low

    def instant_moments(self, deal: Ints, at: Ints, actor: Ints | None = None) -> Moments:
        """Returns what is seen from instants that are no moves."""
        nobody = np.full(len(deal), _NO_ACTOR, np.int64)
        return Moments(deal, at, at, self.moves_by(deal, at), nobody if actor is None else actor)

    def event_moments(self, position: Ints, *, grace: bool) -> Moments:
        """Returns what is seen from events once they are effective."""
        found = self.instant_moments(
            self.deal[position], self.effective[position], self.actor[position]
        )
        moving = np.flatnonzero(self.kind[position] == STAGE)
        if not len(moving):
            return found
        moments = self.move_dues().moments if grace else self.plain_move_moments()
        move = np.searchsorted(self.move_position, position[moving])
        for column, its in zip(found, moments, strict=True):
            column[moving] = its[move]
        return found

    def now(self, deal: Ints) -> Dues:
        """Returns what is due as of now in deals."""
        at = np.full(len(deal), self.as_of, np.int64)
        return Dues(at, np.full(len(deal), -1, np.int64), self.instant_moments(deal, at))

    def by_now(self, moments: Moments) -> Moments:
        """Returns moments with everything that has come since; time windows keep their start."""
        facts = np.full(len(moments.deal), self.as_of, np.int64)
        return moments._replace(facts=facts, stages=self.moves[moments.deal])

    # For the judge

    def deal_of(self, number: int, *, with_ids: bool = False) -> Deal:
        """Returns a deal as the judge reads it; findings need the ids of its events."""
        low, high = np.searchsorted(self.met_deal, (number, number + 1))
        events = self._events(np.arange(low, high), with_ids=with_ids)
        return self.plan.reader.read(self.name_of(number), events, self.as_of)

    def read(self, numbers: Sequence[int]) -> Iterator[tuple[int, Deal]]:
        """Yields some deals, with their numbers, as the judge reads them."""
        wanted = np.array(numbers, np.int64)
        low, high = np.searchsorted(self.met_deal, (wanted, wanted + 1))
        _, places = spread(low, high)
        yield from self._read(numbers, self._events(places), np.cumsum(high - low).tolist())

    def read_only(self, places: Ints) -> Iterator[tuple[int, Deal]]:
        """Yields the deals that have some rows, with no others; they are places among all."""
        numbers, sizes = np.unique(self.met_deal[places], return_counts=True)
        yield from self._read(numbers.tolist(), self._events(places), np.cumsum(sizes).tolist())

    def _read(
        self, numbers: Sequence[int], events: list[Event], ends: Sequence[int]
    ) -> Iterator[tuple[int, Deal]]:
        low = 0
        for number, high in zip(numbers, ends, strict=True):
            name, its = self.name_of(number), events[low:high]
            yield number, self.plan.reader.read(name, its, self.as_of)
            low = high

    def _events(self, places: Ints, *, with_ids: bool = False) -> list[Event]:
        """Returns rows by their places among all; what happened at the start has its instant."""
        times = zip(self.met_at[places].tolist(), self.met_recorded[places].tolist(), strict=True)
        return [
            event._replace(happened_at=at, recorded_at=recorded)
            for event, (at, recorded) in zip(
                self.rows.events(self.met_row[places], with_ids=with_ids), times, strict=True
            )
        ]

    def name_of(self, number: int) -> str:
        """Returns the id of a deal."""
        return self.plan.words.deals[int(self.number[number])]
