"""`deals`: where the deals of a ledger stand, who is wanted, and what comes first."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from gate import Said, check_schema, say

from playgate.conditions.instants import read_instant, to_datetime

ON_BOTH = True

PLAYBOOK = """\
playbook: small
version: 1
timezone: Europe/Paris
fields: {amount: {type: number}, owner: {type: text}}
activities: {call: {title: Call}, meeting: {title: Meeting}}
applies_to: {not: {field: amount, equals: 1}}
stages:
  - stage: a
    title: First
    activities: [{do: call, within: 10 days}]
    time_limit: 20 days
  - {stage: b, exit: [{field: amount, is: present}]}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
limits: {idle: {after: 30 days}}
rules: {"*/entered": {level: observe}, "a/within/call": {level: warn}}
"""
PEOPLE = "actor,name,role,team\nann,Ann Berg,rep,North\nbob,Bob Stone,rep,South\n"
AT = "2026-03-25T12:00:00Z"
# late: a call is missing, and it is stuck; soon: its call falls due on the 26th; bare: it passed
# without a call; won: it ended; out: not governed.
EVENTS = """\
deal,happened_at,kind,name,value,actor
late,2026-03-02T09:00:00Z,stage,a,,ann
soon,2026-03-16T09:00:00Z,stage,a,,bob
bare,2026-03-20T09:00:00Z,stage,a,,ann
bare,2026-03-21T09:00:00Z,stage,b,,ann
won,2026-03-01T09:00:00Z,stage,a,,ann
won,2026-03-02T09:00:00Z,stage,won,,ann
out,2026-03-24T08:00:00Z,field,amount,1,bob
out,2026-03-24T09:00:00Z,stage,a,,bob
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "list.db"
    text = PLAYBOOK.replace("{after: 30 days}", "30 days")
    for name, content in {"p.yaml": text, "h.csv": EVENTS, "who.csv": PEOPLE}.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    words = ("import", str(tmp_path / "h.csv"), "--db", str(path))
    assert say(*words, "--playbook", str(tmp_path / "p.yaml"), db=path).status == 0
    assert say("people", str(tmp_path / "who.csv"), db=path).status == 0
    return path


def listed(ledger: Path, *words: str, at: str = AT) -> list[dict[str, Any]]:
    said = say("deals", "--at", at, "--format", "json", *words, db=ledger)
    assert said.status == 0, said
    data = json.loads(said.out)
    check_schema(data)
    return list(data["deals"])


def names(ledger: Path, *words: str, at: str = AT) -> list[str]:
    return [each["deal"] for each in listed(ledger, *words, at=at)]


def test_what_needs_attention_comes_first(ledger: Path) -> None:
    assert names(ledger) == ["late", "bare", "soon", "out"]
    assert names(ledger, "--all") == ["late", "bare", "soon", "out", "won"]


def test_a_deal_says_where_it_stands(ledger: Path) -> None:
    late, bare, soon, out = listed(ledger)
    assert (late["stage"], late["stage_title"], late["rep"], late["name"], late["team"]) == (
        "a",
        "First",
        "ann",
        "Ann Berg",
        "North",
    )
    assert [(each["rule"], each["level"], each["overdue"]) for each in late["open"]] == [
        ("a/within/call", "warn", True)
    ]
    assert late["stuck_since"] == "2026-03-22T09:00:00Z"
    assert late["idle_since"] is None
    assert [each["rule"] for each in bare["open"]] == ["a/activity/call"]
    assert (bare["since"], bare["stuck_since"]) == ("2026-03-21T09:00:00Z", None)
    assert soon["ahead"][0]["rule"] == "a/within/call"
    assert soon["ahead"][0]["due_at"] == "2026-03-26T09:00:00Z"
    assert (out["governed"], out["open"], out["ahead"]) == (False, [], [])


def test_why_a_deal_is_not_governed(ledger: Path) -> None:
    """In the gate's words, even as of when no move is asked about."""
    said = "not governed: small applies where not (amount is 1)"
    assert said in " ".join(say("deals", "--at", AT, db=ledger).out.split())
    for at in (AT, "2026-03-24T08:30:00Z"):
        assert f"{said}; amount is 1; required:" in say("next", "out", "--at", at, db=ledger).out


def test_idle_is_told_since_when(ledger: Path) -> None:
    late = next(each for each in listed(ledger, at="2026-04-05") if each["deal"] == "late")
    assert late["idle_since"] == "2026-04-01T09:00:00Z"
    assert (
        say("log", "late", "call", "--at", "2026-04-04T09:00:00Z", db=ledger, clock=CLOCK).status
        == 0
    )
    late = next(each for each in listed(ledger, at="2026-04-05") if each["deal"] == "late")
    assert late["idle_since"] is None


@pytest.mark.parametrize(
    ("stage", "idle_since"),
    [("idle: 5 days", "2026-03-15T09:00:00Z"), ("activities: [{do: call, every: 5 days}]", None)],
    ids=["any step ends a silence", "no call is no silence"],
)
def test_a_stage_has_its_own_silence(tmp_path: Path, stage: str, idle_since: str | None) -> None:
    text = PLAYBOOK.replace("limits: {idle: {after: 30 days}}\n", "")
    text = text.replace("activities: [{do: call, within: 10 days}]", stage)
    text = text.replace(', "a/within/call": {level: warn}', "")
    book, db = tmp_path / "small.yaml", tmp_path / "silent.db"
    book.write_text(text, encoding="utf-8")
    opened = ("open", "d", "--playbook", str(book), "--at", "2026-03-02T09:00:00Z")
    logged = ("log", "d", "meeting", "--at", "2026-03-10T09:00:00Z")
    for words in (opened, logged):
        assert say(*words, db=db, clock=CLOCK).status == 0
    (line,) = listed(db, at="2026-03-20")
    assert line["idle_since"] == idle_since
    assert [each["overdue"] for each in line["open"]] == [True]


CLOCK = read_instant("2026-04-05T09:00:00Z", to_datetime(0).tzinfo) or 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--rep", "ann"), ["late", "bare"]),
        (("--rep", "Bob Stone"), ["soon", "out"]),
        (("--team", "South"), ["soon", "out"]),
        (("--stage", "b"), ["bare"]),
        (("--stage", "won"), []),
        (("--stage", "won", "--all"), ["won"]),
        (("--playbook", "small@1"), ["late", "bare", "soon", "out"]),
        (("--due", "overdue"), ["late"]),
        (("--due", "today"), []),
        (("--due", "1 day"), ["soon"]),
        (("--due", "This Week"), ["soon"]),
        (("--due", "60 days"), ["late", "bare", "soon"]),
    ],
)
def test_only_who_is_wanted(ledger: Path, words: tuple[str, ...], found: list[str]) -> None:
    assert names(ledger, *words) == found


def test_a_week_ends_on_sunday_where_the_playbook_is(ledger: Path) -> None:
    """The call of `soon` is due at 09:00 in UTC on Thursday the 26th."""
    assert names(ledger, "--due", "this week", at="2026-03-22T21:59:00Z") == []  # a Sunday there
    assert names(ledger, "--due", "this week", at="2026-03-22T23:01:00Z") == ["soon"]


@pytest.mark.parametrize(
    ("words", "said", "hint"),
    [
        (("--stage", "wonn"), 'no stage "wonn"', "won"),
        (("--team", "Nord"), 'no team "Nord"', "North"),
        (("--playbook", "smal"), 'no playbook "smal"', "small"),
        (("--due", "tody"), '"tody" is no span of time', "today"),
        (("--due", "soon"), '"soon" is no span of time', "3 days"),
        (("--at", "yesterday"), '"yesterday" is no date', ""),
    ],
)
def test_what_nobody_knows(ledger: Path, words: tuple[str, ...], said: str, hint: str) -> None:
    told = say("deals", *words, db=ledger)
    assert (told.status, told.out) == (2, "")
    assert said in told.err
    assert hint in told.err


def test_text_fits_and_counts_what_it_leaves_out(ledger: Path) -> None:
    told = say("deals", "--at", AT, "--limit", "2", db=ledger)
    lines = told.out.splitlines()
    assert lines[0] == "4 deals as of 2026-03-25T13:00, 1 with something overdue"
    assert lines[-1] == "  and 2 more deals (--limit)"
    assert max(map(len, lines)) <= 100
    assert "overdue: a/within/call" in told.out
    assert "stuck since 2026-03-22" in told.out
    assert say("deals", "--at", AT, "--stage", "won", db=ledger).out == "no such deal\n"


def test_csv_has_a_row_for_each(ledger: Path) -> None:
    said: Said = say("deals", "--at", AT, "--format", "csv", db=ledger)
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert [row["deal"] for row in rows] == ["late", "bare", "soon", "out"]
    assert (rows[0]["overdue"], rows[0]["open_warn"], rows[1]["open_block"]) == ("1", "1", "1")
    assert (rows[2]["next_due"], rows[3]["governed"]) == ("a/within/call", "no")


def test_next_without_a_deal_points_there(ledger: Path) -> None:
    told = say("next", db=ledger)
    assert told.status == 2
    assert "next needs DEAL" in told.err
    assert "playgate deals lists them" in told.err
