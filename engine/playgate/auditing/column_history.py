"""A large history of files as columns, for the numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from playgate.auditing.by_columns import is_worth_it
from playgate.auditing.reading import ahead_of, gatherer_of, reader_of, uncollected, unpacked_size
from playgate.history.event import Problem
from playgate.history.mapping import Mapping

if TYPE_CHECKING:
    from playgate.columns.history import ColumnHistory
    from playgate.columns.rows import Rows

__all__ = ["column_history"]

_MOST = 1_600_000_000
"""Bytes of files, unpacked, whose rows find room in memory: they are gone through several times."""


@uncollected()
def column_history(
    paths: Sequence[str],
    mapping: Mapping | None,
    *,
    until: int,
    as_of: int | None,
    problems: list[Problem],
    on_fault: Callable[[BaseException | None], None] | None = None,
) -> ColumnHistory | None:
    """Reads files where that is faster as columns, else returns `None`.

    What happens after `until` is the future. Adds to `problems` what could not be read, or lies in
    the future and is not reached by `as_of`. `on_fault` hears of a bug of the columns, or where the
    judge says otherwise; what counts then is the walk.
    """
    if not is_worth_it(paths) or unpacked_size(paths) > _MOST:
        return None
    from playgate.columns.history import ColumnHistory
    from playgate.columns.rows import rows_of_events

    found: list[Problem] = []
    rows = _plain(paths, mapping, until, found.append)
    if rows is not None:
        problems += found
    else:
        events = reader_of(paths)(paths, mapping=mapping, report=problems.append)
        rows = [rows_of_events(events)]
    history = ColumnHistory(rows, until, on_fault=on_fault)
    problems += ahead_of(history, paths, as_of)
    return history


def _plain(
    paths: Sequence[str], mapping: Mapping | None, until: int, report: Callable[[Problem], None]
) -> list[Rows] | None:
    """Returns the rows of files that have one reading only, else `None`."""
    gather = gatherer_of(paths, mapping, report)
    if gather is None:
        return None
    from playgate.columns.gathered import Gathering
    from playgate.columns.not_plain import NotPlainError

    try:
        with Gathering(_MOST, until) as gathering:
            gather(gathering)
            return list(gathering.gathered().parts())
    except NotPlainError:
        return None
