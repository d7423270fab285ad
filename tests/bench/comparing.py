"""What all measurements share: commands in turns, rows of a comparison, tables."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from process import Cost, middle, run

__all__ = ["HEADER", "HERE", "ROOT", "Bench", "Row", "table"]

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent

HEADER = ("what", "took", "against", "took", "ratio", "by the clock", "target")


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: so many times more (or faster, where `faster`) than the other."""

    what: str
    ours: Cost
    against: str
    theirs: Cost
    target: str
    faster: bool = False

    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        wall, cpu = self.ours.wall / self.theirs.wall, self.ours.cpu / self.theirs.cpu
        if self.faster:
            wall, cpu = 1 / wall, 1 / cpu
        return (
            self.what,
            _seconds(self.ours),
            self.against,
            _seconds(self.theirs),
            _ratio(cpu),
            _ratio(wall),
            self.target,
        )


class Bench:
    """Runs commands, each as a process of its own."""

    def __init__(self, folder: Path, *, peer: str | None, rounds: int) -> None:
        self.folder = folder
        self.peer = peer
        self.rounds = rounds
        self.env = {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT / "engine"),
            "PLAYGATE_CACHE": str(folder / "cache"),
        }

    def ours(self, *arguments: object, cache: str = "cache") -> Cost:
        """The cost of a playgate command."""
        return self.python("-m", "playgate.cli.main", *map(str, arguments), cache=cache)

    def python(self, *arguments: str, cache: str = "cache") -> Cost:
        """The cost of our interpreter with these arguments."""
        env = self.env | {"PLAYGATE_CACHE": str(self.folder / cache)}
        return run([sys.executable, *arguments], env)

    def timed(self, python: str, script: str, *arguments: object) -> tuple[Cost, Cost]:
        """What a script that times itself takes as a whole process, and without its imports."""
        whole, told = self.told(python, script, *arguments)
        return whole, Cost(*told["work"])

    def told(
        self, python: str, script: str, *arguments: object
    ) -> tuple[Cost, dict[str, list[float]]]:
        """What a script takes as a whole process, and the figures in its last line of JSON."""
        env = self.env
        if python == self.peer:
            # Elsewhere than home its drawing library builds its list of fonts anew each time.
            env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        command = [python, str(HERE / script), *map(str, arguments)]
        with (self.folder / "told.json").open("w+") as out:
            whole = run(command, env, out=out.fileno())
            out.seek(0)
            return whole, json.loads(out.read().splitlines()[-1])

    def in_turns(
        self, *jobs: Callable[[], Cost], rounds: int | None = None, warm: bool = True
    ) -> list[Cost]:
        """The median cost of each job; they run one after the other, again and again."""
        taken: list[list[Cost]] = [[] for _ in jobs]
        for job in jobs if warm else ():
            job()  # once for nothing: files and bytecode are in memory then
        for _ in range(rounds or self.rounds):
            for job, costs in zip(jobs, taken, strict=True):
                costs.append(job())
        return [middle(costs) for costs in taken]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value < 1 else f"{value:.1f}"


def _seconds(cost: Cost) -> str:
    if cost.cpu < 0.001:
        return f"{cost.cpu * 1e6:.1f} µs ({cost.wall * 1e6:.1f})"
    if cost.cpu < 1:
        return f"{cost.cpu * 1000:.0f} ms ({cost.wall * 1000:.0f})"
    return f"{cost.cpu:.2f} s ({cost.wall:.2f})"
