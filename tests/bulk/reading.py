"""Reads a history twice, by our own reader and as a table, and compares event by event."""

from __future__ import annotations

from collections.abc import Sequence

from playgate.bulk.engine.connect import connect
from playgate.bulk.engine.steps import Steps
from playgate.bulk.reading.event_table import events_of
from playgate.bulk.reading.history_table import table_of_files
from playgate.errors import InputError
from playgate.history.event import Event, Problem
from playgate.history.mapping import Mapping
from playgate.history.read import read_history

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
    """What the table holds; `CannotReadHereError` goes through."""
    connection = connect("duckdb")
    problems: list[Problem] = []
    with Steps(connection, prefix="history") as steps:
        try:
            table = table_of_files(
                connection, paths, steps=steps, report=problems.append, **options
            )
        except InputError as error:
            return error.message, error.hint
        return list(events_of(connection, table)), problems


def same(paths: Sequence[str], mapping: Mapping | None = None, **options: object) -> Found:
    """What both make of the files, which must be the same."""
    expected = by_reader(paths, mapping=mapping, **options)
    found = by_table(paths, mapping=mapping, **options)
    assert found == expected
    return found
