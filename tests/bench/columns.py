"""Audits over columns of the histories that `warehouse.py` writes.

Against a mere grouped read of the same file, against DuckDB's audit, against the judge of CSV, and
against pm4py where DECLARE can say the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import duckdb
from comparing import HERE, ROOT, Bench, Row
from makes import MAKES
from process import Cost

import bulk

__all__ = ["makes", "most", "peers", "rows"]

SIZES = {100_000: 5, 1_000_000: 3}
"""So many deals, each size measured so often."""
_ALL_KINDS, _SAME = HERE / "warehouse-rules.yaml", HERE / "warehouse-declare.yaml"
_LOAN_PLAYBOOK = ROOT / "playbooks" / "loan-application" / "loan-application.yaml"
_BANK = ROOT / "playbooks" / "bank-sales"
_BANK_EVENTS = 200_000
_LOG = "the log over and over"
_MOST, _LESS = 10_000_000, 1_000_000
_GROUPED = """
import sys, duckdb
duckdb.sql(f'''
  CREATE TABLE found AS
  SELECT deal, count(*), min(happened_at), max(kind), max(name), max(value), max(actor),
    max(recorded_at), max(event_id), max(attrs)
  FROM '{sys.argv[1]}' GROUP BY deal
''')
"""


def rows(bench: Bench) -> Iterator[Row]:
    """Rules of all kinds: Parquet against a grouped read and DuckDB, CSV against its own and the
    judge."""
    few = bulk.history(bench, 10)
    start, nothing = bench.in_turns(
        partial(_audit, bench, _ALL_KINDS, few, "columns"),
        partial(bench.python, "-c", "import duckdb; duckdb.sql('SELECT 1').fetchall()"),
        rounds=bench.rounds,
    )
    yield Row("ten deals", start, "DuckDB that starts", nothing, "under 0.6 s, aim 0.4")
    for deals, rounds in SIZES.items():
        yield from _against_read(bench, bulk.history(bench, deals), rounds, "at most 4, aim 2.5")
    table = _as_csv(bulk.history(bench, 100_000))
    yield from _against_read(bench, table, SIZES[100_000], "at most 3, aim 2")
    small = _as_csv(bulk.history(bench, 10_000))
    mine, judges = bench.in_turns(
        partial(_audit, bench, _ALL_KINDS, small, "columns"),
        partial(_audit, bench, _ALL_KINDS, small, "judge"),
        rounds=SIZES[1_000_000],
    )
    yield Row(f"{_named(small)}: rules of all kinds", mine, "the judge", judges, "at least 6", True)
    sales = bench.folder / "bank-sales.csv"
    bench.python(str(HERE / "histories.py"), str(_BANK_EVENTS), "grouped", str(sales))
    playbook, people = _BANK / "bank-sales.yaml", _BANK / "people.csv"
    mine, judges = bench.in_turns(
        partial(_audit, bench, playbook, sales, "columns", people),
        partial(_audit, bench, playbook, sales, "judge", people),
        rounds=SIZES[1_000_000],
    )
    yield Row(f"{_named(sales)}: `bank-sales`", mine, "the judge", judges, "at least 6", True)


def makes(bench: Bench, log: Path | None) -> Iterator[Row]:
    """Histories of another make, each against a grouped read of it; amounts that are all different
    against few."""
    given = bulk.history(bench, 100_000)
    few = _made(bench, "few amounts", given)
    for make in MAKES:
        if make == _LOG:
            continue
        history = _made(bench, make, given)
        yield from _against_read(bench, history, 3, "", what=make)
    mine, theirs = bench.in_turns(
        partial(_audit, bench, _ALL_KINDS, _made(bench, "amounts that are all different", given)),
        partial(_audit, bench, _ALL_KINDS, few),
        rounds=SIZES[100_000],
    )
    yield Row("amounts that are all different", mine, "few amounts", theirs, "at most 1.5")
    if log is not None:
        table = bench.folder / "log.csv"
        bench.ours("import", log, "--map", "bpic2012", "-o", table)
        again = _made(bench, _LOG, table)
        yield from _against_read(bench, again, 3, "", what=_LOG, playbook=_LOAN_PLAYBOOK)


def _made(bench: Bench, make: str, given: Path) -> Path:
    file = bench.folder / f"{make}{given.suffix}"
    if not file.is_file():
        bench.python(str(HERE / "makes.py"), make, str(given), str(file))
    return file


def most(bench: Bench) -> Iterator[Row]:
    """Ten million deals against one million, each once."""
    much, less = (bulk.history(bench, deals) for deals in (_MOST, _LESS))
    mine, theirs = bench.in_turns(
        partial(_audit, bench, _ALL_KINDS, much),
        partial(_audit, bench, _ALL_KINDS, less),
        rounds=1,
        warm=False,
    )
    what = f"{_named(much)}: {mine.peak:,.0f} MiB at most (target 2,048)"
    yield Row(what, mine, f"{_named(less)}", theirs, "at most 11")


def _against_read(
    bench: Bench,
    history: Path,
    rounds: int,
    target: str,
    *,
    what: str = "rules of all kinds",
    playbook: Path = _ALL_KINDS,
) -> Iterator[Row]:
    mine, read = bench.in_turns(
        partial(_audit, bench, playbook, history),
        partial(bench.python, "-c", _GROUPED, str(history)),
        rounds=rounds,
    )
    said = f"{_named(history)}: {what}; {mine.peak:,.0f} MiB at most"
    yield Row(said, mine, "a grouped read", read, target)


def peers(bench: Bench, log: Path | None) -> Iterator[Row]:
    """The same eight rules, and the loan log from packed CSV, against pm4py's DECLARE check."""
    peer = bench.peer
    assert peer is not None
    for deals, target in ((100_000, "at least 8, aim 12"), (1_000_000, "at least 6, aim 12")):
        history = bulk.history(bench, deals)
        mine, declare = bench.in_turns(
            partial(_audit, bench, _SAME, history),
            lambda file=history: bench.timed(peer, "peer.py", "rules", file)[0],
            rounds=3 if deals < _LESS else 2,
        )
        what = f"{_named(history)}: the same eight rules"
        yield Row(what, mine, "pm4py, DECLARE", declare, target, True)
    if log is None:
        return
    for engine in ("columns", "judge"):
        mine, declare = bench.in_turns(
            partial(_audit_log, bench, log, engine),
            lambda: bench.timed(peer, "peer.py", "declare", log)[0],
            rounds=3,
        )
        what = f"the loan log, packed CSV, 15 rules, text, by {engine}"
        yield Row(what, mine, "pm4py, DECLARE of six", declare, "at least 6, aim 10", True)


def _audit_log(bench: Bench, log: Path, engine: str) -> Cost:
    out = bench.folder / "audit.txt"
    options = ("--map", "bpic2012", "--engine", engine, "--fail-on", "never", "-o", out)
    return bench.ours("audit", _LOAN_PLAYBOOK, log, *options)


def _audit(
    bench: Bench, playbook: Path, history: Path, engine: str = "columns", people: Path | None = None
) -> Cost:
    return bench.ours(
        "audit",
        playbook,
        history,
        "--engine",
        engine,
        "--people",
        people or bulk.people(bench),
        "--fail-on",
        "never",
        "-o",
        bench.folder / "audit.txt",
    )


def _as_csv(history: Path) -> Path:
    file = history.with_suffix(".csv")
    if not file.is_file():
        duckdb.sql(f"COPY (FROM '{history}') TO '{file}'")
    return file


def _named(history: Path) -> str:
    return f"{bulk.events(history):,} events, {'CSV' if history.suffix == '.csv' else 'Parquet'}"
