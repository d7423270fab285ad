"""Findings that the judge puts into words, from the events of their deals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import ibis

from playgate.audit.watch import Watch
from playgate.bulk.judging.rules_at_moments import WAIVED
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.verdicts import CAUSES
from playgate.bulk.reading.event_table import EVENT
from playgate.bulk.values.expressions import Table, number
from playgate.findings import Cause, Finding, State
from playgate.history.deal import Deal, no_roles
from playgate.history.event import Event
from playgate.history.walk import walk
from playgate.judge.explain import Explainer
from playgate.judge.judge import Judge

__all__ = [
    "DisagreementError",
    "EngineFinding",
    "explain_all",
    "explain_some",
    "fetch_findings",
    "kind_of",
]

_BATCH = 2_000
"""So many deals are fetched at once."""


class DisagreementError(Exception):
    """The engine found what the judge does not: a bug in one of them."""


class EngineFinding(NamedTuple):
    """The engine gives a finding in this form; `rule` is the rule's place."""

    deal: str
    rule: int
    due_at: int
    actor: str
    state: State
    cause: Cause | None
    from_stage: str | None
    """`None`: nobody asked; so is `to_stage`."""
    to_stage: str | None


def explain_all(
    setting: Setting, judge: Judge, raw: Table, located: Table, *, as_of: int, watch: Watch
) -> Iterator[Finding]:
    """Explains all findings of verdicts `with_stages`, some deals at a time."""
    keep, rows = setting.steps.keep, setting.steps.rows
    place = ibis.dense_rank().over(order_by=located.deal)
    told = keep("told", located.mutate(batch=place.cast("int64") // number(_BATCH)))
    deals = told.select("batch", told="deal").distinct()
    events = raw.join(deals, raw.deal == deals.told).drop("told").order_by("batch")
    events = keep("told_events", events)
    batches = rows(told.aggregate(batches=told.batch.nunique()))[0]["batches"]
    with watch(
        "explaining", rows(events.aggregate(events=events.count()))[0]["events"]
    ) as progress:
        for batch in range(batches):
            found = fetch_findings(setting, told.filter(told.batch == batch))
            its = events.filter(events.batch == batch)
            yield from _explained(setting, judge, its, found, as_of, progress)


def explain_some(
    setting: Setting, judge: Judge, raw: Table, found: Sequence[EngineFinding], *, as_of: int
) -> Iterator[Finding]:
    """Explains these findings of few deals."""
    if found:
        deals = sorted({each.deal for each in found})
        its = raw.filter(raw.deal.isin(deals))
        yield from _explained(setting, judge, its, found, as_of, None)


def kind_of(verdict: int, good: int, cause: int) -> tuple[State, Cause | None]:
    """Says what the numbers of an unmet or waived verdict mean."""
    if verdict == WAIVED:
        return "waived", None
    return "made-good" if good else "open", CAUSES.get(cause)


def fetch_findings(setting: Setting, failed: Table) -> list[EngineFinding]:
    """Fetches few verdicts with their deals."""
    return [
        EngineFinding(
            row["deal"],
            row["rule"],
            row["due_at"],
            row["charged"],
            *kind_of(row["verdict"], row["is_made_good"], row["cause"]),
            row.get("from_stage"),
            row.get("to_stage"),
        )
        for row in setting.steps.rows(failed)
    ]


def _explained(
    setting: Setting,
    judge: Judge,
    raw: Table,
    found: Sequence[EngineFinding],
    as_of: int,
    progress: Callable[[int], None] | None,
) -> Iterator[Finding]:
    """Puts the findings into the judge's words; `DisagreementError` where he disagrees.

    `raw` has the events of their deals.
    """
    explainer = Explainer(judge)
    reader = judge.reader(setting.people.roles if setting.people else no_roles)
    by_deal = {deal: list(some) for deal, some in groupby(sorted(found), itemgetter(0))}
    its = _events(setting, raw)
    for walked in walk(its, reader, judge.ever_governs, as_of=as_of, progress=progress):
        yield from _of_deal(judge, explainer, walked.deal, by_deal[walked.deal.id])


def _of_deal(
    judge: Judge, explainer: Explainer, deal: Deal, found: Iterable[EngineFinding]
) -> Iterator[Finding]:
    for each in found:
        rule = judge.rules[each.rule]
        verdict = rule.judge(deal)
        if verdict is None or verdict.verdict == "met":
            raise DisagreementError(f"{rule.rule.info.id}: {each}, but the judge {verdict}")
        finding = explainer.finding(rule, deal, verdict)
        stages = finding.from_stage, finding.to_stage
        said = EngineFinding(
            deal.id,
            each.rule,
            finding.due_at,
            finding.actor,
            finding.state,
            finding.cause,
            *(stages if each.from_stage is not None else (None, None)),
        )
        if said != each:
            raise DisagreementError(f"{rule.rule.info.id}: {each}, but the judge {said}")
        yield finding


def _events(setting: Setting, raw: Table) -> Iterator[tuple[str, list[Event]]]:
    """Fetches the raw events, deal by deal, in the order of the source."""
    order = [name for name in ("deal", "source", "line", "event_of_row") if name in raw.columns]
    rows = setting.steps.tuples(raw.order_by(order).select(*EVENT[:-1]))
    for deal, group in groupby(map(Event._make, rows), itemgetter(0)):
        yield deal, list(group)
