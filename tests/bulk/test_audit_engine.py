"""`playgate audit --engine`, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ibis")
pytest.importorskip("duckdb")

import ibis

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.running.table_audit import audit_table

ROOT = Path(__file__).parents[2]
SALES = ROOT / "playbooks" / "bank-sales"
SHORT = Path(__file__).with_name("short.yaml")
WORDS = ("audit", SHORT, "--people", SALES / "people.csv", "--format", "json")


def test_of_parquet_and_of_a_table(run: Any, tmp_path: Path) -> None:
    connection = ibis.duckdb.connect("history.db")
    connection.raw_sql(
        f"CREATE TABLE crm AS FROM read_csv('{SALES / 'history.csv'}', all_varchar = true)"
    )
    connection.raw_sql("COPY crm TO 'history.parquet' (FORMAT parquet)")
    connection.disconnect()
    judged = json.loads(run(*WORDS, SALES / "history.csv")[1])
    parquet = json.loads(run(*WORDS, "history.parquet", "--engine", "duckdb")[1])
    table = json.loads(run(*WORDS, "--engine", "duckdb://history.db", "--table", "crm")[1])
    assert parquet["findings"] == judged["findings"]
    assert [each["met"] for each in parquet["rules"]] == [each["met"] for each in judged["rules"]]
    # A table's rows have no places, so events of one instant may stand in another order.
    for each in ("events", "deals", "from", "to"):
        assert table["history"][each] == judged["history"][each]
    assert len(table["findings"]) > 60


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--table", "crm"), "--table needs --engine"),
        (("--engine", "duck", "x.csv"), 'there is no engine "duck"'),
        (("--engine", "duckdb"), "needs a playbook and a history"),
        (("--engine", "duckdb", "--table", "crm"), "cannot read the table crm"),
        (("--engine", "duckdb", "nothing.csv"), "nothing.csv does not exist"),
    ],
)
def test_what_is_refused(run: Any, words: tuple[str, ...], said: str) -> None:
    status, out, err = run("audit", SALES / "bank-sales.yaml", *words)
    assert (status, out) == (2, "")
    assert said in err


def test_an_expression_that_the_engine_reads_otherwise_is_refused_first(tmp_path: Path) -> None:
    from playgate.playbook.load import load_playbook

    file = tmp_path / "p.yaml"
    file.write_text(
        "playbook: p\nversion: 1\nfields: {note: {type: text}}\nstages:\n  - stage: a\n"
        "    exit: [{field: note, matches: '\\bnew\\b'}]\n  - stage: won\n    ends: won\n"
        "  - stage: lost\n    ends: lost\n",
        encoding="utf-8",
    )

    connection = ibis.duckdb.connect()
    connection.name = "postgres"
    table = ibis.memtable({"deal": ["a"]})
    with pytest.raises(CannotExpressError, match=r"a/exit/note.*boundary of a word"):
        audit_table(load_playbook(file), table, connection=connection)
