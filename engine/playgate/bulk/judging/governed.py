"""When the playbook governs a deal: `applies_to`, asked at each move, holds until the next."""

from __future__ import annotations

import ibis

from playgate.bulk.judging.conditions import holds, with_shifts
from playgate.bulk.judging.history import EVERYTHING, History
from playgate.bulk.judging.judged_moments import AS_OF, move_moments, with_values_read
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.what_rules_read import AskedCondition, ReadColumns
from playgate.bulk.values.expressions import (
    FOREVER,
    Expr,
    Table,
    beside,
    flag,
    least,
    nothing,
    number,
    sure,
    when,
)
from playgate.records import Record, replace

__all__ = ["Governing", "governed_at", "governed_moments", "governing"]


class Governing(Record):
    """What of a history a playbook governs."""

    known: Table
    """The deals of which the playbook knows an event, governed or not (`deal_no`)."""
    history: History
    """The history with the moves of those deals only that are governed at any time."""
    deals: Table
    """These deals. If only some moments of a deal may be governed, `governed_as_of` says whether
    as of now is, `governed_at_passing_p` whether its first passing of place `p` of the track is."""
    spans: Table | None
    """The spans in which deals are governed: by instants from `begins` up to `ends`, by the
    positions of events from `first_position` (NULL: all before) up to `next_position` (NULL: all
    after); `None` where all deals always are."""


def governing(setting: Setting, history: History, deals: Table) -> Governing:
    """Asks whether the playbook governs each deal, and when."""
    keep = setting.steps.keep
    events = history.events
    known = keep("known_deals", events.filter(events.is_known == 1).select("deal_no").distinct())
    if setting.playbook.applies_to is None:
        return Governing(
            known=known,
            history=history,
            deals=deals.filter(deals.deal_no.isin(known.deal_no)),
            spans=None,
        )
    asked = keep("governing_answers", _answers(setting, history, deals))
    spans = keep("governed_spans", asked.filter(asked.governs == 1).drop("governs"))
    fitting = known.semi_join(spans, "deal_no")
    moves = keep("governed_moves", history.moves.semi_join(fitting, "deal_no"))
    those = beside(
        deals.semi_join(fitting, "deal_no"), (_at_passings(setting, deals, asked), ("deal_no",))
    )
    return Governing(
        known=known,
        history=replace(history, moves=moves),
        deals=keep("governed_deals", those),
        spans=spans,
    )


def governed_at(rows: Table, spans: Table | None, instant: str) -> Table:
    """Keeps those rows of deals that lie where they are governed, by the column `instant`."""
    if spans is None:
        return rows
    given = spans.select("begins", "ends", governed_deal_no="deal_no")
    at = rows[instant]
    keys = [rows.deal_no == given.governed_deal_no, given.begins <= at, at < given.ends]
    return rows.join(given, keys).select(*rows.columns)


def governed_moments(moments: Table, spans: Table) -> Table:
    """Keeps the moments at which their deals are governed, by the positions of their events."""
    given = spans.select("first_position", "next_position", governed_deal_no="deal_no")
    place, is_last = moments.position, given.next_position.isnull()
    begun = given.first_position.isnull() | (given.first_position <= place)
    lies_in = begun & (is_last | (place < given.next_position))
    lies_in = ibis.ifelse(moments.kind == AS_OF, is_last, sure(lies_in))
    row = moments.join(given, [moments.deal_no == given.governed_deal_no, lies_in])
    return row.select(*moments.columns)


def _answers(setting: Setting, history: History, deals: Table) -> Table:
    """Asks at each move, and of a deal without any as of its first event."""
    applies = setting.playbook.applies_to
    assert applies is not None  # noqa: S101  (the caller asked)
    moves = history.moves
    spans = moves.mutate(
        first_position=when(moves.move_no > 0, moves.position),
        next_position=moves.position.lead().over(group_by="deal_no", order_by="position"),
        begins=when(moves.move_no == 0, number(-FOREVER), moves["at"]),
        ends="until",
    )
    at_moves = beside(
        move_moments(moves).select(*_SEEN),
        (spans.select("deal_no", "move_no", *_SPAN), ("deal_no", "move_no")),
    )
    moments = ibis.union(at_moves, _of_unmoved(setting, deals))
    reads = ReadColumns(setting.playbook.signals)
    reads.take(AskedCondition(applies, ""))
    row = with_values_read(
        setting, reads, "governing_moments", with_shifts(setting, moments), deals, history
    )
    return row.select(
        "deal_no", "move_no", *_SPAN, governs=flag(holds(setting, AskedCondition(applies, ""), row))
    )


_SEEN = ("deal_no", "moment_no", "move_no", "at", "seen_until", "last_move_seen", "actor")
_SPAN = ("first_position", "next_position", "begins", "ends")


def _of_unmoved(setting: Setting, deals: Table) -> Table:
    unmoved = deals.filter(deals.move_count.isnull())
    at = least(unmoved.begun_effective_at.fill_null(setting.as_of), setting.as_of)
    return unmoved.select(
        "deal_no",
        moment_no=number(0),
        move_no=number(0),
        at=at,
        seen_until=at,
        last_move_seen=number(EVERYTHING),
        actor=ibis.literal(""),
        first_position=nothing(),
        next_position=nothing(),
        begins=number(-FOREVER),
        ends=number(FOREVER),
    )


def _at_passings(setting: Setting, deals: Table, asked: Table) -> Table:
    """Says of deals whether they are governed as of now, and where they first passed a place."""
    places = range(len(setting.open))
    passed = deals.select(*[f"passed_move_{place}" for place in places], passed_deal_no="deal_no")
    row = asked.join(passed, asked.deal_no == passed.passed_deal_no)

    def governs(where: Expr) -> Expr:
        return row.governs.max(where=where)

    return row.group_by("deal_no").agg(
        governed_as_of=governs(row.next_position.isnull()),
        **{
            f"governed_at_passing_{place}": governs(row.move_no == row[f"passed_move_{place}"])
            for place in places
        },
    )
