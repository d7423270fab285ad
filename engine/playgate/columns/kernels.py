"""Judges all rules of a playbook on some deals: by kernels, and by the judge where none says it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from playgate.columns.arrays import Ints, none_of
from playgate.columns.deadlines import judge_deadlines
from playgate.columns.deals import Deals, Dues, Moments
from playgate.columns.patterns import matching
from playgate.columns.plan import CannotSayError, Plan
from playgate.columns.rows import rows_of_events
from playgate.columns.rules_at_moments import judge_at_moments
from playgate.columns.scope import Waivers, ever_governed
from playgate.columns.settled import settled_rows
from playgate.columns.verdicts import CAUSES, MET, UNMET, WAIVED, Verdicts, no_verdicts
from playgate.history.deal import Deal
from playgate.judge.after_verdict import cause_of, is_made_good
from playgate.judge.judge import CompiledRule
from playgate.judge.verdict import Verdict
from playgate.rules import asks, due

__all__ = ["SAID", "done_at", "judge_all", "judge_rule", "said_by_judge", "without_kernel"]

SAID = {"met": MET, "unmet": UNMET, "waived": WAIVED}


def judge_rule(deals: Deals, waivers: Waivers, rule: CompiledRule) -> Verdicts:
    """Judges one rule by its kernel; raises `CannotSayError` where there is none."""
    at = rule.rule.due
    if isinstance(rule.rule.ask, asks.HasRole) and deals.plan.people is None:
        return no_verdicts()
    if isinstance(at, due.AtDeadline):
        return judge_deadlines(deals, waivers, rule, at)
    return judge_at_moments(deals, waivers, rule)


def without_kernel(plan: Plan) -> frozenset[int]:
    """Returns the places of the rules that no kernel says; they are tried on no deals."""
    rows = rows_of_events(())
    nothing = Deals(plan, rows, settled_rows(rows, none_of(), none_of(), 0), none_of())
    found = set()
    for place, rule in enumerate(plan.judge.rules):
        try:
            judge_rule(nothing, Waivers.none(), rule)
        except CannotSayError:
            found.add(place)
    return frozenset(found)


def said_by_judge(
    deals: Deals, rules: list[CompiledRule], deal_of: Callable[[int], Deal]
) -> list[Verdicts]:
    """Returns what the judge says of some rules, deal by deal."""
    rows: list[list[tuple[Any, ...]]] = [[] for _ in rules]
    for number in np.flatnonzero(ever_governed(deals)).tolist():
        deal = deal_of(number)
        begins = int(deals.start[number])
        for rule, found in zip(rules, rows, strict=True):
            verdict = rule.judge(deal)
            if verdict is not None:
                found.append(_row(deals, rule, deal, number, begins, verdict))
    return [_columns(found) for found in rows]


def _row(
    deals: Deals, rule: CompiledRule, deal: Deal, number: int, begins: int, verdict: Verdict
) -> tuple[Any, ...]:
    unmet = verdict.verdict == "unmet"
    at, position, moment = verdict.due
    if position >= 0:
        position += begins
    return (
        SAID[verdict.verdict],
        at,
        position,
        number,
        moment.at,
        moment.facts,
        moment.stages,
        int(deals.actor[position]) if position >= 0 else 0,
        unmet and is_made_good(rule, deal, verdict),
        CAUSES.index(cause_of(rule, deal, verdict)) if unmet else 0,
    )


def _columns(rows: list[tuple[Any, ...]]) -> Verdicts:
    if not rows:
        return no_verdicts()
    said, at, position, *moments, good, cause = np.array(rows, np.int64).T
    return Verdicts(said, Dues(at, position, Moments(*moments)), good > 0, cause)


def judge_all(
    deals: Deals, waivers: Waivers, without: frozenset[int]
) -> Iterator[tuple[int, Verdicts]]:
    """Yields what is said of each rule, and its place; those `without` a kernel come last."""
    rules = deals.plan.judge.rules
    for place, rule in enumerate(rules):
        if place not in without:
            yield place, judge_rule(deals, waivers, rule)
    places = sorted(without)
    if places:
        said = said_by_judge(deals, [rules[place] for place in places], deals.deal_of)
        yield from zip(places, said, strict=True)


def done_at(deals: Deals, rule: CompiledRule, dues: Dues) -> Ints:
    """Returns the instants by which verdicts count in a span of time."""
    match rule.rule.due:
        case due.AsOf(matches, first_only):
            position = matching(deals, matches)
            position = position[deals.effective[position] <= deals.as_of]
            deal, at = deals.deal[position], deals.effective[position]
            found = np.full(deals.count, -(2**63), np.int64)
            if first_only:
                found[deal[::-1]] = at[::-1]
            else:
                np.maximum.at(found, deal, at)
            return found[dues.deal]
        case due.WhileHeld():
            last = deals.happened[deals.start[dues.deal + 1] - 1]
            return np.where(dues.position < 0, last, dues.at)
        case _:
            return dues.at
