"""Audits by DuckDB of the histories that `warehouse.py` writes.

Against a mere grouped read of the same columns, and against pm4py where DECLARE can say the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import duckdb
from comparing import HERE, Bench, Row
from process import Cost
from warehouse import PEOPLE

__all__ = ["HEADER", "audits", "events", "history", "peers", "people"]

HEADER = (
    "deals",
    "events",
    "rules",
    "audit",
    "events a second",
    "peak memory",
    "grouped read",
    "ratio",
    "by the clock",
    "without start-up",
    "target",
)
SIZES = (10_000, 100_000, 1_000_000)
TARGETS = {"once": "at most 8", "rules": "at most 25"}
_FEW = 10
"""An audit of so few deals takes what any takes to start: imports, connection, compiling."""
_ROUNDS = 3
_MANY, _FEW_ROUNDS = 1_000_000, 2
_PEER_DEALS = 100_000

_GROUPED = """
import sys, duckdb
duckdb.sql(f'''
  CREATE TABLE found AS
  SELECT deal, count(*), min(happened_at), max(kind), max(name), max(value), max(actor),
    max(recorded_at), max(event_id), max(attrs)
  FROM read_parquet('{sys.argv[1]}') GROUP BY deal
''')
"""
_NOTHING = "import duckdb; duckdb.sql('SELECT 1').fetchall()"


def audits(bench: Bench) -> Iterator[tuple[str, ...]]:
    """A row for what starting takes, then for each size and playbook."""
    few = history(bench, _FEW)
    idle, *begun = bench.in_turns(
        partial(bench.python, "-c", _NOTHING),
        *(partial(_audit, bench, name, few) for name in TARGETS),
        rounds=_ROUNDS,
    )
    starts = dict(zip(TARGETS, begun, strict=True))
    for name, start in starts.items():
        yield (f"{_FEW}", "", f"{name}: start-up", _seconds(start), *[""] * 6, "under 2.5 s")
    for deals in SIZES:
        file = history(bench, deals)
        number = events(file)
        floor, *costs = bench.in_turns(
            partial(bench.python, "-c", _GROUPED, str(file)),
            *(partial(_audit, bench, name, file) for name in TARGETS),
            rounds=_ROUNDS if deals < _MANY else _FEW_ROUNDS,
            warm=deals < _MANY,
        )
        for (name, start), cost in zip(starts.items(), costs, strict=True):
            read = floor.cpu - idle.cpu
            bare = f"{(cost.cpu - start.cpu) / read:.1f}" if read > idle.cpu else ""
            yield (
                f"{deals:,}",
                f"{number:,}",
                name,
                _seconds(cost),
                f"{number / cost.wall:,.0f}",
                f"{cost.peak:,.0f} MiB",
                _seconds(floor),
                f"{cost.cpu / floor.cpu:.1f}",
                f"{cost.wall / floor.wall:.1f}",
                bare,
                TARGETS[name],
            )
        if deals != _PEER_DEALS:
            file.unlink()


def peers(bench: Bench) -> Iterator[Row]:
    """The same history, against pm4py's DECLARE check and its token replay."""
    assert bench.peer is not None
    file = history(bench, _PEER_DEALS)
    size = f"{events(file):,} events"

    def theirs(job: str) -> Cost:
        assert bench.peer is not None
        return bench.timed(bench.peer, "peer.py", job, file)[0]

    said, every, rules, replay = bench.in_turns(
        partial(_audit, bench, "declare", file),
        partial(_audit, bench, "rules", file),
        partial(theirs, "rules"),
        partial(theirs, "replay"),
        rounds=_ROUNDS,
    )
    for what, ours, target in (
        (f"{size}: the same eight rules", said, "at least 20"),
        (f"{size}: rules of all kinds", every, "at least 5, aim 15"),
    ):
        yield Row(what, ours, "pm4py, DECLARE", rules, target, True)
        yield Row(what, ours, "pm4py, token replay", replay, target, True)


def history(bench: Bench, deals: int) -> Path:
    """The history of so many deals, which is written once."""
    file = bench.folder / f"{deals}.parquet"
    if not file.is_file():
        bench.python(str(HERE / "warehouse.py"), str(deals), str(file))
    return file


def events(file: Path) -> int:
    """How many events a history has."""
    found: int = duckdb.sql(f"SELECT count(*) FROM '{file}'").fetchall()[0][0]  # noqa: S608
    return found


def people(bench: Bench) -> Path:
    """Who is who in these histories."""
    file = bench.folder / "people.csv"
    if not file.is_file():
        reps = (f"rep-{n},{'specialist' if n % 4 == 0 else 'rep'}" for n in range(PEOPLE))
        bosses = (f"boss-{n},manager" for n in range(8))
        file.write_text("\n".join(["actor,role", *reps, *bosses, ""]), encoding="utf-8")
    return file


def _audit(bench: Bench, name: str, history: Path) -> Cost:
    return bench.ours(
        "audit",
        HERE / f"warehouse-{name}.yaml",
        history,
        "--engine",
        "duckdb",
        "--people",
        people(bench),
        "--fail-on",
        "never",
        "-o",
        bench.folder / "audit.txt",
    )


def _seconds(cost: Cost) -> str:
    return f"{cost.cpu:.2f} s ({cost.wall:.2f})"
