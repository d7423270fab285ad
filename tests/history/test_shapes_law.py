"""A law: one history, written out in each of the shapes that exports have, reads as the same."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playgate.conditions.instants import show_instant
from playgate.history.event import Problem
from playgate.history.mapping import parse_mapping
from playgate.history.read import read_history
from playgate.history.spool import Spool
from playgate.history.walk import settled

USERS = ("ann", "bob")
STAGES = ("lead", "offer", "won")
FIRST = 1_772_442_000_000_000
HOUR = 3_600_000_000


class Change(NamedTuple):
    """What happened to a deal: a stage or an amount became another, or a call was made."""

    deal: str
    at: int
    kind: str
    old: str
    new: str
    actor: str


class Begun(NamedTuple):
    """How a deal began."""

    stage: str
    amount: str


History = dict[str, tuple[Begun, list[Change]]]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Deals that begin in a stage with an amount, and what changed then, each at its instant."""
    found: History = {}
    amounts = st.integers(1, 9).map(lambda n: f"{n}.50")
    for deal in draw(st.lists(st.sampled_from(["D1", "D2", "3"]), min_size=1, unique=True)):
        begun = Begun(draw(st.sampled_from(STAGES)), draw(amounts))
        stage, amount = begun
        changes = [Change(deal, FIRST, "call", "", "", draw(st.sampled_from(USERS)))]
        for step in range(1, draw(st.integers(0, 6)) + 1):
            kind = draw(st.sampled_from(["stage", "amount", "call"]))
            actor, at = draw(st.sampled_from(USERS)), FIRST + step * HOUR
            old = new = ""
            if kind == "stage":
                old, new = stage, draw(st.sampled_from([each for each in STAGES if each != stage]))
                stage = new
            elif kind == "amount":
                old, new = amount, draw(amounts.filter(lambda each, now=amount: each != now))
                amount = new
            changes.append(Change(deal, at, kind, old, new, actor))
        found[deal] = begun, changes
    return found


def expected(history: History) -> list[tuple[object, ...]]:
    """The events of a history, the beginning apart from who did it."""
    found: list[tuple[object, ...]] = []
    for deal, (begun, changes) in history.items():
        found.append((deal, FIRST, "stage", begun.stage, "", ""))
        found.append((deal, FIRST, "field", "amount", begun.amount, ""))
        for each in changes:
            if each.kind == "stage":
                found.append((deal, each.at, "stage", each.new, "", each.actor))
            elif each.kind == "amount":
                found.append((deal, each.at, "field", "amount", each.new, each.actor))
            else:
                found.append((deal, each.at, "activity", "call", "", each.actor))
    return sorted(found)


def all_changes(history: History) -> Iterator[Change]:
    """All changes, the deals one after the other."""
    for _, changes in history.values():
        yield from changes


def write_csv(path: Path, header: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    """Writes a table."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


def flat(folder: Path, history: History) -> str:
    """A log of changes, the first of which say how the deals began."""
    began = (
        (deal, show_instant(FIRST), kind, value, "")
        for deal, (begun, _) in history.items()
        for kind, value in zip(("stage", "amount"), begun, strict=True)
    )
    rows = (
        (each.deal, show_instant(each.at), each.kind, each.new, each.actor)
        for each in all_changes(history)
    )
    write_csv(folder / "log.csv", ["deal", "at", "what", "new", "by"], chain(began, rows))
    return """
tables:
  - deal: deal
    happened_at: at
    actor: by
    identical: once
    rows:
      - {kind: stage, where: {what: stage}, name: new}
      - {kind: field, where: {what: amount}, name: {text: amount}, value: new}
      - {kind: activity, where: {what: call}, name: {text: call}}
"""


def nested(folder: Path, history: History) -> str:
    """Pages of deals, each with its changes in one list for each kind."""
    deals = [
        {
            "id": deal,
            "began": {"stage": begun.stage, "amount": begun.amount, "at": show_instant(FIRST)},
            "log": {
                kind: [
                    {"new": each.new, "at": show_instant(each.at), "by": {"name": each.actor}}
                    for each in reversed(changes)
                    if each.kind == kind
                ]
                for kind in ("stage", "amount", "call")
            },
        }
        for deal, (begun, changes) in history.items()
    ]
    (folder / "page.json").write_text(json.dumps({"results": deals}))
    return """
tables:
  - each: results
    deal: id
    start: {amount: began.amount}
    identical: once
    rows:
      - {kind: stage, name: began.stage, happened_at: began.at}
      - {each: log.stage, kind: stage, name: new, happened_at: at, actor: by.name}
      - each: log.amount
        kind: field
        name: {text: amount}
        value: new
        happened_at: at
        actor: by.name
      - {each: log.call, kind: activity, name: {text: call}, happened_at: at, actor: by.name}
"""


def snapshots(folder: Path, history: History) -> str:
    """How each deal was after each change, one line of JSON each; calls are a table."""
    lines = []
    for deal, (begun, changes) in history.items():
        now = {"deal": deal, "stage": begun.stage, "amount": begun.amount}
        lines.append({**now, "at": show_instant(FIRST), "by": ""})
        for each in changes:
            if each.kind != "call":
                now[each.kind] = each.new
            lines.append({**now, "at": show_instant(each.at), "by": each.actor})
    (folder / "deals.ndjson").write_text("".join(json.dumps(each) + "\n" for each in lines))
    write_calls(folder, history)
    return (
        """
tables:
  - files: deals*
    deal: deal
    happened_at: at
    actor: by
    identical: once
    rows:
      - {kind: stage, name: stage, changes: true}
      - {kind: field, name: {text: amount}, value: amount, changes: true}
"""
        + CALLS
    )


def write_calls(folder: Path, history: History) -> None:
    """Writes the calls."""
    rows = (
        (each.deal, show_instant(each.at), each.actor)
        for each in all_changes(history)
        if each.kind == "call"
    )
    write_csv(folder / "calls.csv", ("deal", "at", "by"), rows)


CALLS = """
  - files: calls*
    deal: deal
    happened_at: at
    actor: by
    identical: once
    rows: [{kind: activity, name: {text: call}}]
"""


def old_and_new(folder: Path, history: History) -> str:
    """A log of old and new values, and the deals as they are at last."""
    rows = (
        (each.deal, show_instant(each.at), each.kind, each.old, each.new, each.actor)
        for each in all_changes(history)
        if each.kind != "call"
    )
    write_csv(folder / "log.csv", ["deal", "at", "field", "old", "new", "by"], rows)
    last = [
        (
            deal,
            next((each.new for each in reversed(changes) if each.kind == "stage"), begun.stage),
            next((each.new for each in reversed(changes) if each.kind == "amount"), begun.amount),
        )
        for deal, (begun, changes) in history.items()
    ]
    write_csv(folder / "now.csv", ["id", "stage", "amount"], iter(last))
    write_calls(folder, history)
    return (
        """
tables:
  - files: log*
    deal: deal
    happened_at: at
    actor: by
    identical: once
    rows:
      - {kind: stage, where: {field: stage}, name: new, was: old}
      - {kind: field, where: {field: amount}, name: {text: amount}, value: new, was: old}
  - files: now*
    deal: id
    start: {stage: stage, amount: amount}
"""
        + CALLS
    )


def keyed(folder: Path, history: History) -> str:
    """Tables whose ids point at each other: those of deals, stages and users."""
    users, stages = ({name: n for n, name in enumerate(names, 7)} for names in (USERS, STAGES))
    changes = list(all_changes(history))
    begun = {deal: began for deal, (began, _) in history.items()}
    write_csv(folder / "user.csv", ("id", "login"), ((n, name) for name, n in users.items()))
    write_csv(folder / "stage.csv", ("id", "name"), ((n, name) for name, n in stages.items()))
    write_csv(folder / "of.csv", ("id", "deal"), ((n, c.deal) for n, c in enumerate(changes)))
    rows = [
        {
            "id": n,
            "field": [each.kind, "its name"],
            "new": stages.get(each.new, each.new),
            "at": show_instant(each.at),
            "by": [users[each.actor], each.actor],
        }
        for n, each in enumerate(changes)
    ]
    (folder / "change.json").write_text(json.dumps(rows))
    deals = [
        {"id": deal, "at": show_instant(FIRST), "stage": stages[of.stage], "amount": of.amount}
        for deal, of in begun.items()
    ]
    (folder / "deal.json").write_text(json.dumps(deals))
    return """
lookups:
  users: {files: user*, key: id, value: login}
  stages: {files: stage*, key: id, value: name}
  deals: {files: of*, key: id, value: deal}
tables:
  - files: change*
    columns: {field: field.0}
    deal: {column: id, lookup: deals}
    happened_at: at
    actor: {column: by.0, lookup: users}
    event_id: {row: true}
    rows:
      - {kind: stage, where: {field: stage}, name: {column: new, lookup: stages}}
      - {kind: field, where: {field: amount}, name: {text: amount}, value: new}
      - {kind: activity, where: {field: call}, name: {text: call}}
  - files: deal*
    deal: id
    happened_at: at
    start: {stage: {column: stage, lookup: stages}, amount: amount}
"""


def linked(folder: Path, history: History) -> str:
    """Events with links to deals and users, and all values in lists of names and values."""
    users = [
        {"id": f"u-{name}", "type": "user", "values": [{"name": "login", "value": name}]}
        for name in USERS
    ]
    deals = [
        {"id": deal, "type": "deal", "values": _named({"stage": of.stage, "amount": of.amount})}
        for deal, (of, _) in history.items()
    ]
    events = [
        {
            "at": show_instant(each.at),
            "values": _named({"what": each.kind, "new": each.new}),
            "links": [{"to": f"u-{each.actor}", "as": "by"}, {"to": each.deal, "as": "of"}],
        }
        for each in all_changes(history)
    ]
    (folder / "log.json").write_text(json.dumps({"objects": [*users, *deals], "events": events}))
    return """
lookups:
  types: {files: "*", each: objects, key: id, value: type}
  users: {files: "*", each: "objects[type=user]", key: id, value: "values[name=login].value"}
tables:
  - table: deals
    files: &log "*"
    each: "objects[type=deal]"
    columns: {at: {text: "2026-03-02T09:00:00Z"}}
    deal: id
    happened_at: at
    start: {stage: "values[name=stage].value", amount: "values[name=amount].value"}
  - table: events
    files: *log
    each: events.links
    columns: {type: {column: to, lookup: types}, what: "values[name=what].value"}
    where: {type: deal}
    deal: to
    happened_at: at
    actor: {column: "links[as=by].to", lookup: users}
    identical: once
    rows:
      - {kind: stage, where: {what: stage}, name: "values[name=new].value"}
      - {kind: field, where: {what: amount}, name: {text: amount}, value: "values[name=new].value"}
      - {kind: activity, where: {what: call}, name: {text: call}}
"""


def _named(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


SHAPES: dict[str, Callable[[Path, History], str]] = {
    "flat": flat,
    "nested": nested,
    "snapshots": snapshots,
    "old and new": old_and_new,
    "keyed": keyed,
    "linked": linked,
}


def read_back(folder: Path, mapping: str) -> list[tuple[object, ...]]:
    """The events in a folder, without ids and places."""
    problems: list[Problem] = []
    paths = sorted(map(str, folder.iterdir()))
    found, mistakes = parse_mapping(f"mapping: trial\nversion: 1\n{mapping}".encode(), "m.yaml")
    assert found is not None, list(map(str, mistakes))
    with Spool() as spool:
        spool.extend(read_history(paths, mapping=found, report=problems.append, is_all=False))
        events = [tuple(each[:6]) for deal in settled(spool.deals()) for each in deal.events]
    silent = [each for each in problems if "makes" not in each.reason]
    assert silent == []
    return sorted(events)


@pytest.mark.parametrize("shape", SHAPES)
@given(history=histories())
def test_a_history_in_any_shape_is_the_same(shape: str, history: History) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        mapping = SHAPES[shape](folder, history)
        assert read_back(folder, mapping) == expected(history)
