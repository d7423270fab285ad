"""Deadlines that hang on dates: where a date stands until then, and what holds there."""

from __future__ import annotations

import ibis

from playgate.bulk.judging.conditions import with_shifts
from playgate.bulk.judging.history import EVERYTHING, History
from playgate.bulk.judging.judged_moments import AS_OF, SPAN, with_values_read
from playgate.bulk.judging.rules_at_moments import is_met
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.what_rules_read import read_at_moments
from playgate.bulk.values.durations import after
from playgate.bulk.values.expressions import Expr, Table, flag, is_in, number, when
from playgate.bulk.values.reckoned_values import reckoned
from playgate.bulk.values.reused_values import ReusedValues
from playgate.conditions.durations import Duration
from playgate.rules.list import Rule

__all__ = ["OF_DATE", "dates_that_stand", "held_at_dates"]

OF_DATE = ("deal_no", "rule", "position")
"""The columns that say which rule is asked because of which event."""
_KEPT = ("deal_no", "position", "since", "instant")


def dates_that_stand(setting: Setting, fields: Table) -> Table:
    """Finds where a field was given a date that stands until the deadline before it has come.

    `number` says which of all such deadlines it is.
    """
    ends = setting.steps.keep("dates", _ends(setting, fields))
    found = setting.steps.keep("date_deadlines", _deadlines(setting, ends))
    return setting.steps.keep("dates_that_stand", _standing(setting, found))


def _ends(setting: Setting, fields: Table) -> Table:
    """Finds the last instants of the dates that fields were given; NULL where they were given
    none."""
    own = fields.filter(is_in(fields.name, {date.field for date in setting.reads.dates}))
    reused = ReusedValues(own)
    to_day_end = after(Duration(0, "calendar day"), setting.playbook.calendar, reused.keep)
    end = when(own.is_day == 1, to_day_end(own.instant), own.instant)
    return reused.select(*_KEPT, "name", end=end)


def _deadlines(setting: Setting, ends: Table) -> Table:
    parts = []
    for date, each in setting.reads.dates.items():
        own = ends.filter(ends.name == date.field)
        reused = ReusedValues(own)
        deadline = reckoned(own.end, date, setting.playbook.calendar, reused.keep)
        parts.append(reused.select(*_KEPT, number=number(each), deadline=deadline))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _standing(setting: Setting, dates: Table) -> Table:
    """Keeps those that have come before another value was given, not earlier than their own."""
    found = dates.filter((dates.deadline >= dates.since) & (dates.deadline <= setting.as_of))
    other = dates.select(
        other_deal_no="deal_no",
        other_number="number",
        other_position="position",
        given_at="since",
        given="instant",
    )
    changed = found.join(
        other,
        [
            found.deal_no == other.other_deal_no,
            found.number == other.other_number,
            other.other_position > found.position,
            (other.given_at < found.deadline) | (other.given_at == found.since),
            other.given.isnull() | (other.given != found.instant),
        ],
    )
    gone = changed.select("deal_no", "number", "position").distinct()
    return found.anti_join(gone, ["deal_no", "number", "position"])


def held_at_dates(
    setting: Setting, rules: list[tuple[int, Rule]], starts: Table, history: History, deals: Table
) -> Table:
    """Says of deadlines whether their conditions hold at them, as seen then and as seen by now."""
    seen = [(0, starts.deadline), (1, setting.as_of)]
    moments = ibis.union(*(_seen(starts, now, until) for now, until in seen))
    moments = setting.steps.keep("dated_moments", with_shifts(setting, moments))
    reads = read_at_moments([rule for _, rule in rules], setting.playbook)
    row = with_values_read(setting, reads, "dates_as_seen", moments, deals, history)
    cases = [(row.rule == index, is_met(setting, row, index, rule, {})) for index, rule in rules]
    held = row.select(*OF_DATE, "now", held=flag(ibis.cases(*cases, else_=ibis.literal(False))))
    return held.group_by(*OF_DATE).agg(
        held_then=held.held.max(where=held.now == 0), held_by_now=held.held.max(where=held.now == 1)
    )


def _seen(starts: Table, now: int, until: Expr) -> Table:
    return starts.select(
        *OF_DATE,
        now=number(now),
        moment_no=(starts.rule * SPAN + starts.position) * 2 + now,
        kind=number(AS_OF),
        due_at="deadline",
        at="deadline",
        seen_until=until,
        last_move_seen=number(EVERYTHING),
        actor=ibis.literal(""),
        move_no=number(-1),
        to_stage=ibis.literal(""),
        from_stage=ibis.literal(""),
    )
