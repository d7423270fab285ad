"""Long texts of fields and activities that a playbook does not know are not kept.

All that is asked of them is whether two rows with one id say the same: a checksum tells that.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from playgate.columns.arrays import Bools
from playgate.columns.arrow_texts import (
    ArrowTexts,
    array_of,
    array_of_texts,
    bools_of,
    lengths_of,
    numbers_of,
    texts_of,
)
from playgate.documents.document import composed
from playgate.model.playbook import Playbook

__all__ = ["Unread"]

_SIZE = 20
"""Bytes of a checksum."""
_LONG = 2 * _SIZE
"""Texts with so many bytes are not kept: no other text looks like what stands for one."""
_OWNER = "owner"
"""Who owned a deal may be asked for, though no field is declared."""


class Unread:
    """What a playbook does not read."""

    def __init__(self, playbook: Playbook) -> None:
        self._known = {"field": {*playbook.fields, _OWNER}, "activity": {*playbook.activities}}

    def without(self, texts: dict[str, Any], ids: Any) -> Any:
        """Returns the column of values, with checksums of those that are long and not read.

        Rows without ids of their own keep theirs, of which an id may be made.
        """
        values = texts["value"]
        long = lengths_of(values.dictionary) >= _LONG
        if not long.any():
            return values
        numbers = numbers_of(values.indices, np.int32)
        some = np.flatnonzero(long[numbers] & self._is_free(texts))
        return _replaced(values, some[_is_given(ids.take(array_of(some, pa.int64())))])

    def _is_free(self, texts: dict[str, Any]) -> Bools:
        """Tells the rows of a kind and name that the playbook does not know."""
        kinds, names = (texts[each].dictionary.to_pylist() for each in ("kind", "name"))
        free = [
            kind in self._known and composed(name) not in self._known[kind]
            for kind in kinds
            for name in names
        ]
        kind, name = (numbers_of(texts[each].indices, np.int32) for each in ("kind", "name"))
        found: Bools = np.array(free, np.bool_)[kind * np.int64(len(names)) + name]
        return found


def _is_given(ids: Any) -> Bools:
    """Tells which ids do not look like ours that are derived."""
    begins = pc.starts_with(ids, "e-")
    found: Bools = (lengths_of(ids) > 0) & ~bools_of(begins)
    return found


def _replaced(values: Any, which: Any) -> Any:
    if not len(which):
        return values
    numbers, texts = numbers_of(values.indices, np.int32).copy(), values.dictionary
    distinct, place = np.unique(numbers[which], return_inverse=True)
    told = texts_of(ArrowTexts(texts), distinct.tolist())
    sums = array_of_texts([_checksum(text) for text in told])
    numbers[which] = (len(texts) + place).astype(np.int32)
    is_there = np.zeros(len(texts) + len(sums), np.bool_)
    is_there[numbers] = True
    kept = pa.concat_arrays([texts, sums]).take(array_of(np.flatnonzero(is_there), pa.int64()))
    renumbered = np.cumsum(is_there, dtype=np.int32) - np.int32(1)
    return pa.DictionaryArray.from_arrays(array_of(renumbered[numbers], pa.int32()), kept)


def _checksum(text: str) -> str:
    return blake2b(composed(text).encode(), digest_size=_SIZE).hexdigest()
