"""What is known of texts, remembered from one part of a history to the next.

Each part numbers its texts anew; those that are remembered have a number of their own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from playgate.columns.arrays import Ints
from playgate.columns.arrow_texts import array_of, array_of_texts, bools_of, numbers_of

__all__ = ["Remembered"]

_MOST = 300_000
"""So many texts are remembered."""


class Remembered:
    """Whether things are true of texts, by key."""

    def __init__(self) -> None:
        self._texts = array_of_texts(())
        self._answers: dict[object, npt.NDArray[np.int8]] = {}

    def numbers(self, texts: Any) -> Ints:
        """Returns the numbers that the texts of an array have here; -1 where they have none."""
        found = self._found(texts)
        new = np.flatnonzero(found < 0)[: _MOST - len(self._texts)]
        if len(new):
            found[new] = np.arange(len(self._texts), len(self._texts) + len(new))
            more = texts.take(array_of(new, pa.int64()))
            self._texts = pa.concat_arrays([self._texts, more])
        return found

    def _found(self, texts: Any) -> Ints:
        places = pc.index_in(texts, value_set=self._texts)
        known = bools_of(places.is_valid())
        return np.where(known, numbers_of(places, np.int32), np.int32(-1)).astype(np.int64)

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
