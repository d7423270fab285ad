"""Deals that begin in a ledger while an experiment runs: each is pinned to its arm, and stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from playgate.cli.group import playgate
from playgate.errors import InputError
from playgate.playbook.load import load_playbook
from playgate.versions.arms import drawn

TEXT = """
playbook: small
version: 1
fields: {owner: {type: text}}
activities: {call: {title: Call}}
stages:
  - {stage: lead, activities: [{do: call, times: 1}]}
  - {stage: offer}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
coaching: {minimum: 1}
experiments:
  two-calls:
    change: {rule: lead/activity/call, times: 2}
    arms: ARMS
    from: 2026-01-01
    until: 2026-03-31
    measure: closing-ratio
    guard: cycle
"""
HALF = "{share: 50 %, key: two}"
PEOPLE = "actor,team\nann,North\nbob,South\ncyd,South\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLAYGATE_DB", "deals.db")
    _write()
    Path("people.csv").write_text(PEOPLE, encoding="utf-8")


def _write(arms: str = HALF, **changed: str) -> None:
    text = TEXT.replace("ARMS", arms)
    for old, new in changed.items():
        text = text.replace(f"{old}: 1\n", f"{old}: {new}\n")
    Path("small.yaml").write_text(text, encoding="utf-8")


def run(*words: str) -> Any:
    """What a command answers, as JSON where it knows that form."""
    found = CliRunner().invoke(playgate, words)
    if isinstance(found.exception, InputError):
        raise found.exception
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return json.loads(found.output) if "json" in words else found.output


def began(deal: str, by: str = "ann", at: str = "2026-02-02") -> None:
    run("open", deal, "--playbook", "small.yaml", "--by", by, "--at", at)


def goes_on(deal: str) -> bool:
    """Whether one call is enough for a deal."""
    run("log", deal, "call", "--by", "ann", "--at", "2026-02-03")
    decision = run("check", deal, "offer", "--at", "2026-02-04", "--format", "json")
    allowed: bool = decision["allowed"]
    return allowed


def judged() -> dict[str, int]:
    """How many deals each version judges."""
    found = run("audit", "--db", "", "--as-of", "2026-06-30", "--format", "json")
    return {each["version"]: each["deals"] for each in found["playbooks"] if each["deals"]}


def test_open_pins_each_deal_to_the_arm_that_it_is_drawn_into() -> None:
    experiment = load_playbook(Path("small.yaml")).experiments[0]
    deals = [f"D-{n}" for n in range(12)]
    for deal in deals:
        began(deal)
    treated = {deal for deal in deals if drawn(experiment, "small", deal)}
    assert 2 < len(treated) < 10
    assert {deal for deal in deals if not goes_on(deal)} == treated
    assert judged() == {"1": 12 - len(treated), "1+two-calls": len(treated)}
    assert "small version 1+two-calls, small version 1" in run("ledger", "show")
    assert "the ledger is what was recorded" in run("ledger", "verify")


def test_a_deal_that_begins_outside_the_time_is_in_no_arm() -> None:
    _write("{share: 99.99 %}")
    began("D-1", at="2025-12-31")
    began("D-2", at="2026-04-01")
    began("D-3", at="2026-03-31")
    assert judged() == {"1": 2, "1+two-calls": 1}


def test_teams_are_as_they_were_when_the_deal_began() -> None:
    _write("{teams: [North]}")
    run("publish", "small.yaml")
    run("people", "people.csv")
    began("D-1", by="ann")
    began("D-2", by="bob")
    assert (goes_on("D-1"), goes_on("D-2")) == (False, True)
    Path("people.csv").write_text(
        PEOPLE.replace("ann,North", "ann,South").replace("bob,South", "bob,North"), encoding="utf-8"
    )
    run("people", "people.csv")
    assert judged() == {"1": 1, "1+two-calls": 1}
    began("D-3", by="bob")
    assert not goes_on("D-3")
    told = run("experiment", "--db", "", "--as-of", "2026-02-28", "--format", "json")
    assert [arm["deals"] for arm in told["experiments"][0]["arms"]] == [1, 2]
    assert told["experiments"][0]["measure"] is None


def test_an_owner_counts_before_who_opens_the_deal() -> None:
    _write("{teams: [North]}")
    run("publish", "small.yaml")
    run("people", "people.csv")
    run("open", "D-1", "owner=ann", "--by", "bob", "--at", "2026-02-02")
    assert not goes_on("D-1")


def test_an_import_pins_what_the_ledger_does_not_know() -> None:
    experiment = load_playbook(Path("small.yaml")).experiments[0]
    deals = [f"D-{n}" for n in range(20)]
    rows = [f"{deal},2026-02-02T10:00:00Z,stage,lead,,ann" for deal in deals]
    history = "deal,happened_at,kind,name,value,actor\n"
    Path("history.csv").write_text(history + "\n".join(rows), encoding="utf-8")
    run("import", "history.csv", "--db", "deals.db", "--playbook", "small.yaml")
    treated = sum(drawn(experiment, "small", deal) for deal in deals)
    assert judged() == {"1": 20 - treated, "1+two-calls": treated}
    Path("history.csv").write_text(
        history + "\n".join(row.replace("2026-02-02", "2026-02-01") for row in rows), "utf-8"
    )
    run("import", "history.csv", "--db", "deals.db")
    assert judged() == {"1": 20 - treated, "1+two-calls": treated}


def test_where_the_crm_keeps_the_record_a_question_pins_the_deal() -> None:
    _write("{reps: [ann]}")
    run("ledger", "new", "--record", "crm")
    run("publish", "small.yaml")
    for deal, by in (("D-1", "ann"), ("D-2", "bob")):
        run("ask", deal, "lead", "--by", by, "--at", "2026-02-02")
    found = {deal: run("next", deal, "--format", "json") for deal in ("D-1", "D-2")}
    assert [each["playbook"]["version"] for each in found.values()] == ["1+two-calls", "1"]


def test_no_deal_is_carried_into_an_arm_nor_out_of_it_by_its_own_version() -> None:
    _write("{share: 99.99 %}")
    began("D-1")
    assert "0 deals migrated" in run("migrate", "--to", "1")
    with pytest.raises(InputError, match="is for the deals that began in an experiment"):
        run("migrate", "--to", "1+two-calls")
    _write("{share: 99.99 %}", version="2")
    run("publish", "small.yaml")
    began("D-2")
    assert judged() == {"1+two-calls": 1, "2+two-calls": 1}
    told = run("experiment", "--db", "", "--as-of", "2026-03-01", "--format", "json")
    assert [arm["deals"] for arm in told["experiments"][0]["arms"]] == [0, 2]


def test_what_came_of_it_stays_in_the_ledger_once() -> None:
    for number in range(24):
        began(f"D-{number}", by=("ann", "bob", "cyd", "dan")[number % 4])
        stage = "won" if number % 3 else "lost"
        run("log", f"D-{number}", "call", "--at", "2026-02-03")
        run("log", f"D-{number}", "call", "--at", "2026-02-03T01:00:00Z")
        run("move", f"D-{number}", "offer", "--at", "2026-02-04")
        run("move", f"D-{number}", stage, "--at", "2026-02-05")
    words = ("experiment", "--db", "", "--keep", "--format", "json")
    with pytest.raises(InputError, match="no experiment is over yet"):
        run(*words, "--as-of", "2026-03-01")
    first = run(*words, "--as-of", "2026-06-30")
    again = run(*words, "--as-of", "2026-06-30")
    assert again["experiments"][0]["kept"] == first["experiments"][0]["kept"]
    (kept,) = again["experiments"][0]["kept"]
    measure = again["experiments"][0]["measure"]
    assert kept["difference"] == measure["difference"]
    assert kept["control"] + kept["treated"] == 24
    shown = run("experiment", "--db", "", "--as-of", "2026-06-30")
    assert "What the ledger keeps of two-calls" in shown
    assert not {"ann", "bob", "cyd", "dan"} & set(shown.split())
    assert "the ledger is what was recorded" in run("ledger", "verify")


def test_a_plan_of_a_ledger_reads_the_arms_of_before_as_they_would_have_been() -> None:
    rows = [
        f"D-{n},2025-11-{1 + n % 28:02}T10:00:00Z,stage,{stage},,{'abcdef'[n % 6]}"
        for n in range(90)
        for stage in ("lead", "won" if n % 3 else "lost")
    ]
    header = "deal,happened_at,kind,name,value,actor"
    Path("history.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    run("import", "history.csv", "--db", "deals.db", "--playbook", "small.yaml")
    words = ("experiment", "--as-of", "2025-12-15", "--format", "json")
    by_file = run(*words, "small.yaml", "history.csv")["experiments"][0]["plan"]
    by_ledger = run(*words, "--db", "")["experiments"][0]["plan"]
    assert by_ledger == by_file
    assert by_ledger["needed"] is not None
