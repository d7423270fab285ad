"""`playgate audit --engine auto`: whoever judges, the result is the same."""

from __future__ import annotations

import gzip
import json
import sys
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ibis")
pytest.importorskip("duckdb")

import duckdb

from playgate.audit.result import AuditResult
from playgate.auditing import by_columns
from playgate.auditing.of_history import HistoryAudit
from playgate.auditing.select import Scope
from playgate.conditions.instants import read_instant
from playgate.findings import Finding
from playgate.history.mapping import load_mapping
from playgate.playbook.load import load_playbook
from playgate.records import replace

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[2]
SALES = ROOT / "playbooks" / "bank-sales"
HISTORY = SALES / "history.csv"
WORDS = ("audit", Path(__file__).with_name("short.yaml"), "--people", SALES / "people.csv")
FORMATS = ("text", "markdown", "json", "junit")

PLAYBOOK = """
playbook: p
version: 1
activities: {call: {}}
stages:
  - stage: a
    activities: [{do: call, where: {channel: phone}}]
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""

MAPPING = """
mapping: activities
version: 1
tables:
  - deal: deal
    happened_at: happened_at
    actor: actor
    rows:
      - {kind: stage, where: {kind: stage}, name: name}
      - {kind: activity, where: {kind: activity}, name: name, value: value}
"""


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is large enough for columns."""
    monkeypatch.setattr(by_columns, "_WORTH_IT", 0)


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    file = tmp_path / "history.parquet"
    rows = f"FROM read_csv('{HISTORY}', all_varchar = true)"
    duckdb.connect().execute(f"COPY ({rows}) TO '{file}' (FORMAT parquet)")
    return file


def engine_of(ran: tuple[int, str, str]) -> str:
    engine: str = json.loads(ran[1])["engine"]
    return engine


def but_for_the_engine(ran: tuple[int, str, str]) -> tuple[int, str, str]:
    status, out, err = ran
    lines = [line for line in out.splitlines() if not line.startswith('  "engine":')]
    return status, "\n".join(lines), err


@pytest.mark.parametrize("form", FORMATS)
def test_of_what_is_large_the_report_is_the_same(run: Any, large: None, form: str) -> None:
    words = (*WORDS, HISTORY, "--format", form)
    found, judged = run(*words), run(*words, "--engine", "judge")
    assert found[1]
    assert but_for_the_engine(found) == but_for_the_engine(judged)
    if form == "json":
        assert (engine_of(found), engine_of(judged)) == ("columns", "judge")


def test_what_is_small_is_the_judges(run: Any) -> None:
    assert engine_of(run(*WORDS, HISTORY, "--format", "json")) == "judge"


@pytest.mark.parametrize("words", [("--jobs", "1"), ("--strict",)], ids=lambda words: words[0])
def test_what_only_the_judge_can_is_his(run: Any, large: None, words: tuple[str, ...]) -> None:
    ran = run(*WORDS, HISTORY, "--format", "json", *words)
    by_judge = run(*WORDS, HISTORY, "--format", "json", *words, "--engine", "judge")
    assert ran == by_judge


@pytest.mark.parametrize(
    "words",
    [
        ("--deal", "BK-1001"),
        ("--deal", "BK-1001", "--deal", "nothing"),
        ("--rep", "b.haddad"),
        ("--rep", "nobody"),
    ],
    ids=" ".join,
)
def test_what_is_selected_is_the_same(run: Any, large: None, words: tuple[str, ...]) -> None:
    asked = (*WORDS, HISTORY, "--format", "json", *words)
    found = run(*asked)
    assert but_for_the_engine(found) == but_for_the_engine(run(*asked, "--engine", "judge"))


# --- What is not plain ---------------------------------------------------------------------------


def test_a_file_that_only_our_reader_takes(run: Any, large: None, tmp_path: Path) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_bytes(HISTORY.read_bytes() + b'D-1,2026-01-01T00:00:00Z,stage,"a"b\r\n')
    words = (*WORDS, odd, "--format", "json")
    found = run(*words)
    assert found == run(*words, "--engine", "judge")
    assert engine_of(found) == "judge"
    assert json.loads(found[1])["problems"]


def without_ids(result: AuditResult) -> AuditResult:
    """A result without the ids of evidence: where only some findings are shown, ids of rows that
    bring none are of this reading only, and shown by nobody."""

    def bare(finding: Finding) -> Finding:
        evidence = tuple(each._replace(event_id="") for each in finding.evidence)
        return finding._replace(evidence=evidence)

    worst = {deal: tuple(map(bare, found)) for deal, found in result.summary.worst_deals.items()}
    return replace(
        result,
        findings=tuple(map(bare, result.findings)),
        summary=replace(result.summary, worst_deals=worst),
    )


@pytest.mark.parametrize("shown", [True, False])
def test_a_table_with_a_mapping_packed(large: None, tmp_path: Path, shown: bool) -> None:
    (tmp_path / "m.yaml").write_text(MAPPING, encoding="utf-8")
    packed = tmp_path / "h.csv.gz"
    packed.write_bytes(gzip.compress(HISTORY.read_bytes()))
    audit = HistoryAudit(
        playbook=load_playbook(WORDS[1]),
        scope=Scope(now=read_instant("2030-01-01", UTC)),
        history=[str(packed)],
        mapping=load_mapping(tmp_path / "m.yaml"),
        shown=shown,
    )
    found, judged = audit.run(), replace(audit, engine="judge").run()
    assert found.engine == "columns"
    found = replace(found, engine="judge")
    assert (without_ids(found) if shown else found) == (without_ids(judged) if shown else judged)
    assert found.history.events > 1000
    assert found.unmet


def test_attributes_that_are_nested_too_deep(run: Any, large: None, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(PLAYBOOK, encoding="utf-8")
    rows = [
        {"deal": "d", "happened_at": f"2026-01-0{day}T00:00:00Z", "kind": kind, "name": name}
        for day, kind, name in [(1, "stage", "a"), (2, "activity", "call"), (3, "stage", "won")]
    ]
    rows[1]["attrs"] = {"a": [[[["["]]]], "channel": "phone"}
    (tmp_path / "h.ndjson").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = run("audit", "p.yaml", "h.ndjson", "--format", "json")
    assert engine_of(found) == "judge"
    met = {each["id"]: each["met"] for each in json.loads(found[1])["rules"]}
    assert met["a/activity/call"] == 1
    status, _, err = run("audit", "p.yaml", "h.ndjson", "--engine", "duckdb")
    assert status == 2
    assert "nested more than three deep (1, as on deal d)" in err
    assert "--engine judge can" in err


# --- Parquet -------------------------------------------------------------------------------------


def test_parquet_is_for_columns_whether_or_not_its_rows_are_plain(run: Any, parquet: Path) -> None:
    assert engine_of(run(*WORDS, parquet, "--format", "json")) == "columns"
    rows = f"SELECT *, 7 AS more FROM '{parquet}'"  # noqa: S608
    more = parquet.with_name("more.parquet")
    duckdb.connect().execute(f"COPY ({rows}) TO '{more}' (FORMAT parquet)")
    words = (*WORDS, more, "--format", "json")
    found, judged = run(*words), run(*words, "--engine", "judge")
    assert engine_of(found) == "columns"
    assert but_for_the_engine(found) == but_for_the_engine(judged)


def test_parquet_can_be_judged_by_the_judge_too(run: Any, parquet: Path) -> None:
    words = (*WORDS, parquet, "--format", "json")
    found, judged = run(*words), run(*words, "--engine", "judge")
    assert engine_of(judged) == "judge"
    assert but_for_the_engine(judged) == but_for_the_engine(found)


def test_parquet_beside_csv(run: Any, parquet: Path) -> None:
    words = (*WORDS, parquet, HISTORY, "--format", "json")
    found, judged = run(*words), run(*words, "--engine", "judge")
    assert but_for_the_engine(judged) == but_for_the_engine(found)
    assert json.loads(judged[1])["history"]["duplicates"] > 6000


def test_without_the_extra_the_judge_is_silent(
    run: Any, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    ran = run(*WORDS, HISTORY, "--format", "json")
    assert engine_of(ran) == "judge"
    assert ran[2] == ""


def test_without_the_extra_parquet_cannot_be_read(
    run: Any, parquet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ibis", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    status, out, err = run(*WORDS, parquet)
    assert (status, out) == (2, "")
    assert "is a Parquet file, which cannot be read here" in err
    assert "the bulk extra" in err


def test_a_file_that_only_calls_itself_parquet(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "no.parquet"
    file.write_bytes(HISTORY.read_bytes())
    for engine in ("auto", "judge", "duckdb"):
        status, out, err = run(*WORDS, file, "--engine", engine)
        assert (status, out) == (2, "")
        assert "no.parquet is not a Parquet file" in err
