"""Stamps of time as instants: the usual forms all at once, others by our own reader."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from playgate.columns.arrays import Bools, Ints
from playgate.columns.arrow_texts import array_of, bytes_of
from playgate.columns.encode import NotPlainError
from playgate.conditions.instants import (
    EVENTS_FROM,
    EVENTS_UNTIL,
    SECOND,
    Zone,
    beyond_micros,
    instants_reader,
)

__all__ = ["instants_of"]

_FORM = b"0000-00-00T00:00:00"
_ZERO = ord("0")
_DIGITS = [place for place, letter in enumerate(_FORM) if letter == _ZERO]
_Bytes = npt.NDArray[np.uint8]


def instants_of(texts: Any, zone: Zone, *, otherwise: Ints | None = None) -> Ints:
    """Returns the instants of stamps; of empty ones what is given otherwise.

    Raises `NotPlainError` where one is none, or lies between microseconds.
    """
    starts, lengths, data = bytes_of(texts)
    found = np.zeros(len(starts), np.int64)
    known = np.zeros(len(starts), np.bool_)
    if otherwise is not None:
        known = lengths == 0
        found[known] = otherwise[known]
    # A stamp without an offset is plain only where the clock is never changed.
    usual = np.flatnonzero((lengths == len(_FORM) + 1) | (lengths == len(_FORM)))
    if str(zone) == "UTC" and len(usual):
        instants, is_sure = _usual(starts[usual], lengths[usual], data)
        found[usual] = np.where(is_sure, instants, found[usual])
        known[usual] |= is_sure
    rest = np.flatnonzero(~known)
    if len(rest):
        found[rest] = _by_reader(texts.take(array_of(rest, pa.int64())).to_pylist(), zone)
    return found


def _usual(starts: Ints, lengths: Ints, data: _Bytes) -> tuple[Ints, Bools]:
    """Returns instants of stamps such as 2026-01-31T14:05:00Z, and which of them are sure."""
    letters = data[starts[:, None] + np.arange(len(_FORM))]
    last = data[starts + lengths - 1]
    sure = (lengths == len(_FORM)) | (last == ord("Z"))
    digits = letters[:, _DIGITS] - np.uint8(_ZERO)  # what is no digit becomes large
    sure &= (digits <= 9).all(axis=1)
    sure &= (letters[:, [4, 7]] == ord("-")).all(axis=1)
    sure &= (letters[:, [13, 16]] == ord(":")).all(axis=1)
    sure &= (letters[:, 10] == ord("T")) | (letters[:, 10] == ord(" "))
    told = digits.astype(np.int64)
    year = told[:, 0] * 1000 + told[:, 1] * 100 + told[:, 2] * 10 + told[:, 3]
    month, day, hour, minute, second = (
        told[:, place] * 10 + told[:, place + 1] for place in (4, 6, 8, 10, 12)
    )
    sure &= (year > 1900) & (year < 2200) & (hour < 24) & (minute < 60) & (second < 60)
    # A day after the 28th is sure where the next month begins behind it.
    first = _days_until(year, month)
    sure &= (month >= 1) & (month <= 12) & (day >= 1)
    sure &= first + day <= _days_until(year + month // 12, month % 12 + 1)
    days = first + day - 1
    return ((days * 24 + hour) * 3600 + minute * 60 + second) * SECOND, sure


def _days_until(year: Ints, month: Ints) -> Ints:
    """Returns how many days lie between 1970 and the first day of a month."""
    months = (year - 1970) * 12 + month - 1
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _by_reader(stamps: list[str], zone: Zone) -> list[int]:
    instants = instants_reader(zone, first=EVENTS_FROM, last=EVENTS_UNTIL)(stamps)
    found = [at for at in instants if at is not None]
    if len(found) < len(stamps) or any(map(beyond_micros, stamps)):
        raise NotPlainError("a stamp that is none, or between microseconds")
    return found
