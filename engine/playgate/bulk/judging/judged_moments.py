"""Moments: the instants at which deals are judged, and what is seen from each.

A moment is a row: its deal `d`, its number `mid` (in order of time within what is due there), its
`kind`, the instant `due_at` that is reported, the instant `at` that windows and dates are measured
from, until when facts (`facts`) and up to which move (`seen`) things are seen, whose event it is
(`actor`, `pos`), and of moves number `n`, whereto (`into`) and from where (`left`).
"""

from __future__ import annotations

import ibis

from playgate.bulk.judging.conditions import shifted
from playgate.bulk.judging.history import EVERYTHING, SLOT, History
from playgate.bulk.judging.joined_tables import JoinedTables
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.what_rules_read import CountAtMoment, InstantShift, ReadColumns
from playgate.bulk.values.expressions import Expr, Table, all_of, beside, flag, is_in, number, sure

__all__ = [
    "AS_OF",
    "AS_OF_MID",
    "MATCH",
    "MOVE",
    "PLAIN",
    "SPAN",
    "Keys",
    "activity_counts",
    "as_of_moments",
    "is_counted",
    "moments_with_activities",
    "move_moments",
    "plain_moments",
    "with_values_read",
]

MOVE, AS_OF, PLAIN, MATCH = 0, 1, 2, 3
"""Kinds of moments; those of sequence `j` are `MATCH + j`."""
SPAN = 2**21
"""Sequences number their matches from `(j + 1) * SPAN` on; no deal has so many moves."""
AS_OF_MID, PLAIN_MID = 2**50, 2**51

Keys = tuple[str, ...]
"""The columns by which a table belongs to another."""


def move_moments(moves: Table) -> Table:
    """What is seen from each move, grace included."""
    return moves.select(
        "d",
        mid="n",
        kind=number(MOVE),
        due_at="at",
        at="facts",
        facts="facts",
        seen="seen",
        actor="actor",
        pos="pos",
        n="n",
        into="into",
        left="left",
    )


def plain_moments(moves: Table) -> Table:
    """What is seen from each move, without grace."""
    return moves.select(
        "d",
        mid=moves.n + PLAIN_MID,
        kind=number(PLAIN),
        due_at="at",
        at="at",
        facts="at",
        seen="n",
        actor="actor",
        pos="pos",
        n="n",
        into="into",
        left="left",
    )


def as_of_moments(setting: Setting, deals: Table) -> Table:
    """What is seen of each deal as of the audit's instant."""
    at = setting.as_of
    return deals.select(
        "d",
        mid=number(AS_OF_MID),
        kind=number(AS_OF),
        due_at=at,
        at=at,
        facts=at,
        seen=number(EVERYTHING),
        actor=ibis.literal(""),
        pos=number(-1),
        n=number(-1),
        into=ibis.literal(""),
        left=ibis.literal(""),
    )


def with_values_read(
    setting: Setting,
    reads: ReadColumns,
    name: str,
    moments: Table,
    deals: Table,
    history: History,
    *parts: tuple[Table, Keys],
) -> JoinedTables:
    """The moments with their deal's facts, what is read of fields and counts, and `parts`."""
    fields = _fields_seen(setting, reads, moments, history.fields)
    counts = activity_counts(setting, reads, moments, deals, history)
    seen = [(part, ("d", "mid")) for part in (fields, counts) if part is not None]
    return JoinedTables(setting.steps, name, moments, (deals, ("d",)), *seen, *parts)


def _fields_seen(
    setting: Setting, reads: ReadColumns, moments: Table, fields: Table
) -> Table | None:
    """The value of each field that is read as of every moment; no row where a deal has none."""
    wanted = {name: setting.reads.fields[name] for name in reads.fields}
    if not wanted:
        return None
    kinds = setting.playbook.fields
    slots = sorted({SLOT[kinds[name].kind] for name in wanted})
    read = fields.filter(is_in(fields.name, wanted))
    values = read.select("name", "since", "until", *slots, fd="d")
    seen_from = moments.select("d", "mid", "facts")
    row = seen_from.join(
        values,
        [seen_from.d == values.fd, values.since <= seen_from.facts, seen_from.facts < values.until],
    )
    return row.group_by("d", "mid").agg(
        **{
            column: row[SLOT[kinds[name].kind]].max(where=row.name == name)
            for name, column in wanted.items()
        }
    )


def activity_counts(
    setting: Setting, reads: ReadColumns, moments: Table, deals: Table, history: History
) -> Table | None:
    """How many activities count at every moment, for what no single instant decides."""
    counts = {count: setting.reads.counts[count] for count in reads.counts}
    if not counts:
        return None
    row = moments_with_activities(setting, moments, deals, history)
    found = {
        column: is_counted(
            setting,
            count,
            row,
            instant=row.effective,
            until=row.facts,
            facts=row.facts,
            seen=row.seen,
        )
        for count, column in counts.items()
    }
    return row.group_by("d", "mid").agg(
        **{column: flag(each).sum() for column, each in found.items()}
    )


def moments_with_activities(
    setting: Setting, moments: Table, deals: Table, history: History
) -> Table:
    """Each moment with each activity of its deal."""
    since = {
        setting.numbers[count.since]
        for count in (*setting.reads.counts, *setting.reads.demands)
        if count.since
    }
    if since:
        entries = [f"e{what}{number}" for number in sorted(since) for what in "na"]
        moments = beside(moments, (deals.select("d", *entries), ("d",)))
    patterns = setting.reads.patterns.values()
    done = history.activities.select("effective", "happened", *patterns, ad="d", by="actor")
    return moments.join(done, moments.d == done.ad)


def is_counted(
    setting: Setting,
    count: CountAtMoment,
    row: Expr,
    *,
    instant: Expr,
    until: Expr,
    facts: Expr,
    seen: Expr,
) -> Expr:
    """Whether an activity counts at a moment from which `facts` and `seen` are seen."""
    demand = count.demand
    parts = [row[setting.reads.pattern(demand.pattern)] == 1, instant <= until]
    if count.since:
        number = setting.numbers[count.since]
        entry = row[f"ea{number}"]
        parts.append(sure((entry <= facts) & (row[f"en{number}"] <= seen) & (instant >= entry)))
    if demand.in_last is not None:
        parts.append(instant >= shifted(setting, InstantShift(demand.in_last, -1), row))
    if demand.pattern.actor is not None:
        same = row.by == row.actor
        parts += [row.by != "", row.actor != "", same if demand.pattern.actor == "same" else ~same]
    return all_of(parts)
