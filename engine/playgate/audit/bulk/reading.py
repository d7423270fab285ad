"""What a history says beside its verdicts: unknown names, blind spots, rows of no use."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import ibis

from playgate.audit.blind_spots import BlindSpots
from playgate.audit.bulk.attributes import has_attribute, raw_attribute
from playgate.audit.bulk.expressions import Table, any_of, beside, number, when
from playgate.audit.bulk.history import History
from playgate.audit.bulk.setting import Setting
from playgate.audit.bulk.values import is_blank
from playgate.audit.bulk.waivers import Waivers
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
    if blind.attributes:
        having = known.filter((known.kind == "activity") & (known.attrs != ""))
        # Few are different: each is searched once.
        texts = having.group_by("attrs").agg(times=having.count())
        texts = setting.steps.keep("attrs", texts)
        for name in sorted(blind.attributes):
            _observe_attribute(setting, texts, name, blind)


def _observe_attribute(
    setting: Setting, texts: Table, name: str, blind: BlindSpots
) -> None:
    having = texts.filter(has_attribute(texts.attrs, name))
    having = having.select("times", raw=raw_attribute(having.attrs, name))
    if ("attribute", name) not in blind.named:
        having = having.select("times", raw=having.raw.substr(0, 0))
    for row in setting.steps.rows(having.group_by("raw").agg(count=having.times.sum())):
        blind.mention("attribute", name)
        if row["raw"]:
            blind.spell("attribute", name, json.loads(row["raw"]), row["count"])


def notes(
    setting: Setting, history: History, waivers: Waivers | None, reader: DealReader,
    *, as_of: int, alike: bool,
) -> Iterator[tuple[Note, int]]:  # fmt: skip
    """The rows that could not be used as they stand, in the judge's words, and how often each is.

    Of those that are `alike` only the first is fetched, so far as an engine can tell.
    """
    fields = history.fields
    unread = fields.filter(fields.unread == 1).select("d", "pos", unread=number(1))
    parts = [(unread, ("d", "pos"))]
    if waivers is not None:
        parts.append((waivers.table.select("d", "pos", given=number(1)), ("d", "pos")))
    row = beside(history.events, *parts)
    strange = (row.kind == "stage") & (row.known == 0) | (row.unread == 1)
    lost = row.kind == "waiver"
    if waivers is not None:
        lost &= row.given.isnull()
    row = row.filter(strange | lost)
    place = ibis.row_number().over(order_by=["source", "line", "d", "pos"])
    row = row.select(*_WORDS, "line", place=place.cast("int64"))
    found = _alike(setting, row) if alike else row.mutate(times=number(1))
    for *words, line, _, times in setting.steps.tuples(found.order_by("place")):
        source, kind, name, value, actor, effective, attrs = words
        event = Event("", as_of, kind, name, value, actor, effective, "", attrs, source, line)
        for note in reader.read("", [event], as_of).notes:
            yield note, times


_WORDS = ("source", "kind", "name", "value", "actor", "effective", "attrs")
"""What the words depend on."""


def _alike(setting: Setting, row: Table) -> Table:
    """The first of each kind: of a stage only the name counts, of a field the value, too."""
    blank = is_blank(row["value"], setting.playbook.reading)
    plain = (row.kind != "waiver") | blank
    said = row.select(
        "source", "kind", "name", value=ibis.ifelse(row.kind == "stage", "", row["value"]),
        actor=ibis.ifelse(plain, "", row.actor), effective=when(plain, number(0), row.effective),
        attrs=ibis.ifelse(plain, "", row.attrs), line="line", place="place",
    )  # fmt: skip
    return said.group_by(*_WORDS).agg(
        line=said.line.min(), place=said.place.min(), times=said.count()
    )
