"""Who is charged with verdicts, as `judge/after_verdict.py: charged_to` says."""

from __future__ import annotations

import numpy as np

from playgate.columns.arrays import Ints, taken, until
from playgate.columns.deals import Deals, Dues
from playgate.columns.field_tests import texts_at
from playgate.columns.plan import STAGE, WAIVER

__all__ = ["charged", "last_acting", "owners_at"]

_NO_OWNER = -1


def charged(deals: Deals, dues: Dues, owners: dict[str, int]) -> Ints:
    """Returns the number of each actor; `owners` also numbers those who are no actor."""
    found = np.where(dues.position >= 0, dues.moments.actor, 0)
    rest = np.flatnonzero(found == 0)
    if not len(rest):
        return found
    found[rest] = owners_at(deals, dues.deal[rest], dues.at[rest], owners)
    rest = rest[found[rest] == _NO_OWNER]
    if len(rest):
        found[rest] = _last_who_acted(deals, dues.take(rest))
    return found


def owners_at(deals: Deals, deal: Ints, at: Ints, owners: dict[str, int]) -> Ints:
    """Returns the number of each deal's owner as of an instant; -1 where it has none."""
    plan = deals.plan

    def tell(texts: list[int]) -> list[int]:
        return [
            _NO_OWNER if owner is None else owners.setdefault(str(owner), len(owners))
            for owner in plan.typed("owner", texts)
        ]

    text = texts_at(deals, "owner", deal, at)
    return plan.told("owners", len(plan.words.values), text, tell)


def last_acting(deals: Deals) -> Ints:
    """Returns for each event the place of the last one up to it that has an actor and is no waiver,
    of whatever deal; -1 where there is none."""

    def make() -> Ints:
        acting = np.where(
            (deals.actor > 0) & (deals.kind != WAIVER), np.arange(len(deals.deal)), -1
        )
        return np.maximum.accumulate(acting) if len(acting) else acting

    return deals.kept("acting", make)


def _last_who_acted(deals: Deals, dues: Dues) -> Ints:
    """Returns the actor of each deal's last event by then that has one and is no waiver."""
    acting = last_acting(deals)
    low = deals.start[dues.deal]
    place = until(deals.happened, low, deals.start[dues.deal + 1], dues.at) - 1
    moved = (dues.position >= 0) & (taken(deals.kind, dues.position, WAIVER) == STAGE)
    found = np.zeros(len(place), np.int64)
    open_ = np.flatnonzero(place >= low)
    while len(open_):
        place[open_] = acting[place[open_]]
        open_ = open_[place[open_] >= low[open_]]
        its = place[open_]
        counts = deals.effective[its] <= dues.at[open_]
        counts &= ~(moved[open_] & (deals.kind[its] == STAGE) & (its > dues.position[open_]))
        found[open_[counts]] = deals.actor[its[counts]]
        open_ = open_[~counts]
        place[open_] -= 1
        open_ = open_[place[open_] >= low[open_]]
    return found
