"""The moments at which deals are judged, and what each of them sees.

A moment is a row. It has a deal (`deal_no`), a number (`moment_no`, in order of time among those of
its kind) and a `kind`. `due_at` is the instant that is reported, and windows and dates are measured
from `at`. The moment sees facts until `seen_until`, and moves up to `last_move_seen`. `actor` and
`position` say whose event it is; a move also has its `move_no`, `from_stage` and `to_stage`.
"""

from __future__ import annotations

from collections.abc import Iterable

import ibis

from playgate.bulk.judging.conditions import SpanStarts
from playgate.bulk.judging.history import EVERYTHING, History, source_of
from playgate.bulk.judging.joined_tables import JoinedTables
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.what_rules_read import CountAtMoment, ReadColumns
from playgate.bulk.values.expressions import (
    Expr,
    Table,
    all_of,
    beside,
    flag,
    is_in,
    number,
    sure,
    when,
)

__all__ = [
    "AS_OF",
    "AS_OF_MID",
    "FIRST",
    "MATCH",
    "MOVE",
    "PLAIN",
    "SPAN",
    "STEP",
    "Keys",
    "activity_counts",
    "as_of_moments",
    "counted",
    "first_moments",
    "is_counted",
    "moments_with_activities",
    "move_moments",
    "plain_moments",
    "step_moments",
    "with_values_read",
]

FIRST, STEP, MOVE, AS_OF, PLAIN, MATCH = -2, -1, 0, 1, 2, 3
"""Kinds of moments; those of sequence `j` are `MATCH + j`."""
SPAN = 2**21
"""Sequences number their matches from `(j + 1) * SPAN` on; no deal has so many moves."""
AS_OF_MID, PLAIN_MID, STEP_MID, FIRST_MID = 2**50, 2**51, 2**52, 2**53

Keys = tuple[str, ...]
"""The columns by which a table belongs to another."""


def move_moments(moves: Table) -> Table:
    """Makes a moment of each move; it sees some time further, where there is grace."""
    return moves.select(
        "deal_no",
        moment_no="move_no",
        kind=number(MOVE),
        due_at="at",
        at="seen_until",
        seen_until="seen_until",
        last_move_seen="last_move_seen",
        actor="actor",
        position="position",
        move_no="move_no",
        to_stage="to_stage",
        from_stage="from_stage",
    )


def plain_moments(moves: Table) -> Table:
    """Makes a moment of each move that sees nothing beyond it, grace or not."""
    return moves.select(
        "deal_no",
        moment_no=moves.move_no + PLAIN_MID,
        kind=number(PLAIN),
        due_at="at",
        at="at",
        seen_until="at",
        last_move_seen="move_no",
        actor="actor",
        position="position",
        move_no="move_no",
        to_stage="to_stage",
        from_stage="from_stage",
    )


def step_moments(setting: Setting, history: History, fields: Iterable[str]) -> Table:
    """Makes a moment of each activity, each move and each event of these fields, where a silence or
    the wait for a date may start."""
    done, moves = history.activities, history.moves
    given = history.fields.filter(is_in(history.fields.name, set(fields)))
    found = ibis.union(
        done.select(
            "deal_no", "actor", "position", at="effective_at", last_move_seen=number(EVERYTHING)
        ),
        moves.select("deal_no", "actor", "position", at="at", last_move_seen="move_no"),
        given.select("deal_no", "actor", "position", at="since", last_move_seen=number(EVERYTHING)),
    )
    found = found.filter(found["at"] <= setting.as_of)
    return _start_moments(found, STEP, found.position + STEP_MID)


def first_moments(deals: Table) -> Table:
    """Makes a moment of each deal's first event."""
    found = deals.filter(deals.begun_at.notnull()).select(
        "deal_no",
        actor=ibis.literal(""),
        position=number(-1),
        at="begun_at",
        last_move_seen=when(deals.begins_with_move == 1, number(0), number(EVERYTHING)),
    )
    return _start_moments(found, FIRST, number(FIRST_MID))


def _start_moments(found: Table, kind: int, moment_no: Expr) -> Table:
    return found.select(
        "deal_no",
        moment_no=moment_no,
        kind=number(kind),
        due_at="at",
        at="at",
        seen_until="at",
        last_move_seen="last_move_seen",
        actor="actor",
        position="position",
        move_no=number(-1),
        to_stage=ibis.literal(""),
        from_stage=ibis.literal(""),
    )


def as_of_moments(setting: Setting, deals: Table) -> Table:
    """Makes a moment of the audit's instant for each deal."""
    at = setting.as_of
    return deals.select(
        "deal_no",
        moment_no=number(AS_OF_MID),
        kind=number(AS_OF),
        due_at=at,
        at=at,
        seen_until=at,
        last_move_seen=number(EVERYTHING),
        actor=ibis.literal(""),
        position=number(-1),
        move_no=number(-1),
        to_stage=ibis.literal(""),
        from_stage=ibis.literal(""),
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
    """Reads the moments beside their deals, the fields and counts that they see, and `parts`."""
    fields = _fields_seen(setting, reads, moments, history.fields)
    counts = activity_counts(setting, reads, moments, deals, history)
    seen = [(part, ("deal_no", "moment_no")) for part in (fields, counts) if part is not None]
    return JoinedTables(setting.steps, name, moments, (deals, ("deal_no",)), *seen, *parts)


def _fields_seen(
    setting: Setting, reads: ReadColumns, moments: Table, fields: Table
) -> Table | None:
    """Finds each field's value as of every moment; a moment without any has no row."""
    sources = {setting.reads.fields[each]: source_of(setting, each) for each in reads.fields}
    if not sources:
        return None
    slots = sorted({slot for _, slot in sources.values()})
    read = fields.filter(is_in(fields.name, {name for name, _ in sources.values()}))
    values = read.select("name", "since", "until", *slots, field_deal_no="deal_no")
    seen_from = moments.select("deal_no", "moment_no", "seen_until")
    row = seen_from.join(
        values,
        [
            seen_from.deal_no == values.field_deal_no,
            values.since <= seen_from.seen_until,
            seen_from.seen_until < values.until,
        ],
    )
    return row.group_by("deal_no", "moment_no").agg(
        **{
            column: row[slot].max(where=row.name == name)
            for column, (name, slot) in sources.items()
        }
    )


def activity_counts(
    setting: Setting, reads: ReadColumns, moments: Table, deals: Table, history: History
) -> Table | None:
    """Counts the activities at every moment, for what no single instant decides."""
    counts = {count: setting.reads.counts[count] for count in reads.counts}
    if not counts:
        return None
    row = moments_with_activities(setting, moments, deals, history)
    found = {
        column: is_counted(
            setting,
            count,
            row,
            instant=row.effective_at,
            until=row.seen_until,
            seen_until=row.seen_until,
            last_move_seen=row.last_move_seen,
        )
        for count, column in counts.items()
    }
    return row.group_by("deal_no", "moment_no").agg(
        **{column: counted(count, row, found[column]) for count, column in counts.items()}
    )


def counted(count: CountAtMoment, row: Expr, counts: Expr) -> Expr:
    """Sums up the activities that count, or the different actors who did them."""
    if count.demand.pattern.different is None:
        return flag(counts).sum()
    return row.done_by.nunique(where=counts & (row.done_by != ""))


def moments_with_activities(
    setting: Setting, moments: Table, deals: Table, history: History, *, by: str = "effective_at"
) -> Table:
    """Pairs each moment with each event of its deal that may be counted.

    Of events since which something counts, those are told that were by the moment's instant; `by`
    names the column that says when an event was.
    """
    since = {
        setting.numbers[stage]
        for count in (*setting.reads.counts, *setting.reads.demands)
        for stage in count.nth.entered
    }
    if since:
        entries = [
            f"entered_{what}_{number}" for number in sorted(since) for what in ("move", "at")
        ]
        moments = beside(moments, (deals.select("deal_no", *entries), ("deal_no",)))
    if setting.reads.starts:
        starts = _last_events(setting, moments, history, by)
        moments = beside(moments, (starts, ("deal_no", "moment_no")))
    patterns = setting.reads.patterns.values()
    done = history.counted.select(
        "effective_at",
        "happened_at",
        *patterns,
        activity_deal_no="deal_no",
        done_by="actor",
        done_position="position",
    )
    return moments.join(done, moments.deal_no == done.activity_deal_no)


def _last_events(setting: Setting, moments: Table, history: History, by: str) -> Table:
    """Finds of each event since which something counts the last by the moments' instants."""
    columns = {setting.reads.pattern(event): name for event, name in setting.reads.starts.items()}
    done = history.counted.select("position", *columns, was_at=by, of_deal_no="deal_no")
    asked = moments.select("deal_no", "moment_no", "at")
    row = asked.join(done, [asked.deal_no == done.of_deal_no, done.was_at <= asked["at"]])
    return row.group_by("deal_no", "moment_no").agg(
        **{name: row.position.max(where=row[column] == 1) for column, name in columns.items()}
    )


def is_counted(
    setting: Setting,
    count: CountAtMoment,
    row: Expr,
    *,
    instant: Expr,
    until: Expr,
    seen_until: Expr,
    last_move_seen: Expr,
) -> Expr:
    """Says whether an activity counts at a moment that sees facts and moves so far.

    By `instant` it must have been done no later than `until`.
    """
    demand = count.demand
    parts = [row[setting.reads.pattern(demand.pattern)] == 1, instant <= until]
    for span in count.spans:
        if span.event is not None:
            last = row[setting.reads.starts[span.event]].fill_null(-1)
            parts.append(row.done_position > last)
            continue
        counts = instant >= span.expression(SpanStarts(setting, row))
        if span.entered:
            number = setting.numbers[span.entered]
            was_entered = row[f"entered_at_{number}"] <= seen_until
            was_entered &= row[f"entered_move_{number}"] <= last_move_seen
            counts = sure(was_entered & counts)
        parts.append(counts)
    parts += [each.expression(row.done_by, row.actor) for each in demand.pattern.comparisons]
    return all_of(parts)
