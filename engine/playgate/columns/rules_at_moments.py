"""Rules that are asked at a moment: one kernel for each kind of due, and of ask."""

from __future__ import annotations

import numpy as np

from playgate.columns.answers import answered_by
from playgate.columns.arrays import Bools, Ints, by_instant, distinct
from playgate.columns.conditions import holds
from playgate.columns.counts import enough_at
from playgate.columns.deals import Deals, Dues, Moments
from playgate.columns.patterns import matching
from playgate.columns.plan import CannotSayError
from playgate.columns.scope import Waivers, applies, is_waived
from playgate.columns.verdicts import (
    LATE,
    LOGGED_LATE,
    MET,
    MISSING,
    NO_CAUSE,
    UNMET,
    WAIVED,
    Verdicts,
    chosen,
)
from playgate.conditions import tree
from playgate.judge.judge import CompiledRule
from playgate.rules import asks, due

__all__ = ["causes_of_count", "first_matches", "judge_at_moments"]


def judge_at_moments(deals: Deals, waivers: Waivers, rule: CompiledRule) -> Verdicts:
    """Judges a rule that is asked where it is due."""
    dues = _dues(deals, rule.rule.due)
    dues = dues.where(applies(deals, rule, dues))
    said = np.where(_fulfilled(deals, rule, dues), MET, UNMET)
    failed = np.flatnonzero(said == UNMET)
    actor = np.where(dues.position >= 0, dues.moments.actor, 0)[failed]
    waived = is_waived(waivers, rule, dues.moments.take(failed), actor)
    said[failed[waived]] = WAIVED
    kept = chosen(dues.deal, said, deals.count)
    said, dues = said[kept], dues.take(kept)
    return _with_consequences(deals, rule, said, dues)


# When it is due


def _dues(deals: Deals, at: due.Due) -> Dues:
    match at:
        case due.AtPassing(stage, whole_deal):
            return _at_passing(deals, stage, whole_deal=whole_deal)
        case due.AtEntry(stage):
            moves, _ = deals.into(stage)
            return deals.move_dues().take(moves[~deals.is_skipped(stage)[deals.move_deal[moves]]])
        case due.WhileHeld(stage):
            return _while_held(deals, stage)
        case due.AtMoves():
            first = np.zeros(len(deals.move_at), np.bool_)
            first[deals.move_start[:-1][deals.moves > 0]] = True
            return deals.move_dues().take(np.flatnonzero(~first))
        case due.AtMatch(matches, first_only):
            return _at_matches(deals, matches, first_only=first_only)
        case due.AsOf(matches):
            position = matching(deals, matches)
            position = position[deals.effective[position] <= deals.as_of]
            return deals.now(distinct(deals.deal[position]))
        case _:
            raise CannotSayError(f"{at}")


def _at_passing(deals: Deals, stage: str, *, whole_deal: bool) -> Dues:
    moves = deals.passing(stage)
    found = moves >= 0
    if not whole_deal:
        found &= ~deals.is_skipped(stage)
    return deals.move_dues().take(moves[found])


def _while_held(deals: Deals, stage: str) -> Dues:
    entry = deals.first_entry(stage)
    is_held = (entry >= 0) & ~deals.is_skipped(stage)
    move = np.arange(len(deals.move_at))
    its = deals.move_deal
    held = is_held[its] & (move > entry[its]) & ~deals.plan.is_lost[deals.move_into]
    found = deals.move_dues().take(np.flatnonzero(held))
    return found.with_those(deals.now(np.flatnonzero(is_held & deals.is_open)))


def _at_matches(deals: Deals, matches: tuple[tree.Pattern, ...], *, first_only: bool) -> Dues:
    position = first_matches(deals, matches, first_only=first_only)
    deal, at = deals.deal[position], deals.effective[position]
    order = by_instant(deal, at)
    if order is not None:
        position, at = position[order], at[order]
    return Dues(at, position, deals.event_moments(position, grace=True))


def first_matches(deals: Deals, matches: tuple[tree.Pattern, ...], *, first_only: bool) -> Ints:
    """Returns the matches that are effective by now, or only the first of each deal."""
    position = matching(deals, matches)
    position = position[deals.effective[position] <= deals.as_of]
    if first_only and len(position):
        deal = deals.deal[position]
        first = np.ones(len(deal), np.bool_)
        first[1:] = deal[1:] != deal[:-1]
        position = position[first]
    return position


# What is asked


def _fulfilled(deals: Deals, rule: CompiledRule, dues: Dues) -> Bools:
    asked, plan = rule.rule.ask, deals.plan
    match asked:
        case asks.Holds() | asks.Done():
            return _holds(deals, rule, dues.moments)
        case asks.HasRole(roles):
            return plan.holds_role(frozenset(roles), dues.moments.actor, dues.moments.at)
        case asks.GoesOn():
            left, entered = (plan.place[each] for each in _stages(deals, dues))
            return (entered < 0) | (entered >= left)
        case asks.StaysEnded():
            left, entered = _stages(deals, dues)
            return ~plan.ends[left] | plan.ends[entered]
        case asks.Answered():
            return _are_answered(deals, rule, asked, dues)
        case _:
            raise CannotSayError(f"{asked}")


def _holds(deals: Deals, rule: CompiledRule, moments: Moments) -> Bools:
    condition = asks.condition_of(rule.rule.ask)
    if condition is None:
        raise CannotSayError(f"{rule.rule.ask} is no condition")
    return holds(deals, condition, rule.rule.info.stage, moments)


def _stages(deals: Deals, dues: Dues) -> tuple[Ints, Ints]:
    """Returns the stages left and entered by moves that are not the first."""
    move = np.searchsorted(deals.move_position, dues.position)
    return deals.move_into[move - 1], deals.move_into[move]


def _are_answered(deals: Deals, rule: CompiledRule, asked: asks.Answered, dues: Dues) -> Bools:
    """Tells whether all matches of each deal (or the first) are answered."""
    at = rule.rule.due
    if not isinstance(at, due.AsOf):
        raise CannotSayError(f"answers, asked at {at}")
    position = first_matches(deals, at.matches, first_only=at.first_only)
    answered = answered_by(deals, asked.answers, position, anywhere=not asked.later)
    lacks = np.zeros(deals.count, np.bool_)
    lacks[deals.deal[position[answered > deals.as_of]]] = True
    return ~lacks[dues.deal]


# What follows


def _with_consequences(deals: Deals, rule: CompiledRule, said: Ints, dues: Dues) -> Verdicts:
    unmet = np.flatnonzero(said == UNMET)
    is_good, cause = np.zeros(len(said), np.bool_), np.full(len(said), NO_CAUSE, np.int64)
    moments = dues.moments.take(unmet)
    asked = rule.rule.ask
    if rule.rule.row.made_good:
        is_good[unmet] = _holds(deals, rule, deals.by_now(moments))
    if isinstance(asked, asks.Done):
        cause[unmet] = causes_of_count(deals, asked.count, rule.rule.info.stage, moments)
    return Verdicts(said, dues, is_good, cause)


def causes_of_count(deals: Deals, count: tree.Count, stage: str, moments: Moments) -> Ints:
    """Returns why too little was done at moments."""
    in_time = enough_at(deals, count, stage, moments, happened=True)
    then = deals.by_now(moments)
    by_now = enough_at(deals, count, stage, then)
    by_now &= (moments.facts != then.facts) | (moments.stages != then.stages)
    return np.where(in_time, LOGGED_LATE, np.where(by_now, LATE, MISSING))
