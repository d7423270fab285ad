"""A playbook over the words of one history: what each name, value and actor means to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from playgate.columns.arrays import Bools, Ints
from playgate.columns.arrow_texts import ArrowTexts, texts_of
from playgate.columns.remembered import Remembered
from playgate.columns.rows import Words
from playgate.conditions.values import Value
from playgate.history.deal import DealReader, Vocabulary, no_roles
from playgate.history.people import People
from playgate.judge.judge import Judge
from playgate.judge.vocabulary import vocabulary
from playgate.model.playbook import Playbook

__all__ = ["ACTIVITY", "FIELD", "STAGE", "UNKNOWN", "WAIVER", "CannotSayError", "Plan"]

STAGE, ACTIVITY, FIELD, WAIVER, UNKNOWN = range(5)
"""What a row is to a playbook."""

_REMEMBERED = 300_000
_NOT_KNOWN = int(np.iinfo(np.int8).min)
_T = TypeVar("_T")


class CannotSayError(Exception):
    """No kernel says what a rule says: the judge does."""


class Readings:
    """What texts of fields read as, remembered from one part of a history to the next."""

    def __init__(self, words: Vocabulary) -> None:
        self._readers = words.readers
        self.of_values = Remembered()
        self._known: dict[str, dict[str, Value | None]] = {}

    def of(self, field: str, texts: list[str]) -> list[Value | None]:
        """Returns the values that texts of a field read as."""
        known, read = self._known.setdefault(field, {}), self._readers[field]
        new = [text for text in texts if text not in known]
        if len(known) + len(new) > _REMEMBERED:
            return [*map(read, texts)]
        known.update(zip(new, map(read, new), strict=True))
        return [known[text] for text in texts]


class Plan:
    """What is the same for all deals; whatever a kernel needs to know of a text is asked once."""

    def __init__(
        self,
        playbook: Playbook,
        judge: Judge,
        people: People | None,
        words: Words,
        as_of: int,
        readings: Readings | None = None,
    ) -> None:
        self.playbook = playbook
        self.judge = judge
        self.people = people
        self.words = words
        self.as_of = as_of
        self.vocabulary: Vocabulary = vocabulary(playbook, judge.may_waive)
        self._readings = readings or Readings(self.vocabulary)
        self.roles = people.roles if people else no_roles
        self.reader: DealReader = judge.reader(self.roles)
        self.stages = [stage.id for stage in playbook.stages]
        self.stage_number = {stage: number for number, stage in enumerate(self.stages)}
        self.kind, self.stage = self._meanings()
        self.number_of_name = {name: number for number, name in enumerate(words.names)}
        track = judge.track
        self.ends = np.array([stage in track.ending for stage in self.stages], np.bool_)
        self.is_lost = np.array([stage in track.lost for stage in self.stages], np.bool_)
        self.place = np.array([track.place.get(stage, -1) for stage in self.stages], np.int64)
        self._kept: dict[object, Any] = {}
        self._own: Ints | None = None  # the numbers of values that are remembered, and of none
        if isinstance(words.values, ArrowTexts) and readings is not None:
            self._own = np.append(readings.of_values.numbers(words.values), -1)

    def _meanings(self) -> tuple[npt.NDArray[np.int8], Ints]:
        """Returns what a row with each name is, and the number of the stage."""
        known = {
            "stage": (STAGE, self.vocabulary.stages),
            "activity": (ACTIVITY, self.vocabulary.activities),
            "field": (FIELD, self.vocabulary.readers),
        }
        kinds = []
        for kind, name in self.words.names:
            number, names = known.get(kind, (WAIVER, {name}))
            kinds.append(number if name in names else UNKNOWN)
        stages = [
            self.stage_number.get(name, -1) if kind == "stage" else -1
            for kind, name in self.words.names
        ]
        return np.array(kinds, np.int8), np.array(stages, np.int64)

    def kept(self, key: object, make: Callable[[], _T]) -> _T:
        """Returns what was made once for a key."""
        if key not in self._kept:
            self._kept[key] = make()
        found: _T = self._kept[key]
        return found

    # What texts are

    def typed(self, field: str, numbers: Iterable[int]) -> list[Value | None]:
        """Returns the values that texts of a field read as; -1 is no text."""
        known: dict[int, Value | None] = self.kept(("typed", field), lambda: {-1: None})
        wanted = list(numbers)
        new = [number for number in wanted if number not in known]
        texts = texts_of(self.words.values, new)
        known.update(zip(new, self._readings.of(field, texts), strict=True))
        return [known[number] for number in wanted]

    def told(
        self, key: object, size: int, wanted: Ints, tell: Callable[[list[int]], list[int]]
    ) -> Ints:
        """Returns what is told of each number (or of none, -1), asked once for each.

        A table of what is known goes with the key.
        """
        found: Ints = self._table(key, size, wanted, tell, np.int32).astype(np.int64)
        return found

    def tells(
        self, key: object, size: int, wanted: Ints, tell: Callable[[list[int]], list[bool]]
    ) -> Bools:
        """Returns whether something is true of each number, asked once for each."""
        found: Bools = self._table(key, size, wanted, tell, np.int8) > 0
        return found

    def tells_of_values(
        self, key: object, wanted: Ints, tell: Callable[[list[int]], list[bool]]
    ) -> Bools:
        """Returns whether something is true of the texts of values, which may be none: -1.

        It is asked once for each text, and remembered in later parts of the history.
        """
        if self._own is None:
            return self.tells(key, len(self.words.values), wanted, tell)
        own, remembered = self._own, self._readings.of_values

        def tell_and_note(numbers: list[int]) -> list[bool]:
            told = tell(numbers)
            remembered.note(key, own[numbers], told, _NOT_KNOWN)
            return told

        self.kept(key, lambda: remembered.answers(key, own, _NOT_KNOWN))
        return self.tells(key, len(own) - 1, wanted, tell_and_note)

    def _table(self, key: object, size: int, wanted: Ints, tell: Any, kind: Any) -> Any:
        unknown = np.iinfo(kind).min
        table = self.kept(key, lambda: np.full(size + 1, unknown, kind))
        found = table[wanted]
        new = found == unknown
        if new.any():
            is_new = np.zeros(len(table), np.bool_)
            is_new[wanted[new]] = True  # none, -1, is the last
            numbers = np.flatnonzero(is_new)
            numbers[numbers == size] = -1
            table[numbers] = tell(numbers.tolist())
            found = table[wanted]
        return found

    def holds_role(self, roles: frozenset[str], actor: Ints, at: Ints) -> Bools:
        """Tells which actors hold one of the roles at an instant."""
        if self.people is None:
            return np.zeros(len(actor), np.bool_)
        always, dated = self.kept(("holders", roles), lambda: self._holders(roles))
        found: Bools = always[actor]
        for number, since, until in dated:
            found = found | ((actor == number) & (at >= since) & (at < until))
        return found

    def _holders(self, roles: frozenset[str]) -> tuple[Bools, list[tuple[int, int, int]]]:
        assert self.people is not None  # noqa: S101  (the caller asked)
        always, dated = self.people.holders(roles)
        numbers = {actor: number for number, actor in enumerate(self.words.actors)}
        rows = [
            (
                numbers[person.actor],
                -(2**63) if person.since is None else person.since,
                2**63 - 1 if person.until is None else person.until,
            )
            for person in dated
            if person.actor in numbers
        ]
        return np.array([actor in always for actor in self.words.actors], np.bool_), rows
