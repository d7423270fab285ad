"""The public door: what it gives, what it takes, and that it means what the command line means."""

from __future__ import annotations

import gc
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import playgate
from playgate.history.read import read_history

ROOT = Path(__file__).parents[2]
BANK = ROOT / "playbooks" / "bank-sales"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SMALL = """\
playbook: small
version: 1
timezone: Europe/Paris
fields:
  amount: {type: number}
  due: {type: date}
  sure: {type: boolean}
activities:
  call: {}
stages:
  - stage: first
    activities: [call]
  - stage: second
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL, encoding="utf-8")
    return file


@pytest.fixture
def gate(tmp_path: Path, small: Path) -> Iterator[playgate.Session]:
    with playgate.open_ledger(tmp_path / "l.db", create=True, now=NOON, by="ann") as session:
        session.publish(small)
        session.open("d")
        yield session


def public() -> list[tuple[str, Any]]:
    api = import_module("playgate.api")
    return [(name, getattr(playgate, name)) for name in api.__all__]


def test_importing_it_loads_nothing_heavy() -> None:
    told = "import sys, playgate; print(*(m for m in sys.modules if m.startswith('playgate')))"
    loaded = subprocess.run(
        [sys.executable, "-c", told],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "engine")},
    ).stdout.split()
    assert sorted(loaded) == ["playgate", "playgate.version"]


@pytest.mark.parametrize(("name", "value"), public())
def test_all_that_is_public_says_what_it_is(name: str, value: Any) -> None:
    assert inspect.getdoc(value)
    assert name in dir(playgate)
    if inspect.isclass(value) and value is playgate.Session:
        methods = inspect.getmembers(value, inspect.isfunction)
        assert all(inspect.getdoc(each) for key, each in methods if not key.startswith("_"))


def test_what_is_not_public_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Explainer'"):
        playgate.Explainer  # noqa: B018


def test_a_whole_audit_is_that_of_the_command_line(tmp_path: Path) -> None:
    playbook = playgate.load(BANK / "bank-sales.yaml")
    people = playgate.load_people(BANK / "people.csv")
    asked: dict[str, Any] = {"people": people, "as_of": "2026-10-31", "now": NOON}
    result = playgate.audit_history(playbook, BANK / "history.csv", **asked)
    events = list(read_history([str(BANK / "history.csv")], report=pytest.fail))
    again = playgate.audit_history(playbook, events, **asked)
    assert (result.met, result.unmet, result.waived) == (again.met, again.unmet, again.waived)
    assert [each.message for each in result.findings] == [each.message for each in again.findings]
    judged = playgate.judge_deals(playbook, events, people=people, as_of="2026-10-31")
    counted = [each.verdict for deal in judged for each in deal.verdicts if each.due_at is not None]
    tallied = sum(each.met + each.unmet + each.waived for each in result.rules)
    assert len(counted) == tallied
    command = "audit bank-sales.yaml history.csv --people people.csv --as-of 2026-10-31"
    command += " --format json"
    said = subprocess.run(
        [sys.executable, "-m", "playgate.cli.main", *command.split()],
        cwd=BANK,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT / "engine"), "HOME": str(tmp_path)},
    )
    report = json.loads(said.stdout)
    assert len(report["findings"]) == len(result.findings)
    assert [each["met"] for each in report["rules"]] == [each.met for each in result.rules]


def test_the_collector_of_garbage_is_left_as_it_was() -> None:
    playbook = playgate.load(BANK / "bank-sales.yaml")
    assert gc.isenabled()
    playgate.audit_history(playbook, BANK / "history.csv", as_of="2026-10-31", now=NOON)
    assert gc.isenabled()


def test_the_future_counts_only_where_it_is_reached(small: Path) -> None:
    playbook = playgate.load(small)
    events = [
        playgate.event("d", NOON, "stage", "first"),
        playgate.event("d", NOON + timedelta(days=9), "stage", "second"),
    ]
    now = playgate.audit_history(playbook, events, now=NOON)
    assert (now.unmet, [each.line for each in now.problems]) == (0, [2])
    later = playgate.audit_history(playbook, events, now=NOON, as_of="2026-03-20")
    assert (later.unmet, later.problems) == (1, ())


def test_verdicts_go_to_a_file(tmp_path: Path, small: Path) -> None:
    file = tmp_path / "verdicts.csv"
    events = [
        playgate.event("d", NOON, "stage", "first"),
        playgate.event("d", NOON + timedelta(hours=1), "stage", "second"),
    ]
    result = playgate.audit_history(playgate.load(small), events, verdicts=file)
    rows = file.read_text(encoding="utf-8").splitlines()[1:]
    assert len(rows) == sum(each.met + each.unmet + each.waived for each in result.rules) > 0


def test_parts_of_an_audit_are_tables(small: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    result = playgate.audit_history(
        playgate.load(small), [playgate.event("d", NOON, "stage", "first")]
    )
    table = playgate.arrow(result, "rules")
    assert isinstance(table, pyarrow.Table)
    assert table["id"].to_pylist() == [each.rule.id for each in result.rules]
    with pytest.raises(playgate.InputError, match='no table "rule"') as error:
        playgate.arrow(result, "rule")  # type: ignore[arg-type]
    assert error.value.code == "wrong-value"


def test_events_that_are_none() -> None:
    for wrong in ({"kind": "stge"}, {"deal": " "}, {"name": ""}, {"happened_at": "yesterday"}):
        told: dict[str, Any] = {"deal": "d", "happened_at": NOON, "kind": "stage", "name": "first"}
        with pytest.raises(playgate.InputError) as error:
            playgate.event(**{**told, **wrong})
        assert error.value.code == "wrong-value"


@pytest.mark.parametrize(
    "at",
    [
        NOON - timedelta(hours=1),
        datetime(2026, 3, 2, 12),
        datetime(2026, 3, 2, 12, tzinfo=timezone(timedelta(hours=1))),
        "2026-03-02T12:00:00",
        "2026-03-02T11:00:00Z",
        1_772_449_200_000_000,
    ],
)
def test_instants_are_given_in_many_ways(gate: playgate.Session, at: Any) -> None:
    fact = gate.log("d", "call", at=at)
    assert playgate.instant(fact.events[0].happened_at) == NOON - timedelta(hours=1)


@pytest.mark.parametrize(
    ("value", "text"),
    [(12500, "12500"), (12.5, "12.5"), (Decimal("12.50"), "12.50"), ("7", "7"), (None, "")],
)
def test_values_of_fields(gate: playgate.Session, value: Any, text: str) -> None:
    fact = gate.set("d", {"amount": value, "due": date(2026, 3, 9), "sure": True})
    assert isinstance(fact, playgate.RecordedFact)
    assert [event.value for event in fact.events] == [text, "2026-03-09", "true"]


def test_a_value_that_somebody_may_not_set_is_answered_with_a_decision(tmp_path: Path) -> None:
    file = tmp_path / "owned.yaml"
    file.write_text(
        "{playbook: p, version: 1, roles: [desk], fields: {cut: {type: number, by: desk}},"
        " stages: [{stage: a}, {stage: won, ends: won}, {stage: lost, ends: lost}]}",
        encoding="utf-8",
    )
    with playgate.open_ledger(tmp_path / "deals.db", create=True) as gate:
        gate.open("d", playbook=file)
        refused = gate.set("d", {"cut": 5}, by="ann")
        assert isinstance(refused, playgate.Decision)
        assert (refused.allowed, refused.fields) == (False, ("cut",))
        assert not [each for each in gate.history("d").entries if each.kind == "field"]


def test_equal_commands_are_two_events_and_a_known_id_is_one(gate: playgate.Session) -> None:
    assert [gate.log("d", "call").added, gate.log("d", "call").added] == [1, 1]
    assert [gate.log("d", "call", id="c").added, gate.log("d", "call", id="c").added] == [1, 0]
    with pytest.raises(playgate.InputError) as error:
        gate.set("d", {"amount": 1}, id="c")
    assert error.value.code == "id-taken"


def test_what_raises_records_nothing(gate: playgate.Session) -> None:
    before = gate.history("d")
    for wrong in (
        lambda: gate.log("d", "cal"),
        lambda: gate.set("d", {"amout": 1}),
        lambda: gate.set("d", {}),
        lambda: gate.move("d", "third"),
        lambda: gate.log("e", "call"),
        lambda: gate.log("d", "call", at="2031-01-01"),
        lambda: gate.do({"command": "log", "deal": "d", "activity": "call", "date": "2026-03-02"}),
    ):
        with pytest.raises(playgate.InputError) as error:
            wrong()
        assert error.value.code not in ("bug", "wrong-input")
    assert gate.history("d") == before


def test_many_requests_stand_alone(gate: playgate.Session) -> None:
    asked = [
        {"command": "log", "deal": "d", "activity": "call"},
        {"command": "log", "deal": "d", "activity": "cal"},
        {"command": "move", "deal": "d", "stage": "second"},
    ]
    logged, wrong, moved = (each for commit in gate.do_all(asked) for each in commit)
    assert isinstance(logged, playgate.RecordedFact)
    assert isinstance(wrong, playgate.InputError)
    assert isinstance(moved, playgate.Decision)
    assert moved.allowed


def test_a_playbook_that_changed_since_it_was_read(
    gate: playgate.Session, small: Path, tmp_path: Path
) -> None:
    playbook = playgate.load(small)
    small.write_text(SMALL.replace("version: 1", "version: 2"), encoding="utf-8")
    with pytest.raises(playgate.InputError, match="not what it was"):
        gate.open("e", playbook=playbook)


def test_the_crm_keeps_the_record(tmp_path: Path, small: Path) -> None:
    file = tmp_path / "crm.db"
    with playgate.open_ledger(file, record="crm", now=lambda: NOON, by="ann") as gate:
        facts = [
            {"kind": "stage", "name": "first", "happened_at": "2026-03-01T08:00:00Z"},
            {"kind": "activity", "name": "call", "happened_at": "2026-03-01T09:00:00Z"},
        ]
        gate.publish(small)
        decision = gate.ask("d", "second", facts=facts)
        assert decision.allowed
        assert decision.decision_id
        assert [each.stage for each in gate.allowed("d").stages] == [
            "first",
            "second",
            "won",
            "lost",
        ]
        found = gate.reconcile()
        assert [each.deal for each in found.of("allowed-but-not-made")] == ["d"]
        with pytest.raises(playgate.InputError) as error:
            gate.move("d", "second")
        assert error.value.code == "wrong-record"
    with pytest.raises(playgate.InputError) as error:
        playgate.open_ledger(file, record="crm")
    assert error.value.code == "ledger-exists"


def test_waivers_retractions_merges_and_audits_of_a_ledger(
    gate: playgate.Session, tmp_path: Path
) -> None:
    assert not gate.move("d", "second").allowed
    request = gate.request_waiver("d", "first/activity/call", "they called us")
    with pytest.raises(playgate.InputError, match="own"):
        gate.approve_waiver(request.id)
    gate.approve_waiver(request.id, by="bob")
    assert gate.move("d", "second").allowed
    call = gate.log("d", "call").events[0]
    gate.retract("d", call.event_id, "it was another deal")
    gate.open("e")
    gate.merge("e", "d")
    assert gate.next("e").deal == "d"
    result = playgate.audit_ledger(tmp_path / "l.db", now=NOON + timedelta(days=1))
    assert (result.history.deals, result.waived) == (1, 1)
