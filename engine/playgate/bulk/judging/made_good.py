"""What follows from an unmet verdict: why it was missed, and whether it holds by now."""

from __future__ import annotations

import ibis

from playgate.bulk.judging.conditions import with_shifts
from playgate.bulk.judging.history import EVERYTHING, SLOT, History
from playgate.bulk.judging.joined_tables import JoinedTables
from playgate.bulk.judging.judged_moments import (
    Keys,
    activity_counts,
    is_counted,
    moments_with_activities,
)
from playgate.bulk.judging.rules_at_moments import MET, UNMET, is_met
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.verdicts import Verdicts
from playgate.bulk.judging.what_rules_read import CountAtMoment, read_at_moments
from playgate.bulk.values.expressions import Expr, Table, any_of, flag, is_in, number, when
from playgate.findings import Cause
from playgate.playbook.model import ActivityDemand

__all__ = ["CAUSES", "with_made_good"]

_LOGGED_LATE, _LATE, _MISSING = 1, 2, 3
CAUSES: dict[int, Cause] = {_LOGGED_LATE: "logged-late", _LATE: "late", _MISSING: "missing"}
"""By the number in the column `cause`; 0 stands for none."""
_ASKED_AGAIN = frozenset(
    ("entered", "entry", "activity", "within", "exit", "hold", "before", "fit")
)
"""The families whose condition is asked again; of the others it is known, or never made good."""


def with_made_good(setting: Setting, history: History, deals: Table, verdicts: Verdicts) -> Table:
    """The unmet and waived verdicts, with `good` (1: made good) and `cause`."""
    failed = verdicts.table.filter(verdicts.table.verdict != MET)
    again = [index for index, rule in enumerate(setting.rules) if rule.family in _ASKED_AGAIN]
    if not again:
        return failed.mutate(cause=number(0))
    unmet = failed.filter((failed.verdict == UNMET) & is_in(failed.rule, again))
    moments = _by_now(setting, unmet, verdicts.due)
    moments = setting.steps.keep("again", with_shifts(setting, moments))
    parts: list[tuple[Table | None, Keys]] = [
        (_happened(setting, history, moments, deals), ("d", "mid")),
        (_counted_by_now(setting, again, history, moments, deals), ("d", "mid")),
        (_last_values(setting, again, history.fields), ("d",)),
    ]
    given = [(part, keys) for part, keys in parts if part is not None]
    row = JoinedTables(setting.steps, "by_now", moments, (deals, ("d",)), *given)
    now = flag(_holds(setting, row))
    answers = row.select("d", "mid", now=now, why=_cause(setting, row, now))
    answers = setting.steps.keep("answers", answers)
    keys = [failed.verdict == UNMET, failed.d == answers.d, failed.rule == answers.mid]
    joined = failed.left_join(answers, keys)
    return joined.select(
        *[name for name in failed.columns if name != "good"],
        good=joined.now.fill_null(joined.good),
        cause=joined.why.fill_null(0),
    )


def _counted_by_now(
    setting: Setting, again: list[int], history: History, moments: Table, deals: Table
) -> Table | None:
    """What is counted at the moments of the rules that count."""
    counting = {
        index: reads
        for index in again
        if (reads := read_at_moments([setting.rules[index]], setting.playbook)).counts
    }
    if not counting:
        return None
    reads = read_at_moments([setting.rules[index] for index in counting], setting.playbook)
    return activity_counts(
        setting, reads, moments.filter(is_in(moments.mid, counting)), deals, history
    )


def _last_values(setting: Setting, again: list[int], fields: Table) -> Table | None:
    """The values of the fields that are read, as of the audit, by deal."""
    rules = [setting.rules[index] for index in again]
    names = read_at_moments(rules, setting.playbook).fields
    if not names:
        return None
    at, kinds = setting.as_of, setting.playbook.fields
    row = fields.filter(is_in(fields.name, names) & (fields.since <= at) & (at < fields.until))
    return row.group_by("d").agg(
        **{
            setting.reads.fields[name]: row[SLOT[kinds[name].kind]].max(where=row.name == name)
            for name in names
        }
    )


def _by_now(setting: Setting, unmet: Table, due: Table) -> Table:
    """The moments of the findings with all that has come since; windows keep their start.

    They are numbered by their rules. What was seen then stands in `facts_then` and `seen_then`.
    """
    moments = due.select("d", "mid", "at", "actor", facts_then="facts", seen_then="seen")
    asked = unmet.select("d", "rule", "due_at", then="mid")
    row = asked.left_join(moments, [asked.d == moments.d, asked.then == moments.mid])
    return row.select(
        "d",
        "due_at",
        mid="rule",
        at=row["at"].fill_null(row.due_at),
        facts=setting.as_of,
        seen=number(EVERYTHING),
        actor=row.actor.fill_null(""),
        facts_then=row.facts_then.fill_null(row.due_at),
        seen_then=row.seen_then.fill_null(EVERYTHING),
    )


def _holds(setting: Setting, row: JoinedTables) -> Expr:
    cases = [
        (row.mid == index, is_met(setting, row, index, rule, {}))
        for index, rule in enumerate(setting.rules)
        if rule.family in _ASKED_AGAIN
    ]
    return ibis.cases(*cases, else_=ibis.literal(False))


def _counting(setting: Setting) -> list[tuple[int, CountAtMoment]]:
    return [
        (index, CountAtMoment(rule.demand.count, rule.info.stage))
        for index, rule in enumerate(setting.rules)
        if isinstance(rule.demand, ActivityDemand)
    ]


def _happened(setting: Setting, history: History, moments: Table, deals: Table) -> Table | None:
    """How much of what was to be done had happened in time, however late it was logged."""
    counting = _counting(setting)
    if not counting or setting.playbook.late_after is None:
        return None  # what counts as of its own instant was counted then
    done = history.activities
    late = done.filter(done.effective > done.happened).select("d")
    counted_at = moments.filter(is_in(moments.mid, [index for index, _ in counting]))
    counted_at = counted_at.semi_join(late, "d")
    row = moments_with_activities(setting, counted_at, deals, history)
    counted = any_of(
        (row.mid == index)
        & is_counted(
            setting,
            count,
            row,
            instant=row.happened,
            until=row["at"],
            facts=row.facts_then,
            seen=row.seen_then,
        )
        for index, count in counting
    )
    return row.group_by("d", "mid").agg(happened=flag(counted).sum())


def _cause(setting: Setting, row: JoinedTables, now: Expr) -> Expr:
    counting = _counting(setting)
    if not counting:
        return number(0)
    wanted = ibis.cases(
        *[(row.mid == index, number(count.demand.times)) for index, count in counting]
    )
    otherwise = when(now == 1, number(_LATE), number(_MISSING))
    cause = otherwise
    if "happened" in row.columns:
        cause = when(row.happened.fill_null(0) >= wanted, number(_LOGGED_LATE), otherwise)
    return when(wanted.notnull(), cause, number(0))
