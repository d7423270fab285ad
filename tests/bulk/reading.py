"""Reads a history twice, by our own reader and as a table, and compares event by event."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from playgate.bulk.engine.connect import connect
from playgate.bulk.engine.steps import Steps
from playgate.bulk.reading.event_table import events_of
from playgate.bulk.reading.history_table import table_of_parquet
from playgate.errors import InputError
from playgate.history.delimited import read_table
from playgate.history.event import Event, Problem
from playgate.history.mapping import Mapping
from playgate.history.read import read_history
from playgate.history.source import Source
from playgate.records import replace

Found = tuple[list[Event], list[Problem]]


def by_reader(paths: Sequence[str], **options: object) -> Found | tuple[str, str]:
    """What our own reader makes of the files: events by deal and place, problems as told."""
    problems: list[Problem] = []
    try:
        events = list(read_history(paths, report=problems.append, **options))
    except InputError as error:
        return error.message, error.hint
    return sorted(events, key=lambda event: (event.deal, event.source, event.line)), problems


def by_table(paths: Sequence[str], **options: object) -> Found | tuple[str, str]:
    """What the table of these Parquet files holds."""
    connection = connect("duckdb")
    problems: list[Problem] = []
    with Steps(connection, prefix="history") as steps:
        try:
            table = table_of_parquet(
                connection, paths, steps=steps, report=problems.append, **options
            )
        except InputError as error:
            return error.message, error.hint
        return list(events_of(connection, table)), problems


def as_parquet(path: str) -> str:
    """The rows of a CSV file, as texts, in a Parquet file of the same name."""
    with Source(path) as source:
        table = read_table(path, source.blocks(), lambda *told: pytest.fail(str(told)))
        rows = [row for _, batch in table.batches for row in batch]
    columns = zip(*rows, strict=True) if rows else [()] * len(table.header)
    texts = [pa.array(column, pa.string()) for column in columns]
    file = Path(path).parent / "parquet" / Path(path).name
    file.parent.mkdir(exist_ok=True)
    parquet.write_table(pa.table(texts, names=list(table.header)), file)
    return str(file)


def same(paths: Sequence[str], mapping: Mapping | None = None, **options: object) -> Found:
    """What both make of the rows of CSV files, which must be the same; rows of Parquet count from
    1, those of CSV from the line below the header."""
    read = by_reader(paths, mapping=mapping, **options)
    files = {path: as_parquet(path) for path in paths}
    found = by_table(list(files.values()), mapping=mapping, **options)
    events, problems = read
    assert found == (
        [each._replace(line=each.line - 1) for each in events],
        [
            replace(each, file=files[each.file], line=each.line - 1) if each.file in files else each
            for each in problems
        ],
    )
    return found
