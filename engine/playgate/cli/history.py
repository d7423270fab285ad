"""What `import` and `audit` share: reading histories into a spool, with progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from playgate.errors import InputError
from playgate.history.event import Problem
from playgate.history.mapping import find_mapping, load_mapping
from playgate.history.read import read_history
from playgate.history.spool import Spool

__all__ = ["fill", "map_option", "progress_bar", "refuse_problems", "strict_option"]

map_option = click.option(
    "--map", "-m", "mapping", metavar="MAPPING",
    help="A mapping file, or the name of a shipped one.",
)  # fmt: skip
strict_option = click.option(
    "--strict", is_flag=True, help="Stop at rows that cannot be read (exit status 2)."
)
_MOST_SHOWN = 20


def fill(spool: Spool, paths: Sequence[str], mapping: str | None) -> list[Problem]:
    """Read all files into the spool; the rows that could not be read come back."""
    problems: list[Problem] = []
    chosen = load_mapping(find_mapping(mapping)) if mapping else None
    with progress_bar("reading", _size(paths)) as progress:
        spool.extend(
            read_history(paths, mapping=chosen, report=problems.append, progress=progress)
        )
    return problems


def refuse_problems(problems: Sequence[Problem]) -> None:
    """With `--strict`: stop where there is a problem, and show the first of them."""
    if not problems:
        return
    shown = [
        f"  {problem.file}:{problem.line}: {problem.reason}" for problem in problems[:_MOST_SHOWN]
    ]
    if len(problems) > _MOST_SHOWN:
        shown.append(f"  … and {len(problems) - _MOST_SHOWN} more")
    many = "row" if len(problems) == 1 else "rows"
    raise InputError(f"{len(problems)} {many} could not be read\n" + "\n".join(shown))


@contextmanager
def progress_bar(label: str, total: int) -> Iterator[Callable[[int], None] | None]:
    """A bar on a terminal for work worth waiting for; nothing in a pipe."""
    if not sys.stderr.isatty() or total < _WORTH_A_BAR:
        yield None
        return
    bar: Any = click.progressbar(length=total, label=label, file=sys.stderr, update_min_steps=1)
    with bar:
        yield bar.update


_WORTH_A_BAR = 1_000_000


def _size(paths: Sequence[str]) -> int:
    """How many bytes there are to read, so far as files tell."""
    return sum(Path(path).stat().st_size for path in paths if Path(path).is_file())
