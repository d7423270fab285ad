"""Unmet verdicts asked again: why each was missed, and whether it is made good by now."""

from __future__ import annotations

from functools import reduce
from operator import add

import ibis

from playgate.bulk.judging.conditions import with_shifts
from playgate.bulk.judging.history import EVERYTHING, History, source_of
from playgate.bulk.judging.joined_tables import JoinedTables
from playgate.bulk.judging.judged_moments import (
    Keys,
    activity_counts,
    counted,
    is_counted,
    moments_with_activities,
)
from playgate.bulk.judging.rules_at_moments import MET, UNMET, is_met
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.verdicts import LATE, LOGGED_LATE, MISSING, Verdicts
from playgate.bulk.judging.what_rules_read import CountAtMoment, read_at_moments
from playgate.bulk.values.expressions import Expr, Table, flag, is_in, number, when
from playgate.rules.asks import Done, condition_of
from playgate.rules.due import date_of
from playgate.rules.list import Rule

__all__ = ["with_made_good"]


def with_made_good(setting: Setting, history: History, deals: Table, verdicts: Verdicts) -> Table:
    """Finds the unmet and waived verdicts, with `is_made_good` and `cause`."""
    failed = verdicts.table.filter(verdicts.table.verdict != MET)
    again = [index for index, rule in enumerate(setting.rules) if _is_asked_again(rule)]
    if not again:
        return failed
    unmet = failed.filter((failed.verdict == UNMET) & is_in(failed.rule, again))
    moments = _by_now(setting, unmet, verdicts.due)
    moments = setting.steps.keep("asked_again", with_shifts(setting, moments))
    parts: list[tuple[Table | None, Keys]] = [
        (_happened(setting, history, moments, deals), ("deal_no", "moment_no")),
        (_counted_by_now(setting, again, history, moments, deals), ("deal_no", "moment_no")),
        (_last_values(setting, again, history.fields), ("deal_no",)),
    ]
    given = [(part, keys) for part, keys in parts if part is not None]
    row = JoinedTables(setting.steps, "unmet_seen_now", moments, (deals, ("deal_no",)), *given)
    now = flag(_holds(setting, row))
    answers = row.select("deal_no", "moment_no", now=now, why=_cause(setting, row, now))
    answers = setting.steps.keep("made_good_by_now", answers)
    keys = [
        failed.verdict == UNMET,
        failed.deal_no == answers.deal_no,
        failed.rule == answers.moment_no,
    ]
    joined = failed.left_join(answers, keys)
    return joined.select(
        *[name for name in failed.columns if name not in ("is_made_good", "cause")],
        is_made_good=joined.now.fill_null(joined.is_made_good),
        cause=joined.why.fill_null(joined.cause),
    )


def _is_asked_again(rule: Rule) -> bool:
    """Says whether a condition is asked that later facts may meet; at a date only those of then
    count."""
    return condition_of(rule.ask) is not None and date_of(rule.due) is None


def _counted_by_now(
    setting: Setting, again: list[int], history: History, moments: Table, deals: Table
) -> Table | None:
    """Counts activities by now for the rules that count."""
    counting = {
        index: reads
        for index in again
        if (reads := read_at_moments([setting.rules[index]], setting.playbook)).counts
    }
    if not counting:
        return None
    reads = read_at_moments([setting.rules[index] for index in counting], setting.playbook)
    return activity_counts(
        setting, reads, moments.filter(is_in(moments.moment_no, counting)), deals, history
    )


def _last_values(setting: Setting, again: list[int], fields: Table) -> Table | None:
    """Finds each deal's values of the fields that are read, as of the audit."""
    rules = [setting.rules[index] for index in again]
    read = read_at_moments(rules, setting.playbook).fields
    sources = {setting.reads.fields[each]: source_of(setting, each) for each in read}
    if not sources:
        return None
    at, names = setting.as_of, {name for name, _ in sources.values()}
    row = fields.filter(is_in(fields.name, names) & (fields.since <= at) & (at < fields.until))
    return row.group_by("deal_no").agg(
        **{
            column: row[slot].max(where=row.name == name)
            for column, (name, slot) in sources.items()
        }
    )


def _by_now(setting: Setting, unmet: Table, due: Table) -> Table:
    """Lets the moments of the findings see all that has come since; windows keep their start.

    They are numbered by their rules. `seen_until_then` and `last_move_seen_then` say what was seen
    when the rule was due.
    """
    moments = due.select(
        "deal_no",
        "moment_no",
        "at",
        "actor",
        seen_until_then="seen_until",
        last_move_seen_then="last_move_seen",
    )
    asked = unmet.select("deal_no", "rule", "due_at", then="moment_no")
    row = asked.left_join(
        moments, [asked.deal_no == moments.deal_no, asked.then == moments.moment_no]
    )
    return row.select(
        "deal_no",
        "due_at",
        moment_no="rule",
        at=row["at"].fill_null(row.due_at),
        seen_until=setting.as_of,
        last_move_seen=number(EVERYTHING),
        actor=row.actor.fill_null(""),
        seen_until_then=row.seen_until_then.fill_null(row.due_at),
        last_move_seen_then=row.last_move_seen_then.fill_null(EVERYTHING),
    )


def _holds(setting: Setting, row: JoinedTables) -> Expr:
    cases = [
        (row.moment_no == index, is_met(setting, row, index, rule, {}))
        for index, rule in enumerate(setting.rules)
        if _is_asked_again(rule)
    ]
    return ibis.cases(*cases, else_=ibis.literal(False))


def _counting(setting: Setting) -> list[tuple[int, CountAtMoment]]:
    return [
        (index, CountAtMoment(rule.ask.count, rule.info.stage))
        for index, rule in enumerate(setting.rules)
        if isinstance(rule.ask, Done)
    ]


def _happened(setting: Setting, history: History, moments: Table, deals: Table) -> Table | None:
    """Counts what had happened in time of what was to be done, however late it was logged."""
    counting = _counting(setting)
    if not counting or setting.playbook.late_after is None:
        return None  # what counts as of its own instant was counted then
    done = history.activities
    late = done.filter(done.effective_at > done.happened_at).select("deal_no")
    counted_at = moments.filter(is_in(moments.moment_no, [index for index, _ in counting]))
    counted_at = counted_at.semi_join(late, "deal_no")
    row = moments_with_activities(setting, counted_at, deals, history, by="happened_at")
    # Each moment is of one rule, so that all sums but its own are 0.
    sums = [
        counted(
            count,
            row,
            (row.moment_no == index)
            & is_counted(
                setting,
                count,
                row,
                instant=row.happened_at,
                until=row["at"],
                seen_until=row.seen_until_then,
                last_move_seen=row.last_move_seen_then,
            ),
        )
        for index, count in counting
    ]
    return row.group_by("deal_no", "moment_no").agg(happened_in_time=reduce(add, sums))


def _cause(setting: Setting, row: JoinedTables, now: Expr) -> Expr:
    counting = _counting(setting)
    if not counting:
        return number(0)
    wanted = ibis.cases(
        *[(row.moment_no == index, number(count.demand.times)) for index, count in counting]
    )
    otherwise = when(now == 1, number(LATE), number(MISSING))
    cause = otherwise
    if "happened_in_time" in row.columns:
        cause = when(row.happened_in_time.fill_null(0) >= wanted, number(LOGGED_LATE), otherwise)
    return when(wanted.notnull(), cause, number(0))
