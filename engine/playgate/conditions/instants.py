"""Instants: whole microseconds since 1970-01-01T00:00:00Z, read from and shown as RFC 3339."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

__all__ = [
    "DAY",
    "SECOND",
    "Stamps",
    "Zone",
    "day_end",
    "from_datetime",
    "instant_reader",
    "is_bare_date",
    "load_zone",
    "read_instant",
    "show_instant",
    "stamps",
    "to_datetime",
]

SECOND = 1_000_000
DAY = 86_400 * SECOND

Zone = tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = -719_162 * DAY
_LAST = 2_932_897 * DAY - 1
_MOST_HOURS = 100_000
_MOST_TAILS = 20_000
_DATE = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
_OFFSET = r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_BARE = re.compile(_DATE, re.ASCII)
_FULL = re.compile(f"{_DATE}[Tt ]{_TIME}({_OFFSET})?", re.ASCII)


def load_zone(name: str) -> Zone | None:
    """The IANA time zone `name`, or `None` where there is none of that name."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # only here: many playbooks need no zone but UTC

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def read_instant(text: str, zone: Zone) -> int | None:
    """The instant that `text` names, or `None` where it is not RFC 3339 or not in years 1 to 9999.

    A bare date is its midnight; without an offset the wall clock is that of `zone` (of an instant
    that a clock change doubles the first; of one that it skips, with the offset of before).
    """
    found = _FULL.fullmatch(text)
    try:
        if found is None:
            if _BARE.fullmatch(text) is None:
                return None
            moment = datetime.fromisoformat(text).replace(tzinfo=zone)
        elif found.group(1) is None:
            moment = datetime.fromisoformat(text).replace(tzinfo=zone)
        else:
            moment = datetime.fromisoformat(text if text[-1] != "z" else text.upper())
    except ValueError:
        return None
    instant = from_datetime(moment)
    return instant if _FIRST <= instant <= _LAST else None


class Stamps(NamedTuple):
    """What a reader of many stamps remembers of them.

    A stamp is its hour (13 characters), its minutes and seconds (6), and a tail of fraction and
    offset. Whether each is right does not depend on the others, and the instant is their sum:
    `hours[text[:13]] + minutes[text[13:19]] + tails[text[19:]]`, or `learn(text)` where one of them
    is not known yet. A loop over a long log does this in place, for a call costs as much again.
    """

    hours: dict[str, int]
    minutes: dict[str, int]
    tails: dict[str, int]
    learn: Callable[[str], int | None]


def instant_reader(zone: Zone) -> Callable[[str], int | None]:
    """`read_instant` in `zone`, made for many stamps."""
    hours, minutes, tails, learn = stamps(zone)

    def read(text: str) -> int | None:
        try:
            return hours[text[:13]] + minutes[text[13:19]] + tails[text[19:]]
        except KeyError:
            return learn(text)

    return read


def stamps(zone: Zone) -> Stamps:
    """An empty memory for stamps in `zone`."""
    hours: dict[str, int] = {}
    minutes: dict[str, int] = {}
    tails: dict[str, int] = {}
    local_hours: dict[str, int] = {}
    fractions: dict[str, int] = {}

    def learn(text: str) -> int | None:
        try:
            return local_hours[text[:13]] + minutes[text[13:19]] + fractions[text[19:]]
        except KeyError:
            pass
        instant = read_instant(text, zone)
        # At both ends of the calendar an offset can lead out of it: nothing is remembered there.
        if instant is None or len(text) < 19 or text[:4] in ("0001", "9999"):
            return instant
        hour, minute, tail = text[:13], text[13:19], text[19:]
        has_zone = tail[-1:] in ("Z", "z") or "+" in tail or "-" in tail
        known_hours, known_tails = (hours, tails) if has_zone else (local_hours, fractions)
        if minute not in minutes:
            minutes[minute] = _sure(f"1970-01-01T00{minute}Z", UTC)
        if tail not in known_tails:
            if len(known_tails) >= _MOST_TAILS:
                return instant
            known_tails[tail] = _sure(f"1970-01-02T00:00:00{tail}", UTC) - DAY
        if has_zone or zone is UTC or _is_even(hour, zone):
            if len(known_hours) >= _MOST_HOURS:
                known_hours.clear()
            known_hours[hour] = instant - minutes[minute] - known_tails[tail]
        return instant

    return Stamps(hours, minutes, tails, learn)


def _is_even(hour: str, zone: Zone) -> bool:
    """Whether no clock change lies within the hour of the wall clock."""
    return _sure(f"{hour}:59:59", zone) - _sure(f"{hour}:00:00", zone) == 3599 * SECOND


def _sure(text: str, zone: Zone) -> int:
    instant = read_instant(text, zone)
    assert instant is not None  # noqa: S101  (a part of a stamp that was read)
    return instant


def is_bare_date(text: str) -> bool:
    """Whether `text` has the form of a date without a time."""
    return _BARE.fullmatch(text) is not None


def day_end(text: str, zone: Zone) -> int | None:
    """The last microsecond of the bare date `text`; anything else is read as it stands."""
    if not is_bare_date(text):
        return read_instant(text, zone)
    try:
        day = date.fromisoformat(text)
        following = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
    except (ValueError, OverflowError):
        return None
    return from_datetime(following) - 1


def from_datetime(moment: datetime) -> int:
    """The instant of an aware `datetime`."""
    passed = moment - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * SECOND + passed.microseconds


def to_datetime(instant: int, zone: Zone = UTC) -> datetime:
    """The aware `datetime` of an instant; `OverflowError` outside the years 1 to 9999."""
    return (_EPOCH + timedelta(microseconds=instant)).astimezone(zone)


def show_instant(instant: int, zone: Zone = UTC) -> str:
    """The instant as RFC 3339 in `zone`, without trailing zeros of a second."""
    moment = to_datetime(instant, zone)
    spec = "seconds" if not moment.microsecond else (
        "milliseconds" if moment.microsecond % 1000 == 0 else "microseconds"
    )
    text = moment.isoformat(timespec=spec)
    return text.replace("+00:00", "Z") if text.endswith("+00:00") else text
