"""Findings put into words by the judge, from the events of their deals, fetched in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import Any, NamedTuple

from playgate.audit.bulk.expressions import Table
from playgate.audit.bulk.setting import Setting
from playgate.audit.bulk.settle import COLUMNS
from playgate.findings import Cause, Finding, State
from playgate.history.deal import Deal, no_roles
from playgate.history.event import Event
from playgate.history.order import settle
from playgate.judge.explain import Explainer
from playgate.judge.judge import Judge

__all__ = ["DisagreementError", "Found", "explained", "plain"]

_BATCH = 500


class DisagreementError(Exception):
    """The engine found what the judge does not: a bug in one of them."""


class Found(NamedTuple):
    """A finding as the engine gives it; `rule` is the rule's place."""

    deal: str
    rule: int
    due_at: int
    actor: str
    state: State
    cause: Cause | None
    from_stage: str
    to_stage: str


def plain(setting: Setting, found: Found) -> Finding:
    """The finding without the judge's words."""
    info = setting.rules[found.rule].info
    return Finding(
        rule=info, deal=found.deal, actor=found.actor, due_at=found.due_at,
        from_stage=found.from_stage, to_stage=found.to_stage, state=found.state,
        cause=found.cause, made_good_at=None, message=info.title, evidence=(),
    )  # fmt: skip


def explained(
    setting: Setting, judge: Judge, raw: Table, found: Sequence[Found], *, as_of: int
) -> Iterator[Finding]:
    """The findings in the judge's words; `DisagreementError` where it would not say so."""
    explainer = Explainer(judge)
    reader = judge.reader(setting.people.roles if setting.people else no_roles)
    by_deal = groupby(sorted(found), lambda each: each.deal)
    waiting = ((deal, list(group)) for deal, group in by_deal)
    while batch := dict(islice(waiting, _BATCH)):
        for deal_id, rows in _events(setting, raw, list(batch)):
            events, _ = settle(rows)
            deal = reader.read(deal_id, events, as_of)
            yield from _of_deal(judge, explainer, deal, batch[deal_id])


def _of_deal(
    judge: Judge, explainer: Explainer, deal: Deal, found: list[Found]
) -> Iterator[Finding]:
    for each in found:
        rule = judge.rules[each.rule]
        verdict = rule.judge(deal)
        if verdict is None or verdict.verdict == "met":
            raise DisagreementError(f"{rule.rule.info.id}: {each}, but the judge {verdict}")
        finding = explainer.finding(rule, deal, verdict)
        said = Found(
            deal.id, each.rule, finding.due_at, finding.actor, finding.state, finding.cause,
            finding.from_stage, finding.to_stage,
        )  # fmt: skip
        if said != each:
            raise DisagreementError(f"{rule.rule.info.id}: {each}, but the judge {said}")
        yield finding


def _events(
    setting: Setting, raw: Table, deals: list[str]
) -> Iterator[tuple[str, list[Event]]]:
    """The raw events of some deals, in the order of the source."""
    order = [name for name in ("deal", "source", "line", "part") if name in raw.columns]
    wanted = [name for name in COLUMNS if name in raw.columns]
    rows = setting.steps.rows(raw.filter(raw.deal.isin(deals)).select(*wanted).order_by(order))
    for deal, group in groupby(rows, _deal):
        yield deal, [Event(*[row[name] for name in COLUMNS[:11]]) for row in group]


def _deal(row: dict[str, Any]) -> str:
    deal: str = row["deal"]
    return deal
