"""What follows from a verdict: who is charged, why it was missed, and whether it is made good."""

from __future__ import annotations

from bisect import bisect_right
from typing import assert_never

from playgate.conditions.facts import DueAt, Moment
from playgate.findings import Cause
from playgate.history.deal import Deal
from playgate.judge.deadlines import gaps
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

__all__ = ["cause_of", "charged_to", "is_made_good", "made_good_at"]


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


def cause_of(rule: CompiledRule, deal: Deal, due: DueAt) -> Cause | None:
    """Returns why an `activity` or `within` was missed; `None` where none is counted."""
    counter = rule.counter
    if counter is None:
        return None
    moment = due.moment
    if counter.enough(deal, moment, happened=True):
        return "logged-late"
    if _is_now(deal, moment):
        return "missing"
    return "late" if counter.enough(deal, _by_now(deal, moment)) else "missing"


def _is_now(deal: Deal, moment: Moment) -> bool:
    """Whether the moment already shows all that the deal's history holds."""
    return moment.facts == deal.as_of and moment.stages == len(deal.moves)


def _by_now(deal: Deal, moment: Moment) -> Moment:
    """Returns the moment with everything that has come since; time windows keep their start."""
    return moment._replace(facts=deal.as_of, stages=len(deal.moves))


def is_made_good(rule: CompiledRule, deal: Deal, verdict: Verdict) -> bool:
    """Whether what was unmet holds by now."""
    if rule.holds is not None and rule.rule.row.made_good:
        return rule.holds(deal, _by_now(deal, verdict.due.moment))
    return made_good_at(rule, deal, verdict) is not None


def made_good_at(rule: CompiledRule, deal: Deal, verdict: Verdict) -> int | None:
    """Returns the instant from which what was unmet holds; `None` where it is not made good."""
    if not rule.rule.row.made_good:
        return None
    match rule.rule.ask:
        case Answered():
            return _all_answered(rule, deal, verdict.starts)
        case Resumed():
            following = {begun.position: begun.following for begun in gaps(deal)}
            return following[verdict.starts[0]]
        case Ended():
            return deal.first_end(verdict.due.at, deal.as_of)
        case Holds() | Done() | HasRole() | GoesOn() | StaysEnded() | Left():
            return _holds_since(rule, deal, verdict.due.moment)
        case _:
            assert_never(rule.rule.ask)


def _all_answered(rule: CompiledRule, deal: Deal, matches: tuple[int, ...]) -> int | None:
    assert rule.answers is not None  # noqa: S101  (where answers are asked for)
    instants = [rule.answers.first(deal, match, deal.events[match].actor) for match in matches]
    known = [instant for instant in instants if instant is not None]
    return max(known) if len(known) == len(instants) else None


def _holds_since(rule: CompiledRule, deal: Deal, moment: Moment) -> int | None:
    """Returns the first instant from which the condition holds without a break until as of."""
    if rule.holds is None or _is_now(deal, moment):
        return None
    if not rule.holds(deal, _by_now(deal, moment)):
        return None
    since = None
    for instant in sorted(set(deal.effective), reverse=True):
        if not moment.facts <= instant <= deal.as_of:
            continue
        stages = bisect_right(deal.move_at, instant)
        if not rule.holds(deal, moment._replace(facts=instant, stages=stages)):
            break
        since = instant
    return since if since is not None else deal.as_of
