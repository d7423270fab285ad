"""Where an audit by DuckDB spends its time: CPU by step, as a table in Markdown.

    python tests/bench/steps.py PLAYBOOK HISTORY PEOPLE [nodes]

A step is a table that is kept, or rows that are fetched. The rest is Python's, which builds and
compiles expressions and makes the answer, and queries whose rows come one by one. With `nodes`,
the time is that of the nodes of DuckDB's plans, all threads together, as its own profiler has it.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from comparing import table

from playgate.bulk.engine.connect import connect
from playgate.bulk.engine.steps import Steps
from playgate.bulk.reading.history_table import table_of_parquet
from playgate.bulk.running import table_audit
from playgate.history.people import read_people
from playgate.playbook.load import load_playbook

_TABLE = re.compile(r'(?:CREATE .*?TABLE|INSERT INTO) .*?"(?:playgate|history)_(\w+)"')
LEAST = 0.02
"""Shares below are left out."""


class Watched(Steps):
    """Steps that say what each takes."""

    taken: dict[str, float]

    def _run(self, sql: str) -> None:
        found = _TABLE.match(sql)
        name = found[1] if found else "the rest"
        self._watched(name, lambda: super(Watched, self)._run(sql))

    def rows(self, expression: Any) -> Any:
        name = "fetched: " + ", ".join(expression.columns[:3])
        return self._watched(name, lambda: super(Watched, self).rows(expression))

    def _watched(self, name: str, work: Callable[[], Any]) -> Any:
        begun = time.process_time()
        found = work()
        self.taken[name] += time.process_time() - begun
        return found


class Profiled(Watched):
    """Steps that say what the nodes of their plans take."""

    plan: Path

    def _watched(self, name: str, work: Callable[[], Any]) -> Any:
        self.plan.unlink(missing_ok=True)
        found = work()
        if self.plan.exists():
            nodes = json.loads(self.plan.read_text(encoding="utf-8")).get("operator", [])
            while nodes:
                node = nodes.pop()
                self.taken[node["type"].lower().replace("_", " ")] += node["timing"]
                nodes += node.get("children", [])
        return found


def profile(
    playbook: str, history: str, people: str, by: type[Watched] = Watched
) -> list[tuple[str, ...]]:
    """The steps, or nodes, that take most, and what they take."""
    by.taken = defaultdict(float)
    table_audit.Steps = by  # type: ignore[misc]
    connection = connect("duckdb")
    begun = time.process_time()
    with tempfile.TemporaryDirectory() as folder, by(connection, prefix="history") as steps:
        if by is Profiled:
            Profiled.plan = Path(folder) / "plan.json"
            connection.raw_sql("SET enable_profiling = 'json'")
            connection.raw_sql(f"SET profiling_output = '{Profiled.plan}'")
        events = table_of_parquet(connection, [history], steps=steps, report=print)
        table_audit.audit_table(
            load_playbook(Path(playbook)),
            events,
            connection=connection,
            people=read_people(people, print),
            shown=True,
        )
    if by is Watched:
        by.taken["the rest"] += time.process_time() - begun - sum(by.taken.values())
    whole = sum(by.taken.values())
    found = sorted(by.taken.items(), key=lambda each: -each[1])
    return [
        (name, f"{seconds:.1f} s", f"{seconds / whole:.0%}")
        for name, seconds in [*found, ("all", whole)]
        if seconds / whole >= LEAST
    ]


if __name__ == "__main__":
    words, what = sys.argv[1:4], sys.argv[4:]
    by, head = (Profiled, "node") if what == ["nodes"] else (Watched, "step")
    print("\n".join(table((head, "time", "share"), profile(*words, by))))
