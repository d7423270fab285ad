"""Hypothesis strategies: a generated playbook by its number, and a history that shrinks.

Few names, few values and a coarse grid of instants, as in `generate`: events tie, windows end on
an event, and every rule is met about as often as not.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache, lru_cache
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st

from playgate.conditions.instants import from_datetime, load_zone, show_instant
from playgate.history.event import Event
from support.generate import (
    ACTORS,
    FIELDS,
    OPTIONS,
    OUTCOMES,
    PARTS,
    PEOPLE,
    STEP,
    TEXTS,
    ZONES,
    random_playbook,
)
from support.oracle import rules_of
from support.parity import Example

__all__ = ["SPAN", "activities", "books", "events", "examples", "histories", "start_of", "waivers"]

Json = Any
Events = st.SearchStrategy[Event]
Instants = st.SearchStrategy[int]

SPAN = 30
"""Steps of the grid; events stand on its first two thirds."""
PLAYBOOKS = 60
_WALKS = 10


def books(*without: str) -> st.SearchStrategy[dict[str, Json]]:
    """A generated playbook, less some of its keys."""
    return st.integers(0, PLAYBOOKS - 1).map(
        lambda seed: {key: value for key, value in _book(seed).items() if key not in without}
    )


@cache
def _book(seed: int) -> dict[str, Json]:
    return random_playbook(Random(seed))


def start_of(book: dict[str, Json]) -> int:
    """The first instant of the grid."""
    name = book.get("timezone", "UTC")
    return from_datetime(datetime.fromisoformat(ZONES[name]).replace(tzinfo=load_zone(name)))


_actors = st.sampled_from(("", *dict.fromkeys(actor for actor in ACTORS if actor)))


def activities(book: dict[str, Json]) -> Events:
    """Something done, logged at once or later."""
    return _made(json.dumps(book)).activities


def waivers(book: dict[str, Json]) -> Events:
    """A waiver of one rule or of all."""
    return _made(json.dumps(book)).waivers


def events(book: dict[str, Json]) -> Events:
    """Any event."""
    made = _made(json.dumps(book))
    return st.one_of(
        made.moves, made.moves, made.activities, made.activities, made.changes, made.waivers
    )


class _Made(NamedTuple):
    """The strategies of one playbook."""

    moves: Events
    activities: Events
    changes: Events
    waivers: Events


@lru_cache(maxsize=256)
def _made(text: str) -> _Made:
    book = json.loads(text)
    at = st.integers(0, SPAN * 2 // 3).map(lambda step: start_of(book) + step * STEP)
    return _Made(_moves(book, at), _activities(book, at), _changes(book, at), _waivers(book, at))


def _row(
    instant: int, kind: str, name: str, value: str, actor: str, later: int, attrs: dict[str, Json]
) -> Event:
    text = json.dumps(attrs, sort_keys=True, separators=(",", ":")) if attrs else ""
    return Event("d0", instant, kind, name, value, actor, instant + later * STEP, "", text, 0, 0)


def _moves(book: dict[str, Json], at: Instants) -> Events:
    names = [each["stage"] for each in book["stages"]]
    return st.builds(
        _row,
        at,
        st.just("stage"),
        st.sampled_from(names),
        st.just(""),
        _actors,
        st.just(0),
        st.just({}),
    )


def _activities(book: dict[str, Json], at: Instants) -> Events:
    attrs = st.fixed_dictionaries(
        {},
        optional={
            "with": st.lists(st.sampled_from(PARTS), max_size=2),
            "channel": st.sampled_from(["phone", "web", "", "n/a"]),
            "minutes": st.sampled_from([15, 30, 45, "30", "long"]),
            "recorded": st.booleans(),
            "booked": at.map(show_instant),
        },
    )
    return st.builds(
        _row,
        at,
        st.just("activity"),
        st.sampled_from(sorted(book["activities"])),
        st.sampled_from(["", *OUTCOMES]),
        _actors,
        st.sampled_from([0, 0, 0, 1, 4, 5]),
        attrs,
    )


def _changes(book: dict[str, Json], at: Instants) -> Events:
    kinds = {name: FIELDS[name]["type"] for name in book["fields"]} | {"owner": "actor"}
    values: dict[str, list[str]] = {
        "number": ["1", "2", "3", "1.5"],
        "integer": ["1", "2", "3.0", "1.5"],
        "boolean": ["true", "no"],
        "choice": [*OPTIONS, "red"],
        "choices": [*OPTIONS, "red; blue", "blue;red;"],
        "text": list(TEXTS),
        "actor": ["ann", "bob"],
    }

    def of(name: str) -> Events:
        dated = kinds[name] in ("date", "datetime")
        known = at.map(show_instant) if dated else st.sampled_from(values[kinds[name]])
        value = st.one_of(known, known, known, st.sampled_from(["", "n/a", "what?"]))
        return st.builds(
            _row, at, st.just("field"), st.just(name), value, _actors, st.just(0), st.just({})
        )

    return st.one_of([of(name) for name in sorted(kinds)])


def _waivers(book: dict[str, Json], at: Instants) -> Events:
    ids = [rule.id for rule in rules_of(book)]
    attrs = st.one_of(st.just({}), at.map(lambda instant: {"expires": show_instant(instant)}))
    return st.builds(
        _row,
        at,
        st.just("waiver"),
        st.sampled_from(["*", *ids]),
        st.sampled_from(["agreed", "agreed", "agreed", ""]),
        _actors,
        st.sampled_from([0, 0, 1, 4]),
        attrs,
    )


@st.composite
def histories(
    draw: st.DrawFn, book: dict[str, Json], *, deals: int = 2, apart: bool = False
) -> list[Event]:
    """Rows in any order, numbered; `apart`, no two events of a deal share an instant."""
    rows: list[Event] = []
    going = [each["stage"] for each in book["stages"] if "ends" not in each]
    for number in range(draw(st.integers(1, deals))):
        begun = _row(start_of(book), "stage", going[0], "", "ann", 0, {})
        own = [begun, *draw(st.lists(events(book), max_size=14))]
        if draw(st.booleans()):  # a walk along the track, which drawing rarely makes
            at = [start_of(book) + step * STEP for step in range(3, _WALKS * 3, 3)]
            ends = next(each["stage"] for each in book["stages"] if each.get("ends") == "won")
            walk = zip([*going[1:], ends], at, strict=False)
            own += [begun._replace(happened_at=t, recorded_at=t, name=name) for name, t in walk]
        if apart:
            own = list({event.happened_at: event for event in own}.values())
        rows += [event._replace(deal=f"d{number}") for event in own]
    return [row._replace(line=line) for line, row in enumerate(draw(st.permutations(rows)), 1)]


@st.composite
def examples(
    draw: st.DrawFn, *, without: tuple[str, ...] = (), deals: int = 2, apart: bool = False
) -> Example:
    """A playbook, a history, people or none, and an instant as of which it is judged."""
    book = draw(books(*without))
    rows = draw(histories(book, deals=deals, apart=apart))
    people = draw(st.sampled_from([PEOPLE, PEOPLE, None]))
    as_of = start_of(book) + draw(st.integers(1, SPAN)) * STEP
    return Example(book, rows, people, as_of)
