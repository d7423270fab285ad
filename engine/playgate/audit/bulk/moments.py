"""Moments: the instants at which deals are judged, and what is seen from each.

A moment is a row: its deal `d`, its number `mid` (in order of time within what is due there), its
`kind`, the instant `due_at` that is reported, the instant `at` that windows and dates are measured
from, until when facts (`facts`) and up to which move (`seen`) things are seen, whose event it is
(`actor`, `pos`), and of moves number `n`, whereto (`into`) and from where (`left`).
"""

from __future__ import annotations

import ibis

from playgate.audit.bulk.expressions import Expr, Table, all_of, beside, flag, is_in, number, sure
from playgate.audit.bulk.history import EVERYTHING, SLOT, History
from playgate.audit.bulk.reads import CountAt, Reads
from playgate.audit.bulk.row import Row
from playgate.audit.bulk.setting import Setting, Starts

__all__ = [
    "AS_OF",
    "AS_OF_MID",
    "MATCH",
    "MOVE",
    "PLAIN",
    "SPAN",
    "Keys",
    "as_of_moments",
    "counted",
    "counts_by",
    "move_moments",
    "pairs",
    "plain_moments",
    "wide",
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


def wide(
    setting: Setting,
    reads: Reads,
    name: str,
    moments: Table,
    deals: Table,
    history: History,
    *parts: tuple[Table, Keys],
) -> Row:
    """The moments with their deal's facts, what is read of fields and counts, and `parts`."""
    fields = _fields_seen(setting, reads, moments, history.fields)
    counts = counted(setting, reads, moments, deals, history)
    seen = [(part, ("d", "mid")) for part in (fields, counts) if part is not None]
    return Row(setting.steps, name, moments, (deals, ("d",)), *seen, *parts)


def _fields_seen(setting: Setting, reads: Reads, moments: Table, fields: Table) -> Table | None:
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


def counted(
    setting: Setting, reads: Reads, moments: Table, deals: Table, history: History
) -> Table | None:
    """How many activities count at every moment, for what no single instant decides."""
    counts = {count: setting.reads.counts[count] for count in reads.counts}
    if not counts:
        return None
    row = pairs(setting, moments, deals, history)
    found = {
        column: counts_by(
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


def pairs(setting: Setting, moments: Table, deals: Table, history: History) -> Table:
    """Each moment with each activity of its deal."""
    since = {
        setting.numbers[stage]
        for count in (*setting.reads.counts, *setting.reads.demands)
        for stage in count.nth.entered
    }
    if since:
        entries = [f"e{what}{number}" for number in sorted(since) for what in "na"]
        moments = beside(moments, (deals.select("d", *entries), ("d",)))
    patterns = setting.reads.patterns.values()
    done = history.activities.select("effective", "happened", *patterns, ad="d", by="actor")
    return moments.join(done, moments.d == done.ad)


def counts_by(
    setting: Setting,
    count: CountAt,
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
    for span in count.spans:
        counts = instant >= span.expression(Starts(setting, row))
        if span.entered:
            number = setting.numbers[span.entered]
            seen_then = (row[f"ea{number}"] <= facts) & (row[f"en{number}"] <= seen)
            counts = sure(seen_then & counts)
        parts.append(counts)
    parts += [each.expression(row.by, row.actor) for each in demand.pattern.comparisons]
    return all_of(parts)
