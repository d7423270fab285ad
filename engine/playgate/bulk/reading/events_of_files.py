"""Events of files for the judge, some of which are Parquet: DuckDB reads these for him."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from playgate.bulk.engine.connect import connect
from playgate.bulk.engine.steps import Steps
from playgate.bulk.reading.event_table import events_of
from playgate.bulk.reading.history_table import table_of_parquet
from playgate.bulk.reading.parquet import errors_of
from playgate.history.event import Event, Problem
from playgate.history.mapping import Mapping
from playgate.history.read import read_history
from playgate.history.source import is_parquet

__all__ = ["read_any"]


def read_any(
    paths: Sequence[str],
    *,
    mapping: Mapping | None,
    report: Callable[[Problem], None],
    stable_ids: bool = True,
) -> Iterator[Event]:
    """Reads the events of all files, file by file."""
    if mapping is not None and mapping.looks_inside():  # also from file to file
        yield from read_history(paths, mapping=mapping, report=report, stable_ids=stable_ids)
        return
    is_all = len(paths) == 1
    stable_ids = stable_ids or not is_all  # see `read_history`
    for source, path in enumerate(paths):
        read = _of_parquet if is_parquet(path) else _of_text
        for event in read(path, mapping, report, stable_ids, is_all):
            yield event._replace(source=source)


def _of_text(
    path: str,
    mapping: Mapping | None,
    report: Callable[[Problem], None],
    stable_ids: bool,
    is_all: bool,
) -> Iterator[Event]:
    return read_history(
        [path], mapping=mapping, report=report, stable_ids=stable_ids, is_all=is_all
    )


def _of_parquet(
    path: str,
    mapping: Mapping | None,
    report: Callable[[Problem], None],
    stable_ids: bool,
    is_all: bool,
) -> Iterator[Event]:
    connection = connect("duckdb")
    with Steps(connection, prefix="history") as steps:
        table = table_of_parquet(
            connection,
            [path],
            steps=steps,
            mapping=mapping,
            report=report,
            stable_ids=stable_ids,
            is_all=is_all,
        )
        with errors_of(path):  # what is damaged within shows only now
            yield from events_of(connection, table)
