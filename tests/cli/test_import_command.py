"""`playgate import`: what is written reads back as the same history."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from running import HISTORY, Run

from playgate.history.own_table import COLUMNS

PEOPLE = ("--people", "people.csv", "--format", "json")


@pytest.mark.parametrize("name", ["h.csv", "h.ndjson", "h.jsonl", "h.csv.gz", "h.ndjson.gz"])
def test_reads_back_as_it_was(name: str, sales: Path, run: Run) -> None:
    done = run("import", "history.csv", "-o", name)
    assert (done.status, done.out) == (0, "")
    assert done.err == "17 events of 4 deals written; 0 repeated rows counted once, 0 problems\n"
    audits = [
        json.loads(run("audit", "sales.yaml", file, *PEOPLE).out) for file in ("history.csv", name)
    ]
    for audit in audits:
        audit["history"].pop("sources")
    assert audits[0] == audits[1]


def test_again_changes_nothing(sales: Path, run: Run) -> None:
    run("import", "history.csv", "-o", "a.csv")
    run("import", "a.csv", "-o", "b.csv")
    assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes()


def test_goes_to_standard_output_as_csv(sales: Path, run: Run) -> None:
    done = run("import", "history.csv")
    assert done.out.splitlines()[0] == ",".join(COLUMNS)
    assert len(done.out.splitlines()) == 18
    assert run("import", "-", given=HISTORY.encode()).out == done.out
    assert run("import", "-", given=gzip.compress(HISTORY.encode())).out == done.out


def test_with_a_mapping(sales: Path, run: Run) -> None:
    Path("crm.csv").write_text("id,at,who,what,to\n1234567890123456789,2026-03-02,ann,moved,a\n")
    done = run("import", "crm.csv", "--map", "crm.mapping.yaml")
    assert "1234567890123456789,2026-03-02T00:00:00Z,stage,a,,ann," in done.out
    assert done.err.startswith("1 event of 1 deal written; ")


def test_problems_come_with_their_hints(sales: Path, run: Run) -> None:
    Path("history.csv").write_text(
        "deal,happened_at,kind,name,recorded\nD-1,2026-03-02,stage,a,\nD-2,soon,stage,a,\n"
    )
    done = run("import", "history.csv", "-o", "out.csv")
    assert done.status == 0
    assert 'history.csv:1: column "recorded" is not read\n    did you mean "recorded_at"?' in (
        done.err
    )
    assert "history.csv:3: " in done.err
    assert done.err.endswith("2 problems\n")
    strict = run("import", "history.csv", "-o", "strict.csv", "--strict")
    assert strict.status == 2
    assert "error: 2 problems, and --strict lets none pass\n  history.csv:1: " in strict.err
    assert '\n      did you mean "recorded_at"?' in strict.err
    assert not Path("strict.csv").exists()


def test_many_problems_are_counted(sales: Path, run: Run) -> None:
    rows = "".join(f"D-{n},soon,stage,a\n" for n in range(30))
    Path("history.csv").write_text("deal,happened_at,kind,name\n" + rows)
    err = run("import", "history.csv", "-o", "out.csv").err
    assert err.count("history.csv:") == 20
    assert "… and 10 more\n" in err


def test_nothing_from_a_file_reaches_the_terminal_raw(sales: Path, run: Run) -> None:
    Path("history.csv").write_text("deal,happened_at,kind,name\nD-1,2026-03-02,\x1b[31mkind,a\n")
    for arguments in ((), ("--strict",)):
        assert "\x1b" not in run("import", "history.csv", "-o", "out.csv", *arguments).err


@pytest.mark.parametrize("name", ["h.txt", "h", "h.xlsx", "h.parquet"])
def test_a_name_that_does_not_say_how(name: str, sales: Path, run: Run) -> None:
    done = run("import", "history.csv", "-o", name)
    assert done.status == 2
    assert "the name does not say how" in done.err
    assert not Path(name).exists()


def test_nothing_but_a_header(sales: Path, run: Run) -> None:
    Path("history.csv").write_text("deal,happened_at,kind,name\n")
    done = run("import", "history.csv")
    assert (done.status, done.out) == (0, ",".join(COLUMNS) + "\n")
