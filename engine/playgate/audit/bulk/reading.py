"""What a history says beside its verdicts: unknown names, blind spots, rows of no use."""

from __future__ import annotations

import json
from collections import Counter

from playgate.audit.blind_spots import BlindSpots
from playgate.audit.bulk.attributes import has_attribute, raw_attribute
from playgate.audit.bulk.expressions import Table, any_of, is_in
from playgate.audit.bulk.history import History
from playgate.audit.bulk.setting import Setting
from playgate.audit.bulk.values import is_blank, typed
from playgate.audit.bulk.waivers import Waivers
from playgate.conditions.values import FieldType
from playgate.history.deal import DealReader, Note
from playgate.history.event import Event
from playgate.playbook.rules import glob_matches

__all__ = ["notes", "observe", "unknown_names"]


def unknown_names(
    setting: Setting, history: History, waivers: Waivers | None
) -> Counter[tuple[str, str]]:
    """How many events have a name that the playbook does not know, by kind and name."""
    strange = history.events.filter(history.events.known == 0)
    rows = setting.steps.rows(strange.group_by("kind", "name").agg(count=strange.count()))
    found = Counter({(row["kind"], row["name"]): row["count"] for row in rows})
    if waivers is None:
        return found
    ids = [rule.info.id for rule in setting.rules]
    table = waivers.table
    for row in setting.steps.rows(table.group_by("glob").agg(count=table.count())):
        if not any(glob_matches(row["glob"], rule_id) for rule_id in ids):
            found["waiver", row["glob"]] += row["count"]
    return found


def observe(setting: Setting, history: History, blind: BlindSpots) -> None:
    """Tell what the history mentions of all that the playbook reads, and how it spells it."""
    rows, events = setting.steps.rows, history.events
    known = events.filter((events.known == 1) & events.kind.isin(["field", "activity"]))
    for row in rows(known.select("kind", "name").distinct()):
        blind.mention(row["kind"], row["name"])
    kinds = {"field": "field", "outcome": "activity"}
    named = [(kinds[kind], name) for kind, name in blind.named if kind in kinds]
    if named:
        values = known.filter(
            any_of((known.kind == kind) & (known.name == name) for kind, name in sorted(named))
        )
        spelled = values.group_by("kind", "name", "value").agg(count=values.count())
        for row in rows(spelled):
            kind = "field" if row["kind"] == "field" else "outcome"
            blind.spell(kind, row["name"], row["value"], row["count"])
    activities = known.filter(known.kind == "activity")
    for name in sorted(blind.attributes):
        _observe_attribute(setting, activities, name, blind)


def _observe_attribute(
    setting: Setting, activities: Table, name: str, blind: BlindSpots
) -> None:
    having = activities.filter(has_attribute(activities.attrs, name))
    having = having.select(raw=raw_attribute(having.attrs, name))
    if ("attribute", name) not in blind.named:
        having = having.select(raw=having.raw.substr(0, 0))
    for row in setting.steps.rows(having.group_by("raw").agg(count=having.count())):
        blind.mention("attribute", name)
        if row["raw"]:
            blind.spell("attribute", name, json.loads(row["raw"]), row["count"])


def notes(
    setting: Setting, history: History, waivers: Waivers | None, reader: DealReader
) -> list[Note]:
    """The rows that could not be used as they stand, in the judge's words."""
    events = history.events
    strange = events.filter((events.kind == "stage") & (events.known == 0))
    found = [strange]
    by_kind: dict[FieldType, set[str]] = {}
    for name, kind in setting.playbook.fields.items():
        if kind.kind != "text":
            by_kind.setdefault(FieldType(kind.kind, kind.options), set()).add(name)
    reading = setting.playbook.reading
    if by_kind:
        unread = any_of(
            is_in(events.name, names) & typed(events.value, kind, reading).isnull()
            for kind, names in by_kind.items()
        )
        fields = events.filter((events.kind == "field") & (events.known == 1) & unread)
        found.append(fields.filter(~is_blank(fields.value, reading)))
    lost = history.waivers
    if waivers is not None:
        effective = waivers.table
        lost = lost.anti_join(effective, [lost.d == effective.d, lost.pos == effective.pos])
    found.append(lost)
    columns = ("happened", "kind", "name", "value", "actor", "effective", "attrs", "source", "line")
    return [
        note
        for table in found
        for row in setting.steps.rows(table.select(*columns))
        for note in reader.read("", [_event(row)], setting.as_of).notes
    ]


def _event(row: dict[str, object]) -> Event:
    return Event(
        "", row["happened"], row["kind"], row["name"], row["value"], row["actor"],  # type: ignore[arg-type]
        row["effective"], "", row["attrs"], row["source"], row["line"],  # type: ignore[arg-type]
    )  # fmt: skip
