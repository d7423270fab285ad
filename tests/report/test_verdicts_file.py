"""`audit --verdicts`: rows whose sums are those of the report, whoever judges, in any form."""

from __future__ import annotations

import csv
import gzip
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from support.thorough import but_first

ROOT = Path(__file__).parents[2]
SALES = ROOT / "playbooks" / "bank-sales"
WORDS = (
    "audit",
    SALES / "bank-sales.yaml",
    SALES / "history.csv",
    "--people",
    SALES / "people.csv",
)
SCHEMA = json.loads((ROOT / "schemas" / "verdicts.schema.json").read_text(encoding="utf-8"))


def sums(report: str) -> Counter[tuple[str, str]]:
    return Counter(
        {
            (rule["id"], said): rule[said]
            for rule in json.loads(report)["rules"]
            for said in ("met", "unmet", "waived")
            if rule[said]
        }
    )


def rows_of(path: str) -> list[dict[str, Any]]:
    if path.endswith(".parquet"):
        parquet = pytest.importorskip("pyarrow.parquet")
        rows = parquet.read_table(path).to_pylist()
        for row in rows:
            row["due_at"] = row["due_at"].isoformat().replace("+00:00", "Z")
        return list(rows)
    raw = Path(path).read_bytes()
    text = (gzip.decompress(raw) if path.endswith(".gz") else raw).decode()
    if ".csv" in path:
        return [
            {**row, "stage": row["stage"] or None, "actor": row["actor"] or None}
            for row in csv.DictReader(text.splitlines())
        ]
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("name", ["v.csv", "v.csv.gz", "v.ndjson", "v.jsonl.gz", "v.parquet"])
def test_sums_are_those_of_the_report_in_every_form(run: Any, name: str) -> None:
    _, out, _ = run(*WORDS, "--verdicts", name, "--format", "json")
    rows = rows_of(name)
    assert Counter((row["rule"], row["verdict"]) for row in rows) == sums(out)
    validator = Draft202012Validator(SCHEMA)
    assert [*rows[0]] == SCHEMA["required"] == [*SCHEMA["properties"]]
    assert not [error for row in rows[:200] for error in validator.iter_errors(row)]


def test_every_finding_has_its_row(run: Any) -> None:
    _, out, _ = run(*WORDS, "--verdicts", "v.ndjson", "--format", "json")
    keys = ("deal", "playbook", "version", "rule", "level", "due_at", "actor")
    rows = {
        tuple(row[key] for key in keys) for row in rows_of("v.ndjson") if row["verdict"] != "met"
    }
    findings = json.loads(out)["findings"]
    assert rows == {tuple(each[key] for key in keys) for each in findings}
    assert len(findings) == len(rows) > 100


@pytest.mark.parametrize(
    "words",
    but_first(
        1, [("--jobs", "3"), ("--engine", "duckdb"), ("--engine", "duckdb", "--format", "csv")]
    ),
)
def test_whoever_judges_the_rows_are_the_same(run: Any, words: tuple[str, ...]) -> None:
    if "duckdb" in words:
        pytest.importorskip("duckdb")
    run(*WORDS, "--verdicts", "one.csv", "--engine", "judge", "--jobs", "1")
    run(*WORDS, "--verdicts", "other.csv", *words)
    one, other = (Path(name).read_text().splitlines() for name in ("one.csv", "other.csv"))
    assert one[0] == other[0]
    assert sorted(one) == sorted(other)


@pytest.mark.parametrize("engine", but_first(1, ["judge", "duckdb"]))
def test_options_that_narrow_the_report_narrow_the_rows(run: Any, engine: str) -> None:
    if engine == "duckdb":
        pytest.importorskip("duckdb")
    narrow = ("--rule", "*/activity/*", "--since", "2026-03-01", "--rep", "b.haddad")
    _, out, _ = run(*WORDS, *narrow, "--verdicts", "v.csv", "--format", "json", "--engine", engine)
    rows = rows_of("v.csv")
    assert rows
    assert Counter((row["rule"], row["verdict"]) for row in rows) == sums(out)
    assert {row["actor"] for row in rows} == {"b.haddad"}


def test_a_history_without_events_has_a_header(run: Any, tmp_path: Path) -> None:
    Path("empty.csv").write_text("deal,happened_at,kind,name\n")
    run("audit", SALES / "bank-sales.yaml", "empty.csv", "--verdicts", "v.csv")
    assert Path("v.csv").read_text() == ",".join(SCHEMA["properties"]) + "\n"


def test_a_name_that_says_nothing_is_refused_before_anything_is_read(run: Any) -> None:
    status, out, err = run(*WORDS, "--verdicts", "v.txt")
    assert (status, out) == (2, "")
    assert "v.txt: the name does not say how to write it" in err
    assert ".parquet" in err


def test_without_pyarrow_parquet_is_refused_with_what_to_install(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    status, out, err = run(*WORDS, "--verdicts", "v.parquet")
    assert (status, out) == (2, "")
    assert "pyarrow" in err
    assert "playgate[bulk]" in err
    assert not Path("v.parquet").exists()


def test_what_went_wrong_leaves_what_was_there(run: Any) -> None:
    Path("v.csv").write_text("before")
    Path("odd.csv").write_text("deal,happened_at,kind,name\nD-1,never,stage,x\n")
    status, _, _ = run(
        "audit", SALES / "bank-sales.yaml", "odd.csv", "--strict", "--verdicts", "v.csv"
    )
    assert status == 2
    assert Path("v.csv").read_text() == "before"
    assert [each.name for each in Path().iterdir() if "partial" in each.name] == []
