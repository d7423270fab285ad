"""Findings in the judge's words, from what kernels found; where it disagrees, it is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from playgate.audit.summary import DEALS, WAIVERS, FindingKind, Summary
from playgate.columns.arrays import Ints, distinct
from playgate.columns.deals import Deals
from playgate.columns.plan import Plan
from playgate.columns.tallies import Found, kind_of
from playgate.columns.verdicts import UNMET, WAIVED
from playgate.findings import Finding
from playgate.history.deal import Deal
from playgate.judge.explain import Explainer

__all__ = ["DisagreementError", "explained", "summed"]


class DisagreementError(Exception):
    """A kernel and the judge say different things: a bug in one of them."""


def explained(
    plan: Plan, explainer: Explainer, found: Found, deal_of: Callable[[int], Deal], names: list[str]
) -> Iterator[Finding]:
    """Puts findings into words; `deal_of` gives a deal by its number among the words."""
    order = np.argsort(found.deal, kind="stable")
    deal, last = None, -1
    rows = zip(*(column[order].tolist() for column in found), strict=True)
    for number, place, said, due_at, actor, is_good, cause in rows:
        if deal is None or number != last:
            deal, last = deal_of(number), number
        rule = plan.judge.rules[place]
        verdict = rule.judge(deal)
        told = (due_at, names[actor], *kind_of(said, is_good, cause))
        if verdict is None or verdict.verdict == "met":
            raise DisagreementError(f"{deal.id} {rule.rule.info.id}: {told}, the judge {verdict}")
        finding = explainer.finding(rule, deal, verdict)
        judged = (finding.due_at, finding.actor, finding.state, finding.cause)
        if judged != told:
            raise DisagreementError(f"{deal.id} {rule.rule.info.id}: {told}, the judge {judged}")
        yield finding


def summed(
    plan: Plan,
    explainer: Explainer,
    found: Found,
    deals_with: Callable[[Sequence[int]], Deals],
    names: list[str],
) -> Summary:
    """Sums up findings; only those that are shown are put into words."""
    infos = [rule.rule.info for rule in plan.judge.rules]
    observed = np.array([info.level == "observe" for info in infos], np.bool_)
    is_open = np.flatnonzero((found.said == UNMET) & ~found.is_good & ~observed[found.rule])
    every, worst = _worst(plan, found.take(is_open))
    waived = _first_waived(plan, found)
    shown = distinct(np.concatenate((is_open[np.isin(found.deal[is_open], worst)], waived)))
    its = found.take(shown)
    deals = deals_with(distinct(its.deal).tolist())
    places = {number: place for place, number in enumerate(deals.number.tolist())}
    order = {info.id: place for place, info in enumerate(infos)}
    told = sorted(
        explained(
            plan, explainer, its, lambda number: deals.deal_of(places[number], with_ids=True), names
        ),
        key=lambda each: (each.due_at, each.deal, order[each.rule.id]),
    )
    return Summary(
        counts=_counts(plan, found),
        open_deals=every,
        worst_deals={
            deal: tuple(each for each in told if each.deal == deal and each.state == "open")
            for deal in (plan.words.deals[number] for number in worst)
        },
        waived=tuple(each for each in told if each.state == "waived"),
    )


def _counts(plan: Plan, found: Found) -> Counter[FindingKind]:
    times = np.bincount(
        ((found.rule.astype(np.int64) * 4 + found.said) * 2 + found.is_good) * 4 + found.cause
    )
    counts: Counter[FindingKind] = Counter()
    for key in np.flatnonzero(times).tolist():
        rule, said, is_good, cause = key // 32, key // 8 % 4, key // 4 % 2, key % 4
        info = plan.judge.rules[rule].rule.info
        counts[info, *kind_of(said, bool(is_good), cause)] += int(times[key])
    return counts


def _worst(plan: Plan, found: Found) -> tuple[int, list[int]]:
    """Counts the deals with open findings, and lists the gravest: by findings at `block`, then by
    all, then by id."""
    blocks = np.array([rule.rule.info.level == "block" for rule in plan.judge.rules], np.bool_)
    times = np.bincount(found.deal)
    deals = np.flatnonzero(times)
    every = times[deals]
    block = np.bincount(found.deal[blocks[found.rule]], minlength=len(times))[deals]
    rank = block * (int(every.max(initial=0)) + 1) + every
    least = np.sort(rank)[-DEALS:][:1]  # of those that are alike the first ids are shown
    ranked = sorted(
        np.flatnonzero(rank >= least).tolist() if len(least) else [],
        key=lambda each: (-rank[each], plan.words.deals[int(deals[each])]),
    )
    return len(deals), [int(deals[each]) for each in ranked[:DEALS]]


def _first_waived(plan: Plan, found: Found) -> Ints:
    """Returns the first waived findings by due instant, deal and rule."""
    places = np.flatnonzero(found.said == WAIVED)
    if len(places) > WAIVERS:
        last = np.sort(found.due_at[places])[WAIVERS - 1]
        places = places[found.due_at[places] <= last]
    first = sorted(
        places.tolist(),
        key=lambda each: (
            found.due_at[each],
            plan.words.deals[int(found.deal[each])],
            found.rule[each],
        ),
    )
    return np.array(first[:WAIVERS], np.int64)
