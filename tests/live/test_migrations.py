"""Versions in a ledger: the steps of `cases/versions/migrations.yaml`, and what they leave."""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from gate import SCHEMAS, Said, say
from jsonschema import Draft202012Validator

from live.on_server import raw
from playgate.conditions.instants import read_instant
from playgate.documents import yaml12
from playgate.ledger.migrations import Migrations
from playgate.ledger.store import LedgerError
from support.ledgers import check_all_ways

ON_BOTH = True

CASES = Path(__file__).parent.parent / "cases" / "versions" / "migrations.yaml"
STEP = re.compile(r"(?P<at>\d\d-\d\d(?:T\d\d:\d\d)?) (?P<command>.+?) -> (?P<expected>.+)")
CRM = "deal,happened_at,kind,name\nC,2026-03-01T00:00:00Z,stage,approach\n"


@cache
def file() -> dict[str, Any]:
    document, mistakes = yaml12.parse(CASES.read_bytes(), CASES.name)
    assert document is not None, mistakes
    data: dict[str, Any] = document.data
    return data


@cache
def text_of(name: str) -> str:
    told = file()["playbooks"][name]
    if isinstance(told, str):
        return told
    text = text_of(told["from"])
    for before, after in told.get("replace", {}).items():
        assert before in text, (name, before)
        text = text.replace(before, after)
    return text + told.get("add", "") + "\n"


class Runner:
    """Runs steps on a ledger of its own; the clock stands where the last step left it."""

    def __init__(self, folder: Path) -> None:
        self.db = folder / "deals.db"
        self.clock = 0
        for name in file()["playbooks"]:
            (folder / f"{name}.yaml").write_text(text_of(name), encoding="utf-8")
        (folder / "crm.csv").write_text(CRM, encoding="utf-8")
        self.folder = folder

    def say(self, *words: str) -> Said:
        return say(*words, db=self.db, clock=self.clock)

    def step(self, line: str) -> Said:
        found = STEP.fullmatch(line)
        assert found, f"not a step: {line}"
        at = found["at"] if "T" in found["at"] else f"{found['at']}T00:00"
        clock = read_instant(f"2026-{at}:00Z", UTC)
        assert clock is not None
        self.clock = max(clock, self.clock + 1)
        words = [
            str(self.folder / f"{word}.yaml") if word in file()["playbooks"] else word
            for word in shlex.split(found["command"])
        ]
        if words[0] == "import":
            words = ["import", str(self.folder / words[1]), "--db", str(self.db)]
        said = self.say(*words)
        status, *texts = found["expected"].split("; ")
        assert said.status == int(status), (line, said)
        for text in texts:
            assert text in said.out + said.err, (line, said)
        return said

    def findings(self, *options: str) -> list[str]:
        said = self.say(
            "audit", "--db", str(self.db), "--format", "json", "--fail-on", "never", *options
        )
        assert said.status == 0, said
        report = json.loads(said.out)
        return [
            f"{each['deal']} {each['rule']}@{each['version']} {each['state']}"
            for each in report["findings"]
            if each["level"] != "observe"
        ]


@pytest.mark.parametrize("case", file()["cases"], ids=lambda case: case["case"])
def test_steps(case: dict[str, Any], tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    for line in case["steps"]:
        runner.step(line)
    check_all_ways(runner.db)
    as_of = ("--as-of", case["as-of"]) if "as-of" in case else ()
    if "findings" in case:
        assert sorted(runner.findings(*as_of)) == sorted(case["findings"])
    for version, expected in case.get("under", {}).items():
        found = runner.findings("--under", str(version))
        assert sorted(found) == sorted(expected), version


def rows_of(db: Path) -> dict[str, list[tuple[Any, ...]]]:
    names = ("playbooks", "deals", "events", "decisions", "people", "migrations")
    with raw(db) as connection:
        return {name: sorted(connection.execute(f"SELECT * FROM {name}")) for name in names}  # noqa: S608


def in_flight(folder: Path) -> Runner:
    """Three deals in flight under version 1, and version 2 published."""
    runner = Runner(folder)
    for deal in "ABC":
        runner.step(f"03-01 open {deal} --playbook v1 -> 0")
    runner.step("03-02 publish mapped -> 0")
    return runner


def test_a_dry_run_changes_nothing_and_says_what_comes(tmp_path: Path) -> None:
    runner = in_flight(tmp_path)
    before = rows_of(runner.db)
    dry = runner.step("03-03 migrate --to 2 --dry-run --format json -> 0")
    assert rows_of(runner.db) == before
    done = runner.step("03-03 migrate --to 2 --format json -> 0")
    assert json.loads(done.out)["deals"] == json.loads(dry.out)["deals"]
    after = rows_of(runner.db)
    assert len(after["migrations"]) == 3
    assert {**after, "deals": before["deals"], "migrations": []} == before


def test_a_run_that_is_cut_short_migrates_no_deal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = in_flight(tmp_path)
    before = rows_of(runner.db)
    done = Migrations.add
    left = [1]

    def add(migrations: Migrations, row: Any) -> None:
        if not left:
            raise LedgerError("the disk is full: nothing was recorded")
        left.pop()
        done(migrations, row)

    with monkeypatch.context() as patched:
        patched.setattr(Migrations, "add", add)
        runner.step("03-03 migrate --to 2 -> 2; nothing was recorded")
    assert rows_of(runner.db) == before
    runner.step("03-03 migrate --to 2 -> 0; 3 deals migrated")


def test_answers_fit_their_schema(tmp_path: Path) -> None:
    schema = json.loads((SCHEMAS / "migration.schema.json").read_bytes())
    validator = Draft202012Validator(schema)
    runner = in_flight(tmp_path)
    runner.step("03-03 open D --playbook v1 --stage design -> 0")
    for line in (
        "03-04 publish third --format json -> 1",
        "03-04 publish mapped --format json -> 0",
        "03-05 migrate --to 2 --dry-run --format json -> 0",
        "03-05 migrate --to 2 --format json -> 0",
        "03-06 publish third --format json -> 0",
    ):
        validator.validate(json.loads(runner.step(line).out))
    said = runner.step("03-07 history D --format json -> 0")
    steps = [each for each in said.data["entries"] if each["kind"] == "migration"]
    keys = ("value", "name", "from_stage", "to_stage", "policy")
    assert [[each[key] for key in keys] for each in steps] == [
        ["1", "2", "design", "solution", "migrate"]
    ]


def test_each_version_is_counted_with_its_deals(tmp_path: Path) -> None:
    runner = in_flight(tmp_path)
    runner.step("03-03 open D --playbook mapped -> 0")
    runner.step("03-04 migrate --to 2 --deal A -> 0")
    said = runner.say("audit", "--db", str(runner.db), "--format", "json", "--fail-on", "never")
    report = json.loads(said.out)
    found = {each["version"]: each["deals"] for each in report["playbooks"]}
    assert found == {"1": 2, "2": 2}
    assert report["history"]["deals"] == 4
    counted = json.loads(runner.say("kpi", "--db", str(runner.db), "--format", "json").out)
    assert counted["basis"]["deals"] == 4
