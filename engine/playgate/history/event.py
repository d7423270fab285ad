"""One thing that happened to a deal: a row of the history table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from playgate.conditions.instants import show_instant
from playgate.records import Record

__all__ = [
    "IMPORTED",
    "KINDS",
    "LIVE",
    "START",
    "Event",
    "Problem",
    "event_id",
    "how_many",
    "in_the_future",
    "length_of",
    "read_attrs",
    "said",
]

_QUOTED = json.encoder.encode_basestring

KINDS = ("stage", "activity", "field", "waiver")

LIVE, IMPORTED = 0, 1
"""`source` of events from a ledger: recorded there, or imported."""

START = -(2**62)
"""`happened_at` of a field that is known from the deal's start: its deal's earliest instant."""


class Event(NamedTuple):
    """A row of the history table; instants are microseconds since 1970 in UTC.

    Plain text columns are never `None`: what is missing is the empty text.
    """

    deal: str
    happened_at: int
    kind: str
    name: str
    value: str
    actor: str
    recorded_at: int
    event_id: str
    """Unique within the deal; empty where all columns say which event it is (see `event_id`)."""
    attrs: str
    """A JSON object in canonical form (sorted keys, no spaces), or empty."""
    source: int
    """Which of the history's files it came from, counted from 0."""
    line: int
    """Its line (or, of XES, event) in that file, counted from 1."""
    rest: str = ""
    """The digits of its second beyond the microsecond, which order what `happened_at` does not."""


def said(event: Event) -> tuple[Any, ...]:
    """Returns what an event says, wherever it stands: all but its file and line."""
    return (*event[:9], event[11])


def length_of(events: Iterable[Event]) -> int:
    """Returns how many characters the values and attributes of events have."""
    return sum([len(event[4]) + len(event[8]) for event in events])


class Problem(Record):
    """A row that could not be read, or not wholly; `name` is that of the file."""

    file: str
    line: int
    reason: str
    hint: str = ""
    often: int = 1
    """How many problems it stands for: of very many only the first have their places."""


def how_many(problems: Iterable[Problem]) -> int:
    """Returns how many problems there are, those that are only counted among them."""
    return sum(problem.often for problem in problems)


def in_the_future(at: int, file: str, line: int, *, into_ledger: bool = False) -> Problem:
    """Returns the problem of a row that happens later than now."""
    hint = "it counts only with an --as-of that reaches it"
    if into_ledger:
        hint = "it is not taken in: correct its date, or import it when it has happened"
    return Problem(file, line, f"{show_instant(at)} lies in the future", hint)


def event_id(event: Event) -> str:
    """Returns the event's id: its own, or one that is derived from all its columns."""
    if event.event_id:
        return event.event_id
    deal, at, kind, name, value, actor, recorded_at, _, attrs, _, _, rest = event
    text = _QUOTED  # a JSON list, put together by hand: there may be millions
    columns = (
        f"[{text(deal)},{at},{text(kind)},{text(name)},{text(value)},{text(actor)},"
        f"{recorded_at},{text(attrs)}{rest and f',{rest}'}]"
    )
    digest: str = _sha256()(columns.encode("utf-8", "surrogatepass")).hexdigest()
    return f"e-{digest[:16]}"


@cache
def _sha256() -> Callable[[bytes], Any]:
    import hashlib  # only here: its import takes long, and most events bring their ids

    return hashlib.sha256


def read_attrs(event: Event) -> dict[str, Any]:
    """Returns the event's attributes as data."""
    attrs: dict[str, Any] = json.loads(event.attrs) if event.attrs else {}
    return attrs
