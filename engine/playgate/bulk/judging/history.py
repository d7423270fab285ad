"""Distinct events, parted into what rules ask for: moves, activities, values, waivers."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import ibis

from playgate.bulk.judging.field_changes import SLOT, read_changes
from playgate.bulk.judging.roles import holds_role
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.what_rules_read import FieldRead
from playgate.bulk.values.arithmetic import DAY_SECONDS, WEEKDAY_OF_ORIGIN, quotient, seconds
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
from playgate.bulk.values.reckoned_values import reckoned
from playgate.bulk.values.regular_expressions import trimmed
from playgate.bulk.values.reused_values import ReusedValues
from playgate.bulk.values.typed_values import is_blank, passes, typed
from playgate.bulk.values.zones import offset_at
from playgate.conditions import tree
from playgate.conditions.values import FieldType
from playgate.records import Record

__all__ = ["EVERYTHING", "History", "no_field", "read_history", "source_of"]

_DATE_LENGTH = len("2026-03-31")
EVERYTHING = 2**60
"""The `last_move_seen` of a moment that sees moves by their instant alone."""


def source_of(setting: Setting, read: FieldRead) -> tuple[str, str]:
    """Returns the field that is read, and the column of `History.fields` in which that stands."""
    if isinstance(read, str):
        return read, SLOT[setting.playbook.fields[read].kind]
    return read.field, f"reckoned_{setting.reads.fields[read]}"


class History(Record):
    """The tables of a history all have the number of a deal (`deal_no`).

    The `position` of an event says where it stands in the order of its deal's events.
    """

    numbered: Table
    """The deals: number, id, events, first and last instant."""
    events: Table
    moves: Table
    activities: Table
    fields: Table
    changes: Table | None
    """The changes of fields that are counted or asked for, where any are."""
    counted: Table
    """All that is counted: activities, and changes of fields."""
    waivers: Table


def read_history(setting: Setting, distinct: Table) -> History:
    """Makes the tables of the distinct events that happened by the audit's instant."""
    keep = setting.steps.keep
    within = distinct
    if not setting.is_latest:
        within = distinct.filter(distinct.happened_at <= setting.as_of)
    deals = within.group_by("deal").agg(
        events=within.count(), first_at=within.happened_at.min(), last_at=within.happened_at.max()
    )
    numbered = keep("numbered_deals", deals.mutate(deal_no=ibis.row_number().over(order_by="deal")))
    events = _events(setting, within, numbered)
    activities = keep("activities", _activities(setting, events))
    fields = keep("field_values", _fields(setting, events))
    changes = read_changes(setting, fields)
    changes = None if changes is None else keep("field_changes", changes)
    return History(
        numbered=numbered,
        events=events,
        moves=keep("moves", _moves(setting, events)),
        activities=activities,
        fields=fields,
        changes=changes,
        counted=activities if changes is None else _counted(setting, activities, changes),
        waivers=events.filter(events.kind == "waiver"),
    )


def _events(setting: Setting, within: Table, numbered: Table) -> Table:
    numbers = numbered.select("deal_no", numbered_deal="deal")
    row = within.join(numbers, within.deal == numbers.numbered_deal)
    row = row.select(
        "deal_no",
        "kind",
        "name",
        "value",
        "actor",
        "attrs",
        "source",
        "line",
        "recorded_at",
        "order_in_instant",
        "happened_at",
        is_known=flag(_is_known(setting, row)),
    )
    reused = ReusedValues(row)
    late = row.kind == "waiver"
    if setting.playbook.late_after is not None:
        limit = after(setting.playbook.late_after, setting.playbook.calendar, reused.keep)
        later = (row.recorded_at > row.happened_at) & (row.recorded_at > limit(row.happened_at))
        late |= (row.kind == "activity") & later
    found = reused.select(
        "deal_no",
        "order_in_instant",
        "kind",
        "name",
        "value",
        "actor",
        "attrs",
        "source",
        "line",
        "happened_at",
        "is_known",
        effective_at=when(late, row.recorded_at, row.happened_at),
    )
    return setting.steps.in_order(
        "events", found, group="deal_no", order=["happened_at", "order_in_instant"]
    )


def _is_known(setting: Setting, events: Table) -> Expr:
    playbook = setting.playbook
    return (
        (events.kind == "waiver")
        | (events.kind == "activity") & is_in(events.name, list(playbook.activities))
        | (events.kind == "field") & is_in(events.name, list(playbook.fields))
        | (events.kind == "stage") & is_in(events.name, [each.id for each in playbook.stages])
    )


def _moves(setting: Setting, events: Table) -> Table:
    """Numbers the stage events that lead into another stage than the deal is in; the first is 0."""
    playbook = setting.playbook
    stages = events.filter((events.kind == "stage") & (events.is_known == 1))
    apart = {"group_by": "deal_no", "order_by": "position"}
    before = stages.select(
        "deal_no",
        "position",
        "actor",
        to_stage="name",
        at="happened_at",
        last=stages.name.lag().over(**apart),
    )
    moves = before.filter(before["last"].isnull() | (before["last"] != before.to_stage))
    places = [(moves.to_stage == stage, number(place)) for stage, place in setting.places.items()]
    ends = [stage.id for stage in playbook.stages if stage.ends]
    numbered = moves.select(
        "deal_no",
        "position",
        "actor",
        "to_stage",
        "at",
        move_no=ibis.row_number().over(**apart),
        from_stage=moves["last"].fill_null(""),
        until=moves["at"].lead().over(**apart).fill_null(FOREVER),
        track_place=ibis.cases(*places, else_=number(0)),
        ends_deal=flag(is_in(moves.to_stage, ends)),
    )
    if not setting.has_grace:
        return numbered.mutate(seen_until=numbered["at"], last_move_seen=numbered.move_no)
    assert playbook.grace is not None  # noqa: S101  (so there is some)
    reused = ReusedValues(numbered)
    reach = reused.keep(after(playbook.grace, playbook.calendar, reused.keep)(numbered["at"]))
    facts = least(reach, setting.as_of)
    return reused.select(*numbered.columns, seen_until=facts, last_move_seen=number(EVERYTHING))


def _activities(setting: Setting, events: Table) -> Table:
    """Selects the activities that the playbook knows, with a column for each pattern."""
    known = events.filter((events.kind == "activity") & (events.is_known == 1))
    reused = ReusedValues(known)
    read = {
        pattern: column
        for pattern, column in setting.reads.patterns.items()
        if isinstance(pattern, tree.ActivityPattern)
    }
    names = {test.attribute for pattern in read for test in pattern.tests}
    raw = {name: reused.keep(raw_attribute(known.attrs, name)) for name in sorted(names)}
    texts = {name: reused.keep(attribute(value)) for name, value in raw.items()}
    done = _ActivityRow(setting, reused, texts)
    flags = {column: flag(done.matches(pattern)) for pattern, column in read.items()}
    return reused.select("deal_no", "position", "happened_at", "effective_at", "actor", **flags)


def _counted(setting: Setting, activities: Table, changes: Table) -> Table:
    """Puts activities and changes of fields into one table, with a column for each pattern."""
    columns = setting.reads.patterns.values()
    both = []
    for table in (activities, changes):
        missing = {column: number(0) for column in columns if column not in table.columns}
        own = table.mutate(**missing) if missing else table
        both.append(
            own.select("deal_no", "position", "happened_at", "effective_at", "actor", *columns)
        )
    return ibis.union(*both)


class _ActivityRow(Record):
    """An activity answers, as expressions, what narrowings ask of it."""

    setting: Setting
    reused: ReusedValues
    texts: Mapping[str, Expr]
    """The attributes that tests read."""

    def matches(self, pattern: tree.ActivityPattern) -> Expr:
        """Says whether an activity is of the pattern, whoever did it."""
        named = is_in(self.reused.table.name, set(pattern.names))
        return all_of([named, *(each.expression(self) for each in pattern.traits)])

    @property
    def value(self) -> Expr:
        """Returns the outcome."""
        return self.reused.table.value

    def is_in(self, value: Expr, values: Collection[str] | Collection[int]) -> Expr:
        """Says whether the value is one of `values`."""
        return is_in(value, values)

    def holds_role(self, roles: Collection[str]) -> Expr:
        """Says whether who did it holds one of the roles when it takes effect."""
        events = self.reused.table
        return holds_role(self.setting.people, events.actor, events.effective_at, roles)

    def has_part(self, parts: tuple[str, ...]) -> Expr:
        """Says whether a participant plays one of the parts."""
        return has_part(self.reused.table.attrs, parts)

    @property
    def _wall_clock(self) -> Expr:
        """Returns the seconds from the origin that the zone's clock showed when it happened."""
        keep, zone = self.reused.keep, self.setting.playbook.zone
        second = keep(seconds(self.reused.table.happened_at))
        return keep(second + offset_at(zone, second, keep))

    @property
    def weekday(self) -> Expr:
        """Returns the weekday on which it happened; Monday is 0."""
        return (quotient(self._wall_clock, DAY_SECONDS) + WEEKDAY_OF_ORIGIN) % 7

    @property
    def second_of_day(self) -> Expr:
        """Returns the second of the day at which it happened."""
        return self._wall_clock % DAY_SECONDS

    def passes(self, asked: tree.AttributeTest) -> Expr:
        """Says whether an attribute passes its test when the activity takes effect."""
        playbook, keep = self.setting.playbook, self.reused.keep
        value = typed(self.texts[asked.attribute], asked.kind, playbook.reading, keep)
        at = self.reused.table.effective_at
        return passes(asked.test, value, at, playbook.calendar, no_field, keep)


def no_field(other: tree.FieldRef) -> Expr:
    """Refuses to read a field: `where` reads none."""
    raise AssertionError(f"{other.field} cannot be read here")


def _fields(setting: Setting, events: Table) -> Table:
    """Each row is a value of a field, with the span of time in which it stands.

    A value `is_unreadable` where it is there, but does not read as its field's type.
    """
    known = events.filter((events.kind == "field") & (events.is_known == 1))
    following = known.happened_at.lead().over(group_by=["deal_no", "name"], order_by="position")
    row = known.select(
        "deal_no",
        "position",
        "name",
        "value",
        "actor",
        since="happened_at",
        until=following.fill_null(FOREVER),
    )
    reused = ReusedValues(row, setting.steps.backend)
    keep, reading = reused.keep, setting.playbook.reading
    slots: dict[str, list[tuple[Expr, Expr]]] = {slot: [] for slot in SLOT.values()}
    unread: list[Expr] = []
    for kind, names in _by_kind(setting).items():
        # What is of another kind need not be searched.
        own = ibis.ifelse(is_in(row["name"], names), row["value"], ibis.null("string"))
        value = typed(keep(own), kind, reading, keep)
        slot = SLOT[kind.kind]
        value = keep(flag_or_null(value) if slot == "truth" else value)
        slots[slot].append((is_in(row["name"], names), value))
        if kind.kind != "text":
            unread.append(is_in(row["name"], names) & value.isnull())
    cases = {slot: ibis.cases(*found) for slot, found in slots.items() if found}
    for read in setting.reads.fields:
        if isinstance(read, tree.FieldRef):
            own = cases[SLOT[setting.playbook.fields[read.field].kind]]
            own = keep(ibis.ifelse(row["name"] == read.field, own, ibis.null(own.type())))
            found = reckoned(own, read, setting.playbook.calendar, keep)
            cases[source_of(setting, read)[1]] = found
    if setting.reads.dates:  # what reads as a date, and is no longer than one, has no time of day
        cases["is_day"] = flag(trimmed(row["value"]).length() == _DATE_LENGTH)
    blank = is_blank(row["value"], reading)
    return reused.select(
        "deal_no",
        "position",
        "name",
        "actor",
        "since",
        "until",
        is_unreadable=flag(any_of(unread) & ~blank),
        **cases,
    )


def flag_or_null(truth: Expr) -> Expr:
    """Turns a boolean into 1, 0 or NULL, as not every backend has a greatest boolean."""
    return ibis.cases((truth, number(1)), (~truth, number(0)))


def _by_kind(setting: Setting) -> dict[FieldType, set[str]]:
    """Groups the fields by how their values read."""
    found: dict[FieldType, set[str]] = {}
    for name, kind in setting.playbook.fields.items():
        found.setdefault(FieldType(kind.kind, kind.options), set()).add(name)
    return found
