"""The engine finds what the judge finds: finding by finding, and count by count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("ibis")
pytest.importorskip("duckdb")

from elsewhere import with_derived_ids
from many import DEALS, connected, limit
from many import example as generated

from playgate.audit.result import AuditResult
from playgate.audit.selection import Selection
from playgate.bulk.errors import CannotExpressError
from playgate.history.event import Event
from playgate.history.people import People, Person, read_people
from playgate.history.read import read_history
from playgate.playbook.load import load_playbook
from playgate.report import audit_markdown, audit_text
from support.bulk import both, differences, sayable
from support.constructs import CHOSEN, chosen, constructs, in_pool, meetings_of
from support.generate import random_playbook
from support.parity import Example, as_case, drawn
from support.thorough import but_first

SAMPLES = Path(__file__).parents[2] / "playbooks"
SEEDS = 80
"""More of them by hand, with `python -m bulk.many`."""
FIRST = 2
"""So many of the chosen playbooks are judged in the ordinary run: they take two seconds each."""

MEET = 1117
"""So many pairs of constructs meet in the playbooks that are chosen, of 1587 in the pool."""


@pytest.fixture(scope="module")
def connection() -> Iterator[Any]:
    with connected() as connection:
        yield connection


def check(connection: Any, example: Example, **options: Any) -> tuple[AuditResult, AuditResult]:
    judged, found = both(
        connection,
        example.playbook,
        example.events,
        people=example.team,
        as_of=example.as_of,
        **options,
    )
    assert list(differences(judged, found)) == [], as_case(example)
    return judged, found


@pytest.mark.parametrize("seed", but_first(FIRST, CHOSEN))
def test_of_playbooks_in_which_most_constructs_meet(connection: Any, seed: int) -> None:
    example = drawn(seed, deals=DEALS, small=True)
    check(connection, example, limit=limit(seed, example))


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(SEEDS))
def test_of_generated_playbooks(connection: Any, seed: int) -> None:
    example = generated(seed)
    check(connection, example, limit=limit(seed, example))


def test_every_construct_is_among_them() -> None:
    books = [random_playbook(Random(seed), small=True) for seed in CHOSEN]
    met = set().union(*map(meetings_of, books))
    assert {each for pair in met for each in pair} == constructs()
    assert len(met) >= MEET


@pytest.mark.thorough
def test_no_other_choice_has_more() -> None:
    assert chosen(in_pool(), len(CHOSEN)) == list(CHOSEN)


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["bank-sales", "active-sales", "loan-application"])
def test_of_the_samples(connection: Any, name: str) -> None:
    folder = SAMPLES / name
    file = str(folder / "history.csv")
    events = list(read_history([file], report=pytest.fail))
    people = read_people(str(folder / "people.csv"), pytest.fail)
    playbook = load_playbook(folder / f"{name}.yaml")
    judged, found = both(connection, playbook, events, people=people, sources=[file])
    assert judged.findings
    assert list(differences(judged, found)) == []


def test_of_an_empty_history(connection: Any) -> None:
    example = replace(sayable(drawn(0)), events=[], as_of=None)
    check(connection, example)


# --- What is selected ----------------------------------------------------------------------------


def latest(events: Sequence[Event]) -> int:
    return max(event.happened_at for event in events)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "part",
    [
        {"deals": frozenset(("d1", "d4"))},
        {"actors": frozenset(("ann",))},
        {"rules": ("*/activity/*", "order/*")},
        {"since": True},
    ],
    ids=lambda part: next(iter(part)),
)
def test_of_what_is_selected(connection: Any, part: dict[str, Any]) -> None:
    example = drawn(22, small=True)
    if "since" in part:
        part = {"since": latest(example.events) - 6 * 86_400_000_000}
    judged, _ = check(connection, example, selection=Selection(**part))
    assert judged.findings


# --- What people are shown -----------------------------------------------------------------------


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [24, 30])
def test_what_is_shown_is_the_same_though_nothing_else_is_fetched(
    connection: Any, seed: int
) -> None:
    check_shown(connection, seed)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(0, 60, 6))
def test_what_is_shown_is_the_same_of_more_playbooks(connection: Any, seed: int) -> None:
    check_shown(connection, seed)


def check_shown(connection: Any, seed: int) -> None:
    example = drawn(seed, deals=60, small=True)
    judged, found = both(
        connection,
        example.playbook,
        example.events,
        people=example.team,
        as_of=example.as_of,
        shown=True,
        sources=("one.csv", "two.csv"),
    )
    for form in (audit_text, audit_markdown):
        assert "".join(form.render(found)) == "".join(form.render(judged))
    assert found.summary == judged.summary
    assert found.problems == ()
    assert 0 < len(found.findings) < len(judged.findings)


# --- What generated histories lack ---------------------------------------------------------------


def test_of_roles_that_people_held_for_some_time(connection: Any) -> None:
    rng = Random(1)
    example = next(
        each
        for each in (drawn(seed, small=True) for seed in range(100, 200))
        if each.people and "by" in str(each.book) and "may_waive" in each.book
    )
    middle = sorted(event.happened_at for event in example.events)[len(example.events) // 2]
    rows = [Person("ann", role="rep", until=middle), Person("ann", role="manager", since=middle)]
    rows += [Person("cyd", role="manager", since=middle), Person("dan", role="manager")]
    rows += [Person(actor, role=rng.choice(["rep", "specialist"])) for actor in ("bob", "eve")]
    judged, found = both(
        connection, example.playbook, example.events, people=People(rows), as_of=example.as_of
    )
    assert list(differences(judged, found)) == []


def test_of_ids_that_look_like_derived_ones(connection: Any) -> None:
    """An event without an id, and one with the id that would be derived from it, are one."""
    example = drawn(7, small=True)
    more = with_derived_ids(example)
    judged, _ = check(connection, more)
    assert judged.history.duplicates >= len(more.events) - len(example.events)


def test_of_attributes_that_are_nested_or_escaped(connection: Any) -> None:
    book = {
        "playbook": "p",
        "version": 1,
        "activities": {"call": {}},
        "stages": [
            {
                "stage": "a",
                "activities": [
                    {"do": "call", "where": {"note": {"equals": 'say "a", \\ b\n'}}},
                    {"do": "call", "where": {"channel": "phone"}},
                    {"do": "call", "with": 'the "boss"'},
                ],
            },
            {"stage": "b"},
            {"stage": "won", "ends": "won"},
            {"stage": "lost", "ends": "lost"},
        ],
    }
    attrs = [
        r'{"note":"say \"a\", \\ b\n"}',
        r'{"a":{"channel":"phone"},"channel":"web"}',
        r'{"a":["}","{",{"b":["]"]}],"channel":"phone"}',
        r'{"a":"\",\"channel\":\"phone\"","with":["x","the \"boss\""]}',
        r'{"with":"the \"boss\""}',
        r'{"with":["x the \"boss\"","boss"]}',
        r'{"channel":["phone"]}',
        r'{"a":[[["[[[[[",1]]],"channel":"web"}',
    ]
    events = []
    for number, text in enumerate(attrs):
        rows = [(1, "stage", "a", ""), (2, "activity", "call", text), (3, "stage", "b", "")]
        events += [
            Event(f"d{number}", at, kind, name, "", "", at, "", more, 0, number * 3 + at)
            for at, kind, name, more in rows
        ]
    judged, _ = check(connection, Example(book, events))
    assert [tally.met for tally in judged.rules if "/activity/" in tally.rule.id] == [1, 1, 2]
    deep = Event("d9", 2, "activity", "call", "", "", 2, "", '{"a":[[[[1]]]]}', 0, 99)
    with pytest.raises(CannotExpressError, match=r"three deep \(1, as on deal d9\)"):
        check(connection, Example(book, [*events, deep]))


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"activity": "call", "different": "contact"}, "s/exit/it: different contact"),
        (
            {"field": "size", "at_least": {"field": "amount", "times": 1e20}},
            "100000000000000000000|1e\\+20",
        ),
    ],
    ids=["different values", "a factor"],
)
def test_what_no_engine_can_say_is_refused_by_name(
    connection: Any, condition: dict[str, Any], reason: str
) -> None:
    book = {
        "playbook": "p",
        "version": 1,
        "fields": {"size": {"type": "number"}, "amount": {"type": "number"}},
        "activities": {"call": {}},
        "stages": [
            {"stage": "s", "exit": [condition | {"id": "it"}]},
            {"stage": "won", "ends": "won"},
            {"stage": "lost", "ends": "lost"},
        ],
    }
    with pytest.raises(CannotExpressError, match=reason):
        check(connection, Example(book, [Event("d", 1, "stage", "s", "", "", 1, "", "", 0, 1)]))
