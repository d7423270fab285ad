"""A large history of files as columns, for the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from playgate.auditing.by_columns import is_worth_it
from playgate.auditing.reading import ahead_of, uncollected
from playgate.history.event import Problem
from playgate.history.mapping import Mapping
from playgate.history.read import read_history
from playgate.history.source import is_parquet

if TYPE_CHECKING:
    from playgate.columns.history import ColumnHistory
    from playgate.columns.rows import Rows

__all__ = ["column_history"]


@uncollected()
def column_history(
    paths: Sequence[str],
    mapping: Mapping | None,
    *,
    until: int,
    as_of: int | None,
    problems: list[Problem],
) -> ColumnHistory | None:
    """Reads files where that is faster as columns, else returns `None`.

    What happens after `until` is the future. Adds to `problems` what could not be read, or lies in
    the future and is not reached by `as_of`.
    """
    if not is_worth_it(paths):
        return None
    from playgate.columns.history import ColumnHistory
    from playgate.columns.rows import rows_of_events

    rows = _plain(paths) if mapping is None else None
    if rows is None:
        if any(map(is_parquet, paths)):
            return None
        rows = rows_of_events(read_history(paths, mapping=mapping, report=problems.append))
    history = ColumnHistory(rows, until)
    problems += ahead_of(history, paths, as_of)
    return history


def _plain(paths: Sequence[str]) -> Rows | None:
    """Returns the rows of files that have one reading only, else `None`."""
    kinds = {is_parquet(path) for path in paths}
    if len(kinds) != 1:
        return None
    from playgate.columns.encode import NotPlainError

    if True in kinds:
        from playgate.columns.parquet import rows_of_parquet as rows_of
    else:
        from playgate.columns.delimited import rows_of_delimited as rows_of
    try:
        return rows_of(paths)
    except NotPlainError:
        return None
