"""`playgate import` and `audit` of which nothing comes, and what is passed over."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from running import Run

from support.workbook import write_workbook

LOG = """\
id,deal,at,field,new
1,O1,2026-03-02T09:00:00Z,StageName,lead
2,O1,2026-03-03T09:00:00Z,StageName,won
"""
MAPPING = """\
mapping: m
version: 1
tables:
  - deal: deal
    happened_at: at
    event_id: id
    rows:
      - {kind: stage, where: {field: FIELD}, name: {column: new, names: {lead: lead}, only: ONLY}}
      - {kind: field, where: {field: OTHER}, name: {text: amount}, value: new}
"""


@pytest.fixture
def log(sales: Path) -> Path:
    Path("log.csv").write_text(LOG)
    return sales


def write_mapping(field: str, *, only: str = "false", other: str = "StageName") -> None:
    text = MAPPING.replace("FIELD", field).replace("ONLY", only).replace("OTHER", other)
    Path("m.yaml").write_text(text)


def test_a_where_that_is_misspelt_everywhere(log: Path, run: Run) -> None:
    write_mapping("Stage Name", other="Amount")
    done = run("import", "log.csv", "--map", "m.yaml")
    assert done.status == 2
    assert "log.csv:1: none of its 2 rows makes an event" in done.err
    assert 'field is never "Stage Name"; did you mean "StageName"?' in done.err
    for jobs in ("1", "2"):
        audit = run("audit", "sales.yaml", "log.csv", "--map", "m.yaml", "--jobs", jobs)
        assert audit.status == 2
        assert audit.err == "error: no deal could be judged\n"
        assert audit.out.count("none of its 2 rows makes an event") == 1


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_several_processes_tell_what_no_row_fits_once(log: Path, run: Run, jobs: str) -> None:
    write_mapping("StageName", other="amount")
    words = ("--map", "m.yaml", "--jobs", jobs, "--fail-on", "never")
    audit = run("audit", "sales.yaml", "log.csv", *words)
    assert audit.status == 0
    assert audit.out.count("no row fits the `where` of this entry") == 1


def test_a_where_that_no_row_fits(log: Path, run: Run) -> None:
    write_mapping("StageName", other="amount")
    done = run("import", "log.csv", "--map", "m.yaml")
    assert done.status == 0
    assert "m.yaml:9: no row fits the `where` of this entry" in done.err
    assert run("import", "log.csv", "--map", "m.yaml", "--strict").status == 2
    into = ("--db", "l.db", "--playbook", "sales.yaml")
    assert run("import", "log.csv", "--map", "m.yaml", *into, "--strict").status == 0


def test_what_only_passes_over_is_counted(log: Path, run: Run) -> None:
    write_mapping("StageName", only="true")
    done = run("import", "log.csv", "--map", "m.yaml")
    assert done.status == 0
    assert 'note: m.yaml:8: passed over by `only`: "won"\n' in done.err
    assert done.err.endswith("; 0 repeated rows counted once, 0 problems\n")


def test_a_lookup_without_its_file(log: Path, run: Run) -> None:
    write_mapping("StageName")
    text = Path("m.yaml").read_text().replace("names: {lead: lead}", "lookup: stages")
    lookups = "lookups: {stages: {files: stage*, key: id, value: name}}\ntables:"
    Path("m.yaml").write_text(text.replace("tables:", lookups).replace(", only: false", ""))
    done = run("import", "log.csv", "--map", "m.yaml")
    assert done.status == 2
    assert "the lookup stages of mapping m has no file" in done.err
    assert "name a file called stage* as well" in done.err


def test_json_without_a_mapping_is_refused(sales: Path, run: Run) -> None:
    Path("h.json").write_text(json.dumps([{"deal": "D-1"}]))
    done = run("import", "h.json")
    assert done.status == 2
    assert "h.json is one JSON list" in done.err
    Path("h.json").write_text("[{")
    write_mapping("StageName")
    done = run("import", "h.json", "--map", "m.yaml")
    assert done.status == 2
    assert "h.json is no JSON: " in done.err


def test_a_table_in_an_engine_takes_no_shapes(log: Path, run: Run) -> None:
    write_mapping("StageName")
    text = Path("m.yaml").read_text().replace("value: new", "value: new, was: id")
    Path("m.yaml").write_text(text)
    done = run("compile", "sales.yaml", "--dialect", "duckdb", "--table", "log", "--map", "m.yaml")
    assert done.status == 2
    assert "the mapping m uses `was`" in done.err


def test_what_becomes_of_the_first_rows(log: Path, run: Run) -> None:
    write_mapping("StageName", only="true", other="Amount")
    done = run("import", "log.csv", "--map", "m.yaml", "--explain")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == [
        "log.csv, by m.yaml:4",
        "  2  deal: O1, field: StageName, new: lead, at: 2026-03-02T09:00:00Z, id: 1",
        "     → O1: stage lead, 2026-03-02T09:00:00Z",
        '     – field is "StageName" (m.yaml:9)',
        "  3  deal: O1, field: StageName, new: won, at: 2026-03-03T09:00:00Z, id: 2",
        '     – field is "StageName" (m.yaml:9)',
        '     – "won" is passed over by `only` (m.yaml:8)',
        "",
    ]
    assert run("import", "log.csv", "--explain").status == 2


def test_a_sheet_is_explained_as_it_is_read(log: Path, run: Run) -> None:
    pytest.importorskip("python_calamine")
    day = date(2026, 3, 2)
    write_workbook(Path("log.xlsx"), [["deal", "day", "stage"], ["O1", day, "lead"]])
    at = '{column: day, format: "%d.%m.%Y"}'
    rows = "[{kind: stage, name: stage}]"
    Path("m.yaml").write_text(
        f"mapping: m\nversion: 1\ntables: [{{deal: deal, happened_at: {at}, rows: {rows}}}]\n"
    )
    done = run("import", "log.xlsx", "--map", "m.yaml", "--explain")
    assert "→ O1: stage lead, 2026-03-02T00:00:00Z" in done.out
    assert run("import", "log.xlsx", "--map", "m.yaml", "--strict").status == 0
