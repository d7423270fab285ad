"""Makes people and their words anonymous, keeping what the rules of a playbook can tell apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from playgate.audit.blind_spots import parts_of
from playgate.conditions import tree
from playgate.conditions.comparisons import Passes, compile_test
from playgate.conditions.values import Value, attribute_text, is_absent, value_reader
from playgate.history.people import People
from playgate.model.playbook import Playbook
from playgate.rules.list import list_rules

__all__ = ["Mask"]

_PHONE = re.compile(r"[+(]?[0-9][0-9 ()./-]{5,}")
_KEPT = frozenset(("choice", "choices", "number", "integer", "boolean", "date", "datetime"))
"""The types whose values name nobody."""
_LOOK_INSIDE = frozenset(("contains", "starts_with", "matches"))


class Mask:
    """Gives each person and each text a name of its own: the same one wherever they come up.

    What stands in for a text passes the tests of texts that it passes, so far as one is found.
    """

    def __init__(self, playbook: Playbook, people: People | None) -> None:
        self._playbook = playbook
        self._people = people
        self._texts: dict[str, str] = {}
        self._tests: list[Passes] = []
        self._parts_of_texts: set[str] = set()
        self.actors: dict[str, str] = {}
        """The new name of each person."""
        self.roles: dict[str, tuple[str, ...]] = {}
        """By new name, the roles that the playbook knows."""
        self.fields: set[str] = set()
        """The fields that some rule reads."""
        self._named: dict[tuple[str, str], set[str]] = {}
        self._readers: dict[str, list[Callable[[str], Value | None]]] = {}
        self._parts: set[str] = set()
        self._counts_parts = False
        self._outcomes: set[str] = set()
        for rule in list_rules(playbook):
            for part in parts_of(rule, playbook):
                self._take(part)

    def _take(self, part: tree.Condition | tree.Pattern) -> None:
        match part:
            case tree.FieldTest(field, test) | tree.FieldPattern(field, test):
                self.fields.add(field)
                self.fields.update(
                    each.field for each in test.operands if isinstance(each, tree.FieldRef)
                )
                self._name(("field", field), test)
            case tree.ChangePattern(field) | tree.SetPattern(field):
                self.fields.add(field)
            case tree.ActivityPattern():
                for kind, name, text in part.named:
                    if kind == "outcome":
                        self._outcomes.add(text)
                    elif name == "with":
                        self._parts.add(text)
                for narrowing in part.narrowings:
                    for kind, name in narrowing.reads():
                        if kind == "attribute":
                            self._named.setdefault(("attribute", name), set())
                different = part.different
                self._counts_parts |= different is not None and different.what == "with"
                for asked in part.tests:
                    self._name(("attribute", asked.attribute), asked.test)
                    if asked.kind.kind in _KEPT:
                        reader = value_reader(asked.kind, self._playbook.reading)
                        self._readers.setdefault(asked.attribute, []).append(reader)

    def _name(self, key: tuple[str, str], test: tree.Test) -> None:
        known = self._named.setdefault(key, set())
        texts = [each for each in test.operands if isinstance(each, str)]
        known.update(texts)
        if test.operator in _LOOK_INSIDE:
            self._tests.append(compile_test(test, self._playbook.calendar))
        if test.operator in ("contains", "starts_with"):
            self._parts_of_texts.update(texts)

    @property
    def knows_people(self) -> bool:
        """Whether it is known who holds which role."""
        return self._people is not None

    # What stands in its place

    def actor(self, actor: str, at: int) -> str:
        """Returns a name such as `rep-1` for a person; nobody stays nobody."""
        if not actor:
            return ""
        if actor not in self.actors:
            held = self._people.roles(actor, at) if self._people else frozenset[str]()
            roles = tuple(role for role in self._playbook.roles if role in held)
            kind = roles[0] if roles else "person"
            number = sum(each.startswith(f"{kind}-") for each in self.actors.values()) + 1
            self.actors[actor] = f"{kind}-{number}"
            self.roles[f"{kind}-{number}"] = roles
        return self.actors[actor]

    def outcome(self, outcome: str) -> str:
        """Returns an outcome that the playbook names as it is, and any other as `other`."""
        return outcome if not outcome or outcome in self._outcomes else "other"

    def parts(self, parts: object) -> list[str]:
        """Returns the parts of participants that the playbook names, and where different ones are
        counted a name for each other."""
        listed = parts if isinstance(parts, list) else [parts]
        return [
            part if part in self._parts else self._text("part", part, ())
            for part in listed
            if isinstance(part, str) and (self._counts_parts or part in self._parts)
        ]

    def attributes(self, attrs: Mapping[str, object]) -> dict[str, str]:
        """Returns the attributes that the playbook reads."""
        known = {name for kind, name in self._named if kind == "attribute"} - {"with"}
        return {
            name: self._attribute(name, attribute_text(value))
            for name, value in attrs.items()
            if name in known
        }

    def _attribute(self, name: str, text: str) -> str:
        if is_absent(text, self._playbook.reading):
            return text
        if any(read(text) is not None for read in self._readers.get(name, ())):
            return text
        return self._text(name, text, self._named["attribute", name])

    def value(self, field: str, text: str, at: int) -> str:
        """Returns a field's value without names; what nobody reads, or cannot be read, becomes
        empty."""
        kind = self._playbook.fields[field]
        reading = self._playbook.reading
        if field == "owner":
            return text if is_absent(text, reading) else self.actor(text, at)
        if field not in self.fields or value_reader(kind, reading)(text) is None:
            return ""
        if kind.kind in _KEPT or is_absent(text, reading):
            return text
        return self._text(field, text, self._named.get(("field", field), ()))

    def _text(self, name: str, text: str, named: Collection[str]) -> str:
        if text in named or not text.strip():
            return text
        if text not in self._texts:
            taken = self._texts.values()
            number = len(taken) + 1
            wanted = self._passed(text)
            stand_in = _stand_in(name, text, number)
            parts = (f"{part.rstrip()} {number}" for part in sorted(self._parts_of_texts))
            others = [each for each in (*parts, _shape(text)) if each not in taken]
            fitting = (each for each in (stand_in, *others) if self._passed(each) == wanted)
            self._texts[text] = next(fitting, stand_in)
        return self._texts[text]

    def _passed(self, text: str) -> list[bool]:
        nowhere: Any = None  # these tests look at nothing but the text
        return [passes(text, nowhere, nowhere) for passes in self._tests]


def _stand_in(name: str, text: str, number: int) -> str:
    if "@" in text:
        return f"somebody{number}@example.com"
    if _PHONE.fullmatch(text.strip()):
        return f"+000 000 {number:03}"
    return f"{name} {number}"


def _shape(text: str) -> str:
    return "".join(
        "0" if sign.isdigit() else ("A" if sign.isupper() else "a") if sign.isalpha() else sign
        for sign in text
    )
