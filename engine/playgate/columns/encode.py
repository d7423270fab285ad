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

from playgate.columns.arrays import Ints
from playgate.columns.arrow_texts import (
    ArrowTexts,
    array_of_texts,
    bare_lengths_of,
    digests_and_beginnings,
    in_one_form,
    is_ascii,
    lengths_of,
    numbers_of,
)
from playgate.columns.batch import TEXTS, Batch, joined
from playgate.columns.not_plain import NotPlainError
from playgate.columns.row_texts import RowTexts, is_row_text
from playgate.columns.rows import DERIVED, GIVEN, Rows, Words
from playgate.documents.document import composed
from playgate.history.event import KINDS
from playgate.history.own_table import canonical_attrs

__all__ = ["encoded"]

_MANY = ("deal", "value")
"""Texts of which there may be many, and of which few are asked for: they stay where they are."""
_DERIVED = int.from_bytes(b"e-", "little")
_ONE, _TWO = np.uint64(0xFF), np.uint64(0xFFFF)


def encoded(batches: list[Batch], row_texts: RowTexts | None = None) -> Rows:
    """Returns all rows; raises `NotPlainError` where one is not plain. The list is emptied.

    Where ids may be texts of rows, `row_texts` makes what they stand for.
    """
    whole = joined(batches)
    ids = whole.ids.chunks
    digest, id_kind = _digests(ids, has_texts=row_texts is not None)
    numbers: dict[str, npt.NDArray[np.int32]] = {}
    texts: dict[str, Any] = {}
    for name in TEXTS:
        numbers[name], texts[name] = _numbered(whole.texts.pop(name), keep=name in _MANY)
    _refuse_odd(texts)
    names, of_names = _pairs(numbers.pop("kind"), numbers.pop("name"), texts)
    texts["attrs"], numbers["attrs"] = _canonical(texts["attrs"], numbers["attrs"])
    for name in ("value", "actor", "attrs"):
        texts[name], numbers[name] = _empty_first(texts[name], numbers[name])
    return Rows(
        numbers["deal"],
        whole.at,
        of_names,
        numbers["value"],
        numbers["actor"],
        whole.recorded,
        numbers["attrs"],
        digest,
        id_kind,
        whole.source,
        whole.line,
        Words(texts["deal"], names, texts["value"], texts["actor"], texts["attrs"]),
        _Ids(ids, whole.source, row_texts),
        {},
    )


def _digests(pieces: list[Any], *, has_texts: bool) -> tuple[Ints, npt.NDArray[np.int8]]:
    """Returns the digests of ids, and which rows bring one."""
    digests, kinds = [], []
    for ids in pieces:
        if not has_texts and not is_ascii(ids):
            raise NotPlainError("an id with letters that have several forms")
        digest, lengths, beginnings = digests_and_beginnings(ids)
        if has_texts:
            beginnings[is_row_text(ids)] = ord("r")
        digests.append(digest)
        kinds.append(_id_kinds(lengths, beginnings))
    return np.concatenate(digests), np.concatenate(kinds)


class _Ids:
    """The ids of rows, which lie in several pieces."""

    def __init__(
        self, pieces: list[Any], source: npt.NDArray[np.int16], row_texts: RowTexts | None
    ) -> None:
        self._pieces = pieces
        self._source = source
        self._row_texts = row_texts
        self._begins = np.cumsum([0, *map(len, pieces)])

    def __call__(self, places: Ints) -> list[str]:
        piece = np.searchsorted(self._begins, places, side="right") - 1
        inside = (places - self._begins[piece]).tolist()
        found = zip(piece.tolist(), inside, strict=True)
        texts = [self._pieces[number][place].as_py() or "" for number, place in found]
        if self._row_texts is None:
            return texts
        return self._row_texts.ids(self._source[places].tolist(), texts)


def _numbered(column: Any, *, keep: bool) -> tuple[npt.NDArray[np.int32], Sequence[str]]:
    """Returns the number of each row's text, and the texts in Unicode's form C.

    Those to `keep` stay in Arrow's memory.
    """
    numbers, texts = numbers_of(column.indices, np.int32), column.dictionary
    if keep and in_one_form(texts) is texts:
        return numbers, ArrowTexts(texts)
    return _distinct(texts.to_pylist(), numbers)


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
    texts: Sequence[str], numbers: npt.NDArray[np.int32]
) -> tuple[Sequence[str], npt.NDArray[np.int32]]:
    """Returns the texts with the empty one first."""
    place = texts.index("") if "" in texts else -1
    if place < 0:
        return _with_empty(texts), numbers + np.int32(1)
    if place == 0:
        return texts, numbers
    order = np.arange(len(texts), dtype=np.int32)
    order[[0, place]] = place, 0
    swapped = (
        texts.take(order)
        if isinstance(texts, ArrowTexts)
        else [texts[each] for each in order.tolist()]
    )
    return swapped, order[numbers]


def _with_empty(texts: Sequence[str]) -> Sequence[str]:
    if isinstance(texts, ArrowTexts):
        return ArrowTexts(pa.concat_arrays([array_of_texts([""]), texts.array]))
    return ["", *texts]


def _refuse_odd(texts: dict[str, Any]) -> None:
    if not set(KINDS).issuperset(texts["kind"]):
        raise NotPlainError("there is no such kind")
    if not all(map(str.strip, texts["name"])):
        raise NotPlainError("a blank name")
    deals = texts["deal"]
    array = deals.array if isinstance(deals, ArrowTexts) else array_of_texts(deals)
    bare = bare_lengths_of(array)
    if not bare.all() or (bare != lengths_of(array)).any():
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
