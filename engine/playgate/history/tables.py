"""Tables in files of any make: CSV, or the sheet of a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable

from playgate.history.delimited import Table, read_table
from playgate.history.sheets import Typed, read_sheet
from playgate.history.source import Source, is_sheet

__all__ = ["table_in"]


def table_in(
    source: Source, problem: Callable[[int, str, str], None], typed: Typed | None = None
) -> Table:
    """Returns the table in a file; rows that are not well formed go to `problem` (line, reason,
    hint). Of a sheet, `typed` says what its columns are read as."""
    if is_sheet(source.name):
        return read_sheet(source.name, problem, typed)
    return read_table(source.name, source.blocks(), problem)
