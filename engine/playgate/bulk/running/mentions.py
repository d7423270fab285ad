"""What a history says beside its verdicts: unknown names, blind spots, rows of no use."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping

import ibis

from playgate.audit.blind_spots import BlindSpots
from playgate.bulk.judging.history import History
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.waivers import Waivers
from playgate.bulk.values.attributes import has_attribute, raw_attribute
from playgate.bulk.values.expressions import Table, any_of, number, summed, when
from playgate.bulk.values.typed_values import is_blank
from playgate.history.deal import DealReader, Note
from playgate.history.event import Event
from playgate.playbook.rules import glob_matches

__all__ = ["mention_tables", "notes", "observe", "unknown_names"]


def mention_tables(
    setting: Setting, history: History, waivers: Waivers | None, blind: BlindSpots
) -> dict[str, Table]:
    """What the history speaks of, how often, and its rows that may be of no use."""
    events = history.events
    found = {
        "names": events.group_by("kind", "name", "known").agg(n=events.count()),
        "odd": _odd(history, waivers),
    }
    if waivers is not None:
        found["globs"] = waivers.table.group_by("glob").agg(n=waivers.table.count())
    known = events.filter(events.known == 1)
    kinds = {"field": "field", "outcome": "activity"}
    named = [(kinds[kind], name) for kind, name in blind.named if kind in kinds]
    if named:
        values = known.filter(
            any_of((known.kind == kind) & (known.name == name) for kind, name in sorted(named))
        )
        found["spelled"] = values.group_by("kind", "name", "value").agg(n=values.count())
    if blind.attributes:
        having = known.filter((known.kind == "activity") & (known.attrs != ""))
        found["attrs"] = having.group_by("attrs").agg(n=having.count())
    return found


def unknown_names(setting: Setting, tables: Mapping[str, Table]) -> Counter[tuple[str, str]]:
    """How many events have a name that the playbook does not know, by kind and name."""
    strange = tables["names"].filter(tables["names"].known == 0).drop("known")
    rows = setting.steps.rows(summed(strange, "kind", "name"))
    found = Counter({(row["kind"], row["name"]): row["n"] for row in rows})
    if "globs" in tables:
        ids = [rule.info.id for rule in setting.rules]
        for row in setting.steps.rows(summed(tables["globs"], "glob")):
            if not any(glob_matches(row["glob"], rule_id) for rule_id in ids):
                found["waiver", row["glob"]] += row["n"]
    return found


def observe(setting: Setting, tables: Mapping[str, Table], blind: BlindSpots) -> None:
    """Tell what the history mentions of all that the playbook reads, and how it spells it."""
    rows, names = setting.steps.rows, tables["names"]
    known = names.filter((names.known == 1) & names.kind.isin(["field", "activity"]))
    for row in rows(known.select("kind", "name").distinct()):
        blind.mention(row["kind"], row["name"])
    if "spelled" in tables:
        for row in rows(summed(tables["spelled"], "kind", "name", "value")):
            kind = "field" if row["kind"] == "field" else "outcome"
            blind.spell(kind, row["name"], row["value"], row["n"])
    if "attrs" in tables:
        # Few are different: each is searched once.
        texts = setting.steps.keep("attrs", summed(tables["attrs"], "attrs"))
        for name in sorted(blind.attributes):
            _observe_attribute(setting, texts, name, blind)


def _observe_attribute(setting: Setting, texts: Table, name: str, blind: BlindSpots) -> None:
    having = texts.filter(has_attribute(texts.attrs, name))
    having = having.select("n", raw=raw_attribute(having.attrs, name))
    if ("attribute", name) not in blind.named:
        having = having.select("n", raw=having.raw.substr(0, 0))
    for row in setting.steps.rows(summed(having, "raw")):
        blind.mention("attribute", name)
        if row["raw"]:
            blind.spell("attribute", name, json.loads(row["raw"]), row["n"])


def notes(
    setting: Setting, tables: Mapping[str, Table], reader: DealReader, *, as_of: int, alike: bool
) -> Iterator[tuple[Note, int]]:
    """The rows that could not be used as they stand, in the judge's words, and how often each is.

    Of those that are `alike` only the first is fetched, so far as an engine can tell.
    """
    row = tables["odd"]
    place = ibis.row_number().over(order_by=["source", "line", "deal", "pos"])
    row = row.select(*_WORDS, "line", place=place.cast("int64"))
    found = _alike(setting, row) if alike else row.mutate(times=number(1))
    for *words, line, _, times in setting.steps.tuples(found.order_by("place")):
        source, kind, name, value, actor, effective, attrs = words
        event = Event("", as_of, kind, name, value, actor, effective, "", attrs, source, line)
        for note in reader.read("", [event], as_of).notes:
            yield note, times


_WORDS = ("source", "kind", "name", "value", "actor", "effective", "attrs")
"""What the words depend on."""


def _odd(history: History, waivers: Waivers | None) -> Table:
    events, fields = history.events, history.fields
    strange = events.filter((events.kind == "stage") & (events.known == 0))
    unread = events.semi_join(fields.filter(fields.unread == 1), ("d", "pos"))
    lost = history.waivers
    if waivers is not None:
        lost = lost.anti_join(waivers.table, ("d", "pos"))
    row = ibis.union(strange, unread, lost)
    named = history.numbered.select("deal", nd="d")
    row = row.join(named, row.d == named.nd)
    return row.select(*_WORDS, "line", "deal", "pos")


def _alike(setting: Setting, row: Table) -> Table:
    """The first of each kind: of a stage only the name counts, of a field the value, too."""
    blank = is_blank(row["value"], setting.playbook.reading)
    plain = (row.kind != "waiver") | blank
    said = row.select(
        "source",
        "kind",
        "name",
        value=ibis.ifelse(row.kind == "stage", "", row["value"]),
        actor=ibis.ifelse(plain, "", row.actor),
        effective=when(plain, number(0), row.effective),
        attrs=ibis.ifelse(plain, "", row.attrs),
        line="line",
        place="place",
    )
    return said.group_by(*_WORDS).agg(
        line=said.line.min(), place=said.place.min(), times=said.count()
    )
