"""Finds words in events that their activities do not declare: outcomes, attributes, parts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from playgate.conditions.activity_words import ALWAYS
from playgate.conditions.values import Kind, attribute_text, is_absent, value_reader
from playgate.documents.document import nearest_said
from playgate.language import message, say
from playgate.model.playbook import Playbook

__all__ = ["Strange", "UndeclaredWords"]

_REMEMBERED = 10_000
_LONGEST_REMEMBERED = 500


_KINDS: Mapping[Kind, str] = {
    "text": message("text"),
    "choice": message("a choice"),
    "choices": message("choices"),
    "number": message("a number"),
    "integer": message("an integer"),
    "boolean": message("a boolean"),
    "date": message("a date"),
    "datetime": message("a datetime"),
}


class Strange(NamedTuple):
    """What is wrong with an event, and what to do about it."""

    reason: str
    hint: str


class UndeclaredWords:
    """Knows the declared words of a playbook; it looks at each distinct event only once."""

    def __init__(self, playbook: Playbook) -> None:
        self._parts = playbook.parts
        self._reading = playbook.reading
        self._declared = {
            name: kind.words
            for name, kind in playbook.activities.items()
            if self._parts or kind.words.outcomes or kind.words.attributes
        }
        self._readers = {
            (name, attribute): value_reader(kind, playbook.reading)
            for name, words in self._declared.items()
            for attribute, kind in words.attributes.items()
        }
        self._found: dict[tuple[str, str, str], tuple[Strange, ...]] = {}
        self.activities = frozenset(self._declared)
        """The activities of which something is declared."""

    def of(self, activity: str, outcome: str, attrs: str) -> tuple[Strange, ...]:
        """Returns what is strange about an event of this activity; `attrs` is JSON, or empty."""
        key = activity, outcome, attrs
        found = self._found.get(key)
        if found is None:
            data = json.loads(attrs) if attrs else {}
            found = tuple(self._strange(activity, outcome, data))
            is_short = len(outcome) + len(attrs) <= _LONGEST_REMEMBERED
            if is_short and len(self._found) < _REMEMBERED:
                self._found[key] = found
        return found

    def _strange(self, activity: str, outcome: str, attrs: Mapping[str, Any]) -> Iterator[Strange]:
        words = self._declared[activity]
        if words.outcomes and outcome.strip() and outcome not in words.outcomes:
            reason = say(
                'outcome "{outcome}" of {activity} is not declared',
                outcome=outcome[:80],
                activity=activity,
            )
            yield Strange(reason, nearest_said(outcome, words.outcomes))
        if words.attributes:
            for name, value in attrs.items():
                if name not in ALWAYS:
                    yield from self._attribute(activity, name, attribute_text(value))
        parts = attrs.get("with") if self._parts else None
        for part in [parts] if isinstance(parts, str) else parts or ():
            if isinstance(part, str) and part not in self._parts:
                reason = say('part "{part}" is not declared', part=part[:80])
                yield Strange(reason, nearest_said(part, self._parts))

    def _attribute(self, activity: str, name: str, text: str) -> Iterator[Strange]:
        known = self._declared[activity].attributes
        if name not in known:
            reason = say(
                'attribute "{attribute}" of {activity} is not declared',
                attribute=name[:80],
                activity=activity,
            )
            yield Strange(reason, nearest_said(name, known))
        elif not is_absent(text, self._reading) and self._readers[activity, name](text) is None:
            reason = say(
                '"{value}" does not read as {kind}, '
                "the type of attribute {attribute} of {activity}",
                value=text[:80],
                kind=say(_KINDS[known[name].kind]),
                attribute=name,
                activity=activity,
            )
            yield Strange(reason, say("it counts as absent where it is read as one"))
