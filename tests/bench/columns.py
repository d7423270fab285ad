"""Audits over columns of the histories that `warehouse.py` writes.

Against a mere grouped read of the same file, against DuckDB's audit, against the judge of CSV, and
against pm4py where DECLARE can say the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import duckdb
from comparing import HERE, Bench, Row
from process import Cost

import bulk

__all__ = ["peers", "rows"]

SIZES = {100_000: 5, 1_000_000: 3}
"""So many deals, each size measured so often."""
_ALL_KINDS, _SAME = "warehouse-rules.yaml", "warehouse-declare.yaml"
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


def _against_read(bench: Bench, history: Path, rounds: int, target: str) -> Iterator[Row]:
    mine, read = bench.in_turns(
        partial(_audit, bench, _ALL_KINDS, history, "columns"),
        partial(bench.python, "-c", _GROUPED, str(history)),
        rounds=rounds,
    )
    what = f"{_named(history)}: rules of all kinds"
    peak = f"; {mine.peak:,.0f} MiB at most"
    yield Row(what + peak, mine, "a grouped read", read, target)


def peers(bench: Bench) -> Iterator[Row]:
    """The same eight rules, against pm4py's DECLARE check."""
    assert bench.peer is not None
    history = bulk.history(bench, 100_000)

    def theirs() -> Cost:
        assert bench.peer is not None
        return bench.timed(bench.peer, "peer.py", "rules", history)[0]

    mine, declare = bench.in_turns(
        partial(_audit, bench, _SAME, history, "columns"), theirs, rounds=SIZES[1_000_000]
    )
    what = f"{_named(history)}: the same eight rules"
    yield Row(what, mine, "pm4py, DECLARE", declare, "at least 8, aim 12", True)


def _audit(bench: Bench, playbook: str, history: Path, engine: str) -> Cost:
    return bench.ours(
        "audit",
        HERE / playbook,
        history,
        "--engine",
        engine,
        "--people",
        bulk.people(bench),
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
