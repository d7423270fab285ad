"""The live gate: from the shell, in the process, in a batch, and taking a history in."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from comparing import HERE, ROOT, Bench, Row
from process import Cost, middle, run

__all__ = ["batch", "decision", "importing", "shell"]

DEALS = 10_000
REQUESTS = 4_500
EVENTS = 100_000
NOTHING = "`python -c pass`"
PLAYBOOK = HERE / "thirty-rules.yaml"
BANK = ROOT / "playbooks" / "bank-sales" / "bank-sales.yaml"
SCRIPT = """\
import sys
from playgate.cli.main import start
if __name__ == '__main__':
    sys.argv[0] = sys.argv[0].removesuffix('.exe')
    sys.exit(start())
"""
"""What pip writes for the console script."""


def shell(bench: Bench) -> Iterator[Row]:
    """Commands as new processes on a ledger of many deals, against an empty interpreter."""
    ledger = _ledger(bench)
    script = bench.folder / "playgate"
    script.write_text(SCRIPT, encoding="utf-8")
    ready, early = (f"D-{number:05}" for number in (5_000, 5_001))
    fresh = (f"D-{number:05}" for number in count(0, 2))

    def command(name: str, deal: str, *, status: int) -> Cost:
        words = [name, deal, "proposal", "--by", "r7", "--db", str(ledger)]
        return run([sys.executable, str(script), *words], bench.env, status=status)

    *costs, nothing = bench.in_turns(
        lambda: command("check", ready, status=0),
        lambda: command("check", early, status=1),
        lambda: command("move", next(fresh), status=0),
        lambda: command("move", early, status=1),
        lambda: bench.python("-c", "pass"),
        rounds=max(15, bench.rounds),
    )
    names = ("check, allowed", "check, refused", "move, allowed", "move, refused")
    for name, cost in zip(names, costs, strict=True):
        target = "at most 7, aim 5" if name.startswith("check") else "at most 10"
        yield Row(name, cost, NOTHING, nothing, target)


def decision(bench: Bench) -> Iterator[Row]:
    """One decision in the process, against a bare trigger of `transitions`."""
    rounds = [
        bench.told(sys.executable, "live_own.py", "decide", PLAYBOOK)[1]
        for _ in range(bench.rounds)
    ]
    costs = {name: middle([Cost(*each[name]) for each in rounds]) for name in rounds[0]}
    trigger = costs["trigger"]
    for name in ("allowed", "refused"):
        ours = costs[name]
        yield Row(
            f"a decision on 40 events, {name}", ours, "a bare trigger", trigger, "at most 100 µs"
        )


def batch(bench: Bench) -> Iterator[Row]:
    """Requests through a pipe, against as many bare transactions."""
    ledger = _ledger(bench)
    requests = bench.folder / "requests.ndjson"
    bench.told(sys.executable, "live_own.py", "requests", REQUESTS, requests)
    turn = bench.folder / "turn.db"
    words = ["-m", "playgate.cli.main", "log", "--batch", "--db", str(turn)]
    costs: list[list[Cost]] = [[], []]
    for round_ in range(bench.rounds + 1):
        shutil.copy(ledger, turn)
        with requests.open("rb") as lines:
            ours = run([sys.executable, *words], bench.env, given=lines, status=1)
        _, told = bench.told(sys.executable, "live_own.py", "transactions", REQUESTS, turn)
        if round_:
            costs[0].append(ours)
            costs[1].append(Cost(*told["work"]))
    yield Row(
        f"a batch of {REQUESTS:,} requests",
        middle(costs[0]),
        f"{REQUESTS:,} bare transactions",
        middle(costs[1]),
        "at least 0.20 of the rate",
        faster=True,
    )


def importing(bench: Bench) -> Iterator[Row]:
    """Taking a history in, against `executemany` of the same rows."""
    history = bench.folder / "history.csv"
    bench.python(str(HERE / "histories.py"), str(EVENTS), "grouped", str(history))
    for ids in ("with", "without"):
        told: dict[str, list[Cost]] = {}
        for _ in range(bench.rounds):
            _, found = bench.told(
                sys.executable, "live_own.py", "import", BANK, history, ids, bench.folder
            )
            for name, cost in found.items():
                told.setdefault(name, []).append(Cost(*cost))
        ledger, raw = middle(told["ledger"]), middle(told["raw"])
        what = f"import of {EVENTS:,} events {ids} ids"
        yield Row(f"{what}, ledger", ledger, "`executemany`", raw, "at least 0.15", faster=True)
    yield Row(
        f"{what}, reading and ledger",
        _sum(middle(told["reading"]), ledger),
        "`executemany`",
        raw,
        "",
        faster=True,
    )


def _sum(first: Cost, second: Cost) -> Cost:
    return Cost(first.wall + second.wall, first.cpu + second.cpu)


def _ledger(bench: Bench) -> Path:
    ledger = bench.folder / "playgate.db"
    if not ledger.exists():
        bench.told(sys.executable, "live_own.py", "ledger", PLAYBOOK, DEALS, ledger)
    return ledger
