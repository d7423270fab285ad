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
    rows = log.rest()
    if rows:
        yield range(number, number + len(rows)), rows


class _Log:
    """The state of reading: finished rows, and those of the last trace (or of an event alone).

    The last ones count as finished when something else begins, for a trace's attributes may follow
    its events.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._last: list[list[str]] = []
        self.rows: list[list[str]] = []

    def take(self) -> list[list[str]]:
        """The rows read since the last time."""
        rows = self.rows[:]
        self.rows.clear()
        return rows

    def rest(self) -> list[list[str]]:
        """The rows left at the end of the log."""
        return self.rows + self._last

    def parser(self) -> Any:
        """An expat parser that fills `rows`; only what begins is handled in Python, for speed."""
        parser = expat.ParserCreate()
        parser.specified_attributes = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        events: dict[str | None, int] = {}
        find = events.get
        cases: dict[str | None, int] = {}
        for index, column in enumerate(self._columns):
            if column.startswith(CASE):
                cases[column.removeprefix(CASE)] = index
            else:
                events[column] = index
        blank = [""] * len(self._columns)
        case = blank
        row = blank
        last, finished = self._last, self.rows
        path: list[str] = []
        enter = path.append
        inside = 0  # the depth at which the last event's attributes stand; 0 after other elements
        in_trace = False

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal inside, in_trace, case, row
            enter(tag)
            depth = len(path)
            if depth == inside:
                if (index := find(attributes.get("key"))) is not None:
                    row[index] = attributes.get("value", "")
            elif depth > 3:
                if depth > _DEEPEST:
                    raise _RefusedError(f"elements nested more than {_DEEPEST} deep")
            elif depth == 3 and in_trace:
                inside = 0
                if tag.endswith("event"):
                    last.append(row := case.copy())
                    inside = 4
                    if len(last) > _LONGEST:
                        raise _RefusedError(f"a trace of more than {_LONGEST} events")
                elif (index := cases.get(attributes.get("key"))) is not None:
                    case[index] = value = attributes.get("value", "")
                    for earlier in last:
                        earlier[index] = value
            elif depth == 2:
                finished.extend(last)
                last.clear()
                in_trace, inside = tag.endswith("trace"), 0
                if in_trace:
                    case = blank.copy()
                elif tag.endswith("event"):
                    last.append(row := blank.copy())
                    inside = 3
            elif depth == 1 and not tag.endswith("log"):
                raise _RefusedError(f"<{tag}> is not a log")

        parser.StartElementHandler = start
        parser.EndElementHandler = path.remove  # any of its name: only the depth counts
        return parser


def _refuse_doctype(*_: object) -> None:
    raise _RefusedError("a document type, which is not read")
