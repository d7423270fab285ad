"""The cases of `cases/versions/plan.yaml`, and what is printed of one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from playgate.cli.group import playgate
from playgate.documents import yaml12

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "versions" / "plan.yaml"
KINDS = ("blocked", "freed", "more", "less", "stranded", "flagged", "cleared")
EVENT = re.compile(r"(\d\d) (\w+) (\w+) (\w+)(?: = (\w+))?(?: by (\w+))?")


@cache
def file() -> dict[str, Any]:
    document, mistakes = yaml12.parse(CASES.read_bytes(), CASES.name)
    assert document is not None, mistakes
    data: dict[str, Any] = document.data
    return data


def case_named(name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in file()["cases"] if each["case"] == name)
    return found


def written(case: dict[str, Any], folder: Path) -> tuple[str, str, str]:
    """The two versions and the history, as files."""
    old = file()["playbook"]
    new = old.replace("version: 1", "version: 2", 1)
    for before, after in case["replace"].items():
        assert before in new, before
        new = new.replace(before, after, 1)
    rows = ["deal,happened_at,kind,name,value,actor"]
    for line in file()["history"].splitlines():
        found = EVENT.fullmatch(line)
        assert found, line
        day, deal, kind, name, value, actor = found.groups("")
        rows.append(f"{deal},2026-03-{day}T09:00:00Z,{kind},{name},{value},{actor}")
    texts = {"old.yaml": old, "new.yaml": new, "history.csv": "\n".join(rows) + "\n"}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return "old.yaml", "new.yaml", "history.csv"


def run(*words: str) -> Result:
    return CliRunner().invoke(playgate, ["plan", *words], standalone_mode=False)


def planned(case: dict[str, Any], folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    as_of = ["--as-of", case["as-of"]] if "as-of" in case else []
    said = run(*written(case, folder), "--format", "json", *as_of, *options)
    assert said.exception is None, said.exception
    data: dict[str, Any] = json.loads(said.stdout)
    _validator().validate(data)
    return int(said.return_value), data


@cache
def _validator() -> Draft202012Validator:
    schemas = [
        json.loads((ROOT / "schemas" / f"{name}.schema.json").read_bytes())
        for name in ("plan", "diff")
    ]
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas
    )
    return Draft202012Validator(schemas[0], registry=registry)


def told(kind: str, deal: dict[str, Any]) -> str:
    value = deal[kind]
    if isinstance(value, dict):
        return f"{deal['deal']} {value['to_stage']}: {', '.join(value['rules'])}"
    return f"{deal['deal']}: {value if isinstance(value, str) else ', '.join(value)}"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLAYGATE_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("case", file()["cases"], ids=lambda case: case["case"])
def test_a_change_hits_these_deals(case: dict[str, Any], tmp_path: Path) -> None:
    people = [f"{actor},{role}" for actor, role in case.get("people", {}).items()]
    (tmp_path / "people.csv").write_text("\n".join(["actor,role", *people]), encoding="utf-8")
    options = ("--people", "people.csv") if people else ()
    status, plan = planned(case, tmp_path, *options)
    found = {
        kind: sorted(told(kind, deal) for deal in plan["deals"] if deal[kind]) for kind in KINDS
    }
    assert found == {kind: sorted(case["impact"].get(kind, [])) for kind in KINDS}
    assert {kind: plan[kind]["deals"] for kind in KINDS} == {k: len(v) for k, v in found.items()}
    assert plan["stops_publish"] == case.get("stops", False)
    assert plan["roles_unknown"] == case.get("roles_unknown", False)
    assert status == case["status"]


def test_what_they_are_worth_and_how_they_ended(tmp_path: Path) -> None:
    _, plan = planned(case_named("the past is judged otherwise"), tmp_path)
    assert plan["amount"] == {"field": "amount", "unit": "EUR"}
    counts = ("deals", "amount", "apart", "won", "lost", "won_share")
    assert tuple(plan["flagged"][name] for name in counts) == (1, 1000, {}, 1, 0, 1)
    assert tuple(plan["ended"][name] for name in counts) == (2, 1000, {}, 1, 1, 0.5)
    assert [(rule["id"], rule["flagged"]) for rule in plan["rules"]] == [("design/exit/note", 1)]
    assert [(rep["actor"], rep["was"], rep["now"]) for rep in plan["reps"]] == [("ann", 1, 2)]
    assert plan["history"] == {"events": 20, "deals": 5, "in_flight": 3}


def test_another_field_may_tell_what_they_are_worth(tmp_path: Path) -> None:
    case = case_named("a stage that is gone")
    _, plan = planned(case, tmp_path, "--amount", "worth")
    assert plan["stranded"]["amount"] == 7
    said = run(*written(case, tmp_path), "--amount", "note")
    assert "no field that is a number" in str(said.exception)


def test_what_is_printed(tmp_path: Path, golden: Callable[[str, str], None]) -> None:
    case = case_named("a rule more at the gate, met by one deal and not by another")
    files = written(case, tmp_path)
    golden("plan.txt", run(*files).stdout)
    golden("plan.md", run(*files, "--format", "markdown").stdout)
    stopped = written(case_named("a stage that is gone"), tmp_path)
    golden("plan-stopped.txt", run(*stopped).stdout)


def test_who_forgot_to_raise_the_version_is_told(tmp_path: Path) -> None:
    files = written(case_named("a rule less at the gate"), tmp_path)
    new = Path("new.yaml")
    assert "raise it" not in run(*files).stdout
    new.write_text(new.read_text().replace("version: 2", "version: 1", 1))
    assert "Both are version 1: raise it in the new one" in run(*files).stdout
    new.write_text(Path("old.yaml").read_text())
    assert "raise it" not in run(*files).stdout


def test_a_ledger_is_replayed_like_the_file_it_came_from(tmp_path: Path) -> None:
    case = case_named("a rule more at the gate, met by one deal and not by another")
    old, new, history = written(case, tmp_path)
    words = ["import", history, "--db", "deals.db", "--playbook", old]
    assert CliRunner().invoke(playgate, words, standalone_mode=False).exception is None
    from_file, from_ledger = (
        json.loads(run(old, new, *source, "--format", "json").stdout)
        for source in ([history], ["--db", "deals.db"])
    )
    assert from_ledger == from_file


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "a history, or a ledger"),
        (("history.csv", "--db", "deals.db"), "a history, or a ledger"),
        (("history.csv", "--as-of", "soon"), "is no date"),
        (("--db", "none.db"), "there is no ledger"),
    ],
)
def test_wrong_input(words: tuple[str, ...], message: str, tmp_path: Path) -> None:
    files = written(case_named("nothing changes"), tmp_path)
    assert message in str(run(*files[:2], *words).exception)
