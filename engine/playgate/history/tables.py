"""Tables in files of any make: CSV, or the sheet of a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playgate.history.delimited import Table, read_table
from playgate.history.sheets import is_sheet, read_sheet
from playgate.history.source import Source

__all__ = ["open_table"]


@contextmanager
def open_table(path: str, problem: Callable[[int, str, str], None]) -> Iterator[Table]:
    """Gives the table in a file; rows that are not well formed go to `problem` (line, reason,
    hint)."""
    if is_sheet(path):
        yield read_sheet(path, problem)
        return
    with Source(path) as source:
        yield read_table(path, source.blocks(), problem)
