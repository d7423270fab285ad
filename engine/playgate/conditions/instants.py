"""Instants: whole microseconds since 1970-01-01T00:00:00Z, read from and shown as RFC 3339."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

__all__ = [
    "DAY",
    "SECOND",
    "Zone",
    "day_end",
    "from_datetime",
    "is_bare_date",
    "load_zone",
    "read_instant",
    "show_instant",
    "to_datetime",
]

SECOND = 1_000_000
DAY = 86_400 * SECOND

Zone = tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
_OFFSET = r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_BARE = re.compile(_DATE, re.ASCII)
_FULL = re.compile(f"{_DATE}[Tt ]{_TIME}({_OFFSET})?", re.ASCII)


def load_zone(name: str) -> Zone | None:
    """The IANA time zone `name`, or `None` where there is none of that name."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def read_instant(text: str, zone: Zone) -> int | None:
    """The instant that `text` names, or `None` where it is not RFC 3339.

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
    return from_datetime(moment)


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
