"""Measures playgate, and writes the tables of `docs/performance.md`.

    python tests/bench/run.py [--only audit|live|columns|bulk] [--pm4py PYTHON] [--write]

Run it with an interpreter in which playgate's dependencies are installed. Everything is a process
of its own; what is compared runs in turns, so that a busy machine is busy for both, and the
medians are shown. Rows whose data or peer is not there are left out.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import live_gate
from comparing import HEADER, HERE, ROOT, Bench, Row, table
from process import Cost, middle

LOANS = ROOT.parent / "shared" / "data" / "loan-applications"
DOCS = ROOT / "docs" / "performance.md"
SECTIONS = ("audit", "live", "columns", "bulk")
BANK = ROOT / "playbooks" / "bank-sales"
LOAN_PLAYBOOK = ROOT / "playbooks" / "loan-application" / "loan-application.yaml"
LENGTHS = (100_000, 400_000, 1_600_000)


def judge(bench: Bench) -> Iterator[Row]:
    """Audits of the loan log as CSV, against pm4py's DECLARE check."""
    log = LOANS / "events.csv.gz"
    audits: list[tuple[str, tuple[str | Path, ...], str]] = [
        (
            "audit of the loan log (262,200 rows): the same six rules",
            (HERE / "six-rules.yaml", log, HERE / "six-rules.mapping.yaml"),
            "at least 2, aim 3",
        ),
        (
            "the same: `loan-application`, each finding explained",
            (LOAN_PLAYBOOK, log, "bpic2012", "--format", "json"),
            "",
        ),
    ]
    for what, words, target in audits:
        for jobs, how in ((None, what), ("1", f"{what}; one process")):
            options = ("-o", bench.folder / "report", *(("--jobs", jobs) if jobs else ()))
            mine = partial(bench.timed, sys.executable, "own.py", "audit", *words, *options)
            whole, bare = _against_peer(
                bench, mine, "declare", log, how, "pm4py, DECLARE", "" if jobs else target
            )
            yield whole
            if jobs:  # what a process measures of itself leaves out the others
                yield bare


def xes(bench: Bench) -> Iterator[Row]:
    """Reading the same log as XES, against pm4py's reader."""
    log = LOANS / "bpic2012.xes.gz"
    mine = partial(bench.timed, sys.executable, "own.py", "read", log)
    yield from _against_peer(
        bench,
        mine,
        "read",
        log,
        "reading and mapping the same log, XES",
        "pm4py.read_xes",
        "at least 5",
    )


def lint(bench: Bench) -> Iterator[Row]:
    """Linting a playbook of thirty rules, against an interpreter that does nothing."""
    playbook = HERE / "thirty-rules.yaml"
    fresh = iter(range(1_000_000))
    first, again, nothing = bench.in_turns(
        lambda: bench.ours("lint", playbook, cache=f"cache-{next(fresh)}"),
        lambda: bench.ours("lint", playbook),
        lambda: bench.python("-c", "pass"),
        rounds=max(15, bench.rounds),
    )
    peer = "`python -c pass`"
    yield Row("lint of 30 rules, the first time", first, peer, nothing, "at most 20", False)
    yield Row("lint of 30 rules, nothing changed", again, peer, nothing, "at most 8", False)


def memory(bench: Bench) -> Iterator[tuple[str, ...]]:
    """Audits of histories of growing length."""
    for events in LENGTHS:
        for form in ("grouped", "shuffled"):
            file = bench.folder / "history.csv"
            # In a process of its own: a child is charged with the memory of what started it.
            bench.python(str(HERE / "histories.py"), str(events), form, str(file))
            cost = bench.ours(
                "audit",
                BANK / "bank-sales.yaml",
                file,
                "--people",
                BANK / "people.csv",
                "--fail-on",
                "never",
                "--format",
                "json",
                "-o",
                bench.folder / "audit.json",
            )
            yield (
                f"{events:,}",
                form,
                f"{cost.peak:.0f} MiB",
                f"{events / cost.cpu:,.0f}",
                f"{_findings(bench.folder / 'audit.json'):,}",
            )


def _against_peer(
    bench: Bench,
    mine: Callable[[], tuple[Cost, Cost]],
    job: str,
    log: Path,
    what: str,
    against: str,
    target: str,
) -> Iterator[Row]:
    """Two rows: the whole processes, and the work alone without anybody's imports."""
    assert bench.peer is not None
    theirs = partial(bench.timed, bench.peer, "peer.py", job, log)
    costs: list[list[Cost]] = [[], [], [], []]
    for turn in range(bench.rounds + 1):
        found = (*mine(), *theirs())
        if turn:  # the first is for nothing: files and bytecode are in memory then
            for each, cost in zip(costs, found, strict=True):
                each.append(cost)
    ours_whole, ours_bare, theirs_whole, theirs_bare = map(middle, costs)
    yield Row(what, ours_whole, against, theirs_whole, target, True)
    yield Row(f"{what}: without imports", ours_bare, against, theirs_bare, target, True)


def _findings(report: Path) -> int:
    """How many findings a report has, without holding it in memory."""
    with report.open(encoding="utf-8") as file:
        return sum(line.count('"due_at"') for line in file)


def measure(bench: Bench, section: str, *, with_memory: bool) -> str:
    """Everything of a section that can be measured here, as Markdown."""
    if section == "columns":
        import columns  # it needs DuckDB

        log = LOANS / "events.csv.gz" if LOANS.is_dir() else None
        peers = columns.peers(bench, log) if bench.peer else ()
        most = columns.most(bench) if with_memory else ()
        found = _told(chain(columns.rows(bench), peers, columns.makes(bench, log), most))
        return "\n".join([_machine(), "", *table(HEADER, found)])
    if section == "bulk":
        import bulk  # it needs DuckDB

        lines = [_machine(), "", *table(bulk.HEADER, list(bulk.audits(bench)))]
        if bench.peer:
            lines += ["", *table(HEADER, [row.cells() for row in bulk.peers(bench)])]
        return "\n".join(lines)
    jobs: list[Callable[[Bench], Iterator[Row]]] = [
        live_gate.shell,
        live_gate.decision,
        live_gate.batch,
        live_gate.importing,
    ]
    if section == "audit":
        jobs = [judge, xes, lint] if bench.peer and LOANS.is_dir() else [lint]
    rows = _told(chain.from_iterable(job(bench) for job in jobs))
    lines = [_machine(), "", *table(HEADER, rows)]
    if with_memory and section == "audit":
        print("memory …", file=sys.stderr)
        head = ("events", "rows", "peak memory", "events a second (CPU)", "findings")
        lines += ["", *table(head, list(memory(bench)))]
    return "\n".join(lines)


def _told(rows: Iterable[Row]) -> list[tuple[str, ...]]:
    """Returns the cells of rows, each of which is told as soon as it is measured."""
    found = []
    for row in rows:
        found.append(row.cells())
        print(" | ".join(found[-1]), file=sys.stderr)
    return found


def _machine() -> str:
    return (
        f"Measured with Python {platform.python_version()} on {platform.system()}, "
        f"{os.cpu_count()} cores."
    )


def _write(section: str, text: str) -> None:
    page = DOCS.read_text(encoding="utf-8")
    begin, end = (f"<!-- measured {section}: {word} -->" for word in ("begin", "end"))
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        sys.exit(f"{DOCS.name} has no {begin} … {end}")
    DOCS.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=SECTIONS, help="one section (default: all)")
    parser.add_argument("--pm4py", metavar="PYTHON", help="an interpreter that has pm4py")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is run")
    parser.add_argument("--no-memory", action="store_true", help="leave out the long histories")
    parser.add_argument("--write", action="store_true", help=f"into docs/{DOCS.name}")
    given = parser.parse_args()
    for section in [given.only] if given.only else SECTIONS:
        with tempfile.TemporaryDirectory(prefix="playgate-bench-") as folder:
            bench = Bench(Path(folder), peer=given.pm4py, rounds=given.rounds)
            text = measure(bench, section, with_memory=not given.no_memory)
        print(text)
        if given.write:
            _write(section, text)


if __name__ == "__main__":
    main()
