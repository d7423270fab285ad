"""Reads the values that a mapping names out of rows: built once for a file, called for each row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter

from playgate.conditions.instants import (
    EVENTS_FROM,
    EVENTS_UNTIL,
    OUT_OF_RANGE,
    Zone,
    instants_reader,
    show_instant,
)
from playgate.history.mapping import SEVERAL, ValueSource
from playgate.history.ndjson import canonical_json
from playgate.history.number_forms import currency_reader, example, number_reader
from playgate.history.time_forms import ISO, day_reader, moment_reader, said

__all__ = [
    "Row",
    "UnreadableError",
    "attrs_reader",
    "instant_at",
    "no_instant",
    "stamps_reader",
    "text_reader",
]

Row = Sequence[str]


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


def stamps_reader(forms: Sequence[str], zone: Zone) -> Callable[[Iterable[str]], list[int | None]]:
    """Compiles a reader of a column of events' stamps in one of these forms (ISO 8601 where there
    is none)."""
    read = moment_reader(forms, zone)

    def inside(text: str) -> int | None:
        instant = read(text)
        return None if instant is None or not EVENTS_FROM <= instant <= EVENTS_UNTIL else instant

    if forms and forms[0] != ISO:
        return lambda texts: list(map(inside, texts))
    plain = instants_reader(zone, first=EVENTS_FROM, last=EVENTS_UNTIL)

    def at(texts: Iterable[str]) -> list[int | None]:
        texts = list(texts)
        found = plain(texts)
        if None in found:
            found = [inside(texts[i]) if each is None else each for i, each in enumerate(found)]
        return found

    return at


def no_instant(text: str, what: str, forms: Sequence[str], zone: Zone) -> tuple[str, str]:
    """Returns the reason and the hint for a stamp that is not the instant of an event."""
    if not text.strip():
        return f"{what} is empty", ""
    if moment_reader(forms, zone)(text) is not None:
        return f'{what} "{text[:60]}" {OUT_OF_RANGE}', "correct the year"
    hint = (
        f"the mapping reads it as {said(forms)}"
        if forms
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
            several = value.several and SEVERAL in text
            mark = value.split or (SEVERAL if several else "")
            if mark:
                items = _items(text.replace(SEVERAL, mark), mark, value)
                found[name] = list(dict.fromkeys(items)) if several else items
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
    if value.currency and form is not None:  # its names are those of currencies
        names_of = names.get if only else lambda mark: names.get(mark, mark)
        return lambda text: names_of(mark) if (mark := form(text)) else mark
    if only:
        return names.get
    if form is None:
        return lambda text: names.get(text, text)
    return lambda text: names[text] if text in names else form(text)


def _text_form(value: ValueSource, zone: Zone) -> Callable[[str], str] | None:
    if value.number is not None:
        form = f"not a number of the form {example(value.number)}"
        return _reading(number_reader(value.number), form)
    if value.currency:
        form = f"not a number beside one of {', '.join(value.currency)}"
        return _reading(currency_reader(value.currency), form)
    if value.date:
        return _reading(day_reader(value.date, zone), f"not of the form {said(value.date)}")
    if not value.format:
        return None
    read = moment_reader(value.format, zone)

    def shown(text: str) -> str | None:
        instant = read(text)
        return None if instant is None else show_instant(instant)

    return _reading(shown, f"not of the form {said(value.format)}")


def _reading(read: Callable[[str], str | None], otherwise: str) -> Callable[[str], str]:
    """Leaves blank texts empty, and raises `UnreadableError` for those that do not read."""

    def rewrite(text: str) -> str:
        if not text.strip():
            return ""
        found = read(text)
        if found is None:
            raise UnreadableError(f'"{text[:60]}" is {otherwise}')
        return found

    return rewrite
