"""`playgate import --explain`: what becomes of the first rows of each table, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from playgate.conditions.instants import show_instant
from playgate.errors import InputError
from playgate.history.event import START, Event
from playgate.history.first_rows import FirstRow, first_rows
from playgate.history.mapping import Mapping
from playgate.report.words import visible

__all__ = ["explained"]

_ROWS = 3
_LONGEST = 40


def explained(paths: Sequence[str], mapping: Mapping | None) -> Iterator[str]:
    """Yields the lines of the explanation."""
    if mapping is None:
        raise InputError(
            "--explain says how a mapping reads", hint="name one with --map", code="usage"
        )
    found = first_rows(paths, mapping, count=_ROWS)
    for (file, line), rows in groupby(found, lambda row: (row.file, row.table.line)):
        yield f"{visible(file)}, by {mapping.file}:{line}"
        for row in rows:
            yield from _row(row, mapping.file)
        yield ""


def _row(row: FirstRow, file: str) -> Iterator[str]:
    cells = ", ".join(f"{name}: {_short(text)}" for name, text in row.cells)
    yield f"  {row.line}  {visible(cells)}"
    for event, note in row.events:
        yield f"     → {visible(_event(event, note))}"
    for problem in row.problems:
        yield f"     ! {visible(problem.reason)}"
    for line, reason in row.reasons:
        yield f"     – {visible(reason)} ({file}:{line})"


def _event(event: Event, note: str) -> str:
    at = "from the start" if event.happened_at == START else show_instant(event.happened_at)
    value = f" {_short(event.value)}" if event.value else ""
    actor = f" by {event.actor}" if event.actor else ""
    attrs = f" {event.attrs}" if event.attrs else ""
    later = f"; {note}" if note else ""
    return f"{event.deal}: {event.kind} {event.name}{value}, {at}{actor}{attrs}{later}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
