"""A raw table of events → distinct events in order, as `history.order.settle` has it."""

from __future__ import annotations

import ibis

from playgate.audit.bulk.expressions import Expr, Table, when
from playgate.history.event import START
from playgate.records import Record

__all__ = ["COLUMNS", "Oddities", "in_order", "oddities", "resolved", "settled"]

COLUMNS = (
    "deal", "happened_at", "kind", "name", "value", "actor", "recorded_at", "event_id", "attrs",
    "source", "line", "part",
)  # fmt: skip
"""Those of a raw table; `part` tells apart the events of one row and may be missing."""
_ALIKE = ("happened_at", "kind", "name", "value", "actor", "recorded_at", "attrs")
_DIGITS = 16


class Oddities(Record):
    """What a history has that most have not; each costs a pass over the table."""

    starts: bool = True
    """Fields that are known from the deal's start."""
    derived: bool = True
    """Ids that look as those that are derived do, beside events without an id."""


def oddities(raw: Table) -> Table:
    """One row that says how the raw table's oddities stand, and its last instant."""
    timed = raw.happened_at != START
    return raw.aggregate(
        latest=raw.happened_at.max(where=timed),
        starts=raw.count(where=~timed),
        derived=raw.count(where=raw.event_id.startswith("e-")),
        bare=raw.count(where=raw.event_id == ""),
    )


def resolved(raw: Table, odd: Oddities) -> Table:
    """Fields known from the start moved to their deal's first instant, once for each field."""
    if "part" not in raw.columns:
        raw = raw.mutate(part=ibis.literal(0, "int64"))
    raw = raw.select(*COLUMNS)
    if not odd.starts:
        return raw.mutate(begun=ibis.literal(0, "int64"))
    known = raw.happened_at != START
    firsts = raw.filter(known).group_by("deal").agg(first_at=lambda t: t.happened_at.min())
    marked = raw.mutate(
        begun=when(known, ibis.literal(0, "int64"), ibis.literal(1, "int64")),
    )
    ranked = marked.mutate(
        nth=ibis.row_number().over(
            group_by=["deal", "begun", when(marked.begun == 1, marked.name, "")],
            order_by=["source", "line", "part"],
        )
    )
    once = ranked.filter((ranked.begun == 0) | (ranked.nth == 0))
    joined = once.join(firsts, "deal")
    begun = joined.begun == 1
    return joined.select(
        *[name for name in COLUMNS if name not in ("happened_at", "recorded_at")],
        "begun",
        happened_at=when(begun, joined.first_at, joined.happened_at),
        recorded_at=when(begun, joined.first_at, joined.recorded_at),
    )


def settled(events: Table, odd: Oddities) -> Table:
    """The distinct ones of resolved events: of two with one id, or alike, the first stays."""
    bare = events.event_id == ""
    if odd.derived:
        own = when(bare, _derived_id(events), events.event_id)
        keys = [own]
    else:
        alike = [when(bare, events[name], _blank(events[name])) for name in _ALIKE]
        keys = [events.event_id, *alike]
    place = [ibis.desc("begun"), "source", "line", "part"]
    ranked = events.mutate(twin=ibis.row_number().over(group_by=["deal", *keys], order_by=place))
    return ranked.filter(ranked.twin == 0).drop("twin")


def _blank(column: Expr) -> Expr:
    return ibis.literal(0, "int64") if column.type().is_integer() else ibis.literal("")


def in_order() -> list[Expr | str]:
    """What the events of a deal are ordered by."""
    return ["happened_at", ibis.desc("begun"), "source", "line", "part"]


def _derived_id(events: Table) -> Expr:
    """`history.event.event_id`: the digest of all columns, written as JSON."""
    text = events.event_id.substr(0, 0)
    columns = ("deal", "happened_at", "kind", "name", "value", "actor", "recorded_at", "attrs")
    for index, name in enumerate(columns):
        column = events[name]
        text += ("," if index else "[") + (
            column.cast("string") if column.type().is_integer() else _quoted(column)
        )
    return "e-" + (text + "]").hexdigest("sha256").substr(0, _DIGITS)


def _quoted(text: Expr) -> Expr:
    escapes = [("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"),
               ("\b", "\\b"), ("\f", "\\f")]  # fmt: skip
    escapes += [
        (chr(code), f"\\u{code:04x}") for code in range(1, 32) if chr(code) not in "\n\r\t\b\f"
    ]
    plain = text
    for raw, escaped in escapes[:2]:
        plain = plain.replace(raw, escaped)
    for raw, escaped in escapes[2:]:
        plain = plain.replace(raw, escaped)
    return '"' + plain + '"'
