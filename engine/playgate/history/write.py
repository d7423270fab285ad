"""Writes events as the history table: CSV or NDJSON, gzipped where the name says so.

What is written is a contract between programs: reading it back gives the same events. So cells
that a spreadsheet would take for a formula (`=`, `+`, `-`, `@` in front) are left as they are.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from playgate.conditions.instants import SECOND, show_instant
from playgate.errors import InputError
from playgate.history.event import Event, event_id, read_attrs
from playgate.history.own_table import COLUMNS

__all__ = ["replaced", "replaced_text", "write_events", "write_history"]

_NAMES = (".csv", ".csv.gz", ".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz")


def write_history(path: str, deals: Iterable[list[Event]]) -> int:
    """Writes settled deals to a file that appears whole or not at all, and returns how many events
    it has."""
    if not path.lower().endswith(_NAMES):
        raise InputError(
            f"{path}: the name does not say how to write it",
            hint=f"end it in {', '.join(_NAMES)}",
            code="usage",
        )
    as_json = ".csv" not in Path(path).suffixes[-2:]
    try:
        with replaced_text(Path(path)) as stream:
            return write_events(stream, deals, as_json=as_json)
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {error.strerror or error}", code="cannot-write"
        ) from None


def write_events(stream: IO[str], deals: Iterable[list[Event]], *, as_json: bool) -> int:
    """Writes settled deals to a text stream, and returns how many events they have."""
    write = _json_lines(stream) if as_json else _csv_lines(stream)
    count = 0
    for events in deals:
        write(events)
        count += len(events)
    return count


def _csv_lines(stream: IO[str]) -> Callable[[list[Event]], None]:
    writer = csv.writer(_UnixLines(stream), lineterminator="\r\n")
    writer.writerow(COLUMNS)
    return lambda events: writer.writerows(map(_cells, events))


class _UnixLines:
    """Ends lines with a plain line feed.

    The writer itself must believe in both characters, for it puts only those of its line end in
    quotes (Python 3.11), and a cell may hold either.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, line: str) -> int:
        return self._stream.write(line[:-2] + "\n")


def _json_lines(stream: IO[str]) -> Callable[[list[Event]], None]:
    def write(events: list[Event]) -> None:
        for event in events:
            row = {
                column: cell for column, cell in zip(COLUMNS, _cells(event), strict=True) if cell
            }
            data = {**row, "attrs": read_attrs(event)} if event.attrs else row
            stream.write(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")

    return write


def _cells(event: Event) -> tuple[str, ...]:
    recorded = event.recorded_at != event.happened_at
    return (
        event.deal,
        _stamp(event),
        event.kind,
        event.name,
        event.value,
        event.actor,
        show_instant(event.recorded_at) if recorded else "",
        event_id(event),
        event.attrs,
    )


def _stamp(event: Event) -> str:
    """Shows when an event happened, to the last digit."""
    if not event.rest:
        return show_instant(event.happened_at)
    second, micros = divmod(event.happened_at, SECOND)
    return f"{show_instant(second * SECOND)[:-1]}.{micros:06}{event.rest}Z"


@contextmanager
def replaced_text(path: Path) -> Iterator[IO[str]]:
    """Opens a text stream, gzipped where the name says so, as `replaced` does."""
    with replaced(path) as file, _text(file, path) as stream:
        yield stream


@contextmanager
def replaced(path: Path) -> Iterator[IO[bytes]]:
    """Opens a file whose content takes the place of that at `path` once all is written."""
    target = path.resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as file:  # a device or a pipe
            yield file
        return
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    try:
        with partial.open("xb") as file:
            yield file
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _text(file: IO[bytes], path: Path) -> Iterator[IO[str]]:
    if path.suffix.lower() == ".gz":
        # Neither name nor time go into the file: the same events give the same bytes.
        with (
            gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed,
            io.TextIOWrapper(packed, "utf-8", newline="") as stream,
        ):
            yield stream
    else:
        with io.TextIOWrapper(file, "utf-8", newline="") as stream:
            yield stream
