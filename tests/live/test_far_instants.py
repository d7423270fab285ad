"""Instants that no clock shows: refused on the way in, shown where a ledger has them already."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gate import opened, say

from playgate.conditions.instants import (
    EVENTS_FROM,
    EVENTS_UNTIL,
    load_zone,
    show_instant,
    to_datetime,
)
from playgate.history.event import Event
from playgate.ledger.store import Ledger

ON_BOTH = True

FIRST, LAST = -719_162 * 86_400_000_000, 2_932_897 * 86_400_000_000 - 1
PLAYBOOK = """
playbook: {name}
version: 1
timezone: {zone}
fields: {{close: {{type: date}}}}
activities: {{call: {{title: Call}}}}
kpis:
  calls: {{title: Calls, count: {{activity: call}}}}
stages:
  - stage: a
    exit: [{{field: close, in_next: 5 business days}}]
    time_limit: 30 days
    activities: [{{do: call, within: 5 business days}}]
  - {{stage: won, ends: won}}
  - {{stage: lost, ends: lost}}
"""
OUTSIDE = ["0001-01-01", "1850-06-01T00:00:00Z", "2201-06-01", "9999-12-31T23:59:59Z"]


@pytest.fixture(params=["America/New_York", "Asia/Tokyo"])
def far(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A ledger as an earlier playgate wrote it, with instants at and beyond both ends."""
    path = tmp_path / "p.yaml"
    path.write_text(PLAYBOOK.format(name="p", zone=request.param))
    db = tmp_path / "far.db"
    opened(db, path, "d")
    with Ledger.open(db) as ledger, ledger.writing():
        (kept,) = ledger.playbooks.all()
        for deal, at in (("old", FIRST), ("far", LAST), ("wild", 2**62), ("wilder", -(2**62) + 1)):
            ledger.deals.begin(deal, kept.sha256)
            rows = [("stage", "a", ""), ("activity", "call", ""), ("field", "close", "9999-12-31")]
            ledger.events.add(
                [
                    Event(deal, at, kind, name, value, "x", at, f"e-{deal}-{name}", "", 0, 0)
                    for kind, name, value in (*rows, ("waiver", "a/exit/*", "a reason"))
                ],
                live=True,
            )
    return db


def test_what_a_ledger_has_already_is_shown(far: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(far.parent)
    for deal in ("old", "far", "wild", "wilder"):
        for words in (["history"], ["next"], ["allowed"], ["check", "won"], ["check", "lost"]):
            for form in ("text", "json"):
                said = say(words[0], deal, *words[1:], "--format", form, db=far)
                assert said.status in (0, 1), (deal, words, said.err)
    for words in (["deals"], ["reconcile"], ["ledger", "show"], ["waiver", "list"]):
        assert say(*words, db=far).status == 0
    for command in ("audit", "kpi", "coach", "report"):
        said = say(command, "p.yaml", "--db", str(far), "-o", "out.html", db=far)
        assert said.status in (0, 1), (command, said.err)
    assert say("move", "old", "lost", db=far).status == 0


@pytest.mark.parametrize("at", OUTSIDE)
@pytest.mark.parametrize(
    "words",
    [
        ("log", "d", "call", "--at"),
        ("set", "d", "close=2026-01-01", "--at"),
        ("move", "d", "won", "--at"),
        ("check", "d", "won", "--at"),
        ("next", "d", "--at"),
        ("history", "d", "--at"),
        ("waive", "d", "a/exit/close", "--reason", "because", "--at"),
        ("open", "e", "--playbook", "{playbook}", "--at"),
        ("people", "{people}", "--at"),
        ("audit", "{playbook}", "--db", "{db}", "--as-of"),
        ("audit", "{playbook}", "--db", "{db}", "--since"),
    ],
    ids=lambda words: f"{words[0]}{words[-1]}",
)
def test_they_are_wrong_input(db: Path, playbook: Path, words: tuple[str, ...], at: str) -> None:
    people = db.parent / "people.csv"
    people.write_text("actor,role\nann,rep\n")
    given = {"playbook": playbook, "people": people, "db": db}
    said = say(*(word.format_map(given) for word in words), at, db=db)
    assert said.status == 2
    assert "lies outside the years 1900 to 2200" in said.err or "is no date" in said.err


@pytest.mark.parametrize("at", OUTSIDE)
@pytest.mark.parametrize("column", ["happened_at", "recorded_at"])
def test_so_they_are_among_facts(crm: Path, at: str, column: str) -> None:
    stamp = at if "T" in at else f"{at}T00:00:00Z"
    fact = {"kind": "field", "name": "note", "value": "x", "happened_at": "2026-01-01T00:00:00Z"}
    asked = {"command": "ask", "deal": "n", "stage": "a", "facts": [{**fact, column: stamp}]}
    said = say("ask", "--batch", db=crm, stdin=json.dumps(asked).encode())
    assert said.status == 2
    assert "lies outside the years 1900 to 2200" in said.out


@pytest.fixture
def crm(tmp_path: Path, playbook: Path) -> Path:
    path = tmp_path / "crm.db"
    Ledger.new(path, record="crm").__exit__()
    assert say("publish", str(playbook), db=path).status == 0
    return path


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo", "Pacific/Apia"])
@pytest.mark.parametrize("instant", [-(2**63), FIRST, EVENTS_FROM, 0, EVENTS_UNTIL, LAST, 2**63])
def test_every_number_is_shown(instant: int, zone: str) -> None:
    known = load_zone(zone)
    assert known is not None
    assert len(show_instant(instant, known)) >= len("0001-01-01T00:00:00Z")
    if EVENTS_FROM <= instant <= EVENTS_UNTIL:
        assert to_datetime(instant, known).tzinfo is known
