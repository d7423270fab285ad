"""Languages besides English: a catalogue of messages for each; the one door to `babel`.

A catalogue is the file `languages/TAG.yaml`: what it says for each English message, and where a
number decides, for each of the language's plural forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from playgate.documents.yaml12 import parse, read_bytes
from playgate.errors import InputError
from playgate.language import ENGLISH, Language

__all__ = ["Forms", "catalogue", "language_of", "tags"]

_FOLDER = Path(__file__).parent / "languages"
_KEPT = 4096

Forms = str | Mapping[str, str]
"""A message in another language, or in each of its plural forms."""


def tags() -> list[str]:
    """Returns the tags of the languages that there are."""
    return [ENGLISH.tag, *sorted(file.stem for file in _FOLDER.glob("*.yaml"))]


def language_of(tag: str) -> Language:
    """Returns a language; raises `InputError` where there is none of that tag, or where what writes
    its numbers is not installed."""
    if tag == ENGLISH.tag:
        return ENGLISH
    if tag not in tags():
        raise InputError(
            f'no language "{tag}"', hint=f"known: {', '.join(tags())}", code="unknown-name"
        )
    return _Catalogue(tag, catalogue(tag))


def catalogue(tag: str) -> Mapping[str, Any]:
    """Returns what stands in the catalogue of a language besides English: what d3 calls it under
    `charts`, and its `messages`."""
    file = _FOLDER / f"{tag}.yaml"
    document, mistakes = parse(read_bytes(file), str(file))
    if document is None or mistakes:
        raise InputError(mistakes=mistakes)
    data: Mapping[str, Any] = document.data
    return data


class _Catalogue(Language):
    """A language with its messages, and its numbers and days by `babel`."""

    def __init__(self, tag: str, given: Mapping[str, Any]) -> None:
        try:
            from babel import Locale, dates, numbers
        except ImportError:
            raise InputError(
                f"{tag} needs one more library: babel",
                hint="pip install 'playgate[languages]'",
                code="not-installed",
            ) from None
        self.tag = tag
        self.charts = given["charts"]
        self._messages: Mapping[str, Forms] = given["messages"]
        self._locale = locale = Locale.parse(tag)
        self._numbers, self._dates = numbers, dates
        # A report has the same numbers and days again and again.
        self._written = lru_cache(_KEPT)(self._write)
        self._dated = lru_cache(_KEPT)(self._date)
        self._spelt = lru_cache(_KEPT)(self._spell)
        self._percent = numbers.format_percent(0, locale=locale)
        self._money = str(locale.currency_formats["standard"].pattern).replace(".00", "")

    def wording(self, one: str, many: str, number: int | None, about: str) -> str:
        """Returns what the catalogue says, else the English message."""
        found = self._messages.get(f"{one} ({about})" if about else one)
        if found is None:
            return super().wording(one, many, number, about)
        if isinstance(found, str):
            return found
        form = "other" if number is None else self._locale.plural_form(number)
        return found.get(form, found["other"])

    def number(self, value: float | Decimal, digits: int = 0) -> str:
        """Returns a number with its thousands apart."""
        return self._written(value, digits)

    def _write(self, value: float | Decimal, digits: int) -> str:
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return str(self._numbers.format_decimal(value, format=pattern, locale=self._locale))

    def percent(self, number: str) -> str:
        """Returns a number of percent with its sign."""
        return self._percent.replace("0", number)

    def amount(self, value: float, unit: str) -> str:
        """Returns an amount, a currency with its sign."""
        if unit in self._locale.currencies:
            return str(
                self._numbers.format_currency(
                    value, unit, format=self._money, locale=self._locale, currency_digits=False
                )
            )
        return f"{self.number(value)}\N{NO-BREAK SPACE}{unit}" if unit else self.number(value)

    def day(self, written: str) -> str:
        """Returns a day that is given as `2026-01-31`."""
        return self._dated(written)

    def spelt_day(self, day: date) -> str:
        """Returns a day with its month in letters."""
        return self._spelt(day)

    def _spell(self, day: date) -> str:
        return str(self._dates.format_date(day, format="long", locale=self._locale))

    def _date(self, written: str) -> str:
        try:
            given = date.fromisoformat(written)
        except ValueError:
            return written
        return str(self._dates.format_date(given, format="medium", locale=self._locale))
