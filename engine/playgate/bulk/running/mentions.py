"""Mentions of a history: unknown names, blind spots, and rows of no use."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping

import ibis

from playgate.audit.blind_spots import BlindSpots
from playgate.bulk.judging.governed import governed_at
from playgate.bulk.judging.history import History
from playgate.bulk.judging.judgement import Judgement
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.waivers import Waivers
from playgate.bulk.values.attributes import has_attribute, raw_attribute
from playgate.bulk.values.expressions import Table, any_of, number, summed, when
from playgate.bulk.values.typed_values import is_blank
from playgate.history.deal import DealReader, Note
from playgate.history.event import Event
from playgate.rules.list import glob_matches

__all__ = ["mention_tables", "notes", "observe", "unknown_names"]


def mention_tables(setting: Setting, done: Judgement, blind: BlindSpots) -> dict[str, Table]:
    """Counts what the history speaks of, and select its rows that may be of no use.

    Of unknown names and of such rows those count that came while their deals were governed.
    """
    history, waivers, spans = done.history, done.waivers, done.governing.spans
    events = history.events
    known = events.filter(events.is_known == 1)
    met = events
    if spans is not None:
        strange = events.filter(events.is_known == 0)
        met = ibis.union(known, governed_at(strange, spans, "happened_at"))
    found = {
        "who": events.group_by("actor").agg(times=events.count()),
        "names": met.group_by("kind", "name", "is_known").agg(times=met.count()),
        "odd": _odd(setting, history, waivers, spans),
    }
    if waivers is not None:
        given = waivers.table
        if spans is not None:
            governed = governed_at(history.waivers, spans, "happened_at")
            given = given.semi_join(governed, ("deal_no", "position"))
        found["globs"] = given.group_by("glob").agg(times=given.count())
    kinds = {"field": "field", "outcome": "activity"}
    named = [(kinds[kind], name) for kind, name in blind.named if kind in kinds]
    if named:
        values = known.filter(
            any_of((known.kind == kind) & (known.name == name) for kind, name in sorted(named))
        )
        found["spelled"] = values.group_by("kind", "name", "value").agg(times=values.count())
    if blind.attributes:
        having = known.filter((known.kind == "activity") & (known.attrs != ""))
        found["attrs"] = having.group_by("attrs").agg(times=having.count())
    return found


def unknown_names(setting: Setting, tables: Mapping[str, Table]) -> Counter[tuple[str, str]]:
    """Counts the events whose name the playbook does not know, by kind and name."""
    strange = tables["names"].filter(tables["names"].is_known == 0).drop("is_known")
    rows = setting.steps.rows(summed(strange, "kind", "name"))
    found = Counter({(row["kind"], row["name"]): row["times"] for row in rows})
    if "globs" in tables:
        ids = [rule.info.id for rule in setting.rules]
        for row in setting.steps.rows(summed(tables["globs"], "glob")):
            if not any(glob_matches(row["glob"], rule_id) for rule_id in ids):
                found["waiver", row["glob"]] += row["times"]
    return found


def observe(setting: Setting, tables: Mapping[str, Table], blind: BlindSpots) -> None:
    """Tells what the history mentions of all that the playbook reads, and how it spells it."""
    rows, names = setting.steps.rows, tables["names"]
    known = names.filter((names.is_known == 1) & names.kind.isin(["field", "activity"]))
    for row in rows(known.select("kind", "name").distinct()):
        blind.mention(row["kind"], row["name"])
    blind.act(row["actor"] for row in rows(tables["who"].select("actor").distinct()))
    if "spelled" in tables:
        for row in rows(summed(tables["spelled"], "kind", "name", "value")):
            kind = "field" if row["kind"] == "field" else "outcome"
            blind.spell(kind, row["name"], row["value"], row["times"])
    if "attrs" in tables:
        # Few are different: each is searched once.
        texts = setting.steps.keep("attribute_texts", summed(tables["attrs"], "attrs"))
        for name in sorted(blind.attributes):
            _observe_attribute(setting, texts, name, blind)


def _observe_attribute(setting: Setting, texts: Table, name: str, blind: BlindSpots) -> None:
    having = texts.filter(has_attribute(texts.attrs, name))
    having = having.select("times", raw=raw_attribute(having.attrs, name))
    if ("attribute", name) not in blind.named:
        having = having.select("times", raw=having.raw.substr(0, 0))
    for row in setting.steps.rows(summed(having, "raw")):
        blind.mention("attribute", name)
        if row["raw"]:
            blind.spell("attribute", name, json.loads(row["raw"]), row["times"])


def notes(
    setting: Setting, tables: Mapping[str, Table], reader: DealReader, *, as_of: int, alike: bool
) -> Iterator[tuple[Note, int]]:
    """Tells in the judge's words which rows could not be used as they stand, and how many.

    Of those that are `alike` only the first is fetched, so far as an engine can tell.
    """
    row = tables["odd"]
    place = ibis.row_number().over(order_by=["source", "line", "deal", "position"])
    row = row.select(*_WORDS, "line", place=place.cast("int64"))
    found = _alike(setting, row) if alike else row.mutate(times=number(1))
    for *words, line, _, times in setting.steps.tuples(found.order_by("place")):
        source, kind, name, value, actor, effective, attrs = words
        event = Event("", as_of, kind, name, value, actor, effective, "", attrs, source, line)
        for note in reader.read("", [event], as_of).notes:
            yield note, times


_WORDS = ("source", "kind", "name", "value", "actor", "effective_at", "attrs")
"""What the words depend on."""


def _odd(setting: Setting, history: History, waivers: Waivers | None, spans: Table | None) -> Table:
    events, fields = history.events, history.fields
    strange = events.filter((events.kind == "stage") & (events.is_known == 0))
    unread = events.semi_join(fields.filter(fields.is_unreadable == 1), ("deal_no", "position"))
    lost = history.waivers
    if waivers is not None:
        lost = lost.anti_join(waivers.table, ("deal_no", "position"))
    found = ibis.union(strange, unread, lost, *_undeclared(setting, events))
    row = governed_at(found, spans, "happened_at")
    named = history.numbered.select("deal", numbered_deal_no="deal_no")
    row = row.join(named, row.deal_no == named.numbered_deal_no)
    return row.select(*_WORDS, "line", "deal", "position")


def _undeclared(setting: Setting, events: Table) -> Iterator[Table]:
    """Yields the activities that may have an outcome, an attribute or a part that is not declared.

    Which of them do, the judge says: an engine cannot tell what else stands in an attribute's JSON.
    """
    done = events.filter((events.kind == "activity") & (events.is_known == 1))
    odd = []
    for name, kind in setting.playbook.activities.items():
        words, may_be = kind.words, []
        if words.outcomes:
            may_be.append((done.value != "") & ~done.value.isin(words.outcomes))
        if words.attributes or setting.playbook.parts:
            may_be.append(done.attrs != "")
        odd += [(done.name == name) & any_of(may_be)] if may_be else []
    if odd:
        yield done.filter(any_of(odd))


def _alike(setting: Setting, row: Table) -> Table:
    """Keeps the first of each kind: only the name of a stage counts, of a field the value, of an
    activity the attributes, too."""
    blank = is_blank(row["value"], setting.playbook.reading)
    plain = (row.kind != "waiver") | blank
    bare = plain & (row.kind != "activity")
    said = row.select(
        "source",
        "kind",
        "name",
        value=ibis.ifelse(row.kind == "stage", "", row["value"]),
        actor=ibis.ifelse(plain, "", row.actor),
        effective_at=when(plain, number(0), row.effective_at),
        attrs=ibis.ifelse(bare, "", row.attrs),
        line="line",
        place="place",
    )
    return said.group_by(*_WORDS).agg(
        line=said.line.min(), place=said.place.min(), times=said.count()
    )
