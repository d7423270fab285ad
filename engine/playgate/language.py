"""The language in which people are spoken to.

English stands in the code, as the message itself: `say("{deals} left out", deals=3)`. Another
language says it otherwise, by its catalogue (`report/catalogue.py`). Which one it is, the command
line chooses for as long as a command runs; what machines read never asks.
"""

from __future__ import annotations

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import date
    from decimal import Decimal

__all__ = ["ENGLISH", "Language", "message", "say", "speaking", "using"]

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


class Language:
    """English; another language differs in each of these."""

    tag = "en"
    """What pages call it: a language tag of BCP 47."""
    charts = "en-US"
    """What d3, which draws numbers and months into charts, calls it."""

    def wording(self, one: str, many: str, number: int | None, about: str) -> str:
        """Returns a message with its places in braces; `many` is its plural, `number` decides."""
        return many if many and number != 1 else one

    def number(self, value: float | Decimal, digits: int = 0) -> str:
        """Returns a number with its thousands apart."""
        return f"{value:,.{digits}f}"

    def percent(self, number: str) -> str:
        """Returns a number of percent, which is written already, with its sign."""
        return f"{number} %"

    def amount(self, value: float, unit: str) -> str:
        """Returns an amount with its unit, without decimals."""
        return f"{self.number(value)} {unit}".rstrip()

    def day(self, written: str) -> str:
        """Returns a day that is given as `2026-01-31`."""
        return written

    def spelt_day(self, day: date) -> str:
        """Returns a day with its month in letters."""
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


ENGLISH = Language()

_chosen = ContextVar("language", default=ENGLISH)


def speaking() -> Language:
    """Returns the language that is spoken now."""
    return _chosen.get()


def say(message: str, many: str = "", *, about: str = "", **words: object) -> str:
    """Returns a message in the language that is spoken, its places in braces filled in.

    A message with a plural is given both ways, and takes the number as `n`. `about` tells apart
    what is one word in English, and several elsewhere. Without words its places stay as they are.
    """
    spoken = _chosen.get()
    number = words.get("n")
    if isinstance(number, int):
        words["n"] = spoken.number(number)
        wording = spoken.wording(message, many, number, about)
    else:
        wording = spoken.wording(message, many, None, about)
    return wording.format_map(words) if words else wording


def message(text: str, *, counted: bool = False) -> str:
    """Returns a message as it is, to be kept in a table and said by `say(table[key])`.

    A message that is `counted` is said with a plural.
    """
    return text


def using(language: Language) -> AbstractContextManager[None]:
    """Speaks a language for as long as the context lasts."""
    return _Using(language)


class _Using:
    """A context in which a language is spoken."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def __enter__(self) -> None:
        self._before = _chosen.set(self._language)

    def __exit__(self, *_: object) -> None:
        _chosen.reset(self._before)
