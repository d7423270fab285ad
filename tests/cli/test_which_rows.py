"""Which rows are one event, and what lies in the future: small inputs, each with what is right."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from running import Run

from playgate.bulk.engine.connect import is_installed
from playgate.conditions.instants import read_instant

PLAYBOOK = """
playbook: sales
version: 1
fields: {amount: {type: number}}
activities: {call: {}, demo: {}}
stages:
  - stage: lead
    activities: [{do: call, times: TIMES}]
  - stage: proposal
    entry: [{field: amount, more_than: 0}]
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""
TABLES = """
mapping: export
version: 1
tables:
  - files: deals*
    deal: Deal
    happened_at: When
    event_id: Id
    rows: [{kind: stage, name: What}]
  - files: calls*
    deal: Deal
    happened_at: When
    event_id: Id
    rows: [{kind: activity, name: {text: call}}]
  - files: values*
    deal: Deal
    happened_at: When
    event_id: Id
    rows: [{kind: field, name: {text: amount}, value: What}]
"""
BARE = TABLES.replace("    event_id: Id\n", "")
DEALS = "Id,Deal,When,What\n1,D1,2026-03-02,lead\n2,D1,2026-03-05,proposal\n"
VALUES = "Id,Deal,When,What\n2,D1,2026-03-04,7\n"
ENGINES = ["judge", *(["duckdb"] if is_installed() else [])]
NOW = "2026-06-01T00:00:00Z"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    at = read_instant(NOW, None)  # type: ignore[arg-type]
    assert at is not None
    with mock.patch.object(time, "time_ns", return_value=at * 1000):
        yield


def files(**contents: str) -> None:
    for name, content in contents.items():
        Path(name.replace("__", ".")).write_text(content, encoding="utf-8")


def book(times: int = 1) -> None:
    files(sales__yaml=PLAYBOOK.replace("TIMES", str(times)))


def audited(run: Run, *arguments: str, status: int = 0) -> dict[str, Any]:
    """The audit by every engine, which must be the same, and end with the same status."""
    found = []
    for engine in ENGINES:
        done = run(
            "audit",
            "sales.yaml",
            *arguments,
            "--engine",
            engine,
            "--fail-on",
            "never",
            "--format",
            "json",
        )
        assert done.status == status, done.err
        found.append({**json.loads(done.out), "engine": ""})
    assert found[1:] == found[:-1]
    return found[0]


def unmet(data: dict[str, Any]) -> list[str]:
    return [finding["rule"] for finding in data["findings"]]


def test_two_tables_that_both_count_from_one(run: Run) -> None:
    book()
    files(deals__csv=DEALS, calls__csv="Id,Deal,When,What\n1,D1,2026-03-03,\n", values__csv=VALUES)
    files(m__yaml=TABLES)
    data = audited(run, "deals.csv", "calls.csv", "values.csv", "--map", "m.yaml")
    assert (data["history"]["events"], data["history"]["duplicates"]) == (4, 0)
    assert (unmet(data), data["problems"]) == ([], [])


def test_rows_that_differ_where_nothing_reads_them(run: Run) -> None:
    book(2)
    files(deals__csv=DEALS, values__csv=VALUES, m__yaml=BARE)
    calls = "Deal,When,Subject\nD1,2026-03-03,Intro\nD1,2026-03-03,CFO\nD1,2026-03-03,CFO\n"
    files(calls__csv=calls)
    given = ("deals.csv", "calls.csv", "values.csv", "--map", "m.yaml")
    data = audited(run, *given)
    assert (data["history"]["events"], data["history"]["duplicates"]) == (5, 1)
    assert unmet(data) == []
    kept = BARE.replace("files: calls*", "files: calls*\n    identical: keep")
    files(m__yaml=kept)
    data = audited(run, *given)
    assert (data["history"]["events"], data["history"]["duplicates"]) == (6, 0)


def test_an_id_that_comes_again(run: Run) -> None:
    book()
    history = (
        "deal,happened_at,kind,name,value,event_id\n"
        "D1,2026-03-02,stage,lead,,1\n"
        "D1,2026-03-03,activity,call,,2\n"
        "D1,2026-03-04,field,amount,0,3\n"
        "D1,2026-03-04,field,amount,500,3\n"
        "D1,2026-03-05,stage,proposal,,4\n"
        "D1,2026-03-05,stage,proposal,,4\n"
    )
    files(h__csv=history)
    data = audited(run, "h.csv")
    assert (data["history"]["events"], data["history"]["duplicates"]) == (4, 1)
    assert unmet(data) == ["proposal/entry/amount"]
    (problem,) = data["problems"]
    assert (problem["file"], problem["line"]) == ("h.csv", 5)
    assert problem["reason"] == 'the id "3" is taken: h.csv:4 has it with other content'
    done = run("import", "h.csv", "-o", "again.csv")
    assert done.err.endswith("; 1 repeated row counted once, 1 problem\n")
    assert run("import", "h.csv", "--strict", "-o", "none.csv").status == 2
    assert not Path("none.csv").exists()


def test_digits_beyond_the_microsecond_order(run: Run) -> None:
    book()
    rows = ("stage,proposal,", "field,amount,5", "activity,call,", "stage,lead,")
    lines = [
        f"D1,2026-03-02T10:00:00.000001{rest}Z,{row}"
        for rest, row in zip(("9", "5", "10", "0"), rows, strict=True)
    ]
    files(h__csv="\n".join(["deal,happened_at,kind,name,value", *lines, ""]))
    assert unmet(audited(run, "h.csv")) == []
    run("import", "h.csv", "-o", "again.ndjson")
    assert unmet(audited(run, "again.ndjson")) == []


@pytest.mark.thorough
@pytest.mark.parametrize("mapping", [TABLES, BARE], ids=["ids", "bare"])
@pytest.mark.parametrize("name", ["h.csv", "h.ndjson"])
def test_what_was_imported_is_audited_as_its_source(run: Run, mapping: str, name: str) -> None:
    book(2)
    calls = "Id,Deal,When,Subject\n1,D1,2026-03-03,Intro\n2,D1,2026-03-03,CFO\n"
    files(deals__csv=DEALS, calls__csv=calls, values__csv=VALUES, m__yaml=mapping)
    given = ("deals.csv", "calls.csv", "values.csv", "--map", "m.yaml")
    assert run("import", *given, "-o", name).status == 0
    source, again = audited(run, *given), audited(run, name)
    assert source["history"].pop("sources") != again["history"].pop("sources")
    assert source == again
    for events, new in ((5, 5), (5, 0), (5, 0)):
        done = run("import", *given, "--db", "l.db", "--playbook", "sales.yaml")
        assert f"{events} events of 1 deal read, {new} of them new" in done.err
    assert "0 of them new" in run("import", name, "--db", "l.db").err


def test_an_id_that_the_ledger_has_for_another(run: Run) -> None:
    book()
    row = "deal,happened_at,kind,name,value,event_id\nD1,2026-03-04,field,amount,{},3\n"
    files(a__csv=row.format(0), b__csv=row.format(500))
    run("import", "a.csv", "--db", "l.db", "--playbook", "sales.yaml")
    done = run("import", "b.csv", "--db", "l.db")
    assert "1 event of 1 deal read, 0 of them new" in done.err
    assert done.err.startswith('b.csv:2: the id "3" is taken: event 4 of l.db (field amount 0, ')
    assert "1 problem" in done.err


FUTURE = (
    "deal,happened_at,kind,name,value\n"
    "L,2026-05-01,stage,lead,\n"
    "L,2062-10-03,field,amount,5\n"
    "M,2026-05-02,stage,lead,\n"
    "M,2026-06-01T00:05:01Z,stage,proposal,\n"
)


def test_the_future_counts_only_where_it_is_reached(run: Run) -> None:
    book()
    files(h__csv=FUTURE)
    data = audited(run, "h.csv")
    assert data["as_of"] == "2026-05-02T00:00:00Z"
    assert [problem["line"] for problem in data["problems"]] == [3, 5]
    assert data["problems"][0]["reason"] == "2062-10-03T00:00:00Z lies in the future"
    data = audited(run, "h.csv", "--as-of", "2026-07-01")
    assert ([problem["line"] for problem in data["problems"]], len(unmet(data))) == ([3], 2)
    data = audited(run, "h.csv", "--as-of", "2063-01-01")
    assert (data["problems"], data["history"]["events"]) == ([], 4)
    assert run("audit", "sales.yaml", "h.csv", "--strict").status == 2


def test_the_future_enters_no_ledger(run: Run) -> None:
    book()
    files(h__csv=FUTURE)
    done = run("import", "h.csv", "--db", "l.db", "--playbook", "sales.yaml")
    assert "4 events of 2 deals read, 2 of them new" in done.err
    assert "h.csv:3: 2062-10-03T00:00:00Z lies in the future" in done.err
    assert run("move", "M", "proposal", "--db", "l.db").status == 1


def test_other_centuries_are_no_events(run: Run) -> None:
    book()
    stamps = ("1899-12-31T23:59:59Z", "2201-01-01T00:00:00+00:00", "0001-01-01", "9999-12-31")
    rows = "".join(f"D,{stamp},stage,won\n" for stamp in stamps)
    files(h__csv=f"deal,happened_at,kind,name\nD,2026-05-01,stage,lead\n{rows}")
    problems = audited(run, "h.csv")["problems"]
    assert [(problem["line"], problem["reason"]) for problem in problems] == [
        (line, f'happened_at "{stamp}" lies outside the years 1900 to 2200')
        for line, stamp in enumerate(stamps, start=3)
    ]


def test_a_history_of_the_future_alone(run: Run) -> None:
    book()
    files(h__csv="deal,happened_at,kind,name\nD,2062-05-01,stage,lead\n")
    data = audited(run, "h.csv", status=2)
    assert (data["as_of"], data["history"]["events"], len(data["problems"])) == (None, 0, 1)


def test_a_person_in_two_spellings(run: Run) -> None:
    book()
    rows = "D,2026-05-01,stage,lead,ann\nD,2026-05-02,activity,call,ANN\n"
    files(h__csv=f"deal,happened_at,kind,name,actor\n{rows}", p__csv="actor\nbo\nAnn\n")
    spots = audited(run, "h.csv", "--people", "p.csv")["blind_spots"]
    told = [spot["message"] for spot in spots if spot["kind"] == "actor"]
    assert told == ['actors "ANN" and "Ann" and "ann" differ only by case or spaces']
    ends = [spot["name"] for spot in spots if spot["kind"] == "end"]
    rules = [spot["name"] for spot in spots if spot["kind"] == "rule"]
    assert ends == ["won", "lost"]
    assert "lead/activity/call" in rules
