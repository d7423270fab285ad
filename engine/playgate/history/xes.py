"""XES event logs, streamed as batches of rows numbered by event.

Columns are named as a table of such a log names them: the attributes of the trace with `case:` in
front (`case:concept:name`), those of the event as they are (`time:timestamp`). Attributes inside
attributes are passed over. A document type, and so every entity, is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from xml.parsers import expat

from playgate.errors import InputError
from playgate.history.delimited import Batch

__all__ = ["CASE", "read_xes"]

CASE = "case:"
_DEEPEST = 64
_LONGEST = 1_000_000


class _RefusedError(Exception):
    """The log holds what is not read."""


def read_xes(name: str, chunks: Iterator[bytes], columns: Sequence[str]) -> Iterator[Batch]:
    """Rows with a cell for each of `columns`; a missing attribute is empty."""
    log = _Log(columns)
    parser = log.parser()
    number = 1
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            if log.rows:
                rows = log.take()
                yield range(number, number + len(rows)), rows
                number += len(rows)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        where = f"{name}, line {error.lineno}"
        raise InputError(f"{where}: not well-formed XML: {expat.ErrorString(error.code)}") from None
    except _RefusedError as error:
        where = f"{name}, line {parser.CurrentLineNumber}"
        raise InputError(f"{where}: {error}", hint="is this an XES log?") from None
    rows = log.take()
    if rows:
        yield range(number, number + len(rows)), rows


class _Log:
    """The state of reading: rows of finished events and of the trace that is open."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self.rows: list[list[str]] = []

    def take(self) -> list[list[str]]:
        """The rows read since the last time."""
        rows = self.rows[:]
        self.rows.clear()
        return rows

    def parser(self) -> Any:
        """An expat parser whose handlers fill `rows`: two closures, for speed."""
        parser = expat.ParserCreate()
        parser.specified_attributes = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        events: dict[str | None, int] = {}
        find = events.get
        cases: dict[str, int] = {}
        for index, column in enumerate(self._columns):
            if column.startswith(CASE):
                cases[column.removeprefix(CASE)] = index
            else:
                events[column] = index
        blank = [""] * len(self._columns)
        case = blank
        row = blank
        trace: list[list[str]] = []
        finished = self.rows
        depth = 0
        inside = 0  # the depth at which the open event's attributes stand; 0 without one
        in_trace = False

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal depth, inside, in_trace, case, row
            depth += 1
            if depth == inside:
                if (index := find(attributes.get("key"))) is not None:
                    row[index] = attributes.get("value", "")
            elif depth > 3:
                if depth > _DEEPEST:
                    raise _RefusedError(f"elements nested more than {_DEEPEST} deep")
            elif depth == 3 and in_trace:
                if tag.endswith("event"):
                    row = case.copy()
                    inside = 4
                else:
                    index = cases.get(attributes.get("key", ""))
                    if index is not None:
                        case[index] = value = attributes.get("value", "")
                        for earlier in trace:
                            earlier[index] = value
            elif depth == 2:
                if tag.endswith("trace"):
                    in_trace, case = True, blank.copy()
                elif tag.endswith("event"):
                    row = blank.copy()
                    inside = 3
            elif depth == 1 and not tag.endswith("log"):
                raise _RefusedError(f"<{tag}> is not a log")

        def end(tag: str) -> None:
            nonlocal depth, inside, in_trace
            depth -= 1
            if depth == 2:
                if inside == 4:
                    trace.append(row)
                    inside = 0
                    if len(trace) > _LONGEST:
                        raise _RefusedError(f"a trace of more than {_LONGEST} events")
            elif depth == 1:
                if in_trace:
                    finished.extend(trace)
                    trace.clear()
                    in_trace = False
                elif inside == 3:
                    finished.append(row)
                    inside = 0

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        return parser


def _refuse_doctype(*_: object) -> None:
    raise _RefusedError("a document type, which is not read")
