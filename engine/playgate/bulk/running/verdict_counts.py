"""Verdicts are counted where they lie, and only sums come back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import ibis

from playgate.audit.selection import Selection
from playgate.audit.tally import Counts
from playgate.audit.verdict_rows import VerdictRow
from playgate.bulk.engine.steps import FetchedRow
from playgate.bulk.judging.judgement import Judgement, with_done_at
from playgate.bulk.judging.rules_at_moments import MET, UNMET, WAIVED
from playgate.bulk.judging.setting import Setting
from playgate.bulk.values.expressions import Expr, Table, all_of, is_in, number, summed

__all__ = ["count_tables", "fetch_counts", "fetch_verdicts", "selected_verdicts"]

_WORDS = {MET: "met", UNMET: "unmet", WAIVED: "waived"}
_CHANCES = ("has", "met")
_SLOTS = {MET: 0, UNMET: 1, WAIVED: 2}


def selected_verdicts(
    setting: Setting, selection: Selection, done: Judgement, verdicts: Table
) -> Table:
    """Selects the verdicts that are counted."""
    asked: list[Expr] = []
    if selection.rules:
        ids = [rule.info.id for rule in setting.rules]
        asked.append(
            is_in(
                verdicts.rule,
                [index for index, rule_id in enumerate(ids) if selection.has_rule(rule_id)],
            )
        )
    if selection.since is not None:
        verdicts = with_done_at(done, verdicts)
        asked.append(verdicts.done_at >= number(selection.since))
    if selection.actors:
        asked.append(is_in(verdicts.charged, selection.actors))
    return verdicts.filter(all_of(asked)) if asked else verdicts


def count_tables(setting: Setting, verdicts: Table, deals: Table) -> dict[str, Table]:
    """Counts all that the numbers of an audit are made of; `deals` are the governed ones."""
    adhering = [index for index, rule in enumerate(setting.rules) if rule.info.level != "observe"]
    chances = verdicts.filter((verdicts.verdict != WAIVED) & is_in(verdicts.rule, adhering))
    stages = _stages(setting)
    by_rule = [
        (chances.rule == index, number(stages.index(rule.info.stage)))
        for index, rule in enumerate(setting.rules)
    ]
    staged = chances.mutate(stage=ibis.cases(*by_rule))
    return {
        "verdicts": verdicts.group_by("rule", "verdict", "charged").agg(times=verdicts.count()),
        "staged": _by_chances(staged, "stage"),
        "acting": _by_chances(chances, "charged"),
        "chances": _by_chances(chances),
        "governed": deals.aggregate(
            deals=deals.count(),
            **{
                f"entered_{place}": deals[f"entered_at_{place}"].count()
                for place in setting.numbers.values()
            },
            **{
                f"passed_{place}": deals[f"passed_move_{place}"].count()
                for place in range(len(setting.open))
            },
        ),
    }


def _by_chances(chances: Table, *keys: str) -> Table:
    """Counts deals by how many chances they had, and how many of these were met."""
    of_each = chances.group_by(*keys, "deal_no").agg(
        has=chances.count(), met=chances.count(where=chances.verdict == MET)
    )
    return of_each.group_by(*keys, *_CHANCES).agg(times=of_each.count())


def fetch_counts(setting: Setting, tables: Mapping[str, Table]) -> Counts:
    """Fetches what `count_tables` counted, of all parts."""

    def rows(name: str, *keys: str) -> list[FetchedRow]:
        return setting.steps.rows(summed(tables[name], *keys))

    stages = _stages(setting)
    facts = rows("governed")[0]
    return Counts(
        verdicts={
            (row["rule"], _SLOTS[row["verdict"]], row["charged"]): row["times"]
            for row in rows("verdicts", "rule", "verdict", "charged")
        },
        deals=facts["deals"],
        by_chances={(row["has"], row["met"]): row["times"] for row in rows("chances", *_CHANCES)},
        by_stage={
            (stages[row["stage"]], row["has"], row["met"]): row["times"]
            for row in rows("staged", "stage", *_CHANCES)
        },
        by_actor={
            (row["charged"], row["has"], row["met"]): row["times"]
            for row in rows("acting", "charged", *_CHANCES)
        },
        entered={stage: facts[f"entered_{place}"] for stage, place in setting.numbers.items()},
        passed={stage: facts[f"passed_{place}"] for place, stage in enumerate(setting.open)},
    )


def fetch_verdicts(setting: Setting, rows: Table) -> Iterator[list[VerdictRow]]:
    """Fetches `verdict_rows`, so many at a time."""
    for batch in setting.steps.batches(rows.select("deal", "rule", "verdict", "due_at", "charged")):
        yield [(deal, rule, _WORDS[said], due, actor) for deal, rule, said, due, actor in batch]


def _stages(setting: Setting) -> list[str]:
    return list(dict.fromkeys(rule.info.stage for rule in setting.rules))
