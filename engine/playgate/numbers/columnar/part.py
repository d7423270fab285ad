"""Some deals over columns: how they ended, whose they are, what they are worth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from playgate.columns.arrays import NEVER, Bools, Ints, first_in_deal
from playgate.columns.charges import last_acting, owners_at
from playgate.columns.conditions import holds
from playgate.columns.deals import Deals
from playgate.columns.field_tests import texts_at
from playgate.columns.patterns import matching
from playgate.columns.scope import ever_governed
from playgate.conditions import tree
from playgate.history.money import countable
from playgate.model.numbers import Occurrence
from playgate.numbers.period import Period

__all__ = ["Owners", "Part", "each_number", "is_in"]


class Owners(dict[str, int]):
    """The numbers of all who are charged or answer for deals; those who do not act get one, too."""

    def __init__(self, actors: list[str]) -> None:
        super().__init__((actor, number) for number, actor in enumerate(actors))
        self._names: list[str] = []

    def name(self, number: int) -> str:
        """Returns whose number it is."""
        if number >= len(self._names):
            self._names = list(self)
        return self._names[number]


class Part:
    """Some deals; of each when it was sold and when it ended, `NEVER` where it did not."""

    def __init__(self, deals: Deals, sale: frozenset[str], owners: Owners) -> None:
        self.deals = deals
        self.governed = ever_governed(deals)
        self.owners = owners
        self._sale = sale
        self.sold_at = first_in_deal(*self._into(sale), deals.count)
        """The position of the sale; -1 where there is none."""
        self.sold = self._when(self.sold_at)
        self.last_move = np.where(deals.moves > 0, self._move(deals.move_start[1:] - 1), -1)
        """The position of the last move; -1 where there is none."""
        self.ended = np.where(deals.is_ended, self._when(self.last_move), NEVER)

    def _move(self, move: Ints) -> Ints:
        position = self.deals.move_position
        return position[np.clip(move, 0, len(position) - 1)] if len(position) else move

    def _when(self, position: Ints) -> Ints:
        happened = self.deals.happened
        if not len(happened):
            return np.full(len(position), NEVER, np.int64)
        return np.where(position >= 0, happened[position], NEVER)

    def _into(self, stages: frozenset[str]) -> tuple[Ints, Ints]:
        """Returns the deals and positions of the moves into some stages."""
        deals = self.deals
        wanted = np.array([stage in stages for stage in deals.plan.stages], np.bool_)
        moves = np.flatnonzero(wanted[deals.move_into])
        return deals.move_deal[moves], deals.move_position[moves]

    # What happened

    def positions(self, occurrence: Occurrence) -> Ints:
        """Returns where something happened to governed deals, in order."""
        found = [self._word(word) for word in occurrence.words]
        found += [self._reached(stage) for stage in occurrence.reached]
        if occurrence.patterns:
            found.append(matching(self.deals, occurrence.patterns))
        every = found[0] if len(found) == 1 else np.unique(np.concatenate(found))
        return every[self.governed[self.deals.deal[every]]]

    def _word(self, word: str) -> Ints:
        deals = self.deals
        match word:
            case "opened":
                return deals.start[:-1][deals.is_one]
            case "won":
                return self.sold_at[self.sold_at >= 0]
        return self._into(deals.plan.judge.track.lost)[1]

    def _reached(self, stage: str) -> Ints:
        """Returns the moves by which deals first came into a stage or passed it by."""
        entry, passing = self.deals.first_entry(stage), self.deals.passing(stage)
        first = np.where((entry < 0) | ((passing >= 0) & (passing < entry)), passing, entry)
        return self.deals.move_position[first[first >= 0]]

    def firsts(self, position: Ints) -> Ints:
        """Returns the first of some positions of each deal."""
        deal = self.deals.deal[position]
        is_first = np.ones(len(position), np.bool_)
        is_first[1:] = deal[1:] != deal[:-1]
        return position[is_first]

    # Whose it is, and what it is worth

    def responsible(self, position: Ints, *, doer: bool = False) -> Ints:
        """Returns whose events are, as `occurrences.py: responsible` says."""
        deals = self.deals
        deal, actor = deals.deal[position], deals.actor[position]
        owner = owners_at(deals, deal, deals.happened[position], self.owners)
        last = last_acting(deals)[position]
        acted = np.where(last >= deals.start[deal], deals.actor[last], 0)
        found = np.where(owner >= 0, owner, acted)
        return np.where(actor > 0, actor, found) if doer else found

    def amounts(self, field: str, deal: Ints, at: Ints) -> Iterator[float | None]:
        """Yields a field's number in each deal as of an instant; `None` where it has none."""
        text = texts_at(self.deals, field, deal, at)
        numbers = np.unique(text).tolist()
        told = map(countable, self.deals.plan.typed(field, numbers))
        known = dict(zip(numbers, told, strict=True))
        return (known[each] for each in text.tolist())

    def now(self, condition: tree.Condition) -> Bools:
        """Tells of which deals a condition holds as of the audit."""
        moments = self.deals.now(np.arange(self.deals.count)).moments
        return holds(self.deals, condition, "", moments)


def is_in(period: Period, at: Ints) -> Bools:
    """Tells which instants lie in a period."""
    return (at >= period.start) & (at < period.end)


def each_number(numbers: Ints) -> Iterator[tuple[int, Ints]]:
    """Yields each number once, and the places that have it, in order."""
    if not len(numbers):
        return
    order = np.argsort(numbers, kind="stable")
    begins = np.flatnonzero(np.diff(numbers[order])) + 1
    for places in np.split(order, begins):
        yield int(numbers[places[0]]), places
