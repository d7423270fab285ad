"""`playgate audit --engine columns`, and where `auto` takes it: the report is the judge's."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy")
pytest.importorskip("pyarrow")

import pyarrow.parquet as pq

from columns.tables import as_table
from playgate.auditing import by_columns
from playgate.columns import kernels
from playgate.columns import run as columns_run
from playgate.columns.verdicts import no_verdicts
from playgate.history.read import read_history
from support.thorough import but_first

ROOT = Path(__file__).parents[2]
SALES = ROOT / "playbooks" / "bank-sales"
HISTORY = SALES / "history.csv"
WORDS = ("audit", SALES / "bank-sales.yaml", "--people", SALES / "people.csv")
FORMATS = ("text", "markdown", "json", "ndjson", "csv", "sarif", "junit")


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is large enough for columns."""
    monkeypatch.setattr(by_columns, "_WORTH_IT", 0)


def but_for_the_engine(ran: tuple[int, str, str]) -> tuple[int, str, str]:
    status, out, err = ran
    return status, re.sub(r'"engine": ?"[a-z]+"', "", out), err


def engine_of(ran: tuple[int, str, str]) -> str:
    engine: str = json.loads(ran[1])["engine"]
    return engine


@pytest.mark.parametrize("form", but_first(2, FORMATS))
def test_the_report_is_the_same(run: Any, form: str) -> None:
    words = (*WORDS, HISTORY, "--format", form)
    found, judged = run(*words, "--engine", "columns"), run(*words, "--engine", "judge")
    assert found[1]
    assert but_for_the_engine(found) == but_for_the_engine(judged)
    if form == "json":
        assert (engine_of(found), engine_of(judged)) == ("columns", "judge")


def test_what_is_large_and_plain_is_taken_by_default(run: Any, large: None) -> None:
    assert engine_of(run(*WORDS, HISTORY, "--format", "json")) == "columns"


def test_what_is_small_is_the_judges(run: Any) -> None:
    assert engine_of(run(*WORDS, HISTORY, "--format", "json")) == "judge"


@pytest.mark.parametrize("words", [("--jobs", "1"), ("--strict",)], ids=lambda words: words[0])
def test_so_is_what_only_the_judge_can(run: Any, large: None, words: tuple[str, ...]) -> None:
    ran = run(*WORDS, HISTORY, "--format", "json", *words)
    assert ran == run(*WORDS, HISTORY, "--format", "json", *words, "--engine", "judge")


@pytest.mark.parametrize(
    "words",
    but_first(
        3,
        [
            ("--deal", "BK-1001"),
            ("--deal", "BK-1001", "--deal", "nothing"),
            ("--rep", "b.haddad"),
            ("--rep", "nobody"),
            ("--since", "2026-03-01"),
            ("--rule", "order/*"),
            ("--as-of", "2026-02-01"),
            ("--strict",),
        ],
    ),
    ids=" ".join,
)
def test_what_is_selected_is_the_same(run: Any, words: tuple[str, ...]) -> None:
    asked = (*WORDS, HISTORY, "--format", "json", *words)
    found = run(*asked, "--engine", "columns")
    assert but_for_the_engine(found) == but_for_the_engine(run(*asked, "--engine", "judge"))


@pytest.mark.thorough
def test_what_is_not_plain_is_read_by_our_own_reader(run: Any, tmp_path: Path) -> None:
    odd, packed = tmp_path / "odd.csv", tmp_path / "packed.csv.gz"
    odd.write_bytes(HISTORY.read_bytes() + b'D-1,2026-01-01T00:00:00Z,stage,"a"b\r\n')
    packed.write_bytes(gzip.compress(HISTORY.read_bytes()))
    for words in ((odd,), (packed,), (HISTORY, packed), (odd, HISTORY)):
        asked = (*WORDS, *words, "--format", "json")
        found = run(*asked, "--engine", "columns")
        assert engine_of(found) == "columns"
        assert but_for_the_engine(found) == but_for_the_engine(run(*asked, "--engine", "judge"))


def test_of_a_mapped_log(run: Any) -> None:
    folder = ROOT / "playbooks" / "loan-application"
    log = next(folder.glob("*.xes*"), None) or folder / "history.csv"
    words = ["audit", folder / "loan-application.yaml", log, "--format", "json"]
    if ".xes" in log.name:
        words += ["--map", "bpic2012"]
    found = run(*words, "--engine", "columns")
    assert but_for_the_engine(found) == but_for_the_engine(run(*words, "--engine", "judge"))


def test_the_verdicts_are_the_same(run: Any, tmp_path: Path) -> None:
    files = {engine: tmp_path / f"{engine}.csv" for engine in ("columns", "judge")}
    for engine, file in files.items():
        run(*WORDS, HISTORY, "--engine", engine, "--verdicts", file)
    found, judged = (sorted(file.read_text().splitlines()) for file in files.values())
    assert len(found) > 100
    assert found == judged


@pytest.mark.parametrize("told", but_first(1, ["all", "some", "0", "50"]))
def test_some_deals_are_judged_twice(run: Any, told: str) -> None:
    words = (*WORDS, HISTORY, "--format", "json", "--engine", "columns")
    assert run(*words, "--verify", told) == run(*words)


@pytest.mark.parametrize("told", ["a few", "-1", "1.5", "²"])
def test_how_many_must_be_a_number(run: Any, told: str) -> None:
    status, out, err = run(*WORDS, HISTORY, f"--verify={told}")
    assert (status, out) == (2, "")
    assert f'"{told}" is no number of events, nor "some" or "all"' in err


def test_where_they_disagree_the_judge_is_right(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = (*WORDS, HISTORY, "--format", "json")
    verdicts = tmp_path / "verdicts.csv"
    status, judged, _ = run(*words, "--engine", "judge", "--verdicts", tmp_path / "judge.csv")
    monkeypatch.setattr(kernels, "judge_rule", lambda *_: no_verdicts())
    found = run(*words, "--engine", "columns", "--verdicts", verdicts)
    assert found[:2] == (status, judged)
    assert verdicts.read_text() == (tmp_path / "judge.csv").read_text()
    told = re.fullmatch(
        r"note: columns and the judge disagreed; the report is the judge's, "
        r"the log to send with a report: (.+)\n",
        found[2],
    )
    assert told is not None
    log = Path(told.group(1))
    assert "None, the judge" in log.read_text()
    log.unlink()


@pytest.mark.parametrize("engine", ["columns", "auto"])
@pytest.mark.parametrize("place", ["judge_all", "settled_rows", "Plan"])
def test_a_bug_of_the_columns_is_no_end(
    run: Any, monkeypatch: pytest.MonkeyPatch, large: None, place: str, engine: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IndexError("planted")

    words = (*WORDS, HISTORY, "--format", "json")
    judged = run(*words, "--engine", "judge")
    monkeypatch.setattr(columns_run, place, fail)
    status, out, err = run(*words, "--engine", engine)
    assert (status, out) == judged[:2]
    told = re.fullmatch(
        r"note: columns have a bug; the report is the judge's, "
        r"the log to send with a report: (.+)\n",
        err,
    )
    assert told is not None
    log = Path(told.group(1))
    assert "IndexError: planted" in log.read_text()
    log.unlink()


def test_without_the_extra_it_is_said(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    status, out, err = run(*WORDS, HISTORY, "--engine", "columns")
    assert (status, out) == (2, "")
    assert "pip install 'playgate[bulk]'" in err


def test_without_the_extra_the_judge_is_silent(
    run: Any, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "ibis", None)
    ran = run(*WORDS, HISTORY, "--format", "json")
    assert engine_of(ran) == "judge"
    assert ran[2] == ""


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_nothing_is_imported_that_takes_long_and_is_not_needed(tmp_path: Path, form: str) -> None:
    history = HISTORY
    if form == "parquet":
        history = tmp_path / "history.parquet"
        pq.write_table(as_table(list(read_history([str(HISTORY)], report=print))), history)
    words = [str(each) for each in (*WORDS, history, "--engine", "columns", "--fail-on", "never")]
    said = "import sys; from playgate.cli.main import main\ntry: main()\n"
    said += "finally: print('pandas' in sys.modules, file=sys.stderr)"
    ran = subprocess.run(
        [sys.executable, "-c", said, *words], capture_output=True, check=True, text=True
    )
    assert ran.stdout
    assert ran.stderr.endswith("False\n")
