"""Stamps of time as instants: the usual forms all at once, others by our own reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numpy.lib.stride_tricks import sliding_window_view

from playgate.columns.arrays import Bools, Ints
from playgate.columns.arrow_texts import array_of, bytes_of
from playgate.columns.not_plain import NotPlainError
from playgate.conditions.instants import (
    EVENTS_FROM,
    EVENTS_UNTIL,
    SECOND,
    Zone,
    beyond_micros,
    instants_reader,
    read_instant,
)

__all__ = ["Stamps", "instants_of"]

Stamps = Callable[[Iterable[str]], list[int | None]]
"""Reads a column of stamps."""

_DAY, _CLOCK = len("0000-00-00"), len("0000-00-00T00:00:00")
_OFFSET = len("+00:00")
_LONGEST = _CLOCK + len(".000000") + _OFFSET
_DIGITS = 6
"""Behind the point, at most."""
_HOUR = 3600 * SECOND
_MOST_HOURS = 200_000
_ZERO = ord("0")
_Bytes = npt.NDArray[np.uint8]
_Told = tuple[Ints, Bools]
"""Numbers, and which of them are sure."""


def instants_of(
    texts: Any, zone: Zone, *, otherwise: Ints | None = None, read: Stamps | None = None
) -> Ints:
    """Returns the instants of stamps; of empty ones what is given otherwise.

    What is of no usual form is read by `read`, which for RFC 3339 says what we say. Raises
    `NotPlainError` where a stamp is none, or lies between microseconds.
    """
    starts, lengths, data = bytes_of(texts)
    found = np.zeros(len(starts), np.int64)
    known = np.zeros(len(starts), np.bool_)
    if otherwise is not None:
        known = lengths == 0
        found[known] = otherwise[known]
    for length in np.flatnonzero(np.bincount(np.minimum(lengths, _LONGEST + 1))).tolist():
        if length == _DAY or _CLOCK <= length <= _LONGEST:
            some = np.flatnonzero(lengths == length)
            found[some], known[some] = _usual(sliding_window_view(data, length)[starts[some]], zone)
    rest = np.flatnonzero(~known)
    if len(rest):
        reader = read or instants_reader(zone, first=EVENTS_FROM, last=EVENTS_UNTIL)
        found[rest] = _by_reader(texts.take(array_of(rest, pa.int64())).to_pylist(), reader)
    return found


def _usual(letters: _Bytes, zone: Zone) -> _Told:
    """Returns the instants of stamps of one length, such as 2026-01-31T14:05:00.25+01:00."""
    local, sure = _days(letters)
    if letters.shape[1] == _DAY:
        return _on_clock(local, sure, zone)
    clock, is_clock = _clocks(letters)
    local += clock
    sure &= is_clock
    is_utc = letters[:, -1] == ord("Z")
    has_offset = np.zeros(len(letters), np.bool_)
    if letters.shape[1] >= _CLOCK + _OFFSET:
        has_offset = ~is_utc & np.isin(letters[:, -_OFFSET], (ord("+"), ord("-")))
    for its, size in ((is_utc, 1), (has_offset, _OFFSET), (~is_utc & ~has_offset, 0)):
        some = np.flatnonzero(its)
        if not len(some):
            continue
        own = letters if len(some) == len(letters) else letters[some]
        behind, is_fraction = _fractions(own[:, _CLOCK : own.shape[1] - size])
        at, is_sure = local[some] + behind, sure[some] & is_fraction
        if size == _OFFSET:
            ahead, is_offset = _offsets(own[:, -_OFFSET:])
            at, is_sure = at - ahead, is_sure & is_offset
        if not size:
            at, is_sure = _on_clock(at, is_sure, zone)
        local[some], sure[some] = at, is_sure
    return local, sure


def _numbers(letters: _Bytes, *places: int) -> tuple[Ints, Bools]:
    """Returns the number in the digits at some places, and where there is one."""
    found = np.zeros(len(letters), np.int64)
    sure = np.ones(len(letters), np.bool_)
    for place in places:
        digit = letters[:, place] - np.uint8(_ZERO)  # what is no digit becomes large
        sure &= digit <= 9
        found = found * 10 + digit
    return found, sure


def _days(letters: _Bytes) -> _Told:
    """Returns the beginnings of days."""
    (year, is_year), (month, is_month), (day, is_day) = (
        _numbers(letters, *places) for places in ((0, 1, 2, 3), (5, 6), (8, 9))
    )
    sure = is_year & is_month & is_day & (letters[:, [4, 7]] == ord("-")).all(axis=1)
    sure &= (year > 1900) & (year < 2200) & (month >= 1) & (month <= 12) & (day >= 1)
    # A day after the 28th is sure where the next month begins behind it.
    first = _days_until(year, month)
    sure &= first + day <= _days_until(year + month // 12, month % 12 + 1)
    return (first + day - 1) * 24 * _HOUR, sure


def _days_until(year: Ints, month: Ints) -> Ints:
    """Returns how many days lie between 1970 and the first day of a month."""
    months = (year - 1970) * 12 + month - 1
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _clocks(letters: _Bytes) -> _Told:
    """Returns how long after midnight the clock shows what it does."""
    (hour, is_hour), (minute, is_minute), (second, is_second) = (
        _numbers(letters, place, place + 1) for place in (11, 14, 17)
    )
    sure = is_hour & is_minute & is_second & (hour < 24) & (minute < 60) & (second < 60)
    sure &= (letters[:, [13, 16]] == ord(":")).all(axis=1)
    sure &= np.isin(letters[:, 10], (ord("T"), ord(" ")))
    return ((hour * 60 + minute) * 60 + second) * SECOND, sure


def _fractions(letters: _Bytes) -> _Told:
    """Returns what stands behind the seconds, in microseconds."""
    count = letters.shape[1] - 1
    if count < 0:
        return np.zeros(len(letters), np.int64), np.ones(len(letters), np.bool_)
    if not 1 <= count <= _DIGITS:
        return np.zeros(len(letters), np.int64), np.zeros(len(letters), np.bool_)
    found, sure = _numbers(letters, *range(1, count + 1))
    return found * 10 ** (_DIGITS - count), sure & (letters[:, 0] == ord("."))


def _offsets(letters: _Bytes) -> _Told:
    """Returns how far clocks are ahead of UTC."""
    (hour, is_hour), (minute, is_minute) = _numbers(letters, 1, 2), _numbers(letters, 4, 5)
    sure = is_hour & is_minute & (hour < 24) & (minute < 60) & (letters[:, 3] == ord(":"))
    sign = np.where(letters[:, 0] == ord("-"), -1, 1)
    return sign * (hour * 60 + minute) * 60 * SECOND, sure


def _on_clock(local: Ints, sure: Bools, zone: Zone) -> _Told:
    """Returns the instants at which a zone's clock shows so much, but near its changes."""
    if str(zone) == "UTC":
        return local, sure
    distinct, place = np.unique(local[sure] // _HOUR, return_inverse=True)
    ahead = np.array([_ahead(hour, zone) for hour in distinct.tolist()], np.int64)
    found, is_sure = local.copy(), sure.copy()
    found[sure] -= ahead[place]
    is_sure[sure] = ahead[place] != _CHANGES
    return found, is_sure


_CHANGES = 1 << 50


@lru_cache(maxsize=_MOST_HOURS)
def _ahead(hour: int, zone: Zone) -> int:
    """Returns how far a zone's clock is ahead of UTC in an hour that it shows, counted from 1970;
    `_CHANGES` where it is changed in it."""
    shown = str(np.datetime64(hour, "h"))
    first, last = (read_instant(f"{shown}{rest}", zone) for rest in (":00:00", ":59:59"))
    if first is None or last is None or last - first != 3599 * SECOND:
        return _CHANGES
    return hour * _HOUR - first


def _by_reader(stamps: list[str], read: Stamps) -> list[int]:
    found = [at for at in read(stamps) if at is not None]
    if len(found) < len(stamps) or any(map(beyond_micros, stamps)):
        raise NotPlainError("a stamp that is none, or between microseconds")
    return found
