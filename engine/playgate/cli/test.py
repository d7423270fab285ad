"""`playgate test`: try the cases of playbooks."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from playgate.cases.coverage import cover
from playgate.cases.model import Case, CaseFile
from playgate.cases.mutants import mutants
from playgate.cases.result import CasesResult
from playgate.cases.run import Bench, CaseOutcome
from playgate.cases.survey import survey
from playgate.cli.errors import CLEAN, FINDINGS
from playgate.cli.load import cases_from, playbook_from
from playgate.cli.options import FILE, output_option
from playgate.cli.output import colour_wanted, is_plain, write
from playgate.documents.yaml12 import read_bytes
from playgate.errors import InputError, Mistake
from playgate.model.playbook import Playbook
from playgate.playbook.beside import CASES, files_beside, kind_of, playbook_beside
from playgate.playbook.load import load_whole
from playgate.records import replace
from playgate.report.words import visible

__all__ = ["command"]


@click.command("test")
@click.argument("playbooks", nargs=-1, required=True, metavar="PLAYBOOK…", type=FILE)
@click.option(
    "--cases",
    "case_files",
    multiple=True,
    metavar="FILE",
    type=FILE,
    help="Cases to try, in place of the *.cases.yaml beside the playbook.",
)
@click.option(
    "-k",
    "--filter",
    "chosen",
    multiple=True,
    metavar="TEXT",
    help="Only cases whose name has this in it.",
)
@click.option(
    "--coverage",
    is_flag=True,
    help="Show which rules were seen met and unmet, and which moves allowed and refused.",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 1 where coverage is less.",
)
@click.option(
    "--mutate",
    is_flag=True,
    help="Change the playbook in many small ways; some case must notice each.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0),
    default=120.0,
    show_default=True,
    metavar="N",
    help="With --mutate: how long to try.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit", "tap"]),
    default="text",
    help="How to show the result.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show cases that pass, too.")
@output_option
def command(
    playbooks: tuple[str, ...],
    case_files: tuple[str, ...],
    chosen: tuple[str, ...],
    coverage: bool,
    fail_under: float | None,
    mutate: bool,
    seconds: float,
    form: str,
    verbose: bool,
    output: str | None,
) -> int:
    """Try the cases that stand beside playbooks, in *.cases.yaml.

    A case says what has happened to a deal, what is asked then, and what the
    playbook must say: a move allowed or refused by exactly these rules, or an
    audit that finds exactly these.

    Exit status: 0 all passed, 1 a case failed, coverage is too small or a
    mutant lives, 2 wrong input.

    \b
    playgate test bank-sales.yaml
    playgate test bank-sales.yaml --coverage --fail-under 100
    playgate test bank-sales.yaml --mutate -k proposal
    """
    read = _read(playbooks, case_files)
    results = []
    deadline = time.monotonic() + seconds
    for playbook, files in read:
        tested, tried = _try(playbook, files, chosen)
        if coverage or fail_under is not None:
            covered = cover(playbook, tried)
            tested = replace(tested, coverage=covered, wanted_percent=fail_under)
        if mutate:
            tested = _mutate(tested, files, tried, deadline, whole=not chosen)
        results.append(tested)
    if chosen and not any(tested.outcomes for tested in results):
        raise InputError(f"no case has {' or '.join(chosen)} in its name", code="unknown-name")
    _render(results, form, verbose, output)
    return CLEAN if all(tested.good for tested in results) else FINDINGS


_Read = list[tuple[Playbook, list[CaseFile]]]
_Tried = Sequence[tuple[Bench, Sequence[Case]]]


def _read(named: Sequence[str], case_files: Sequence[str]) -> _Read:
    """Reads the playbooks and their cases; raises `InputError` with all mistakes of wrong ones."""
    read: _Read = []
    mistakes: list[Mistake] = []
    for path in dict.fromkeys(map(_playbook_path, named)):
        try:
            playbook = playbook_from(path)
        except InputError as error:
            if not error.mistakes:
                raise
            mistakes.extend(error.mistakes)
            continue
        files = [Path(file) for file in case_files] or files_beside(
            Path(path), playbook.name, CASES
        )
        read.append((playbook, []))
        for file in files:
            try:
                read[-1][1].append(cases_from(file, playbook))
            except InputError as error:
                if not error.mistakes:
                    raise
                mistakes.extend(error.mistakes)
    if mistakes:
        raise InputError(mistakes=mistakes)
    return read


def _playbook_path(named: str) -> str:
    """Returns the playbook that is named, or the one beside a file of cases that is named."""
    if kind_of(named) is not CASES:
        return named
    path = Path(named)
    return str(playbook_beside(path, read_bytes(path)))


def _try(
    playbook: Playbook, files: Sequence[CaseFile], chosen: Sequence[str]
) -> tuple[CasesResult, _Tried]:
    tried: list[tuple[Bench, Sequence[Case]]] = []
    outcomes: list[CaseOutcome] = []
    left_out = 0
    for file in files:
        bench = Bench(playbook, file.people)
        cases = [case for case in file.cases if _is_chosen(case, chosen)]
        left_out += len(file.cases) - len(cases)
        outcomes.extend(bench.outcome(case) for case in cases)
        tried.append((bench, cases))
    names = tuple(file.file for file in files)
    tested = CasesResult(
        playbook=playbook, files=names, outcomes=tuple(outcomes), left_out=left_out
    )
    return tested, tried


def _is_chosen(case: Case, chosen: Sequence[str]) -> bool:
    name = case.name.casefold()
    return not chosen or any(text.casefold() in name for text in chosen)


def _mutate(
    tested: CasesResult, files: Sequence[CaseFile], tried: _Tried, deadline: float, *, whole: bool
) -> CasesResult:
    """Tries mutants; where only some cases were chosen, `may_live` is not held against them."""
    if tested.failed:  # a case that fails would catch every mutant
        return replace(tested, note="no mutants before all cases pass")
    if not tested.outcomes:
        return tested
    path = tested.playbook.file
    _, document = load_whole(read_bytes(Path(path)), path)
    found = mutants(tested.playbook, document)
    kept = [
        replace(file, cases=tuple(cases)) for file, (_, cases) in zip(files, tried, strict=True)
    ]
    with _bar(tested.playbook.name, len(found)) as progress:
        surveyed = survey(
            tested.playbook,
            kept,
            found,
            out_of_time=lambda: time.monotonic() > deadline,
            progress=progress,
        )
    return replace(tested, survey=surveyed if whole else replace(surveyed, stale=()))


@contextmanager
def _bar(name: str, total: int) -> Iterator[Callable[[int], None] | None]:
    """Shows a bar on a terminal, and nothing in a pipe."""
    if is_plain(sys.stderr):
        yield None
        return
    bar: Any = click.progressbar(length=total, label=f"mutants of {visible(name)}", file=sys.stderr)
    with bar:
        yield bar.update


def _render(results: Sequence[CasesResult], form: str, verbose: bool, output: str | None) -> None:
    if form == "text":
        from playgate.report.cases_text import render_text

        write(render_text(results, verbose=verbose, colour=colour_wanted(output)), output)
        return
    if form == "json":
        from playgate.report.cases_json import render_json

        write(render_json(results), output)
        return
    from playgate.report.cases_checks import render_junit, render_tap

    write(render_junit(results) if form == "junit" else render_tap(results), output)
