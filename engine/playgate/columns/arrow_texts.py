"""Texts that lie in Arrow's memory: each is decoded when it is asked for.

What Arrow makes of Python's objects or of NumPy's, or NumPy of Arrow's, imports pandas, which takes
a quarter of a second: here they share their memory instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from playgate.columns.arrays import Bools, Ints

__all__ = [
    "ArrowTexts",
    "array_of",
    "array_of_texts",
    "bare_lengths_of",
    "bools_of",
    "bytes_of",
    "digests_and_beginnings",
    "digests_of",
    "draws_of",
    "in_one_form",
    "is_ascii",
    "lengths_of",
    "numbers_of",
    "put_together",
    "text_of",
    "texts_of",
]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_FEW = 8
_SHIFT = np.uint64(29)
_SPACES = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace())
"""What `str.strip` takes away."""
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)


class ArrowTexts(Sequence[str]):
    """Texts of an array without nulls."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        found: str | list[str]
        found = (
            self.array[place].to_pylist() if isinstance(place, slice) else self.array[place].as_py()
        )
        return found

    def __iter__(self) -> Any:
        return iter(self.array.to_pylist())

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and len(self._places(text)) > 0

    def index(self, text: str, *_: Any) -> int:
        """Returns the first place of a text."""
        places = self._places(text)
        if not len(places):
            raise ValueError(text)
        return int(places[0])

    def _places(self, text: str) -> Ints:
        wanted = text.encode()
        places = np.flatnonzero(lengths_of(self.array) == len(wanted))
        if wanted and len(places):
            is_it = [each == text for each in self.take(places)]
            places = places[np.array(is_it, np.bool_)]
        return places

    def take(self, places: npt.NDArray[np.integer[Any]]) -> ArrowTexts:
        """Returns some of them."""
        return ArrowTexts(self.array.take(array_of(places.astype(np.int64), pa.int64())))

    def with_those(self, other: ArrowTexts) -> ArrowTexts:
        """Returns these and others behind them."""
        return ArrowTexts(pa.concat_arrays([self.array, other.array]))

    def places_of(self, texts: ArrowTexts) -> Ints:
        """Returns the place here of each text; -1 where it is not here."""
        places = pc.index_in(texts.array, value_set=self.array)
        numbers = numbers_of(places, np.int32).astype(np.int64)
        return np.where(bools_of(places.is_valid()), numbers, -1)


def texts_of(texts: Sequence[str], places: Sequence[int]) -> list[str]:
    """Returns the texts at some places."""
    if isinstance(texts, ArrowTexts) and len(places) > _FEW:
        return list(texts.take(np.array(places, np.int64)))
    return [texts[place] for place in places]


def array_of(numbers: npt.NDArray[Any], kind: Any) -> Any:
    """Returns numbers as an array of Arrow's, in the same memory."""
    held = pa.py_buffer(np.ascontiguousarray(numbers))
    return pa.Array.from_buffers(kind, len(numbers), [None, held])


def array_of_texts(texts: Sequence[str]) -> Any:
    """Returns texts as an array of Arrow's."""
    told = [text.encode() for text in texts]
    ends = np.zeros(len(told) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, told), np.int32, len(told)), out=ends[1:])
    return pa.StringArray.from_buffers(len(told), pa.py_buffer(ends), pa.py_buffer(b"".join(told)))


def text_of(text: str) -> Any:
    """Returns one text as Arrow has it."""
    return array_of_texts((text,))[0]


def put_together(*pieces: Any, between: str = "") -> Any:
    """Returns texts that are put together, row by row, of arrays and of single texts of Arrow's."""
    return pc.binary_join_element_wise(*pieces, text_of(between))


def bools_of(array: Any) -> Bools:
    """Returns what is true or false in an array without nulls."""
    bits = np.frombuffer(array.buffers()[1] or b"", np.uint8)
    end = array.offset + len(array)
    found: Bools = np.unpackbits(bits, count=end, bitorder="little")[array.offset :].view(np.bool_)
    return found


def numbers_of(array: Any, kind: type[np.generic]) -> Any:
    """Returns the numbers in an array without nulls, as they lie in memory."""
    found = np.frombuffer(array.buffers()[1] or b"", kind, count=array.offset + len(array))
    return found[array.offset :]


def bytes_of(array: Any) -> tuple[Ints, Ints, npt.NDArray[np.uint8]]:
    """Returns where each text begins in the bytes, how long it is, and the bytes."""
    _, places, data = array.buffers()
    width = np.int64 if pa.types.is_large_string(array.type) else np.int32
    found = np.frombuffer(places, width, count=array.offset + len(array) + 1)[array.offset :]
    starts = found.astype(np.int64)
    lengths = np.diff(starts)
    if array.null_count:
        lengths = np.where(bools_of(array.is_valid()), lengths, 0)
    return starts[:-1], lengths, np.frombuffer(data or b"", np.uint8)


def lengths_of(array: Any) -> Ints:
    """Returns how many bytes each text has."""
    return bytes_of(array)[1]


def bare_lengths_of(array: Any) -> Ints:
    """Returns how many bytes each text has without white space around it."""
    bare = pc.binary_length(pc.utf8_trim(array, characters=_SPACES))
    found: Ints = numbers_of(bare, np.int32).astype(np.int64)
    return found


def is_ascii(array: Any) -> bool:
    """Whether all texts of an array have one form in Unicode, as none has other letters."""
    _, _, data = bytes_of(array)
    return not len(data) or bool(data.max() < 128)


def in_one_form(texts: Any) -> Any:
    """Returns the texts of an array in Unicode's form C: the array itself where they are."""
    if is_ascii(texts):
        return texts
    found = pc.utf8_normalize(texts, "NFC")
    return texts if found.equals(texts) else found


def eights_of(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Returns for each place in bytes the eight that begin there, and some beyond their end."""
    padded = np.zeros(len(data) + 16, np.uint8)
    padded[: len(data)] = data
    found: npt.NDArray[np.uint64] = np.ndarray((len(data) + 9,), np.uint64, padded, strides=(1,))
    return found


def digests_of(array: Any) -> Ints:
    """Returns a digest of each text, made of eight bytes at a time; equal texts have equal ones."""
    return digests_and_beginnings(array)[0]


def digests_and_beginnings(array: Any) -> tuple[Ints, Ints, npt.NDArray[np.uint64]]:
    """Returns a digest of each text, how many bytes it has, and the first eight as a number."""
    starts, lengths, data = bytes_of(array)
    eights = eights_of(data)
    first = eights[starts] & _MASKS[np.minimum(lengths, 8)]
    found = lengths.astype(np.uint64) ^ first
    found *= _MULTIPLIER
    found ^= found >> _SHIFT
    shortest = int(lengths.min()) if len(lengths) else 0
    for begin in range(8, int(lengths.max(initial=0)), 8):
        if begin + 8 <= shortest:
            found ^= eights[starts + begin]
            found *= _MULTIPLIER
            found ^= found >> _SHIFT
            continue
        size = np.clip(lengths - begin, 0, 8)
        its = eights[np.minimum(starts + begin, len(data))] & _MASKS[size]
        mixed = (found ^ its) * _MULTIPLIER
        found = np.where(size > 0, mixed ^ (mixed >> _SHIFT), found)
    return found.view(np.int64), lengths, first


def draws_of(texts: Sequence[str]) -> Ints:
    """Returns a number below 2³² for each text, as if drawn by lot, and always the same."""
    array = texts.array if isinstance(texts, ArrowTexts) else array_of_texts(texts)
    mixed = digests_of(array).view(np.uint64) * _MULTIPLIER
    return (mixed >> np.uint64(32)).astype(np.int64)
