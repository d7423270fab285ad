"""Where an audit by DuckDB spends its time: CPU by step, as a table in Markdown.

    python tests/bench/steps.py PLAYBOOK HISTORY PEOPLE

A step is a table that is kept, or rows that are fetched. The rest is Python's, which builds and
compiles expressions and makes the answer, and queries whose rows come one by one.
"""

from __future__ import annotations

import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from comparing import table

from playgate.audit.bulk import run
from playgate.audit.bulk.connect import connect
from playgate.audit.bulk.steps import Steps
from playgate.audit.bulk.table import table_of_files
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


def profile(playbook: str, history: str, people: str) -> list[tuple[str, ...]]:
    """The steps that take most, and what they take."""
    Watched.taken = defaultdict(float)
    run.Steps = Watched  # type: ignore[misc]
    connection, begun = connect("duckdb"), time.process_time()
    with Watched(connection, prefix="history") as steps:
        events = table_of_files(connection, [history], steps=steps, report=print)
        run.audit_table(
            load_playbook(Path(playbook)), events, connection=connection,
            people=read_people(people, print), shown=True,
        )  # fmt: skip
    whole = time.process_time() - begun
    Watched.taken["the rest"] += whole - sum(Watched.taken.values())
    found = sorted(Watched.taken.items(), key=lambda each: -each[1])
    return [
        (name, f"{seconds:.1f} s", f"{seconds / whole:.0%}")
        for name, seconds in [*found, ("all", whole)]
        if seconds / whole >= LEAST
    ]


if __name__ == "__main__":
    print("\n".join(table(("step", "CPU", "share"), profile(*sys.argv[1:]))))
