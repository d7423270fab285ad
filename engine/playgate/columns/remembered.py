"""What is known of texts, remembered from one part of a history to the next.

Each part numbers its texts anew; those that are remembered have a number of their own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from playgate.columns.arrays import Ints
from playgate.columns.arrow_texts import ArrowTexts, array_of_texts, lengths_of

__all__ = ["Remembered"]

_MOST, _LONGEST = 300_000, 64
"""So many texts are remembered, and none that is longer than so many bytes."""


class Remembered:
    """Whether things are true of texts, by key."""

    def __init__(self) -> None:
        self._texts = ArrowTexts(array_of_texts(()))
        self._answers: dict[object, npt.NDArray[np.int8]] = {}

    def numbers(self, texts: ArrowTexts) -> Ints:
        """Returns the numbers that texts have here; -1 where they have none."""
        found = self._texts.places_of(texts)
        is_short = lengths_of(texts.array) <= _LONGEST
        new = np.flatnonzero((found < 0) & is_short)[: _MOST - len(self._texts)]
        if len(new):
            found[new] = np.arange(len(self._texts), len(self._texts) + len(new))
            self._texts = self._texts.with_those(texts.take(new))
        return found

    def answers(self, key: object, numbers: Ints, unknown: int) -> Any:
        """Returns what is known of texts by their numbers here."""
        return self._table(key, unknown)[numbers]

    def note(self, key: object, numbers: Ints, told: list[bool], unknown: int) -> None:
        """Remembers what is known of texts; of those without a number it does not."""
        has = numbers >= 0
        self._table(key, unknown)[numbers[has]] = np.array(told, np.bool_)[has]

    def _table(self, key: object, unknown: int) -> npt.NDArray[np.int8]:
        known, size = self._answers.get(key), len(self._texts) + 1  # the last is for no number
        if known is None or len(known) < size:
            table = np.full(size, unknown, np.int8)
            if known is not None:
                table[: len(known) - 1] = known[:-1]
            self._answers[key] = known = table
        return known
