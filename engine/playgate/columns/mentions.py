"""What rows mention besides verdicts: names, actors, values, and what cannot be used of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from playgate.audit.blind_spots import BlindSpots
from playgate.columns.arrays import Ints, distinct, number_pairs
from playgate.columns.deals import Deals
from playgate.columns.plan import ACTIVITY, FIELD, UNKNOWN, WAIVER, Plan
from playgate.columns.scope import Waivers, governed_at, waivers_of
from playgate.conditions.values import is_absent
from playgate.history.deal import Note, Waiver
from playgate.rules.list import glob_matches

__all__ = ["Mentions", "read_apart"]


class Mentions:
    """Collects what the rows of deals mention."""

    def __init__(self, plan: Plan, blind: BlindSpots) -> None:
        self._plan = plan
        self._blind = blind
        self.unknown: Counter[tuple[str, str]] = Counter()
        """How many events have names that the playbook does not know, by kind and name."""
        self._globs: dict[str, bool] = {}
        self._names = np.zeros(len(plan.words.names), np.bool_)
        self._actors = np.zeros(len(plan.words.actors), np.bool_)
        self._values: Counter[tuple[int, int]] = Counter()
        self._attrs: Counter[int] = Counter()
        self._rule_ids = [rule.rule.info.id for rule in plan.judge.rules]
        kinds = {"field": "field", "outcome": "activity"}
        named = {(kinds[kind], name) for kind, name in blind.named if kind in kinds}
        self._compared = np.array([name in named for name in plan.words.names], np.bool_)

    def take(self, deals: Deals) -> tuple[Waivers, list[Note]]:
        """Notes what deals mention; returns their waivers, and their rows of no use."""
        self._names[deals.name] = True
        self._actors[deals.rows.actor[deals.met_row]] = True
        _count(self._values, self._compared[deals.name], deals.name, deals.value)
        if self._blind.attributes:
            has = (deals.kind == ACTIVITY) & (deals.attrs > 0)
            numbers, times = np.unique(deals.attrs[has], return_counts=True)
            self._attrs.update(dict(zip(numbers.tolist(), times.tolist(), strict=True)))
        self._note_unknown(deals)
        waivers, notes = read_apart(deals)
        for number, waiver, at in waivers:
            where = np.array([number], np.int64), np.array([at], np.int64)
            if not self._has_rule(waiver.glob) and governed_at(deals, *where)[0]:
                self.unknown["waiver", waiver.glob] += 1
        return waivers_of(deals, [(number, waiver) for number, waiver, _ in waivers]), notes

    def _note_unknown(self, deals: Deals) -> None:
        strange = np.flatnonzero(self._plan.kind[deals.met_name] == UNKNOWN)
        met = governed_at(deals, deals.met_deal[strange], deals.met_at[strange])
        names, times = np.unique(deals.met_name[strange[met]], return_counts=True)
        for name, often in zip(names.tolist(), times.tolist(), strict=True):
            self.unknown[self._plan.words.names[name]] += often

    def _has_rule(self, glob: str) -> bool:
        if glob not in self._globs:
            self._globs[glob] = any(glob_matches(glob, rule_id) for rule_id in self._rule_ids)
        return self._globs[glob]

    def tell(self) -> None:
        """Tells the blind spots all that was mentioned."""
        blind, words, kind = self._blind, self._plan.words, self._plan.kind
        for name in np.flatnonzero(self._names).tolist():
            if kind[name] in (FIELD, ACTIVITY):
                blind.mention(*words.names[name])
        blind.act(words.actors[actor] for actor in np.flatnonzero(self._actors).tolist())
        for (name, value), times in self._values.items():
            what = "field" if kind[name] == FIELD else "outcome"
            blind.spell(what, words.names[name][1], words.values[value], times)
        for number, times in self._attrs.items():
            attrs: dict[str, Any] = json.loads(words.attrs[number])
            for attribute in blind.attributes & attrs.keys():
                blind.mention("attribute", attribute)
                blind.spell("attribute", attribute, attrs[attribute], times)


def read_apart(deals: Deals) -> tuple[list[tuple[int, Waiver, int]], list[Note]]:
    """Reads the waivers, each with its deal and when it happened, and the rows that may be of no
    use, as the judge does."""
    waivers: list[tuple[int, Waiver, int]] = []
    notes: list[tuple[int, Note]] = []
    for number, deal in deals.read_only(_apart(deals)):
        waivers += [(number, each, deal.happened[each.position]) for each in deal.waivers]
        notes += [(number, each) for each in deal.notes]
    given = np.array([number for number, _ in notes], np.int64)
    at = np.array([note.event.happened_at for _, note in notes], np.int64)
    governed = governed_at(deals, given, at).tolist()
    return waivers, [note for (_, note), is_met in zip(notes, governed, strict=True) if is_met]


def _count(counts: Counter[tuple[int, int]], some: Any, one: Ints, other: Ints) -> None:
    one, other = one[some], other[some]
    if not len(one):
        return
    place, number = number_pairs(one, other)
    pairs = zip(one[place].tolist(), other[place].tolist(), strict=True)
    counts.update(dict(zip(pairs, np.bincount(number).tolist(), strict=True)))


def _apart(deals: Deals) -> Ints:
    """Returns the places, among all rows, of waivers and of rows that may be of no use."""
    plan = deals.plan
    kind = plan.kind[deals.met_name]
    is_stage = np.array([name == "stage" for name, _ in plan.words.names], np.bool_)
    found = [np.flatnonzero((kind == WAIVER) | ((kind == UNKNOWN) & is_stage[deals.met_name]))]
    found += [deals.known[position] for position in _unread(deals)]
    found += [deals.known[position] for position in _undeclared(deals)]
    return distinct(np.concatenate(found))


def _unread(deals: Deals) -> Iterator[Ints]:
    """Yields the events of fields whose values do not read as their types."""
    plan = deals.plan
    texts, reading = plan.words.values, plan.vocabulary.reading
    for field, kind in plan.playbook.fields.items():
        position = deals.named(FIELD, field)
        if kind.kind == "text" or not len(position):
            continue

        def is_unread(numbers: list[int], field: str = field) -> list[bool]:
            return [
                value is None and bool(texts[number]) and not is_absent(texts[number], reading)
                for number, value in zip(numbers, plan.typed(field, numbers), strict=True)
            ]

        yield position[plan.tells_of_values(("unread", field), deals.value[position], is_unread)]


def _undeclared(deals: Deals) -> Iterator[Ints]:
    """Yields all activities of deals in which one has words that it does not declare."""
    words, texts = deals.plan.vocabulary.words, deals.plan.words
    for name in sorted(words.activities):
        position = deals.named(ACTIVITY, name)
        if not len(position):
            continue
        place, number = number_pairs(deals.value[position], deals.attrs[position])
        pairs = zip(
            deals.value[position[place]].tolist(),
            deals.attrs[position[place]].tolist(),
            strict=True,
        )
        told = [
            bool(words.of(name, texts.values[value], texts.attrs[attrs])) for value, attrs in pairs
        ]
        odd = distinct(deals.deal[position[np.array(told, np.bool_)[number]]])
        if len(odd):
            yield np.flatnonzero((deals.kind == ACTIVITY) & np.isin(deals.deal, odd))
