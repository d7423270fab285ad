"""The summary of an audit: what people are shown of its findings is all that is fetched."""

from __future__ import annotations

from collections import Counter

import ibis

from playgate.audit.summary import DEALS, WAIVERS, FindingKind, ProblemKind, Summary
from playgate.bulk.judging.rules_at_moments import UNMET, WAIVED
from playgate.bulk.judging.setting import Setting
from playgate.bulk.running.explain import explain_some, fetch_findings, kind_of
from playgate.bulk.values.expressions import Expr, Table, is_in
from playgate.judge.judge import Judge

__all__ = ["summary"]


def summary(
    setting: Setting,
    judge: Judge,
    raw: Table,
    failed: Table,
    problems: tuple[ProblemKind, ...],
    *,
    as_of: int,
) -> Summary:
    """Sums up verdicts `with_deal_ids`; only those that are shown are explained."""
    rules = setting.rules
    failed = setting.steps.keep("found", failed)
    open_deals, worst = _worst_deals(setting, failed)
    waived = _first_waived(setting, failed)
    deals = {*worst, *(deal for deal, _ in waived)}
    found = fetch_findings(setting, failed.filter(is_in(failed.deal, deals))) if deals else []
    shown = [
        each
        for each in found
        if (each.deal, each.rule) in waived
        or (each.state == "open" and rules[each.rule].info.level != "observe")
    ]
    places = {rule.info.id: place for place, rule in enumerate(rules)}
    told = sorted(
        explain_some(setting, judge, raw, shown, as_of=as_of),
        key=lambda each: (each.due_at, each.deal, places[each.rule.id]),
    )
    return Summary(
        counts=_counts(setting, failed),
        open_deals=open_deals,
        worst_deals={
            deal: tuple(each for each in told if each.deal == deal and each.state == "open")
            for deal in worst
        },
        waived=tuple(each for each in told if each.state == "waived"),
        problems=problems,
    )


def _counts(setting: Setting, failed: Table) -> Counter[FindingKind]:
    grouped = failed.group_by("rule", "verdict", "is_made_good", "cause").agg(times=failed.count())
    counts: Counter[FindingKind] = Counter()
    for row in setting.steps.rows(grouped):
        kind = kind_of(row["verdict"], row["is_made_good"], row["cause"])
        counts[setting.rules[row["rule"]].info, *kind] += row["times"]
    return counts


def _worst_deals(setting: Setting, failed: Table) -> tuple[int, list[str]]:
    """Counts the deals with open findings at block or warn, and list the gravest in order."""
    is_open = (failed.verdict == UNMET) & (failed.is_made_good == 0)
    open_ = failed.filter(is_open & is_in(failed.rule, _rules_at(setting, "block", "warn")))
    deals = setting.steps.keep(
        "open_deals",
        open_.group_by("deal").agg(
            every=open_.count(),
            blocks=open_.count(where=is_in(open_.rule, _rules_at(setting, "block"))),
        ),
    )
    number = setting.steps.rows(deals.aggregate(deals=deals.count()))[0]["deals"]
    order = [deals.blocks.desc(), deals.every.desc(), _binary(setting, deals.deal)]
    worst = setting.steps.rows(deals.order_by(order).limit(DEALS).select("deal"))
    return number, [each["deal"] for each in worst]


def _first_waived(setting: Setting, failed: Table) -> set[tuple[str, int]]:
    """Finds the first waived verdicts: deal and rule of each."""
    row = failed.filter(failed.verdict == WAIVED)
    order = [row.due_at, _binary(setting, row.deal), row.rule]
    first = row.order_by(order).limit(WAIVERS).select("deal", "rule")
    return {(each["deal"], each["rule"]) for each in setting.steps.rows(first)}


def _rules_at(setting: Setting, *levels: str) -> list[int]:
    return [place for place, rule in enumerate(setting.rules) if rule.info.level in levels]


def _convert_to(text: str, encoding: str) -> bytes:
    """Turns a text into bytes, as PostgreSQL's own function does."""
    raise NotImplementedError


def _binary(setting: Setting, text: Expr) -> Expr:
    """Returns what sorts as texts do in Python; PostgreSQL sorts as people of its region do."""
    if setting.steps.backend != "postgres":
        return text
    return ibis.udf.scalar.builtin(_convert_to, name="convert_to")(text, "UTF8")
