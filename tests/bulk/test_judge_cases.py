"""The judge's cases, asked of the engine: those of one playbook are deals of one history.

Of each file the first playbook is asked as of an earlier instant, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ibis")
pytest.importorskip("duckdb")

from many import connected

from judge.test_cases import CASES, load_file, load_playbook, read_history, read_when
from playgate.audit.selection import Selection
from playgate.bulk.errors import CannotExpressError
from playgate.history.people import People, Person
from support.bulk import both, differences

Case = dict[str, Any]
REFUSED = {
    "business-hours-at-night": "its clocks change on 2[0-9-]* in working hours",
    "different": "different contact: each item of a list counts, too",
}
"""Files of which an engine says that it cannot say it."""


def groups(path: Path) -> Iterator[tuple[str, list[Case], bool]]:
    """The playbooks of a file, the cases of each, and whether to ask as of an earlier instant."""
    file = load_file(path)
    found: dict[tuple[str, str, str], list[Case]] = {}
    for case in file["cases"]:
        book, people = case.get("playbook") or file["playbook"], case.get("people")
        key = book, json.dumps(people), case.get("since", "")
        found.setdefault(key, []).append(case)
    for number, ((book, *_), cases) in enumerate(found.items()):
        yield book, cases, False
        if number == 0:
            yield book, cases, True


@pytest.fixture(scope="module")
def connection() -> Iterator[Any]:
    with connected() as connection:
        yield connection


@pytest.mark.thorough
@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_engine_says_what_the_judge_says(connection: Any, path: Path) -> None:
    refused = 0
    for book, cases, earlier in groups(path):
        told = ""
        try:
            check(connection, book, cases, earlier=earlier)
        except CannotExpressError as error:
            told = str(error)
        assert not told or re.search(REFUSED.get(path.stem, "nothing"), told), told
        refused += bool(told)
    assert bool(refused) is (path.stem in REFUSED)


def check(connection: Any, book: str, cases: list[Case], *, earlier: bool) -> None:
    events = [
        event._replace(deal=f"{number}-{event.deal}", line=number * 10_000 + event.line)
        for number, case in enumerate(cases)
        for event in read_history(case["history"])
    ]
    given = cases[0].get("people")
    people = (
        None
        if given is None
        else People(
            Person(actor, role=role)
            for actor, roles in given.items()
            for role in ([roles] if isinstance(roles, str) else roles)
        )
    )
    as_of = None
    if earlier and events:
        as_of = sorted(event.happened_at for event in events)[len(events) * 3 // 4]
    since = cases[0].get("since")
    judged, found = both(
        connection,
        load_playbook(book),
        events,
        people=people,
        as_of=as_of,
        selection=Selection(since=read_when(since)) if since else None,
    )
    assert list(differences(judged, found)) == [], [case["case"] for case in cases]
