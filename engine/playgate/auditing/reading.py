"""Reads the files of a history into a spool, and tells what cannot be used of them."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from playgate.errors import InputError
from playgate.history.event import Event, Problem, how_many, in_the_future
from playgate.history.mapping import Mapping
from playgate.history.part import PartOfDeals
from playgate.history.read import read_history
from playgate.history.source import is_parquet
from playgate.history.spool import Spool
from playgate.history.tally import PassedOver
from playgate.report.words import visible

if TYPE_CHECKING:
    from playgate.columns.gathered import Gathering

__all__ = [
    "Watch",
    "ahead_of",
    "fill",
    "gatherer_of",
    "ledger_sources",
    "problem_lines",
    "processes",
    "reader_of",
    "refuse_problems",
    "uncollected",
    "unpacked_size",
    "unwatched",
]

_MOST_SHOWN = 20
_WORTH_SHARING = 8_000_000
"""Bytes of a history from which on several processes are faster than one."""
_PACKED = 10
_MOST_PROCESSES = 8


Watch = Callable[[str, int], AbstractContextManager[Callable[[int], None] | None]]
"""Shows how work of so much goes on: what it returns is told how much more was done."""


@contextmanager
def unwatched(label: str, total: int) -> Iterator[None]:
    """Shows nothing of the work."""
    yield None


@contextmanager
def uncollected() -> Iterator[None]:
    """Puts off the collection of garbage, and takes it up again where it was on.

    Events are tuples without cycles, and expressions hardly become garbage: looking for some again
    and again costs a tenth of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@uncollected()
def fill(
    spool: Spool,
    paths: Sequence[str],
    mapping: Mapping | None,
    *,
    as_of: int | None = None,
    part: PartOfDeals | None = None,
    stable_ids: bool = True,
    into_ledger: bool = False,
    note: Callable[[PassedOver], None] | None = None,
    watch: Watch | None = None,
) -> list[Problem]:
    """Reads all files (or only the deals of a `part`) into the spool, and returns what could not be
    read, or lies in the future and is not reached by `as_of`.

    Without `stable_ids` the ids of rows that bring none tell them apart for this reading only.
    `note` is told what was passed over. Of what goes into a ledger, which has the rest already, no
    row need fit every entry of the mapping.
    """
    problems: list[Problem] = []
    if _needs_engine(paths):
        from playgate.bulk.reading.events_of_files import read_any

        spool.extend(
            read_any(paths, mapping=mapping, report=problems.append, stable_ids=stable_ids)
        )
        return [*problems, *ahead_of(spool, paths, as_of, into_ledger=into_ledger)]
    with (watch or unwatched)("reading", _size(paths)) as progress:
        spool.extend(
            read_history(
                paths,
                mapping=mapping,
                report=problems.append,
                progress=progress,
                part=part,
                stable_ids=stable_ids,
                note=note,
                is_all=not into_ledger,
            )
        )
    return [*problems, *ahead_of(spool, paths, as_of, into_ledger=into_ledger)]


def reader_of(paths: Sequence[str]) -> Callable[..., Iterator[Event]]:
    """Returns what reads the events of all files, `read_history` or its like."""
    if not any(map(is_parquet, paths)):
        return read_history
    from playgate.bulk.reading.events_of_files import read_any

    return read_any


def gatherer_of(
    paths: Sequence[str], mapping: Mapping | None, report: Callable[[Problem], None]
) -> Callable[[Gathering], None] | None:
    """Returns what gathers the rows of files as columns; `None` where they are of two makes, or
    Parquet with a mapping, or where one is no file."""
    kinds = {is_parquet(path) for path in paths}
    if len(kinds) != 1 or (mapping is not None and True in kinds):
        return None
    if not all(Path(path).is_file() for path in paths):
        return None
    if mapping is not None:
        from playgate.columns.mapped import gather_mapped

        return partial(gather_mapped, paths, mapping, report)
    if True in kinds:
        from playgate.columns.parquet import gather_parquet

        return partial(gather_parquet, paths)
    from playgate.columns.delimited import gather_delimited

    return partial(gather_delimited, paths)


class HasAhead(Protocol):
    """A history that knows what of it is the future."""

    @property
    def ahead(self) -> Sequence[tuple[int, int, int]]:
        """When each such event happens, its source and its line."""


def ahead_of(
    history: HasAhead, sources: Sequence[str], as_of: int | None, *, into_ledger: bool = False
) -> Iterator[Problem]:
    """Yields what lies in the future, where the audit's instant does not reach it."""
    for at, source, line in history.ahead:
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
        yield f"… and {how_many(problems[_MOST_SHOWN:]):,} more"


def refuse_problems(problems: Sequence[Problem]) -> None:
    """Raises `InputError` where there is a problem and `--strict` was asked for, with the first
    problems."""
    if problems:
        number = how_many(problems)
        many = f"{number:,} problem{'s' * (number != 1)}"
        shown = [f"  {line}" for line in problem_lines(problems)]
        raise InputError(f"{many}, and --strict lets none pass", lines=shown, code="strict")


def ledger_sources(path: Path | str) -> tuple[str, str]:
    """Returns what the events of a ledger come from, by the `source` of each."""
    from playgate.ledger.store import shown_name  # most of what is read is no ledger

    name = shown_name(path)
    return f"{name} (live)", f"{name} (imported)"


def _size(paths: Sequence[str]) -> int:
    """Returns how many bytes there are to read, so far as files tell."""
    return sum(Path(path).stat().st_size for path in paths if Path(path).is_file())
