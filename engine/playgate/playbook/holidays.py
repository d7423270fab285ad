"""The `holidays` of a playbook: dates, ranges, days of every year, and those of a country."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from playgate.conditions.instants import is_bare_date
from playgate.documents.document import Document, Route, quoted
from playgate.errors import Mistake
from playgate.model.playbook import Holidays
from playgate.records import replace

__all__ = ["has_country", "keep_holidays", "read_holidays", "without_kept"]

_DAY_OF_YEAR = r"([0-9]{2})-([0-9]{2})"
_LONGEST = 366
_YEAR = [
    (day.month, day.day) for day in (date(2000, 1, 1) + timedelta(day) for day in range(_LONGEST))
]
"""All days that a year can have, each as month and day."""
_FORMS = "write 2026-12-25, 2026-12-24..2026-12-31, 12-25 for every year, or {country: FR}"


def read_holidays(
    document: Document, damaged: Iterable[Route], mistakes: list[Mistake]
) -> tuple[Holidays, ...]:
    """Reads the holidays that can be read; what is wrong with the others goes to `mistakes`."""
    items = document.get(("holidays",))
    spoilt = {route[:2] for route in damaged}
    found: list[Holidays] = []
    for index, item in enumerate(items if isinstance(items, list) else ()):
        route: Route = ("holidays", index)
        if isinstance(item, str):
            read: Holidays | Mistake = _written(document, route, item)
        elif isinstance(item, dict) and route not in spoilt:
            read = _of_country(document, route, item)
        else:
            continue
        if isinstance(read, Mistake):
            mistakes.append(read)
        else:
            found.append(read)
    return tuple(found)


def keep_holidays(document: Document, holidays: tuple[Holidays, ...]) -> Document:
    """Returns the document with the dates that each country has, so that they stay what they are.

    The holidays are those of the document's playbook, which has no mistakes.
    """
    if not has_country(holidays):
        return document
    items = [
        {**item, _KEPT: sorted(map(str, each.dates))} if each.country else item
        for item, each in zip(document.data["holidays"], holidays, strict=True)
    ]
    return replace(document, data={**document.data, "holidays": items})


def without_kept(document: Document) -> Document:
    """Returns the document as it was before the dates of its countries were kept in it."""
    items = document.get(("holidays",))
    if not isinstance(items, list):
        return document
    bare = [
        {key: value for key, value in item.items() if key != _KEPT}
        if isinstance(item, dict)
        else item
        for item in items
    ]
    return replace(document, data={**document.data, "holidays": bare})


def has_country(holidays: tuple[Holidays, ...]) -> bool:
    """Returns whether some of the holidays are those of a country, which a library knows."""
    return any(each.country for each in holidays)


_KEPT = "dates"
"""The key under which a stored playbook has what the library gave; nobody may write it."""


def _written(document: Document, route: Route, text: str) -> Holidays | Mistake:
    """Reads a date, a day of every year, or a range of either."""
    first, dots, last = text.partition("..")
    first, last = first.strip(), last.strip() if dots else first.strip()
    yearly = _yearly(first), _yearly(last)
    if yearly[0] in _YEAR and yearly[1] in _YEAR:
        return Holidays(text, yearly=frozenset(_days_of_year(*yearly)))
    dates = _date(first), _date(last)
    if not dates[0] or not dates[1]:
        message = f"{quoted(text)} is no date"
        return Mistake(document.place(route), message, "date", _FORMS)
    days = (dates[1] - dates[0]).days
    if days < 0 or days >= _LONGEST:
        what = "ends before it begins" if days < 0 else "is longer than a year"
        message, hint = f"the range {quoted(text)} {what}", "write first..last, at most a year"
        return Mistake(document.place(route), message, "date", hint)
    return Holidays(text, frozenset(dates[0] + timedelta(day) for day in range(days + 1)))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if is_bare_date(text) else None
    except ValueError:
        return None


def _yearly(text: str) -> tuple[int, int]:
    found = re.fullmatch(_DAY_OF_YEAR, text, re.ASCII)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _days_of_year(first: tuple[int, int], last: tuple[int, int]) -> list[tuple[int, int]]:
    """Returns the days from the first to the last, over the end of the year where need be."""
    start, end = _YEAR.index(first), _YEAR.index(last) + 1
    return _YEAR[start:end] if start < end else [*_YEAR[start:], *_YEAR[:end]]


def _of_country(document: Document, route: Route, item: Mapping[str, Any]) -> Holidays | Mistake:
    country, region = item["country"], item.get("region", "")
    words = f"{country} {region}".strip()
    if _KEPT in item:
        return Holidays(words, frozenset(map(date.fromisoformat, item[_KEPT])), country=country)
    from playgate.playbook.country_holidays import (  # most playbooks name no country
        MissingLibraryError,
        UnknownPlaceError,
        dates_of,
    )

    try:
        return Holidays(words, dates_of(country, region), country=country)
    except MissingLibraryError:
        message = f"the holidays of {quoted(country)} need the library holidays"
        hint = "install it with pip install 'playgate[holidays]', or write the dates"
        return Mistake(document.place((*route, "country")), message, "holidays-library", hint)
    except UnknownPlaceError as unknown:
        message, hint = str(unknown), unknown.hint
        if unknown.is_region:
            return Mistake(document.place((*route, "region")), message, "unknown-region", hint)
        return Mistake(document.place((*route, "country")), message, "unknown-country", hint)
