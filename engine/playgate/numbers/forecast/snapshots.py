"""Where each deal stood at earlier dates, and whether it was sold within the horizon from then."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from playgate.conditions.facts import HoldsAt
from playgate.conditions.instants import DAY
from playgate.history.deal import Deal, no_roles, responsible
from playgate.history.money import Amounts, NotAdded, Rates
from playgate.history.people import People
from playgate.history.walk import walk
from playgate.judge.judge import CompiledRule, Judge
from playgate.model.numbers import Forecasting, Numbers
from playgate.model.playbook import Playbook
from playgate.numbers.customers import Customers, groups_of
from playgate.numbers.history import History
from playgate.numbers.occurrences import Reader, sale_stages, value_of
from playgate.rules import asks, due
from playgate.rules.list import glob_matches

__all__ = ["MOST_CUTS", "Snapshot", "Snapshots", "take"]

MOST_CUTS = 36
"""So many earlier dates are looked at, at most."""


class Snapshot(NamedTuple):
    """An open deal as it stood at a date."""

    cut: int
    """How many horizons before now; 0 is now."""
    deal: str
    rep: str
    stage: str
    days: int
    segment: str
    amount: float | None
    missing: tuple[str, ...]
    """The rules of its gate that were not met."""
    sold: bool
    worth: float
    """What it was sold for within the horizon, else 0."""

    @property
    def ready(self) -> bool:
        """Whether all was met that its next move asks for."""
        return not self.missing


class Snapshots:
    """What was seen at each date; the last cut is the earliest."""

    def __init__(self, cuts: int) -> None:
        self.at: list[list[Snapshot]] = [[] for _ in range(cuts + 1)]
        self.fresh = [0.0] * (cuts + 1)
        """By cut, what deals brought within the horizon that had not begun at its start."""
        self.fresh_of: list[dict[str, float]] = [defaultdict(float) for _ in range(cuts + 1)]
        """The same by whoever sold them."""
        self.brought = [0.0] * (cuts + 1)
        """By cut, what all deals brought within the horizon."""
        self.sold: list[tuple[int, float]] = []
        """When each sold deal was sold, and for what."""
        self.deals = self.events = self.left_out = self.problems = 0
        self.not_added: tuple[NotAdded, ...] = ()
        """The currencies of deals that stand apart."""

    @property
    def cuts(self) -> int:
        """How many earlier dates there are."""
        return len(self.at) - 1


def take(
    playbook: Playbook,
    history: History,
    *,
    wanted: Forecasting,
    horizon: int,
    people: People | None,
    as_of: int,
    first: int,
    rates: Rates | None = None,
    progress: Callable[[int], None] | None = None,
) -> Snapshots:
    """Looks at every deal as of now and as of earlier dates, one horizon apart, back to `first`.

    A deal in another currency stands apart: what it brings cannot be added.
    """
    cuts = max(0, min(MOST_CUTS, (as_of - first) // horizon))
    found = Snapshots(cuts)
    judge = Judge(playbook, has_people=people is not None)
    amounts = Amounts(playbook, rates)
    taker = _Taker(playbook, judge, wanted, horizon, as_of, found, amounts)
    reader = judge.reader(people.roles if people else no_roles)
    for walked in walk(history.deals(), reader, judge.ever_governs, as_of=as_of, progress=progress):
        if not walked.is_one:
            continue
        found.problems += len(judge.notes(walked.deal)) + len(walked.clashes)
        if not walked.governed:
            found.left_out += 1
            continue
        taker.see(walked.deal)
    found.not_added = amounts.not_added()
    return found


class _Taker:
    def __init__(
        self,
        playbook: Playbook,
        judge: Judge,
        wanted: Forecasting,
        horizon: int,
        as_of: int,
        found: Snapshots,
        amounts: Amounts,
    ) -> None:
        self._amounts = amounts
        self._found = found
        self._horizon = horizon
        self._as_of = as_of
        self._reader = Reader(judge)
        self._ending = {stage.id for stage in playbook.stages if stage.ends}
        self._sale = sale_stages(playbook)
        numbers = playbook.numbers or Numbers()
        self._field = value_of(numbers) or wanted.field
        self._customers = Customers(judge, groups_of(playbook, numbers))
        self._gates = _gates(playbook, judge, wanted)

    def see(self, deal: Deal) -> None:
        """Takes a deal."""
        found = self._found
        found.deals += 1
        found.events += len(deal.events)
        sold = self._reader.outcome(deal)
        worth, seller = 0.0, ""
        if sold.sold is not None and sold.sold_at is not None:
            sale = self._amounts.of(deal, self._field, sold.sold)
            if sale is not None and sale.currency:
                return
            worth = sale.value if sale else 0.0
            seller = responsible(deal, sold.sold_at)
            found.sold.append((sold.sold, worth))
        for cut in range(found.cuts + 1):
            at = self._as_of - cut * self._horizon
            is_sold = sold.sold is not None and at < sold.sold <= at + self._horizon
            if is_sold:
                found.brought[cut] += worth
            if deal.happened[0] > at:
                found.fresh[cut] += worth * is_sold
                if is_sold:
                    found.fresh_of[cut][seller] += worth
            elif sold.sold is None or sold.sold > at:
                found.at[cut] += self._open(deal, cut, at, worth if is_sold else None)

    def _open(self, deal: Deal, cut: int, at: int, worth: float | None) -> Iterator[Snapshot]:
        move = bisect_right(deal.move_at, at) - 1
        stage = deal.move_into[move] if move >= 0 else ""
        if not stage or stage in self._ending:
            return
        known = self._amounts.of(deal, self._field, at)
        if known is not None and known.currency:
            return
        moment = deal.instant_moment(at)
        position = bisect_right(deal.happened, at) - 1
        yield Snapshot(
            cut=cut,
            deal=deal.id,
            rep=responsible(deal, position),
            stage=stage,
            days=(at - deal.move_at[move]) // DAY,
            segment=self._customers.segment_at(deal, moment),
            amount=known.value if known else None,
            missing=tuple(
                rule
                for rule, when, holds in self._gates.get(stage, ())
                if (when is None or when(deal, moment)) and not holds(deal, moment)
            ),
            sold=worth is not None,
            worth=worth or 0.0,
        )


_Asked = tuple[str, HoldsAt | None, HoldsAt]


def _gates(playbook: Playbook, judge: Judge, wanted: Forecasting) -> dict[str, list[_Asked]]:
    """Returns by stage what the next move asks for: of the rules that block, or of those that are
    named, what is due where the deal passes the stage and where it enters the one behind."""
    track = [stage.id for stage in playbook.track]
    after = dict(pairwise(track))
    before = {later: stage for stage, later in after.items()}
    found: dict[str, list[_Asked]] = defaultdict(list)
    for each in judge.rules:
        stage = _gate_of(each, before)
        if stage and each.holds is not None and _is_asked(each, wanted):
            found[stage].append((each.rule.info.id, each.scope.when, each.holds))
    return found


def _gate_of(each: CompiledRule, before: dict[str, str]) -> str:
    match each.rule.due:
        case due.AtPassing(stage=stage):
            return stage
        case due.AtEntry(stage=stage):
            return before.get(stage, "")
    return ""


def _is_asked(each: CompiledRule, wanted: Forecasting) -> bool:
    if isinstance(each.rule.ask, asks.HasRole):
        return False  # who moves it is not known before
    if wanted.commit:
        return any(glob_matches(glob, each.rule.info.id) for glob in wanted.commit)
    return each.rule.info.level == "block"
