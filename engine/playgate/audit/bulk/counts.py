"""Verdicts counted where they lie: what comes back are sums."""

from __future__ import annotations

import ibis

from playgate.audit.bulk.dues import MET, UNMET, WAIVED
from playgate.audit.bulk.expressions import Expr, Table, all_of, is_in, number
from playgate.audit.bulk.setting import Setting
from playgate.audit.selection import Selection
from playgate.audit.tally import Counts

__all__ = ["count", "selected"]

_SLOTS = {MET: 0, UNMET: 1, WAIVED: 2}


def selected(setting: Setting, selection: Selection, verdicts: Table) -> Table:
    """The verdicts that are counted."""
    asked: list[Expr] = []
    if selection.rules:
        ids = [rule.info.id for rule in setting.rules]
        asked.append(is_in(verdicts.rule, [
            index for index, rule_id in enumerate(ids) if selection.has_rule(rule_id)
        ]))  # fmt: skip
    if selection.since is not None:
        asked.append(verdicts.due_at >= number(selection.since))
    if selection.actors:
        asked.append(is_in(verdicts.charged, selection.actors))
    return verdicts.filter(all_of(asked)) if asked else verdicts


def count(setting: Setting, verdicts: Table, deals: Table) -> Counts:
    """All that the numbers of an audit are made of; `deals` are those that are governed."""
    rows = setting.steps.rows
    by_actor = verdicts.group_by("rule", "verdict", "charged").agg(count=verdicts.count())
    counts = {
        (row["rule"], _SLOTS[row["verdict"]], row["charged"]): row["count"]
        for row in rows(by_actor)
    }
    adhering = [
        index for index, rule in enumerate(setting.rules) if rule.info.level != "observe"
    ]
    chances = verdicts.filter((verdicts.verdict != WAIVED) & is_in(verdicts.rule, adhering))
    stages = list(dict.fromkeys(rule.info.stage for rule in setting.rules))
    by_rule = [
        (chances.rule == index, number(stages.index(rule.info.stage)))
        for index, rule in enumerate(setting.rules)
    ]
    staged = chances.mutate(stage=ibis.cases(*by_rule))
    by_stage = staged.group_by("stage").agg(deals=staged.d.nunique())
    acting = chances.group_by("charged").agg(deals=chances.d.nunique())
    facts = rows(deals.aggregate(
        deals=deals.count(),
        **{f"e{place}": deals[f"ea{place}"].count() for place in setting.numbers.values()},
        **{f"g{place}": deals[f"gn{place}"].count() for place in range(len(setting.open))},
    ))[0]  # fmt: skip
    return Counts(
        verdicts=counts,
        deals=facts["deals"],
        by_stage={stages[row["stage"]]: row["deals"] for row in rows(by_stage)},
        by_actor={row["charged"]: row["deals"] for row in rows(acting)},
        deals_with_chance=rows(chances.aggregate(deals=chances.d.nunique()))[0]["deals"],
        entered={stage: facts[f"e{place}"] for stage, place in setting.numbers.items()},
        passed={stage: facts[f"g{place}"] for place, stage in enumerate(setting.open)},
    )
