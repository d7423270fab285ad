"""Settled events → what rules ask for: moves, activities, the values of fields, waivers."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import ibis

from playgate.audit.bulk.attributes import attribute, has_part, raw_attribute
from playgate.audit.bulk.calendar import after
from playgate.audit.bulk.expressions import (
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
from playgate.audit.bulk.layers import Layers
from playgate.audit.bulk.roles import holds_role
from playgate.audit.bulk.setting import Setting
from playgate.audit.bulk.values import is_blank, passes, typed
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
    layers = Layers(row)
    late = row.kind == "waiver"
    if setting.playbook.late_after is not None:
        limit = after(setting.playbook.late_after, setting.playbook.calendar, layers.keep)
        later = (row.recorded_at > row.happened) & (row.recorded_at > limit(row.happened))
        late |= (row.kind == "activity") & later
    found = layers.select(
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
    layers = Layers(numbered)
    reach = layers.keep(after(playbook.grace, playbook.calendar, layers.keep)(numbered["at"]))
    facts = least(reach, setting.as_of)
    return layers.select(*numbered.columns, facts=facts, seen=number(EVERYTHING))


def _activities(setting: Setting, events: Table) -> Table:
    """The activities that the playbook knows, with a column for each pattern that is read."""
    known = events.filter((events.kind == "activity") & (events.known == 1))
    layers = Layers(known)
    read = setting.reads.patterns
    names = {test.attribute for pattern in read for test in pattern.tests}
    raw = {name: layers.keep(raw_attribute(known.attrs, name)) for name in sorted(names)}
    texts = {name: layers.keep(attribute(value)) for name, value in raw.items()}
    done = _Done(setting, layers, texts)
    flags = {column: flag(done.matches(pattern)) for pattern, column in read.items()}
    return layers.select("d", "pos", "happened", "effective", "actor", **flags)


class _Done(Record):
    """What the narrowings of activities ask of one, as expressions."""

    setting: Setting
    layers: Layers
    texts: Mapping[str, Expr]
    """The attributes that tests read."""

    def matches(self, pattern: tree.ActivityPattern) -> Expr:
        """Whether an activity is of the pattern, whoever did it."""
        named = is_in(self.layers.table.name, set(pattern.names))
        return all_of([named, *(each.expression(self) for each in pattern.traits)])

    @property
    def value(self) -> Expr:
        """The outcome."""
        return self.layers.table.value

    def is_in(self, value: Expr, values: Collection[str]) -> Expr:
        """Whether the value is one of `values`."""
        return is_in(value, values)

    def holds_role(self, roles: Collection[str]) -> Expr:
        """Whether who did it holds one of the roles when it takes effect."""
        events = self.layers.table
        return holds_role(self.setting.people, events.actor, events.effective, roles)

    def has_part(self, parts: tuple[str, ...]) -> Expr:
        """Whether a participant plays one of the parts."""
        return has_part(self.layers.table.attrs, parts)

    def passes(self, asked: tree.AttributeTest) -> Expr:
        """Whether an attribute passes its test when the activity takes effect."""
        playbook, keep = self.setting.playbook, self.layers.keep
        value = typed(self.texts[asked.attribute], asked.kind, playbook.reading, keep)
        at = self.layers.table.effective
        return passes(asked.test, value, at, playbook.calendar, no_field, keep)


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
    layers = Layers(row)
    reading = setting.playbook.reading
    slots: dict[str, list[tuple[Expr, Expr]]] = {slot: [] for slot in SLOT.values()}
    unread: list[Expr] = []
    for kind, names in _by_kind(setting).items():
        # What is of another kind need not be searched.
        own = ibis.ifelse(is_in(row["name"], names), row["value"], ibis.null("string"))
        value = typed(layers.keep(own), kind, reading, layers.keep)
        slot = SLOT[kind.kind]
        value = layers.keep(flag_or_null(value) if slot == "truth" else value)
        slots[slot].append((is_in(row["name"], names), value))
        if kind.kind != "text":
            unread.append(is_in(row["name"], names) & value.isnull())
    blank = is_blank(row["value"], reading)
    return layers.select(
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
