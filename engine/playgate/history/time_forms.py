"""The forms in which a mapping may say that instants and days are written.

A form is the codes of `strptime`, or one of three names: `iso` reads ISO 8601 in its usual
spellings (RFC 3339 is one of them), `epoch` and `epoch_ms` count seconds and milliseconds since
1970. What says where a clock stood is read alike under `%z` and `%Z`: an offset, a name that
RFC 2822 knows, or one that the mapping's own time zone goes by.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import combinations
from typing import TypeVar

from playgate.conditions.instants import (
    SECOND,
    Zone,
    from_datetime,
    read_instant,
    show_instant,
    to_datetime,
)
from playgate.history.plain_forms import plain_reader

__all__ = [
    "EPOCH",
    "EPOCH_MS",
    "ISO",
    "NAMED",
    "clashing",
    "codes_of",
    "day_reader",
    "fault_of",
    "moment_reader",
    "said",
]

_T = TypeVar("_T")

ISO, EPOCH, EPOCH_MS = "iso", "epoch", "epoch_ms"
NAMED = (ISO, EPOCH, EPOCH_MS)

_MOST_REMEMBERED = 50_000
_FIRST = from_datetime(datetime.min.replace(tzinfo=UTC))
_LAST = from_datetime(datetime.max.replace(tzinfo=UTC))
_TRIAL = datetime(2001, 12, 23, 16, 47, 58, tzinfo=UTC)
_EARLY = datetime(2001, 3, 4, 5, 6, 7, tzinfo=UTC)
"""A day whose number could be that of a month."""
_HINT = 'write the codes of strptime, with day, month and year: "%d.%m.%Y %H:%M"'
_UNITS = {EPOCH: SECOND, EPOCH_MS: SECOND // 1000}
_COUNT = re.compile(r"([+-]?)([0-9]{1,17})(?:\.([0-9]+))?", re.ASCII)

_OFFSET = (
    r"(?: ?(?P<word>Z|UTC|GMT)| ?(?P<sign>[+-])(?P<far>[01][0-9]|2[0-3]):?(?P<minutes>[0-5][0-9])?)"
)
_ISO_EXTENDED = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}(?:[.,][0-9]+)?))?"
    rf"{_OFFSET}?)?",
    re.ASCII | re.IGNORECASE,
)
_ISO_BASIC = re.compile(
    r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"T(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2}(?:[.,][0-9]+)?)?"
    rf"{_OFFSET}?",
    re.ASCII | re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]+", re.ASCII)
_HOURS = {
    "UTC": 0,
    "UT": 0,
    "GMT": 0,
    "Z": 0,
    "EDT": -4,
    "EST": -5,
    "CDT": -5,
    "CST": -6,
    "MDT": -6,
    "MST": -7,
    "PDT": -7,
    "PST": -8,
}
"""The names of RFC 2822, and how many hours each lies before or behind UTC."""


def moment_reader(forms: Sequence[str], zone: Zone) -> Callable[[str], int | None]:
    """Compiles a reader of instants written in one of these forms, the first that reads a text; it
    returns `None` for other texts."""
    readers = [_moment_reader(form, zone) for form in forms or (ISO,)]
    return _remembering(_first_of(readers))


def day_reader(forms: Sequence[str], zone: Zone) -> Callable[[str], str | None]:
    """Compiles a reader of days as RFC 3339 writes them: the day that a text names where it was
    written, and of a count since 1970 the day in UTC."""
    return _remembering(_first_of([_day_reader(form, zone) for form in forms]))


def said(forms: Sequence[str]) -> str:
    """Returns the forms as a message names them."""
    return " or ".join(form if form in NAMED else f'"{form}"' for form in forms)


def _first_of(readers: Sequence[Callable[[str], _T | None]]) -> Callable[[str], _T | None]:
    if len(readers) == 1:
        return readers[0]

    def read(text: str) -> _T | None:
        found = (reader(text) for reader in readers)
        return next((each for each in found if each is not None), None)

    return read


def _remembering(read: Callable[[str], _T | None]) -> Callable[[str], _T | None]:
    remembered: dict[str, _T | None] = {}

    def known(text: str) -> _T | None:
        if text in remembered:
            return remembered[text]
        if len(remembered) >= _MOST_REMEMBERED:
            remembered.clear()
        found = remembered[text] = read(text)
        return found

    return known


def _moment_reader(form: str, zone: Zone) -> Callable[[str], int | None]:
    if form == ISO:
        return lambda text: _iso(text.strip(), zone)
    if form in _UNITS:
        return lambda text: _counted(text.strip(), _UNITS[form])
    written = _by_codes(form, zone)

    def read(text: str) -> int | None:
        found = written(text.strip())
        return None if found is None else _in_range(from_datetime(found))

    return read


def _day_reader(form: str, zone: Zone) -> Callable[[str], str | None]:
    if form == ISO:
        return lambda text: _iso_day(text.strip())
    if form in _UNITS:
        return lambda text: _day_of(_counted(text.strip(), _UNITS[form]))
    written = _by_codes(form, zone)

    def read(text: str) -> str | None:
        found = written(text.strip())
        return None if found is None else found.date().isoformat()

    return read


# --- ISO 8601 -------------------------------------------------------------------------------------


def _iso(text: str, zone: Zone) -> int | None:
    found = read_instant(text, zone)
    if found is not None:
        return found
    rfc = _as_rfc(text)
    return read_instant(rfc, zone) if rfc else None


def _as_rfc(text: str) -> str:
    """Returns a stamp in a looser spelling of ISO 8601 as RFC 3339 has it, or an empty text."""
    found = _ISO_EXTENDED.fullmatch(text) or _ISO_BASIC.fullmatch(text)
    if found is None:
        return ""
    told = found.groupdict()
    date = told.get("date") or f"{told['year']}-{told['month']}-{told['day']}"
    if told["hour"] is None:
        return date
    second = (told["second"] or "00").replace(",", ".")
    offset = "Z" if told["word"] else ""
    if told["sign"]:
        offset = f"{told['sign']}{told['far']}:{told['minutes'] or '00'}"
    return f"{date}T{told['hour']}:{told['minute']}:{second}{offset}"


def _iso_day(text: str) -> str | None:
    rfc = _as_rfc(text)
    return rfc[:10] if rfc and read_instant(rfc, UTC) is not None else None


# --- Counts since 1970 ----------------------------------------------------------------------------


def _counted(text: str, unit: int) -> int | None:
    found = _COUNT.fullmatch(text)
    if found is None:
        return None
    sign, whole, fraction = found.groups()
    scale = len(str(unit)) - 1  # digits behind the point that still count
    behind = int((fraction or "").ljust(scale, "0")[:scale] or 0)
    count = int(whole) * unit + behind
    return _in_range(-count if sign == "-" else count)


def _in_range(instant: int) -> int | None:
    return instant if _FIRST <= instant <= _LAST else None


def _day_of(instant: int | None) -> str | None:
    return None if instant is None else to_datetime(instant).date().isoformat()


# --- The codes of strptime ------------------------------------------------------------------------


def _by_codes(form: str, zone: Zone) -> Callable[[str], datetime | None]:
    """Compiles a reader of aware moments, each with the offset that is written, else in `zone`."""
    if not {"z", "Z"} & codes_of(form):
        plain = plain_reader(form) or (lambda _: None)
        return lambda text: _in_zone(plain(text) or _parsed(text, form), zone)
    form = re.sub("%(.)", lambda code: "%z" if code[1] == "Z" else code[0], form, flags=re.DOTALL)

    def read(text: str) -> datetime | None:
        found = _parsed(text, form)
        return found if found is not None else _by_word(text, form, zone)

    return read


def _parsed(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)
    except (ValueError, OverflowError):
        return None


def _in_zone(moment: datetime | None, zone: Zone) -> datetime | None:
    return moment and moment.replace(tzinfo=zone)


def _by_word(text: str, form: str, zone: Zone) -> datetime | None:
    """Reads a moment whose offset is told by the name of a zone."""
    for word in reversed(list(_WORD.finditer(text))):
        moment = _parsed(f"{text[: word.start()]}+0000{text[word.end() :]}", form)
        if moment is not None:
            return _called(word.group(), moment, zone)
    return None


def _called(word: str, moment: datetime, zone: Zone) -> datetime | None:
    """Returns the moment of this wall clock where it is called so: the mapping's own zone knows
    best."""
    for fold in (0, 1):
        own = moment.replace(tzinfo=zone, fold=fold)
        if (own.tzname() or "").casefold() == word.casefold():
            return own
    hours = _HOURS.get(word.upper())
    return None if hours is None else moment.replace(tzinfo=timezone(timedelta(hours=hours)))


# --- What is wrong with forms ---------------------------------------------------------------------


def codes_of(form: str) -> set[str]:
    """Returns the letters of the codes of `strptime` in a form."""
    return set(re.findall("%(.)", form, re.DOTALL)) - {"%"}


def fault_of(form: str) -> tuple[str, str] | None:
    """Returns what is wrong with a form, and a hint; `None` where nothing is."""
    if form in NAMED:
        return None
    codes = codes_of(form)
    if not codes:
        return f'there is no form "{form}"', f"{_HINT}; or {', '.join(NAMED)}"
    if "I" in codes and "p" not in codes:
        return (
            f'"{form}" reads the hours of an afternoon as those of the morning',
            "%I is an hour up to 12: write %p where AM or PM stands, or %H for hours up to 23",
        )
    if "p" in codes and "I" not in codes:
        return (
            f'"{form}" reads the hours of an afternoon as those of the morning',
            "%H does not look at %p: write %I for hours up to 12",
        )
    if not _reads(form, _TRIAL):
        known = {"s": EPOCH, "Q": EPOCH_MS}
        named = next((known[code] for code in sorted(codes & known.keys())), "")
        hint = f"a count since 1970 is read by {named}" if named else _HINT
        return f'"{form}" does not read a whole date', hint
    return None


def _reads(form: str, moment: datetime) -> bool:
    return _day_of_trial(form, _written(form, moment)) == moment.date().isoformat()


def _day_of_trial(form: str, text: str) -> str | None:
    try:
        return _day_reader(form, UTC)(text)
    except re.error:
        return None


def _written(form: str, moment: datetime) -> str:
    if form == ISO:
        return show_instant(from_datetime(moment))
    if form in _UNITS:
        return str(from_datetime(moment) // _UNITS[form])
    return moment.strftime(form)


def clashing(forms: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yields each form, an earlier one that takes what it writes for another day, and an
    example."""
    for earlier, later in combinations(forms, 2):
        text = _written(later, _EARLY)
        found = _day_of_trial(earlier, text)
        if found is not None and found != _EARLY.date().isoformat():
            yield later, earlier, text
