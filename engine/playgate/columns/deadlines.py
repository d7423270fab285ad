"""Rules with a deadline: met if fulfilled by then, and unmet once it has passed.

As in `judge/deadlines.py`, a start, a length, when it was fulfilled and what excuses make it up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from playgate.columns.answers import answered_by
from playgate.columns.arrays import NEVER, Bools, Ints, before, by_instant, offsets, taken
from playgate.columns.conditions import holds
from playgate.columns.counts import nth_instants, span_entry
from playgate.columns.dates import before_dates, date_events, held_there
from playgate.columns.deals import Deals, Dues, Moments
from playgate.columns.lengths import shifted
from playgate.columns.patterns import counted, matching
from playgate.columns.plan import ACTIVITY, STAGE, CannotSayError
from playgate.columns.rules_at_moments import causes_of_count, first_matches
from playgate.columns.scope import Waivers, governed_at, is_waived
from playgate.columns.verdicts import LATE, MET, MISSING, NO_CAUSE, UNMET, WAIVED, Verdicts, chosen
from playgate.conditions import tree
from playgate.conditions.spans import Since
from playgate.judge.judge import CompiledRule
from playgate.rules import asks, due

__all__ = ["judge_deadlines"]


class _Begun(NamedTuple):
    """Where deadlines start."""

    deal: Ints
    at: Ints
    position: Ints
    following: Ints
    """The instant of the next move or step; `NEVER` where none came."""

    def take(self, which: Ints) -> _Begun:
        return _Begun(*(column[which] for column in self))


def judge_deadlines(
    deals: Deals, waivers: Waivers, rule: CompiledRule, at: due.AtDeadline
) -> Verdicts:
    """Judges a rule at all its deadlines."""
    begun = _starts(deals, at.start)
    begun = begun.take(np.flatnonzero(_applies(deals, rule, begun)))
    deadline = _deadlines(deals, at, begun)
    has_one = np.flatnonzero(deadline < NEVER)
    begun, deadline = begun.take(has_one), deadline[has_one]
    fulfilled = _fulfilled(deals, rule, begun, deadline)
    met = fulfilled <= np.minimum(deadline, deals.as_of)
    missed = np.flatnonzero(~met & (deadline <= deals.as_of))
    excused = _is_excused(deals, rule, at, begun.deal[missed], deadline[missed])
    judged = met.copy()
    judged[missed[~excused]] = True
    when = np.where(met, np.maximum(fulfilled, begun.at), deadline)
    if deals.plan.playbook.applies_to is not None:
        judged &= governed_at(deals, begun.deal, when)
    some = np.flatnonzero(judged)
    begun, fulfilled = begun.take(some), fulfilled[some]
    return _combined(
        deals,
        waivers,
        rule,
        _at(begun.deal, when[some]),
        np.where(met[some], MET, UNMET),
        fulfilled,
        _made_good(deals, rule, begun, fulfilled),
    )


def _at(deal: Ints, when: Ints) -> Dues:
    """Returns dues of which nothing is told yet of what was seen then."""
    nothing = np.zeros(len(when), np.int64)
    return Dues(when, nothing - 1, Moments(deal, when, when, nothing, nothing))


def _combined(
    deals: Deals,
    waivers: Waivers,
    rule: CompiledRule,
    dues: Dues,
    said: Ints,
    fulfilled: Ints,
    made_good: Ints,
) -> Verdicts:
    failed = np.flatnonzero(said == UNMET)
    nobody = np.zeros(len(failed), np.int64)
    waived = is_waived(waivers, rule, dues.moments.take(failed), nobody)
    said[failed[waived]] = WAIVED
    kept = chosen(dues.deal, said, deals.count, dues.at)
    is_good, cause = np.zeros(len(kept), np.bool_), np.full(len(kept), NO_CAUSE, np.int64)
    unmet = np.flatnonzero(said[kept] == UNMET)
    told = dues.take(kept[unmet])
    told = told._replace(moments=deals.instant_moments(told.deal, told.at))
    missed = np.flatnonzero((said == UNMET) & (fulfilled > deals.as_of))
    never = np.flatnonzero((said == UNMET) & (made_good > deals.as_of))
    is_good[unmet] = _is_made_good(deals, rule, told, dues.deal[never])
    if isinstance(rule.rule.ask, asks.Done):
        count, stage = rule.rule.ask.count, rule.rule.info.stage
        cause[unmet] = causes_of_count(deals, count, stage, told.moments)
    else:
        first = np.full(deals.count, NEVER, np.int64)
        first[told.deal] = told.at
        lacks = np.zeros(deals.count, np.bool_)
        lacks[dues.deal[missed[dues.at[missed] == first[dues.deal[missed]]]]] = True
        cause[unmet] = np.where(lacks[told.deal], MISSING, LATE)
    return Verdicts(said[kept], dues.take(kept), is_good, cause)


def _is_made_good(deals: Deals, rule: CompiledRule, told: Dues, never: Ints) -> Bools:
    """Tells what was made good; `never` are the deals of what never was."""
    if not rule.rule.row.made_good:
        return np.zeros(len(told.at), np.bool_)
    match rule.rule.ask:
        case asks.Answered() | asks.Resumed():
            lacks = np.zeros(deals.count, np.bool_)
            lacks[never] = True
            return ~lacks[told.deal]
        case asks.Ended():
            return deals.is_ended[told.deal]
        case asks.Done(count):
            return holds(deals, count, rule.rule.info.stage, deals.by_now(told.moments))
        case _:
            raise CannotSayError(f"{rule.rule.ask}")


def _applies(deals: Deals, rule: CompiledRule, begun: _Begun) -> Bools:
    """Tells which starts lie where the rule is in force, and what it stands under holds."""
    found = np.ones(len(begun.at), np.bool_)
    if rule.scope.starts is not None:
        found &= begun.at >= rule.scope.starts
    if rule.rule.when is not None:
        moments = _moments_of(deals, begun)
        found &= holds(deals, rule.rule.when, "", moments)
    return found


def _moments_of(deals: Deals, begun: _Begun) -> Moments:
    """Returns what is seen from starts, without grace."""
    moments = deals.instant_moments(begun.deal, begun.at, deals.actor[begun.position])
    moving = np.flatnonzero(deals.kind[begun.position] == STAGE)
    plain = deals.plain_move_moments()
    move = np.searchsorted(deals.move_position, begun.position[moving])
    stages = moments.stages.copy()
    stages[moving] = plain.stages[move]
    return moments._replace(stages=stages)


# How long


def _deadlines(deals: Deals, at: due.AtDeadline, begun: _Begun) -> Ints:
    if date := due.date_of(at):
        return before_dates(deals, date, begun.position)
    if at.length is not None:
        return shifted(at.length, deals.plan.playbook.calendar, begun.at)
    ends = np.flatnonzero(deals.plan.ends[deals.move_into])
    begins = offsets(deals.move_deal[ends], deals.count)
    low, high = begins[begun.deal], begins[begun.deal + 1]
    later = np.clip(
        np.searchsorted(deals.move_position[ends], begun.position, side="right"), low, high
    )
    place = np.maximum(later, before(deals.move_at[ends], low, high, begun.at))
    return np.where(place < high, taken(deals.move_at[ends], place, NEVER), NEVER)


def _is_excused(
    deals: Deals, rule: CompiledRule, at: due.AtDeadline, deal: Ints, deadline: Ints
) -> Bools:
    found = np.zeros(len(deal), np.bool_)
    if "passed" in at.excuses:
        move = deals.passing(rule.rule.info.stage)[deal]
        found |= (move >= 0) & (taken(deals.move_at, move, NEVER) < deadline)
    if "ended" in at.excuses:
        low = deals.move_start[deal]
        place = before(deals.move_at, low, deals.move_start[deal + 1], deadline)
        found |= (place > low) & taken(deals.plan.ends[deals.move_into], place - 1, False)
    return found


# Where it starts


def _starts(deals: Deals, start: due.Start) -> _Begun:
    match start:
        case due.FirstEntry(stage):
            moves = deals.first_entry(stage)
            return _at_moves(deals, moves[(moves >= 0) & ~deals.is_skipped(stage)])
        case due.EachVisit(stage):
            moves, _ = deals.into(stage)
            return _at_moves(deals, moves[~deals.is_skipped(stage)[deals.move_deal[moves]]])
        case due.EachMatch(matches, first_only):
            position = first_matches(deals, matches, first_only=first_only)
            return _at_events(deals, position, deals.effective[position])
        case due.EachStep():
            return _at_steps(deals, start)
        case due.EachDate(field):
            position = date_events(deals, field)
            return _at_events(deals, position, deals.happened[position])
        case due.FirstEvent():
            position = deals.start[:-1][deals.is_one]
            return _at_events(deals, position, deals.happened[position])
        case _:
            raise CannotSayError(f"{start}")


def _at_events(deals: Deals, position: Ints, at: Ints) -> _Begun:
    return _Begun(deals.deal[position], at, position, np.full(len(position), NEVER, np.int64))


def _at_moves(deals: Deals, moves: Ints) -> _Begun:
    deal = deals.move_deal[moves]
    is_last = moves + 1 >= deals.move_start[deal + 1]
    following = np.where(is_last, NEVER, taken(deals.move_at, moves + 1, NEVER))
    return _Begun(deal, deals.move_at[moves], deals.move_position[moves], following)


def _at_steps(deals: Deals, start: due.EachStep) -> _Begun:
    """Returns each activity (or match) and each move that leaves the deal open, or in the stage,
    with when the next one came."""
    is_step = deals.kind == STAGE
    if start.activities is None:
        is_step |= deals.kind == ACTIVITY
    else:
        is_step[matching(deals, (start.activities,))] = True
    position = np.flatnonzero(is_step & (deals.effective <= deals.as_of))
    deal, at = deals.deal[position], deals.effective[position]
    order = by_instant(deal, at)
    if order is not None:
        position, deal, at = position[order], deal[order], at[order]
    # Moves stand in their own order among steps, so that counting them tells the last one.
    last = np.cumsum(deals.kind[position] == STAGE) - 1
    known = (last >= 0) & (taken(deals.move_deal, last, -1) == deal)
    waits = _waits(deals, start.stage)
    opened = np.flatnonzero(known & taken(waits[deals.move_into], last, False))
    if start.stage:
        opened = opened[~deals.is_skipped(start.stage)[deal[opened]]]
    behind = np.minimum(opened + 1, max(len(position) - 1, 0))
    has_next = (behind > opened) & (deal[behind] == deal[opened])
    following = np.where(has_next, at[behind], NEVER)
    return _Begun(deal[opened], at[opened], position[opened], following)


def _waits(deals: Deals, stage: str) -> Bools:
    """Tells in which stages a wait counts."""
    if not stage:
        return ~deals.plan.ends
    number = deals.plan.stage_number.get(stage, -1)
    found: Bools = np.arange(len(deals.plan.stages)) == number
    return found


# When it was fulfilled


def _fulfilled(deals: Deals, rule: CompiledRule, begun: _Begun, deadline: Ints) -> Ints:
    """Returns when deadlines were fulfilled; `NEVER` where they were not by as of."""
    match rule.rule.ask:
        case asks.Done(count):
            found = _done(deals, count, rule.rule.info.stage, begun)
        case asks.Answered(answers, later) if later:
            found = answered_by(deals, answers, begun.position, anywhere=False)
        case asks.Holds(condition) if due.date_of(rule.rule.due):
            stage = rule.rule.info.stage
            found = held_there(deals, condition, stage, begun.deal, deadline)
        case asks.Left() | asks.Resumed():
            found = begun.following
        case asks.Ended():
            ends = np.flatnonzero(deals.plan.ends[deals.move_into])
            begins = offsets(deals.move_deal[ends], deals.count)
            low, high = begins[begun.deal], begins[begun.deal + 1]
            place = before(deals.move_at[ends], low, high, begun.at)
            found = np.where(place < high, taken(deals.move_at[ends], place, NEVER), NEVER)
        case _:
            raise CannotSayError(f"{rule.rule.ask}")
    return np.where(found <= deals.as_of, found, NEVER)


def _made_good(deals: Deals, rule: CompiledRule, begun: _Begun, fulfilled: Ints) -> Ints:
    """Returns when what was missed was made good: by a match in whatever stage, where there are
    matches, else when it was fulfilled."""
    again = due.patterns_of(rule.rule.due)
    if not isinstance(rule.rule.ask, asks.Resumed) or not again:
        return fulfilled
    position = matching(deals, again)
    deal, at = deals.deal[position], deals.effective[position]
    order = np.lexsort((position, at, deal))
    position, at = position[order], at[order]
    begins = offsets(deal, deals.count)
    high = begins[begun.deal + 1]
    place = before(at, begins[begun.deal], high, begun.at)
    while True:  # those of the same instant that do not stand later in order
        tied = (place < high) & (taken(at, place, NEVER) == begun.at)
        tied &= taken(position, place, -1) <= begun.position
        if not tied.any():
            return np.where(place < high, taken(at, place, NEVER), NEVER)
        place = place + tied


def _done(deals: Deals, count: tree.ActivityCount, stage: str, begun: _Begun) -> Ints:
    """Returns when enough was done, since stages were entered where that is asked."""
    if not count.spans and not count.pattern.comparisons and count.no_more_than is None:
        return nth_instants(deals, count, begun.deal)
    spans = [span.of_stage(stage) for span in count.spans]
    plain = not count.pattern.comparisons and count.pattern.different is None
    if not plain or not all(isinstance(each, Since) and each.after is None for each in spans):
        raise CannotSayError("what is counted by a deadline depends on when that is")
    since, entered = begun.at.copy(), np.ones(len(begun.at), np.bool_)
    since[:] = -(2**63)
    for each in spans:
        assert isinstance(each, Since)  # noqa: S101  (asked above)
        is_in, at = span_entry(deals, each.stage, begun.deal, deals.moves[begun.deal])
        entered &= is_in
        since = np.maximum(since, at)
    position = counted(deals, count.pattern)
    deal, instants = deals.deal[position], deals.effective[position]
    order = np.lexsort((instants, deal))
    instants = instants[order]
    begins = offsets(deal, deals.count)
    low, high = begins[begun.deal], begins[begun.deal + 1]
    place = before(instants, low, high, since) + count.times - 1
    found = np.where(place < high, taken(instants, place, NEVER), NEVER)
    return np.where(entered, found, NEVER)
