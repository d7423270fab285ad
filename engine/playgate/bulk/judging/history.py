"""Settled events → what rules ask for: moves, activities, the values of fields, waivers."""

from __future__ import annotations

from collections.abc import Mapping

import ibis

from playgate.bulk.judging.roles import holds_role
from playgate.bulk.judging.setting import Setting
from playgate.bulk.values.attributes import attribute, has_part, raw_attribute
from playgate.bulk.values.durations import after
from playgate.bulk.values.expressions import (
    FOREVER,
    Expr,
    Table,
    all_of,
    any_of,
    flag,
    is_in,
    least,
    number,
    when,
)
from playgate.bulk.values.reused_values import ReusedValues
from playgate.bulk.values.typed_values import is_blank, passes, typed
from playgate.conditions import tree
from playgate.conditions.values import FieldType
from playgate.records import Record

__all__ = ["EVERYTHING", "SLOT", "History", "no_field", "read_history"]

EVERYTHING = 2**60
"""`seen` of a moment from which moves are seen by their instant alone."""

SLOT = {
    "text": "text",
    "choice": "text",
    "number": "number",
    "integer": "number",
    "boolean": "truth",
    "date": "instant",
    "datetime": "instant",
}
"""The column in which a field's values stand, by its type."""


class History(Record):
    """The tables of a history, all keyed by the number `d` of a deal.

    Positions (`pos`) are in the order of a deal's events.
    """

    numbered: Table
    """The deals: number, id, events, first and last instant."""
    events: Table
    moves: Table
    activities: Table
    fields: Table
    waivers: Table


def read_history(setting: Setting, settled: Table) -> History:
    """The tables of the settled events that happened by as of."""
    keep = setting.steps.keep
    within = settled
    if not setting.is_latest:
        within = settled.filter(settled.happened_at <= setting.as_of)
    deals = within.group_by("deal").agg(
        events=within.count(), first_at=within.happened_at.min(), last_at=within.happened_at.max()
    )
    numbered = keep("numbered", deals.mutate(d=ibis.row_number().over(order_by="deal")))
    events = _events(setting, within, numbered)
    return History(
        numbered=numbered,
        events=events,
        moves=keep("moves", _moves(setting, events)),
        activities=keep("activities", _activities(setting, events)),
        fields=keep("fields", _fields(setting, events)),
        waivers=events.filter(events.kind == "waiver"),
    )


def _events(setting: Setting, within: Table, numbered: Table) -> Table:
    numbers = numbered.select("d", named="deal")
    row = within.join(numbers, within.deal == numbers.named)
    row = row.select(
        "d",
        "kind",
        "name",
        "value",
        "actor",
        "attrs",
        "source",
        "line",
        "recorded_at",
        "place",
        happened="happened_at",
        known=flag(_is_known(setting, row)),
    )
    reused = ReusedValues(row)
    late = row.kind == "waiver"
    if setting.playbook.late_after is not None:
        limit = after(setting.playbook.late_after, setting.playbook.calendar, reused.keep)
        later = (row.recorded_at > row.happened) & (row.recorded_at > limit(row.happened))
        late |= (row.kind == "activity") & later
    found = reused.select(
        "d",
        "place",
        "kind",
        "name",
        "value",
        "actor",
        "attrs",
        "source",
        "line",
        "happened",
        "known",
        effective=when(late, row.recorded_at, row.happened),
    )
    return setting.steps.in_order("events", found, group="d", order=["happened", "place"])


def _is_known(setting: Setting, events: Table) -> Expr:
    playbook = setting.playbook
    return (
        (events.kind == "waiver")
        | (events.kind == "activity") & is_in(events.name, list(playbook.activities))
        | (events.kind == "field") & is_in(events.name, list(playbook.fields))
        | (events.kind == "stage") & is_in(events.name, [each.id for each in playbook.stages])
    )


def _moves(setting: Setting, events: Table) -> Table:
    """Stage events into another stage than the one that the deal is in, numbered from 0."""
    playbook = setting.playbook
    stages = events.filter((events.kind == "stage") & (events.known == 1))
    apart = {"group_by": "d", "order_by": "pos"}
    before = stages.select(
        "d", "pos", "actor", into="name", at="happened", last=stages.name.lag().over(**apart)
    )
    moves = before.filter(before["last"].isnull() | (before["last"] != before.into))
    places = [(moves.into == stage, number(place)) for stage, place in setting.places.items()]
    ends = [stage.id for stage in playbook.stages if stage.ends]
    numbered = moves.select(
        "d",
        "pos",
        "actor",
        "into",
        "at",
        n=ibis.row_number().over(**apart),
        left=moves["last"].fill_null(""),
        until=moves["at"].lead().over(**apart).fill_null(FOREVER),
        place=ibis.cases(*places, else_=number(0)),
        ends=flag(is_in(moves.into, ends)),
    )
    if not setting.has_grace:
        return numbered.mutate(facts=numbered["at"], seen=numbered.n)
    assert playbook.grace is not None  # noqa: S101  (so there is some)
    reused = ReusedValues(numbered)
    reach = reused.keep(after(playbook.grace, playbook.calendar, reused.keep)(numbered["at"]))
    facts = least(reach, setting.as_of)
    return reused.select(*numbered.columns, facts=facts, seen=number(EVERYTHING))


def _activities(setting: Setting, events: Table) -> Table:
    """The activities that the playbook knows, with a column for each pattern that is read."""
    known = events.filter((events.kind == "activity") & (events.known == 1))
    reused = ReusedValues(known)
    read = setting.reads.patterns
    names = {where.attribute for pattern in read for where in pattern.where}
    raw = {name: reused.keep(raw_attribute(known.attrs, name)) for name in sorted(names)}
    texts = {name: reused.keep(attribute(value)) for name, value in raw.items()}
    flags = {
        column: flag(_matches(setting, pattern, reused, texts)) for pattern, column in read.items()
    }
    return reused.select("d", "pos", "happened", "effective", "actor", **flags)


def _matches(
    setting: Setting, pattern: tree.ActivityPattern, reused: ReusedValues, texts: Mapping[str, Expr]
) -> Expr:
    playbook, events = setting.playbook, reused.table
    parts = [is_in(events.name, set(pattern.names))]
    if pattern.outcome:
        parts.append(is_in(events.value, set(pattern.outcome)))
    if pattern.by:
        parts.append(holds_role(setting.people, events.actor, events.effective, pattern.by))
    if pattern.parts:
        parts.append(has_part(events.attrs, pattern.parts))
    for where in pattern.where:
        text, at = texts[where.attribute], events.effective
        value = typed(text, where.kind, playbook.reading, reused.keep)
        passed = passes(where.test, value, at, playbook.calendar, no_field, reused.keep)
        parts.append(passed)
    return all_of(parts)


def no_field(name: str) -> Expr:
    """`where` reads no fields."""
    raise AssertionError(f"{name} cannot be read here")


def _fields(setting: Setting, events: Table) -> Table:
    """Each value of a field, with the span of time in which it stands, and whether it is `unread`:
    there, but not to be read as its type."""
    known = events.filter((events.kind == "field") & (events.known == 1))
    following = known.happened.lead().over(group_by=["d", "name"], order_by="pos")
    row = known.select(
        "d", "pos", "name", "value", "actor", since="happened", until=following.fill_null(FOREVER)
    )
    reused = ReusedValues(row)
    reading = setting.playbook.reading
    slots: dict[str, list[tuple[Expr, Expr]]] = {slot: [] for slot in SLOT.values()}
    unread: list[Expr] = []
    for kind, names in _by_kind(setting).items():
        # What is of another kind need not be searched.
        own = ibis.ifelse(is_in(row["name"], names), row["value"], ibis.null("string"))
        value = typed(reused.keep(own), kind, reading, reused.keep)
        slot = SLOT[kind.kind]
        value = reused.keep(flag_or_null(value) if slot == "truth" else value)
        slots[slot].append((is_in(row["name"], names), value))
        if kind.kind != "text":
            unread.append(is_in(row["name"], names) & value.isnull())
    blank = is_blank(row["value"], reading)
    return reused.select(
        "d",
        "pos",
        "name",
        "actor",
        "since",
        "until",
        unread=flag(any_of(unread) & ~blank),
        **{slot: ibis.cases(*cases) for slot, cases in slots.items() if cases},
    )


def flag_or_null(truth: Expr) -> Expr:
    """1, 0 or NULL: not every backend has a greatest boolean."""
    return ibis.cases((truth, number(1)), (~truth, number(0)))


def _by_kind(setting: Setting) -> dict[FieldType, set[str]]:
    """The fields by how their values read."""
    found: dict[FieldType, set[str]] = {}
    for name, kind in setting.playbook.fields.items():
        found.setdefault(FieldType(kind.kind, kind.options), set()).add(name)
    return found
