"""What follows from a verdict: who is charged, why it was missed, and whether it is made good."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, assert_never

from playgate.conditions.facts import DueAt, HoldsAt, Moment
from playgate.findings import Cause, State
from playgate.history.deal import Deal
from playgate.judge.deadlines import Outcomes
from playgate.judge.judge import CompiledRule
from playgate.judge.verdict import Verdict
from playgate.rules.asks import (
    Answered,
    Done,
    Ended,
    GoesOn,
    HasRole,
    Holds,
    Left,
    Resumed,
    StaysEnded,
)
from playgate.rules.due import WhileHeld

__all__ = [
    "by_now",
    "cause_of",
    "charged_to",
    "done_at",
    "is_made_good",
    "made_good_at",
    "state_of",
]


_new: Any = tuple.__new__  # what a named tuple's own does, without a call in Python


def charged_to(deal: Deal, due: DueAt) -> str:
    """Returns the judged event's actor, else the deal's owner then, else the last who acted."""
    if due.position >= 0 and deal.events[due.position].actor:
        return deal.events[due.position].actor
    owner = deal.field("owner", due.at)
    if owner is not None:
        return str(owner)
    moved = due.position >= 0 and deal.events[due.position].kind == "stage"
    for position in range(len(deal.events) - 1, -1, -1):
        event = deal.events[position]
        if not event.actor or event.kind == "waiver" or deal.effective[position] > due.at:
            continue
        if moved and event.kind == "stage" and position > due.position:
            continue
        return event.actor
    return ""


def done_at(rule: CompiledRule, deal: Deal, verdict: Verdict) -> int:
    """Returns the instant by which a verdict counts in a span of time: when it was due.

    What is due as of now counts where it was done: at the last match, else at the last event.
    """
    if rule.last_match is not None:
        return rule.last_match(deal)
    if isinstance(rule.rule.due, WhileHeld) and verdict.due.position < 0:
        return deal.happened[-1]
    return verdict.due.at


def cause_of(rule: CompiledRule, deal: Deal, verdict: Verdict) -> Cause | None:
    """Returns why an activity or a deadline was missed; `None` for all other rules."""
    counter, moment = rule.counter, verdict.due.moment
    if counter is None:
        return None if rule.outcomes is None else _cause_at(rule.outcomes, deal, verdict)
    if counter.enough(deal, moment, happened=True):
        return "logged-late"
    if _is_now(deal, moment):
        return "missing"
    return "late" if counter.enough(deal, by_now(deal, moment)) else "missing"


def _cause_at(outcomes: Outcomes, deal: Deal, verdict: Verdict) -> Cause:
    """Returns whether all that was missed at the verdict's instant was fulfilled after all."""
    at_once = outcomes.fulfilled(deal, verdict.starts, verdict.due.at)
    return "missing" if None in at_once else "late"


def _is_now(deal: Deal, moment: Moment) -> bool:
    """Whether the moment already shows all that the deal's history holds."""
    return moment.facts == deal.as_of and moment.stages == len(deal.moves)


def by_now(deal: Deal, moment: Moment) -> Moment:
    """Returns the moment with everything that has come since; time windows keep their start."""
    now: Moment = _new(Moment, (moment.at, deal.as_of, len(deal.moves), moment.actor))
    return now


def is_made_good(rule: CompiledRule, deal: Deal, verdict: Verdict) -> bool:
    """Whether what was unmet holds by now."""
    if rule.holds is not None and rule.rule.row.made_good:
        return rule.holds(deal, by_now(deal, verdict.due.moment))
    return made_good_at(rule, deal, verdict) is not None


def state_of(rule: CompiledRule, deal: Deal, verdict: Verdict) -> State:
    """Returns what became of an unmet or waived verdict; `made_good_at` says when, at more cost."""
    if verdict.verdict == "waived":
        return "waived"
    if rule.holds is None:
        good = made_good_at(rule, deal, verdict) is not None
    else:
        good = rule.rule.row.made_good and _holds_by_now(rule.holds, deal, verdict.due.moment)
    return "made-good" if good else "open"


def made_good_at(rule: CompiledRule, deal: Deal, verdict: Verdict) -> int | None:
    """Returns the instant from which what was unmet holds; `None` where it is not made good."""
    if not rule.rule.row.made_good:
        return None
    match rule.rule.ask:
        case Answered() | Resumed():
            return _all_made_good(rule, deal, verdict.starts)
        case Ended():
            return _ended_since(deal)
        case Holds() | Done() | HasRole() | GoesOn() | StaysEnded() | Left():
            return _holds_since(rule, deal, verdict.due.moment)
        case _:
            assert_never(rule.rule.ask)


def _all_made_good(rule: CompiledRule, deal: Deal, missed: tuple[int, ...]) -> int | None:
    """Returns when the last of the missed deadlines was made good; `None` if one is not."""
    assert rule.outcomes is not None  # noqa: S101  (it has deadlines)
    instants = rule.outcomes.made_good(deal, missed)
    known = [instant for instant in instants if instant is not None]
    return max(known) if len(known) == len(instants) else None


def _ended_since(deal: Deal) -> int | None:
    """Returns since when the deal is ended without a break; `None` where it is not."""
    since = following = None
    for at, into in zip(reversed(deal.move_at), reversed(deal.move_into), strict=True):
        if at == following:
            continue  # a later move of the same instant says where it stood then
        if into not in deal.ending:
            break
        since = following = at
    return since


def _holds_since(rule: CompiledRule, deal: Deal, moment: Moment) -> int | None:
    """Returns the first instant from which the condition holds without a break until as of."""
    if rule.holds is None or not _holds_by_now(rule.holds, deal, moment):
        return None
    if rule.counter is not None and rule.counter.stays:
        return rule.counter.instants(deal)[rule.counter.times - 1]
    since = None
    for instant in _instants_down(deal, moment.facts):
        stages = bisect_right(deal.move_at, instant)
        if not rule.holds(deal, _new(Moment, (moment.at, instant, stages, moment.actor))):
            break
        since = instant
    return since if since is not None else deal.as_of


def _instants_down(deal: Deal, first: int) -> Iterator[int]:
    """Yields the instants at which anything takes effect, from as of down to the first."""
    last = None
    known = deal.effective if deal.effective is deal.happened else sorted(deal.effective)
    for instant in reversed(known):
        if instant < first:
            return
        if instant <= deal.as_of and instant != last:
            yield instant
            last = instant


def _holds_by_now(holds: HoldsAt, deal: Deal, moment: Moment) -> bool:
    """Whether what did not hold at a moment does by what has come since."""
    return not _is_now(deal, moment) and holds(deal, by_now(deal, moment))
