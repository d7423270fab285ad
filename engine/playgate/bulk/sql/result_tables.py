"""The tables that an audit comes to: its findings, and the counts of its rules."""

from __future__ import annotations

import ibis

from playgate.bulk.judging.judgement import Judgement, with_stages
from playgate.bulk.judging.rules_at_moments import MET, UNMET, WAIVED
from playgate.bulk.judging.verdicts import CAUSES
from playgate.bulk.values.expressions import Table, flag
from playgate.bulk.values.instants import shown
from playgate.bulk.values.reused_values import ReusedValues

__all__ = ["COUNTS", "FINDINGS", "RULES", "counts", "findings"]

RULES = {"rule": "int64", "id": "string", "level": "string", "title": "string"}
"""The columns of a table of the rules, by their number."""

FINDINGS = {
    "deal": "The deal's id",
    "rule": "The rule that the deal does not keep",
    "level": "How grave that is: block, warn or observe",
    "actor": "Who is charged with it; empty where the history names nobody",
    "due_at": "When it was due, in UTC",
    "from_stage": "The stage that the deal was in or moved from",
    "to_stage": "The stage that it moved to; empty where it was not due at a move",
    "cause": "Of activities and deadlines: logged-late, late or missing",
    "state": "open, made-good or waived",
    "message": "What the rule asks for",
}
"""The columns of the findings, and what each says."""

COUNTS = {
    "rule": "The rule",
    "level": "block, warn or observe",
    "met": "On how many deals it is met",
    "unmet": "On how many it is not",
    "waived": "On how many an exception was made",
    "not_applicable": "On how many nothing was due",
    "as_of": "The instant as of which the deals were judged, in UTC",
}


def findings(done: Judgement, rules: Table) -> Table:
    """Lists each deal and rule that is unmet or waived; `rules` has the columns `RULES`."""
    failed = with_stages(done.failed, done.governing.history)
    told = rules.select("id", "level", "title", number="rule")
    row = failed.join(told, failed.rule == told.number)
    reused = ReusedValues(row)
    waived = row.verdict == WAIVED
    causes = [(~waived & (row.cause == number), cause) for number, cause in CAUSES.items()]
    return reused.select(
        "deal",
        rule=row.id,
        level=row.level,
        actor=row.charged,
        due_at=shown(row.due_at, reused.keep),
        from_stage=row.from_stage,
        to_stage=row.to_stage,
        cause=ibis.cases(*causes),
        state=ibis.cases((waived, "waived"), (row.is_made_good == 1, "made-good"), else_="open"),
        message=row.title,
    )


def counts(done: Judgement, rules: Table, as_of: Table) -> Table:
    """Counts for each rule on how many deals it is met, unmet, waived, not applicable.

    `as_of` has one row, with the instant in `as_of`.
    """
    verdicts = done.verdicts
    found = verdicts.group_by(number="rule").agg(
        met=flag(verdicts.verdict == MET).sum(),
        unmet=flag(verdicts.verdict == UNMET).sum(),
        waived=flag(verdicts.verdict == WAIVED).sum(),
    )
    row = rules.left_join(found, rules.rule == found.number)
    row = row.cross_join(
        done.governing.deals.aggregate(deals=done.governing.deals.count())
    ).cross_join(as_of)
    met, unmet, waived = (row[name].fill_null(0) for name in ("met", "unmet", "waived"))
    reused = ReusedValues(row)
    return reused.select(
        rule=row.id,
        level=row.level,
        met=met,
        unmet=unmet,
        waived=waived,
        not_applicable=row.deals - met - unmet - waived,
        as_of=shown(row.as_of, reused.keep),
    )
