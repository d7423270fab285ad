"""Reads the values that a mapping names out of rows: built once for a file, called for each row."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter

from playgate.conditions.instants import (
    EVENTS_FROM,
    EVENTS_UNTIL,
    Zone,
    from_datetime,
    instants_reader,
    read_instant,
    show_instant,
)
from playgate.history.mapping import SEVERAL, NumberForm, ValueSource
from playgate.history.ndjson import canonical_json

__all__ = [
    "OUT_OF_RANGE",
    "Row",
    "UnreadableError",
    "attrs_reader",
    "instant_at",
    "no_instant",
    "stamps_reader",
    "text_reader",
]

Row = Sequence[str]
_MOST_REMEMBERED = 50_000
OUT_OF_RANGE = "lies outside the years 1900 to 2200"
_SPACES = " \u00a0\u202f\u2009"


class UnreadableError(Exception):
    """Says that a cell does not read as the mapping says."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def text_reader(
    value: ValueSource | None, positions: Mapping[str, int], zone: Zone
) -> Callable[[Row], str | None]:
    """Compiles a reader of a value as text, which gives `None` where the row is to be left out."""
    if value is None:
        return lambda row: ""
    pick = _picker(value, positions)
    convert = _converter(value, zone)
    if convert is None:
        return pick
    return lambda row: convert(pick(row))


def instant_at(
    value: ValueSource, positions: Mapping[str, int], zone: Zone, what: str
) -> Callable[[Row], int]:
    """Compiles a reader of a value as an event's instant; it raises `UnreadableError` where a cell
    is none."""
    pick = _picker(value, positions)
    read = stamps_reader(value.format, zone)

    def at(row: Row) -> int:
        instant = read((pick(row),))[0]
        if instant is None:
            raise UnreadableError(*no_instant(pick(row), what, value.format, zone))
        return instant

    return at


def stamps_reader(form: str, zone: Zone) -> Callable[[Iterable[str]], list[int | None]]:
    """Compiles a reader of a column of events' stamps in this form (RFC 3339 where it is empty)."""
    if not form:
        return instants_reader(zone, first=EVENTS_FROM, last=EVENTS_UNTIL)
    read = _form_reader(form, zone)

    def inside(text: str) -> int | None:
        instant = read(text)
        return None if instant is None or not EVENTS_FROM <= instant <= EVENTS_UNTIL else instant

    return lambda texts: list(map(inside, texts))


def no_instant(text: str, what: str, form: str, zone: Zone) -> tuple[str, str]:
    """Returns the reason and the hint for a stamp that is not the instant of an event."""
    if not text.strip():
        return f"{what} is empty", ""
    if (_form_reader(form, zone)(text) if form else read_instant(text, zone)) is not None:
        return f'{what} "{text[:60]}" {OUT_OF_RANGE}', "correct the year"
    hint = (
        f'the mapping reads it as "{form}"'
        if form
        else ("write RFC 3339, such as 2026-01-31T14:05:00+01:00, or give its format in a mapping")
    )
    return f'{what} "{text[:60]}" cannot be read as an instant', hint


def attrs_reader(
    attrs: Mapping[str, ValueSource], positions: Mapping[str, int], zone: Zone
) -> Callable[[Row], str]:
    """Compiles a reader of attributes as canonical JSON, which is empty where none has a value."""
    readers = [
        (name, text_reader(value, positions, zone), value) for name, value in sorted(attrs.items())
    ]

    def read(row: Row) -> str:
        found: dict[str, object] = {}
        for name, reader, value in readers:
            text = reader(row)
            if text is None or not text.strip():
                continue
            if value.split:
                found[name] = _items(text, value.split, value)
            elif value.several and SEVERAL in text:
                found[name] = _items(text, SEVERAL, value)
            elif value.number is not None:
                found[name] = json.loads(text)
            else:
                found[name] = [text] if name == "with" else text
        return canonical_json(found) if found else ""

    return read


def _items(text: str, mark: str, value: ValueSource) -> list[str]:
    items = filter(None, map(str.strip, text.split(mark)))
    names, only = value.names, value.only
    return [names.get(item, item) for item in items if not only or item in names]


def _picker(value: ValueSource, positions: Mapping[str, int]) -> Callable[[Row], str]:
    if not value.columns:
        return lambda row: value.text
    places = [positions[column] for column in value.columns]
    if len(places) == 1:
        return itemgetter(places[0])
    return lambda row: next((row[place] for place in places if row[place].strip()), "")


def _converter(value: ValueSource, zone: Zone) -> Callable[[str], str | None] | None:
    names, only = value.names, value.only
    form = _text_form(value, zone)
    if not names or value.split:
        return form
    if only:
        return names.get
    if form is None:
        return lambda text: names.get(text, text)
    return lambda text: names[text] if text in names else form(text)


def _text_form(value: ValueSource, zone: Zone) -> Callable[[str], str] | None:
    if value.number is not None:
        return _number_reader(value.number)
    if value.date:
        return _date_reader(value.date)
    if not value.format:
        return None
    read = _form_reader(value.format, zone)

    def rewrite(text: str) -> str:
        if not text.strip():
            return ""
        instant = read(text)
        if instant is None:
            raise UnreadableError(f'"{text[:60]}" is not of the form "{value.format}"')
        return show_instant(instant)

    return rewrite


def _form_reader(form: str, zone: Zone) -> Callable[[str], int | None]:
    remembered: dict[str, int | None] = {}

    def read(text: str) -> int | None:
        if text in remembered:
            return remembered[text]
        try:
            moment = datetime.strptime(text.strip(), form)
            instant = from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=zone))
            show_instant(instant)
        except (ValueError, OverflowError):
            return None
        if len(remembered) >= _MOST_REMEMBERED:
            remembered.clear()
        remembered[text] = instant
        return instant

    return read


def _date_reader(form: str) -> Callable[[str], str]:
    def rewrite(text: str) -> str:
        if not text.strip():
            return ""
        try:
            return datetime.strptime(text.strip(), form).date().isoformat()
        except ValueError:
            raise UnreadableError(f'"{text[:60]}" is not of the form "{form}"') from None

    return rewrite


def _number_reader(form: NumberForm) -> Callable[[str], str]:
    marks = "|".join(re.escape(mark) for mark in sorted(form.currency, key=len, reverse=True))
    currency = f"(?:{marks})?" if marks else ""
    thousands = f"[{_SPACES}]" if form.thousands == " " else re.escape(form.thousands)
    groups = rf"[0-9]{{1,3}}(?:{thousands}[0-9]{{2,3}})*{thousands}[0-9]{{3}}|"
    grouped = groups if thousands else ""
    pattern = re.compile(
        rf"([+-]?)\s*{currency}\s*([+-]?)({grouped}[0-9]+)"
        rf"(?:{re.escape(form.decimal)}([0-9]+))?\s*{currency}",
        re.ASCII,
    )

    def rewrite(text: str) -> str:
        if not text.strip():
            return ""
        found = pattern.fullmatch(text.strip())
        if found is None or (found[1] and found[2]):
            raise UnreadableError(f'"{text[:60]}" is not a number of the form {_example(form)}')
        whole = re.sub(r"[^0-9]", "", found[3]).lstrip("0") or "0"
        sign = "-" if "-" in (found[1], found[2]) else ""
        return f"{sign}{whole}.{found[4]}" if found[4] else f"{sign}{whole}"

    return rewrite


def _example(form: NumberForm) -> str:
    currency = f" {form.currency[0]}" if form.currency else ""
    return f"1{form.thousands}234{form.decimal}50{currency}"
