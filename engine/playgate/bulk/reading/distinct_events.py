"""The distinct events of a raw table, as `history.order.settle` has them."""

from __future__ import annotations

import ibis

from playgate.bulk.values.expressions import Expr, Table, any_of, number, when
from playgate.bulk.values.sha256 import sha256
from playgate.history.event import START
from playgate.records import Record

__all__ = [
    "Oddities",
    "clashes",
    "count_twins",
    "distinct_events",
    "in_fine_order",
    "oddities",
    "with_starts_placed",
]

_ALIKE = ("happened_at", "kind", "name", "value", "actor", "recorded_at", "attrs", "rest")
_TEXTS = ("deal", "kind", "name", "value", "actor", "event_id", "attrs", "rest")
_PLACE = ("source", "line")
_SOURCE, _LINE = 2**46, 2**10
"""Files of up to 2**36 lines, rows of up to 2**10 events."""
_BEFORE = 2**61
_DIGITS = 16


class Oddities(Record):
    """A history may be odd in ways that most are not; each costs a pass over the table."""

    starts: bool = True
    """Fields that are known from the deal's start."""
    derived: bool = True
    """Ids that look as those that are derived do, beside events without an id."""
    bare: bool = True
    """Events without an id."""
    fine: bool = False
    """Events that less than a microsecond tells apart."""


def oddities(raw: Table, until: Expr | None = None) -> Table:
    """Counts a raw table's oddities, and finds its last instant, after `until` apart: one row."""
    timed = raw.happened_at != START
    known = timed if until is None else timed & (raw.happened_at <= until)
    return raw.aggregate(
        events=raw.count(),
        latest=raw.happened_at.max(where=known),
        ahead=number(0) if until is None else raw.count(where=raw.happened_at > until),
        fine=raw.count(where=raw.rest != ""),
        starts=raw.count(where=~timed),
        derived=raw.count(where=raw.event_id.startswith("e-")),
        bare=raw.count(where=raw.event_id == ""),
    )


def with_starts_placed(raw: Table, odd: Oddities) -> Table:
    """Moves fields that are known from the start to their deal's first instant, each once.

    `order_in_instant` orders the events of an instant by their place in the source; what was known
    from the start comes before all others.
    """
    line = raw.source * _SOURCE + raw.line * _LINE
    placed = raw.select(
        *_TEXTS,
        "happened_at",
        "recorded_at",
        "source",
        "line",
        order_in_instant=(line + raw.event_of_row if "event_of_row" in raw.columns else line),
    )
    if not odd.starts:
        return placed
    firsts = placed.filter(placed.happened_at != START)
    firsts = firsts.group_by("deal").agg(first_at=firsts.happened_at.min())
    begun = placed.filter(placed.happened_at == START)
    first = begun.group_by("deal", "name").agg(first_place=begun.order_in_instant.min())
    row = placed.join(firsts, placed.deal == firsts.deal, rname="{name}_1")
    row = row.left_join(
        first,
        [placed.happened_at == START, placed.deal == first.deal, placed.name == first.name],
        rname="{name}_2",
    )
    is_begun = placed.happened_at == START
    row = row.select(
        *[placed[name] for name in (*_TEXTS, "source", "line")],
        happened_at=when(is_begun, firsts.first_at, placed.happened_at),
        recorded_at=when(is_begun, firsts.first_at, placed.recorded_at),
        order_in_instant=when(is_begun, placed.order_in_instant - _BEFORE, placed.order_in_instant),
        is_repeated=is_begun & (placed.order_in_instant != first.first_place),
    )
    return row.filter(~row.is_repeated).drop("is_repeated")


def in_fine_order(events: Table) -> Table:
    """Orders the events of an instant by what lies beyond the microsecond, then by their place."""
    order = [events.happened_at, events.rest, events.order_in_instant]
    place = ibis.row_number().over(group_by=events.deal, order_by=order)
    return events.mutate(order_in_instant=place.cast("int64"))


def clashes(events: Table) -> Table:
    """Finds the events whose id another has, further in front, that says something else."""
    given = events.filter(events.event_id != "")
    by_id = [given.deal, given.event_id]
    place = ibis.row_number().over(group_by=by_id, order_by=given.order_in_instant)
    given = given.mutate(place_of_id=place)
    names = dict.fromkeys(("deal", "event_id", *_ALIKE, *_PLACE))
    first = given.filter(given.place_of_id == 0)
    first = first.select(**{f"first_{name}": first[name] for name in names})
    row = given.filter(given.place_of_id > 0)
    row = row.join(first, [row.deal == first.first_deal, row.event_id == first.first_event_id])
    other = any_of(row[name] != row[f"first_{name}"] for name in _ALIKE)
    return row.filter(other).select(*_PLACE, *(f"first_{name}" for name in _PLACE), "event_id")


def count_twins(events: Table, odd: Oddities, backend: str) -> Table:
    """Counts the events that are there already, by their id or by all they say: one row."""
    keyed = events.select("deal", **_keys(events, odd, backend))
    groups = keyed.group_by(keyed.columns).agg(times=keyed.count())
    return groups.aggregate(twins=(groups.times - 1).sum())


def distinct_events(events: Table, odd: Oddities, backend: str) -> Table:
    """Keeps the distinct events: of two with one id, or alike, the first stays."""
    keys = _keys(events, odd, backend).values()
    twin = ibis.row_number().over(group_by=[events.deal, *keys], order_by=events.order_in_instant)
    ranked = events.mutate(twin=twin)
    return ranked.filter(ranked.twin == 0).drop("twin")


def _keys(events: Table, odd: Oddities, backend: str) -> dict[str, Expr]:
    """Returns what two events of a deal have in common if they are one."""
    bare = events.event_id == ""
    if odd.derived:
        return {"id": when(bare, _derived_id(events, backend), events.event_id)}
    if not odd.bare:
        return {"id": events.event_id}
    alike = {name: when(bare, events[name], _blank(events[name])) for name in _ALIKE}
    return {"id": events.event_id, **alike}


def _blank(column: Expr) -> Expr:
    return ibis.literal(0, "int64") if column.type().is_integer() else ibis.literal("")


def _derived_id(events: Table, backend: str) -> Expr:
    """Derives an id as `history.event.event_id` does: the digest of all columns as JSON."""
    text = events.event_id.substr(0, 0)
    columns = ("deal", "happened_at", "kind", "name", "value", "actor", "recorded_at", "attrs")
    for index, name in enumerate(columns):
        column = events[name]
        text += ("," if index else "[") + (
            column.cast("string") if column.type().is_integer() else _quoted(column)
        )
    text += ibis.ifelse(events.rest == "", "", "," + events.rest)
    return "e-" + sha256(text + "]", backend).substr(0, _DIGITS)


def _quoted(text: Expr) -> Expr:
    escapes = [
        ("\\", "\\\\"),
        ('"', '\\"'),
        ("\n", "\\n"),
        ("\r", "\\r"),
        ("\t", "\\t"),
        ("\b", "\\b"),
        ("\f", "\\f"),
    ]
    escapes += [
        (chr(code), f"\\u{code:04x}") for code in range(1, 32) if chr(code) not in "\n\r\t\b\f"
    ]
    plain = text
    for raw, escaped in escapes[:2]:
        plain = plain.replace(raw, escaped)
    for raw, escaped in escapes[2:]:
        plain = plain.replace(raw, escaped)
    return '"' + plain + '"'
