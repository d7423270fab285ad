"""A table for a spreadsheet: heads, and rows of typed cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from playgate.conditions.instants import Zone
from playgate.language import say
from playgate.records import Record

__all__ = ["At", "Book", "Cell", "Day", "Money", "Percent", "Sheet", "head", "words_of"]


class Percent(NamedTuple):
    """A share, shown in percent."""

    share: float


class Money(NamedTuple):
    """An amount, shown with its unit."""

    amount: float
    unit: str


class At(NamedTuple):
    """An instant, shown on the wall clock."""

    instant: int


class Day(NamedTuple):
    """A date as it is written: 2026-03-31."""

    text: str


Cell: TypeAlias = str | bool | int | float | Percent | Money | At | Day | None


class Sheet(Record):
    """A table: its name (31 characters at most), the heads, and the rows, which are read once."""

    name: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Cell]]


class Book(Record):
    """Tables, after a first page that says what they are about; times are those of the zone."""

    about: Sequence[tuple[str, Cell]]
    sheets: Iterable[Sheet]
    zone: Zone
    zone_name: str
    as_of: int | None


def head(name: str) -> str:
    """Returns a column's name as the head of a table, in the language that is spoken."""
    message = words_of(name)
    return say(message)


def words_of(name: str) -> str:
    """Returns a column's name as a message: `due_at` is "Due at"."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
