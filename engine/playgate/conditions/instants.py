"""Instants: whole microseconds since 1970-01-01T00:00:00Z, read and shown as RFC 3339."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

__all__ = [
    "DAY",
    "EVENTS_FROM",
    "EVENTS_UNTIL",
    "OUT_OF_RANGE",
    "SECOND",
    "SKEW",
    "Zone",
    "beyond_micros",
    "day_end",
    "from_datetime",
    "instants_reader",
    "is_bare_date",
    "load_zone",
    "read_instant",
    "show_instant",
    "to_datetime",
    "wall_clock",
]

SECOND = 1_000_000
DAY = 86_400 * SECOND

EVENTS_FROM = -25_567 * DAY
EVENTS_UNTIL = 84_371 * DAY - 1
"""Between these lie the instants of events: the years 1900 to 2200."""
OUT_OF_RANGE = "lies outside the years 1900 to 2200"

SKEW = 5 * 60 * SECOND
"""How far the clocks of others may be ahead of ours: what lies later is the future."""

Zone = tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = -719_162 * DAY
_LAST = 2_932_897 * DAY - 1
_EDGES = frozenset(("0001", "9999", "1899", "1900", "2200", "2201"))
_BEYOND = r"[.,][0-9]{6}([0-9]+)"
_MOST_HOURS = 100_000
_MOST_TAILS = 20_000
_CLOCKS = {f"{mark}{hour:02}": hour * 3600 * SECOND for mark in "Tt " for hour in range(24)}
_HOUR, _MINUTE, _TAIL = slice(13), slice(13, 19), slice(19, None)
_DATE = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
_WITHIN_HOUR = r":[0-5][0-9]:[0-5][0-9]"
_OFFSET = r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_BARE = _DATE
_FULL = re.compile(f"{_DATE}[Tt ]{_TIME}({_OFFSET})?", re.ASCII)


def load_zone(name: str) -> Zone | None:
    """Returns the IANA time zone `name`, or `None` where no zone has that name."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # imported here: many playbooks need no zone but UTC

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def read_instant(text: str, zone: Zone) -> int | None:
    """Returns the instant that `text` names; `None` if not RFC 3339 or outside years 1 to 9999.

    A bare date means its midnight, and a time without an offset is the wall clock of `zone`. If a
    clock change doubles that time, the first is meant; if it skips it, the offset from before
    counts.
    """
    found = _FULL.fullmatch(text)
    try:
        if found is None:
            if re.fullmatch(_BARE, text, re.ASCII) is None:
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


def instants_reader(
    zone: Zone, *, first: int = _FIRST, last: int = _LAST
) -> Callable[[Iterable[str]], list[int | None]]:
    """Returns `read_instant` for `zone`, made fast for whole columns of stamps; `None` also for
    what lies before `first` or after `last`.

    A stamp consists of its hour (13 characters), its minutes and seconds (6), and a tail of
    fraction and offset. Whether each is right does not depend on the others, and the instant is
    their sum. So the parts are remembered.
    """
    hours: dict[str, int] = {}
    minutes: dict[str, int] = {}
    tails: dict[str, int] = {}
    local_hours: dict[str, int] = {}
    fractions: dict[str, int] = {}
    days: dict[str, int] = {}  # where the clock stands for itself: behind an offset, or in UTC

    def read(texts: Iterable[str]) -> list[int | None]:
        found: list[int | None] = []
        add = found.append
        for text in texts:
            try:
                add(hours[text[_HOUR]] + minutes[text[_MINUTE]] + tails[text[_TAIL]])
            except KeyError:
                add(learn(text))
        return found

    def inside(text: str) -> int | None:
        instant = read_instant(text, zone)
        return None if instant is None or not first <= instant <= last else instant

    def learn(text: str) -> int | None:
        hour, minute, tail = text[_HOUR], text[_MINUTE], text[_TAIL]
        if tail in fractions and hour in local_hours and minute in minutes:
            return local_hours[hour] + minutes[minute] + fractions[tail]
        has_zone = tail[-1:] in ("Z", "z") or "+" in tail or "-" in tail
        known_hours, known_tails = (hours, tails) if has_zone else (local_hours, fractions)
        if minute not in minutes:
            if re.fullmatch(_WITHIN_HOUR, minute, re.ASCII) is None:
                return inside(text)
            minutes[minute] = (int(minute[1:3]) * 60 + int(minute[4:])) * SECOND
        if tail not in known_tails:
            passed = read_instant(f"1970-01-02T00:00:00{tail}", UTC)
            if passed is None or len(known_tails) >= _MOST_TAILS:
                return inside(text)
            known_tails[tail] = passed - DAY
        if hour in known_hours:
            return known_hours[hour] + minutes[minute] + known_tails[tail]
        day, clock = text[:10], text[10:13]
        if len(known_hours) >= _MOST_HOURS:
            known_hours.clear()
        if day in days and clock in _CLOCKS and (has_zone or zone is UTC):
            known_hours[hour] = days[day] + _CLOCKS[clock]
            return known_hours[hour] + minutes[minute] + known_tails[tail]
        instant = inside(text)
        # Near both ends an offset can lead beyond them: nothing is kept there.
        if instant is None or text[:4] in _EDGES:
            return instant
        if has_zone or zone is UTC or _is_even(hour, zone):
            known_hours[hour] = instant - minutes[minute] - known_tails[tail]
        if has_zone or zone is UTC:
            days[day] = known_hours[hour] - _CLOCKS[clock]
        return instant

    return read


def beyond_micros(stamp: str) -> str:
    """Returns the digits of a stamp's seconds beyond the microsecond, without zeros at their end.

    Instants do not have them; they order what happened within a microsecond.
    """
    found = re.search(_BEYOND, stamp, re.ASCII)
    return found.group(1).rstrip("0") if found else ""


def _is_even(hour: str, zone: Zone) -> bool:
    """Whether no clock change lies within this hour of the wall clock."""
    return _sure(f"{hour}:59:59", zone) - _sure(f"{hour}:00:00", zone) == 3599 * SECOND


def _sure(text: str, zone: Zone) -> int:
    instant = read_instant(text, zone)
    assert instant is not None  # noqa: S101  (a part of a stamp that was read)
    return instant


def is_bare_date(text: str) -> bool:
    """Whether `text` has the form of a date without a time."""
    return re.fullmatch(_BARE, text, re.ASCII) is not None


def day_end(text: str, zone: Zone) -> int | None:
    """Returns the last microsecond of the bare date `text`; any other text is read as an
    instant."""
    if not is_bare_date(text):
        return read_instant(text, zone)
    try:
        day = date.fromisoformat(text)
        following = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
    except (ValueError, OverflowError):
        return None
    return from_datetime(following) - 1


def from_datetime(moment: datetime) -> int:
    """Returns the instant of an aware `datetime`."""
    passed = moment - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * SECOND + passed.microseconds


def wall_clock(instant: int, zone: Zone = UTC) -> datetime:
    """Returns the aware `datetime` of an instant; raises `OverflowError` outside years 1 to
    9999."""
    moment = _EPOCH + timedelta(microseconds=instant)
    return moment if zone is UTC else moment.astimezone(zone)


def to_datetime(instant: int, zone: Zone = UTC) -> datetime:
    """Returns the aware `datetime` of an instant: in UTC where it lies outside the years 1 to 9999
    of its zone, and the nearest one where it does of UTC.

    Events lie far within; ledgers that an earlier playgate wrote may hold some that do not.
    """
    try:
        return wall_clock(instant, zone)
    except OverflowError:
        return wall_clock(min(max(instant, _FIRST), _LAST))


@lru_cache(maxsize=256)
def show_instant(instant: int, zone: Zone = UTC) -> str:
    """Returns the instant as RFC 3339 in `zone`, without trailing zeros in the seconds."""
    moment = to_datetime(instant, zone)
    is_short = moment.microsecond and moment.microsecond % 1000 == 0
    text = moment.isoformat(timespec="milliseconds") if is_short else moment.isoformat()
    return text.replace("+00:00", "Z") if text.endswith("+00:00") else text
