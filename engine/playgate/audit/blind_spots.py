"""What the playbook reads and the history never mentions, or spells differently.

Findings of rules that rest on it may speak of the data and not of the reps.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from playgate.audit.kinds import kind_said
from playgate.audit.result import BlindSpot
from playgate.conditions import tree
from playgate.conditions.narrowings import Actor, By
from playgate.conditions.phrases import all_of
from playgate.history.deal import Deal
from playgate.history.people import People
from playgate.language import say
from playgate.model.playbook import Playbook
from playgate.rules.asks import HasRole, answers_of, condition_of
from playgate.rules.due import patterns_of
from playgate.rules.list import Rule

__all__ = ["BlindSpots", "Seen", "parts_of"]

_KINDS = ("field", "activity", "role", "attribute")
_NAMED_BY = frozenset(("equals", "not_equals", "one_of", "none_of"))

KindAndName = tuple[str, str]
"""A kind and a name."""
NamedValue = tuple[str, str, str]
"""A value that the playbook names: of a `field`, `outcome` or `attribute`, its name, the text."""


class Seen(NamedTuple):
    """What deals mentioned, and how often they spelled which values otherwise."""

    mentioned: set[KindAndName]
    actors: set[str]
    spelled: dict[tuple[NamedValue, str], int]


class BlindSpots:
    """Watches deals go by and says what was missing from all of them."""

    def __init__(self, playbook: Playbook, rules: tuple[Rule, ...]) -> None:
        self._signals = playbook.signals
        self._reads: dict[KindAndName, list[str]] = {}
        self._asks_who: list[str] = []
        self._named: dict[NamedValue, list[str]] = {}
        for rule in rules:
            self._take(rule, playbook)
        self._fields = {name for kind, name in self._reads if kind == "field"}
        self._activities = {name for kind, name in self._reads if kind == "activity"}
        self._attributes = {name for kind, name in self._reads if kind == "attribute"}
        self._mentioned: set[KindAndName] = set()
        self._actors: set[str] = set()
        self._folded: dict[tuple[str, str], dict[str, NamedValue]] = {}
        for named in self._named:
            kind, name, text = named
            self._folded.setdefault((kind, name), {})[_fold(text)] = named
        self._exact = {(kind, name, text) for kind, name, text in self._named}
        self._spelled: dict[tuple[NamedValue, str], int] = {}
        self._plain_attrs = {""}
        """Attributes, as text, in which nothing was spelled otherwise."""
        self._plain_values, self._plain_outcomes = (
            {name: {""} for of, name in self._folded if of == kind} for kind in ("field", "outcome")
        )
        """Texts of fields and of outcomes that are no value of the playbook, spelled otherwise."""
        self._noted: dict[str, set[str]] = {"field": set(), "activity": set()}
        """The names that are among those mentioned."""

    # What the rules read

    def _take(self, rule: Rule, playbook: Playbook) -> None:
        reads: set[KindAndName] = set()
        named: set[NamedValue] = set()
        asks_who = isinstance(rule.ask, HasRole)
        for part in parts_of(rule, playbook):
            match part:
                case tree.FieldTest(field, test) | tree.FieldPattern(field, test):
                    reads.add(("field", field))
                    reads.update(
                        ("field", each.field)
                        for each in test.operands
                        if isinstance(each, tree.FieldRef)
                    )
                    named.update(("field", field, text) for text in _texts(test))
                case tree.ActivityPattern():
                    _take_activity(part, reads, named)
                    asks_who |= any(isinstance(each, Actor | By) for each in part.narrowings)
                case tree.ChangePattern(field):
                    reads.add(("field", field))
                    reads.update(read for each in part.narrowings for read in each.reads())
                    asks_who |= bool(part.narrowings)
                case tree.SetPattern(field):
                    reads.add(("field", field))
        if isinstance(rule.ask, HasRole):
            reads.update(("role", role) for role in rule.ask.roles)
        if asks_who:
            self._asks_who.append(rule.info.id)
        for read in reads:
            self._reads.setdefault(read, []).append(rule.info.id)
        for each in named:
            self._named.setdefault(each, []).append(rule.info.id)

    # What the history says

    def observe(self, deal: Deal) -> None:
        """Notes what a deal mentions."""
        events = deal.events
        for kind, names in (("field", deal.fields), ("activity", deal.activities)):
            if not self._noted[kind].issuperset(names):
                self._noted[kind].update(names)
                self._mentioned.update((kind, name) for name in names)
        for name, plain in self._plain_values.items():
            if name in deal.fields:
                texts = [events[each].value for each in deal.fields[name].positions]
                self._compare_all("field", name, texts, plain)
        for name, plain in self._plain_outcomes.items():
            if name in deal.activities:
                texts = [events[each].value for each in deal.activities[name]]
                self._compare_all("outcome", name, texts, plain)
        if self._attributes:
            for positions in deal.activities.values():
                for each in positions:
                    if (text := events[each].attrs) not in self._plain_attrs:
                        self._observe_attrs(text)

    def act(self, actors: Iterable[str]) -> None:
        """Notes who did something."""
        self._actors.update(actors)

    # What is looked for, and found, elsewhere

    @property
    def named(self) -> frozenset[tuple[str, str]]:
        """The fields, outcomes and attributes of which the playbook names values."""
        return frozenset(self._folded)

    @property
    def attributes(self) -> frozenset[str]:
        """The attributes that are read."""
        return frozenset(self._attributes)

    def mention(self, kind: str, name: str) -> None:
        """Notes a field, an activity or an attribute that is mentioned."""
        self._mentioned.add((kind, name))

    def spell(self, kind: str, name: str, value: object, times: int) -> None:
        """Notes a value of a field, an outcome or an attribute (JSON data)."""
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str):
                self._compare(kind, name, each, times)

    def _observe_attrs(self, text: str) -> None:
        attrs = json.loads(text)
        is_plain = True
        for name in self._attributes & attrs.keys():
            self._mentioned.add(("attribute", name))
            value = attrs[name]
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, str) and self._compare("attribute", name, each):
                    is_plain = False
        if is_plain and len(self._plain_attrs) < _REMEMBERED:
            self._plain_attrs.add(text)

    def _compare_all(self, kind: str, name: str, texts: list[str], plain: set[str]) -> None:
        if plain.issuperset(texts):
            return
        for text in set(texts) - plain:
            if not self._compare(kind, name, text, texts.count(text)) and len(plain) < _REMEMBERED:
                plain.add(text)

    def _compare(self, kind: str, name: str, text: str, times: int = 1) -> bool:
        """Returns whether the text is a value that the playbook names, spelled otherwise."""
        if (kind, name, text) in self._exact or not text:
            return False
        named = self._folded.get((kind, name), {}).get(_fold(text))
        if named is None:
            return False
        key = (named, text)
        self._spelled[key] = self._spelled.get(key, 0) + times
        return True

    def seen(self) -> Seen:
        """Returns what the deals have mentioned so far."""
        return Seen(self._mentioned, self._actors, self._spelled)

    def absorb(self, other: Seen) -> None:
        """Adds what other deals mentioned."""
        self._mentioned |= other.mentioned
        self._actors |= other.actors
        for key, times in other.spelled.items():
            self._spelled[key] = self._spelled.get(key, 0) + times

    def result(self, people: People | None) -> tuple[BlindSpot, ...]:
        """Returns the blind spots, by kind and name."""
        roles = people.all_roles if people else frozenset()
        found = []
        for (kind, name), rules in self._reads.items():
            seen = name in roles if kind == "role" else (kind, name) in self._mentioned
            if not seen:
                found.append(BlindSpot(kind, name, _unseen(kind, people), tuple(rules)))
        found.sort(key=lambda spot: (_KINDS.index(spot.kind), spot.name))
        for (named, text), count in sorted(self._spelled.items()):
            kind, name, wanted = named
            message = say(
                '{kind} {name}: "{text}" stands {times} times, the playbook says "{wanted}"',
                kind=kind_said(kind),
                name=name,
                text=text,
                times=count,
                wanted=wanted,
            )
            found.append(BlindSpot("value", text, message, tuple(self._named[named])))
        return (*found, *self._spellings(people))

    def _spellings(self, people: People | None) -> Iterator[BlindSpot]:
        """Yields actors of the history who are written in several ways, there or among the
        people."""
        ways: dict[str, set[str]] = {}
        for actor in (*self._actors, *(people.actors() if people else ())):
            ways.setdefault(_fold(actor), set()).add(actor)
        acting = set(map(_fold, self._actors))
        for folded, written in sorted(ways.items()):
            if folded and folded in acting and len(written) > 1:
                first, *others = sorted(written)
                named = all_of(say('"{name}"', name=each) for each in (first, *others))
                message = say("actors {names} differ only by case or spaces", names=named)
                yield BlindSpot("actor", first, message, tuple(self._asks_who))


_REMEMBERED = 10_000


def _unseen(kind: str, people: People | None) -> str:
    """Says what there is not of a name."""
    if kind != "role":
        return say("the history never has it")
    if people:
        return say("no person has this role")
    return say("no people are given, so that nobody is asked for it")


def _fold(text: str) -> str:
    return "".join(text.casefold().split())


def _texts(test: tree.Test) -> list[str]:
    if test.operator not in _NAMED_BY:
        return []
    return [each for each in test.operands if isinstance(each, str)]


def _take_activity(
    pattern: tree.ActivityPattern, reads: set[KindAndName], named: set[NamedValue]
) -> None:
    reads.update(("activity", name) for name in pattern.names)
    reads.update(read for each in pattern.narrowings for read in each.reads())
    named.update(pattern.named)


def parts_of(rule: Rule, playbook: Playbook) -> Iterator[tree.Condition | tree.Pattern]:
    """Yields every condition and pattern that the rule's verdict may rest on."""
    yield from patterns_of(rule.due)
    yield from answers_of(rule.ask)
    for condition in (rule.when, playbook.applies_to, condition_of(rule.ask)):
        if condition is not None:
            for part in tree.walk(condition, playbook.signals):
                yield part.pattern if isinstance(part, tree.Count) else part
                yield from tree.starts_of(part)
