"""Arrow's columns of a history as encoded rows: what is a text is looked at once.

Only plain rows are taken. Of what is not plain `NotPlainError` says so, and our own reader reads
the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from playgate.columns.arrays import Ints
from playgate.columns.arrow_texts import ArrowTexts, digests_and_beginnings, is_ascii, numbers_of
from playgate.columns.rows import DERIVED, GIVEN, Rows, Words
from playgate.conditions.instants import EVENTS_FROM, EVENTS_UNTIL
from playgate.documents.document import composed
from playgate.history.event import KINDS
from playgate.history.own_table import canonical_attrs

__all__ = ["TEXTS", "Encoder", "NotPlainError"]

TEXTS = ("deal", "kind", "name", "value", "actor", "attrs")
"""The columns of which each distinct text has a number."""
_DERIVED = int.from_bytes(b"e-", "little")
_SPACES = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace())
"""What `str.strip` takes away."""
_ONE, _TWO = np.uint64(0xFF), np.uint64(0xFFFF)
# What makes arrays of Python's objects or of NumPy's imports pandas, which takes a quarter second.
_EMPTY = pa.StringArray.from_buffers(1, pa.py_buffer(bytes(8)), pa.py_buffer(b""))


class NotPlainError(Exception):
    """Some rows are not plain: our own reader has to say what they are."""


class Encoder:
    """Takes the columns of files, some rows at a time, in the order of the source."""

    def __init__(self, capacity: int) -> None:
        """Makes room for so many rows at most: memory is taken when it is filled."""
        self._texts: dict[str, list[Any]] = {name: [] for name in TEXTS}
        self._size = 0
        self._at = np.empty(capacity, np.int64)
        self._recorded = np.empty(capacity, np.int64)
        self._digest = np.zeros(capacity, np.int64)
        self._id_kind = np.zeros(capacity, np.int8)  # `NO_ID`
        self._source = np.empty(capacity, np.int16)
        self._line = np.empty(capacity, np.int32)
        self._ids: list[Any] = []

    def take(
        self, source: int, line: int, columns: dict[str, Any], at: Ints, recorded: Ints
    ) -> None:
        """Takes rows, the first of which stands on `line`; columns that are not there are empty."""
        size = len(at)
        if not size:
            return
        for instants in (at, recorded):
            if not (instants.min() >= EVENTS_FROM and instants.max() <= EVENTS_UNTIL):
                raise NotPlainError("an instant out of range")
        for name in TEXTS:
            self._texts[name].append(_dictionary(columns.get(name), size))
        its = slice(self._size, self._size + size)
        self._at[its], self._recorded[its] = at, recorded
        self._source[its], self._line[its] = source, np.arange(line, line + size)
        self._take_ids(columns.get("event_id"), its)
        self._size += size

    def _take_ids(self, ids: Any, its: slice) -> None:
        if ids is None:
            self._ids.append(pa.nulls(its.stop - its.start, pa.string()))
            return
        if not is_ascii(ids):
            raise NotPlainError("an id with letters that have several forms")
        self._digest[its], lengths, beginnings = digests_and_beginnings(ids)
        self._id_kind[its] = _id_kinds(lengths, beginnings)
        self._ids.append(ids)

    def rows(self) -> Rows:
        """Returns all rows; raises `NotPlainError` where one is not plain."""
        if not self._size:
            raise NotPlainError("nothing to read")
        numbers: dict[str, npt.NDArray[np.int32]] = {}
        texts: dict[str, Any] = {}
        for name in TEXTS:
            numbers[name], texts[name] = _numbered(self._texts.pop(name), keep=name == "deal")
        _refuse_odd(texts)
        names, of_names = _pairs(numbers.pop("kind"), numbers.pop("name"), texts)
        texts["attrs"], numbers["attrs"] = _canonical(texts["attrs"], numbers["attrs"])
        for name in ("value", "actor", "attrs"):
            texts[name], numbers[name] = _empty_first(texts[name], numbers[name])
        return Rows(
            numbers["deal"],
            self._at[: self._size],
            of_names,
            numbers["value"],
            numbers["actor"],
            self._recorded[: self._size],
            numbers["attrs"],
            self._digest[: self._size],
            self._id_kind[: self._size],
            self._source[: self._size],
            self._line[: self._size],
            Words(texts["deal"], names, texts["value"], texts["actor"], texts["attrs"]),
            _Ids(self._ids),
            {},
        )


class _Ids:
    """The ids of rows, which lie in several pieces."""

    def __init__(self, pieces: list[Any]) -> None:
        self._pieces = pieces
        self._begins = np.cumsum([0, *map(len, pieces)])

    def __call__(self, places: Ints) -> list[str]:
        piece = np.searchsorted(self._begins, places, side="right") - 1
        inside = (places - self._begins[piece]).tolist()
        found = zip(piece.tolist(), inside, strict=True)
        return [self._pieces[number][place].as_py() or "" for number, place in found]


def _dictionary(column: Any, size: int) -> Any:
    """Returns a column as numbers and distinct texts; what is null, or not there, is empty."""
    if column is None:
        numbers = pa.Int32Array.from_buffers(
            pa.int32(), size, [None, pa.py_buffer(bytes(4 * size))]
        )
        return pa.DictionaryArray.from_arrays(numbers, _EMPTY)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    return column


def _numbered(chunks: list[Any], *, keep: bool) -> tuple[npt.NDArray[np.int32], Sequence[str]]:
    """Returns the number of each row's text, and the texts in Unicode's form C.

    Those to `keep` stay where they are: they are many, and few of them are asked for.
    """
    kinds = pa.dictionary(pa.int32(), pa.string())
    column = pa.chunked_array([each.cast(kinds) for each in chunks], kinds).unify_dictionaries()
    texts = column.chunk(0).dictionary
    empty, has_null = len(texts), False
    chunks.clear()
    indices = []
    for chunk in column.chunks:
        its = chunk.indices
        if its.null_count:
            its, has_null = its.fill_null(empty), True
        indices.append(numbers_of(its, np.int32))
    numbers = np.concatenate(indices)
    del column, chunk, its
    if keep and not has_null and is_ascii(texts):
        return numbers, ArrowTexts(texts)
    return _distinct([*texts.to_pylist(), *[""] * has_null], numbers)


def _distinct(
    texts: Sequence[str], numbers: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Returns numbers of texts each of which stands once, whatever form they had."""
    known: dict[str, int] = {}
    renumbered = [known.setdefault(composed(text), len(known)) for text in texts]
    if renumbered != list(range(len(texts))):
        numbers = np.array(renumbered, np.int32)[numbers]
    return numbers, list(known)


def _empty_first(
    texts: list[str], numbers: npt.NDArray[np.int32]
) -> tuple[list[str], npt.NDArray[np.int32]]:
    """Returns the texts with the empty one first."""
    place = texts.index("") if "" in texts else -1
    if place == 0:
        return texts, numbers
    order = [place, *(each for each in range(len(texts)) if each != place)]
    found = [texts[each] for each in order] if place > 0 else ["", *texts]
    if place < 0:
        return found, numbers + np.int32(1)
    renumbered = np.empty(len(texts), np.int32)
    renumbered[order] = np.arange(len(texts), dtype=np.int32)
    return found, renumbered[numbers]


def _refuse_odd(texts: dict[str, Any]) -> None:
    if not set(KINDS).issuperset(texts["kind"]):
        raise NotPlainError("there is no such kind")
    if not all(map(str.strip, texts["name"])):
        raise NotPlainError("a blank name")
    deals = texts["deal"]
    array = deals.array if isinstance(deals, ArrowTexts) else pa.array(deals, pa.string())
    bare = numbers_of(pc.binary_length(pc.utf8_trim(array, characters=_SPACES)), np.int32)
    if not bare.all() or (bare != numbers_of(pc.binary_length(array), np.int32)).any():
        raise NotPlainError("a blank deal, or white space around one")


def _pairs(
    kind: npt.NDArray[np.int32], name: npt.NDArray[np.int32], texts: dict[str, Any]
) -> tuple[list[tuple[str, str]], npt.NDArray[np.int32]]:
    """Returns the distinct pairs of kind and name, and the number of each row's."""
    kinds, names = texts["kind"], texts["name"]
    keys = kind * np.int32(len(names)) + name
    is_there = np.zeros(len(kinds) * len(names), np.bool_)
    is_there[keys] = True
    pairs = [
        (kinds[key // len(names)], names[key % len(names)]) for key in np.flatnonzero(is_there)
    ]
    numbers = np.cumsum(is_there, dtype=np.int32) - np.int32(1)
    return pairs, numbers[keys]


def _canonical(
    texts: list[str], numbers: npt.NDArray[np.int32]
) -> tuple[list[str], npt.NDArray[np.int32]]:
    try:
        canonical = [canonical_attrs(text) for text in texts]
    except ValueError as error:
        raise NotPlainError(str(error)) from None
    numbers, found = _distinct(canonical, numbers)
    return found, numbers


# Ids


def _id_kinds(lengths: Ints, beginnings: npt.NDArray[np.uint64]) -> npt.NDArray[np.int8]:
    """Tells which rows bring an id; raises `NotPlainError` for ids that begin with white space."""
    kinds = (lengths > 0).astype(np.int8) * np.int8(GIVEN)
    kinds[(beginnings & _TWO) == _DERIVED] = DERIVED
    if ((lengths > 0) & ((beginnings & _ONE) <= ord(" "))).any():
        raise NotPlainError("an id that begins with white space")
    return kinds
