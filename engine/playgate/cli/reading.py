"""What commands that read histories share: the mapping by its name, and a bar of progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from playgate.auditing import reading
from playgate.cli.load import mapping_from
from playgate.cli.output import is_plain
from playgate.history.event import Problem
from playgate.history.spool import Spool
from playgate.history.tally import PassedOver
from playgate.report.words import visible

__all__ = ["fill", "progress_bar"]

_WORTH_A_BAR = 1_000_000


def fill(
    spool: Spool,
    paths: Sequence[str],
    mapping: str | None,
    *,
    as_of: int | None = None,
    into_ledger: bool = False,
    note: Callable[[PassedOver], None] | None = None,
) -> list[Problem]:
    """Reads all files into the spool, and returns what could not be read, or lies in the future and
    is not reached by `as_of`; `note` is told what was passed over."""
    return reading.fill(
        spool,
        paths,
        mapping_from(mapping) if mapping else None,
        as_of=as_of,
        into_ledger=into_ledger,
        note=note,
        watch=progress_bar,
    )


@contextmanager
def progress_bar(label: str, total: int) -> Iterator[Callable[[int], None] | None]:
    """Shows a bar on a terminal for work that takes a while, and nothing in a pipe."""
    if total < _WORTH_A_BAR or is_plain(sys.stderr):
        yield None
        return
    bar: Any = click.progressbar(
        length=total, label=visible(label), file=sys.stderr, update_min_steps=1
    )
    with bar:
        yield bar.update
