"""What `import` and `audit` share: reading histories into a spool, with progress."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from playgate.cli.load import mapping_from
from playgate.cli.output import is_plain
from playgate.errors import InputError
from playgate.history.event import Problem, in_the_future
from playgate.history.part import PartOfDeals
from playgate.history.read import read_history
from playgate.history.source import is_parquet
from playgate.history.spool import Spool
from playgate.report.words import count, plural, visible

__all__ = [
    "ahead_of",
    "fill",
    "ledger_sources",
    "problem_lines",
    "processes",
    "progress_bar",
    "refuse_problems",
    "unpacked_size",
]

_MOST_SHOWN = 20
_WORTH_A_BAR = 1_000_000
_WORTH_SHARING = 8_000_000
"""Bytes of a history from which on several processes are faster than one."""
_PACKED = 10
_MOST_PROCESSES = 8


def fill(
    spool: Spool,
    paths: Sequence[str],
    mapping: str | None,
    *,
    as_of: int | None = None,
    part: PartOfDeals | None = None,
    quiet: bool = False,
    stable_ids: bool = True,
    into_ledger: bool = False,
) -> list[Problem]:
    """Reads all files (or only the deals of a `part`) into the spool, and returns what could not be
    read, or lies in the future and is not reached by `as_of`.

    Without `stable_ids` the ids of rows that bring none tell them apart for this reading only.
    """
    # Events are tuples without cycles: looking for some again and again costs a tenth of the time.
    gc.disable()
    problems: list[Problem] = []
    chosen = mapping_from(mapping) if mapping else None
    if _needs_engine(paths):
        from playgate.bulk.reading.events_of_files import read_any

        spool.extend(read_any(paths, mapping=chosen, report=problems.append, stable_ids=stable_ids))
        return [*problems, *ahead_of(spool, paths, as_of, into_ledger=into_ledger)]
    with progress_bar("reading", 0 if quiet else _size(paths)) as progress:
        spool.extend(
            read_history(
                paths,
                mapping=chosen,
                report=problems.append,
                progress=progress,
                part=part,
                stable_ids=stable_ids,
            )
        )
    return [*problems, *ahead_of(spool, paths, as_of, into_ledger=into_ledger)]


def ahead_of(
    spool: Spool, sources: Sequence[str], as_of: int | None, *, into_ledger: bool = False
) -> Iterator[Problem]:
    """Yields what lies in the future, where the audit's instant does not reach it."""
    for at, source, line in spool.ahead:
        if as_of is None or at > as_of:
            yield in_the_future(at, sources[source], line, into_ledger=into_ledger)


def processes(asked: int | None, paths: Sequence[str]) -> int:
    """Returns how many processes are to share a history's work: those asked for, else what is worth
    it."""
    # On Linux a process can go on as several, with all that it has loaded.
    if sys.platform != "linux" or any(not Path(path).is_file() for path in paths):
        return 1
    if _needs_engine(paths):
        return 1
    if asked is not None:
        return asked
    worth = unpacked_size(paths) >= _WORTH_SHARING
    return min(len(os.sched_getaffinity(0)), _MOST_PROCESSES) if worth else 1


def unpacked_size(paths: Sequence[str]) -> int:
    """Returns about how many bytes the files have, unpacked."""
    packed = sum(Path(path).stat().st_size for path in paths if path.endswith(".gz"))
    return _size(paths) - packed + _PACKED * packed


def _needs_engine(paths: Sequence[str]) -> bool:
    """Returns whether DuckDB, where it is installed, has to read a file."""
    if not any(map(is_parquet, paths)):
        return False
    from playgate.bulk.engine.connect import is_installed

    return is_installed()


def problem_lines(problems: Sequence[Problem]) -> Iterator[str]:
    """Yields the first problems with their places and hints, and how many more there are."""
    for problem in problems[:_MOST_SHOWN]:
        yield f"{visible(problem.file)}:{problem.line}: {visible(problem.reason)}"
        if problem.hint:
            yield f"    {visible(problem.hint)}"
    if len(problems) > _MOST_SHOWN:
        yield f"… and {count(len(problems) - _MOST_SHOWN)} more"


def refuse_problems(problems: Sequence[Problem]) -> None:
    """Raises `InputError` where there is a problem and `--strict` was asked for, with the first
    problems."""
    if problems:
        many = plural(len(problems), "problem")
        shown = "".join(f"\n  {line}" for line in problem_lines(problems))
        raise InputError(f"{many}, and --strict lets none pass{shown}", code="strict")


def ledger_sources(path: Path) -> tuple[str, str]:
    """Returns what the events of a ledger come from, by the `source` of each."""
    return f"{path} (live)", f"{path} (imported)"


@contextmanager
def progress_bar(label: str, total: int) -> Iterator[Callable[[int], None] | None]:
    """Shows a bar on a terminal for work that takes a while, and nothing in a pipe."""
    if total < _WORTH_A_BAR or is_plain(sys.stderr):
        yield None
        return
    bar: Any = click.progressbar(length=total, label=label, file=sys.stderr, update_min_steps=1)
    with bar:
        yield bar.update


def _size(paths: Sequence[str]) -> int:
    """Returns how many bytes there are to read, so far as files tell."""
    return sum(Path(path).stat().st_size for path in paths if Path(path).is_file())
