"""Where a rule is judged at all, and who is excused: `judge/moments.py: Scope`, for many deals."""

from __future__ import annotations

import numpy as np

from playgate.columns.arrays import NEVER, Bools, Ints, none_of, offsets, spread, taken
from playgate.columns.conditions import holds
from playgate.columns.deals import Deals, Dues, Moments
from playgate.history.deal import Waiver
from playgate.judge.judge import CompiledRule
from playgate.records import Record
from playgate.rules import due

__all__ = [
    "Waivers",
    "applies",
    "ever_governed",
    "governed_at",
    "is_governed",
    "is_waived",
    "waivers_of",
]


class Waivers(Record):
    """The waivers of some deals that are in effect at some time, by deal."""

    begins: Ints
    effective: Ints
    expires: Ints
    approver: Ints
    kind: Ints
    """The place of one that is excused alike among `kinds`: by glob and roles of who approved."""
    kinds: tuple[Waiver, ...]

    @classmethod
    def none(cls) -> Waivers:
        """Returns those of deals that have none."""
        return cls(none_of(), none_of(), none_of(), none_of(), none_of(), ())


def applies(deals: Deals, rule: CompiledRule, dues: Dues) -> Bools:
    """Tells at which dues a rule is in force, its deal governed, and what it stands under holds."""
    found = np.ones(len(dues.at), np.bool_)
    if rule.scope.starts is not None:
        found &= dues.at >= rule.scope.starts
    if deals.plan.playbook.applies_to is not None:
        found &= is_governed(deals, dues)
    when = rule.rule.when
    if when is not None and found.any():
        asked = np.flatnonzero(found)
        moments = dues.moments.take(asked)
        at = rule.rule.due
        if isinstance(at, due.AtMatch) and at.when_before:
            moments = _just_before(deals, moments)
        found[asked] = holds(deals, when, "", moments)
    return found


def _just_before(deals: Deals, moments: Moments) -> Moments:
    """Returns what was seen as of the instants before moments."""
    return deals.instant_moments(moments.deal, moments.at - 1)


def is_governed(deals: Deals, dues: Dues) -> Bools:
    """Tells where deals are governed when rules fall due: at an event, or at an instant."""
    if deals.plan.playbook.applies_to is None:
        return np.ones(len(dues.at), np.bool_)
    found = governed_at(deals, dues.deal, dues.at)
    judged = np.flatnonzero(dues.position >= 0)
    if len(judged):
        moves = np.searchsorted(deals.move_position, dues.position[judged], side="right")
        deal = dues.deal[judged]
        found[judged] = _governed_from(deals, deal, moves - deals.move_start[deal])
    return found


def governed_at(deals: Deals, deal: Ints, at: Ints) -> Bools:
    """Tells which deals are governed at instants: the last move by then decides."""
    if deals.plan.playbook.applies_to is None:
        return np.ones(len(deal), np.bool_)
    return _governed_from(deals, deal, deals.moves_by(deal, at))


def _governed_from(deals: Deals, deal: Ints, moves: Ints) -> Bools:
    at_moves, at_first = _answers(deals)
    found = at_first[deal]
    has = deals.moves[deal] > 0
    move = deals.move_start[deal[has]] + np.maximum(moves[has] - 1, 0)
    found[has] = at_moves[move]
    return found


def _answers(deals: Deals) -> tuple[Bools, Bools]:
    """Returns the answer at each move, and of deals without moves the one at the first event."""

    def make() -> tuple[Bools, Bools]:
        condition = deals.plan.playbook.applies_to
        assert condition is not None  # noqa: S101  (the callers asked)
        at_moves = holds(deals, condition, "", deals.move_dues().moments)
        at_first = np.zeros(deals.count, np.bool_)
        some = np.flatnonzero(deals.moves == 0)
        begins = np.where(deals.is_one, deals.start[:-1], -1)[some]
        first = np.minimum(taken(deals.effective, begins, deals.as_of), deals.as_of)
        at_first[some] = holds(deals, condition, "", deals.instant_moments(some, first))
        return at_moves, at_first

    return deals.kept("governed", make)


def ever_governed(deals: Deals) -> Bools:
    """Tells which deals are governed at any time, of those that are one."""
    if deals.plan.playbook.applies_to is None:
        return deals.is_one
    at_moves, at_first = _answers(deals)
    found = at_first.copy()
    found[deals.move_deal[at_moves]] = True
    return found & deals.is_one


def is_waived(waivers: Waivers, rule: CompiledRule, moments: Moments, actor: Ints) -> Bools:
    """Tells at which moments a waiver excuses a rule, on events of actors (0: of nobody)."""
    found = np.zeros(len(moments.deal), np.bool_)
    if not waivers.kinds:
        return found
    low, high = waivers.begins[moments.deal], waivers.begins[moments.deal + 1]
    number, place = spread(low, high)
    if not len(number):
        return found
    free = np.array([rule.scope.excuses(each, "") for each in waivers.kinds], np.bool_)
    facts = moments.facts[number]
    good = free[waivers.kind[place]] & (waivers.effective[place] <= facts)
    good &= facts <= waivers.expires[place]
    if rule.scope.may_waive is not None:
        who = actor[number]
        good &= (who == 0) | (who != waivers.approver[place])
    found[number[good]] = True
    return found


def waivers_of(deals: Deals, given: list[tuple[int, Waiver]]) -> Waivers:
    """Returns waivers as columns; they are given by deal, each with its deal."""
    numbers = deals.plan.kept("actors", lambda: _numbers(deals))
    kinds: dict[tuple[str, frozenset[str]], int] = {}
    first: list[Waiver] = []
    rows = []
    for _, waiver in given:
        key = (waiver.glob, waiver.held)
        if key not in kinds:
            kinds[key] = len(kinds)
            first.append(waiver)
        until = NEVER if waiver.expires is None else waiver.expires
        rows.append((waiver.effective, until, numbers.get(waiver.approver, -1), kinds[key]))
    deal = np.array([number for number, _ in given], np.int64)
    effective, expires, approver, kind = np.array(rows, np.int64).reshape(len(rows), 4).T
    begins = offsets(deal, deals.count)
    return Waivers(begins, effective, expires, approver, kind, tuple(first))


def _numbers(deals: Deals) -> dict[str, int]:
    return {actor: number for number, actor in enumerate(deals.plan.words.actors)}
