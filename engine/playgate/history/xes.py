"""XES event logs, streamed as batches of rows numbered by event.

Columns are named as a table of such a log names them: the attributes of the trace with `case:` in
front (`case:concept:name`), those of the event as they are (`time:timestamp`). Attributes inside
attributes are passed over. A document type, and so every entity, is refused.

Nearly all of a log is events of one plain form, which a regular expression reads faster than a
parser that calls back for each attribute. Runs of such events are cut out of the bytes, an empty
element in their place; the parser sees all the rest, and so says where each run belongs (one in a
comment belongs nowhere).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any
from xml.parsers import expat

from playgate.documents.document import composed
from playgate.errors import InputError
from playgate.history.delimited import Batch
from playgate.history.xml_feed import Feed, RefusedError

__all__ = ["CASE", "read_xes"]

CASE = "case:"
_DEEPEST = 64
_LONGEST = 1_000_000

_PLAIN_EVENTS = re.compile(
    rb"(?:<event>\s*+"
    rb'(?:<(?:string|date|int|float|boolean|id) key="[^"&<\0-\x1f]*+" value="[^"&<\0-\x1f]*+"'
    rb" ?/>\s*+)*+</event>\s*+)++"
)
"""Events of nothing but attributes in the usual form, no entity or line end in a value."""
_RUN = "run-of-events"
_ENCODINGS = frozenset((None, "utf-8", "us-ascii", "ascii"))
_MOST_SHAPES = 1_000


_Row = list[Any]
"""A cell for each column, and the whole event: its text, or its keys and values in a list."""


def read_xes(name: str, chunks: Iterator[bytes], columns: Sequence[str]) -> Iterator[Batch]:
    """Yields rows with a cell for each of `columns`, and one that holds the whole event (see
    `row_ids.whole_event`); a missing attribute is empty."""
    log = _Log(columns)
    parser = log.parser()
    feed = Feed(parser)
    number = 1
    try:
        for chunk in chunks:
            log.parse(feed, log.without_plain_events(chunk))
            if log.rows:
                rows = _composed(log.take())
                yield range(number, number + len(rows)), rows
                number += len(rows)
        log.parse(feed, b"", at_end=True)
    except expat.ExpatError as error:
        where = f"{name}, line {error.lineno}"
        raise InputError(
            f"{where}: not well-formed XML: {expat.ErrorString(error.code)}", code="wrong-file"
        ) from None
    except RefusedError as error:
        where = f"{name}, line {parser.CurrentLineNumber}"
        raise InputError(
            f"{where}: {error}", hint="is this an XES log?", code="wrong-file"
        ) from None
    rows = _composed(log.rest())
    if rows:
        yield range(number, number + len(rows)), rows


def _composed(rows: list[_Row]) -> list[_Row]:
    """Returns the rows, their cells in Unicode's form C; the last tells the whole event."""
    if all(map(_is_ascii, chain.from_iterable(rows))):
        return rows
    return [
        [composed(cell) if isinstance(cell, str) else list(map(composed, cell)) for cell in row]
        for row in rows
    ]


def _is_ascii(cell: str | list[str]) -> bool:
    return cell.isascii() if isinstance(cell, str) else all(map(str.isascii, cell))


class _Log:
    """The state of reading: finished rows, and those of the last trace (or of an event alone).

    The last ones count as finished when something else begins, for a trace's attributes may follow
    its events.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._last: list[_Row] = []
        self.rows: list[_Row] = []
        self._runs: list[str] = []
        self._encoding: str | None = None
        self._may_cut = False
        self._name_taken = False
        self._end = b""
        self._shapes: dict[tuple[str, ...], list[int]] = {}

    def parse(self, feed: Feed, chunk: bytes, *, at_end: bool = False) -> None:
        """Parses a chunk; refuses an encoding that the parser does not know."""
        try:
            feed.parse(chunk, at_end=at_end)
        except (LookupError, ValueError):
            if self._encoding in _ENCODINGS:
                raise
            raise RefusedError(f"the encoding {(self._encoding or '')[:40]}") from None

    def take(self) -> list[_Row]:
        """Returns the rows read since the last time."""
        rows = self.rows[:]
        self.rows.clear()
        return rows

    def rest(self) -> list[_Row]:
        """Returns the rows left at the end of the log."""
        return self.rows + self._last

    def without_plain_events(self, chunk: bytes) -> bytes:
        """Returns the chunk, its runs of plain events replaced by elements that name them."""
        self._runs.clear()
        seen = self._end + chunk
        if _RUN.encode() in seen:  # a name that is taken
            self._name_taken = True
        self._end = seen[-len(_RUN) :]
        may_cut = self._may_cut and not self._name_taken
        return _PLAIN_EVENTS.sub(self._cut, chunk) if may_cut else chunk

    def _cut(self, found: re.Match[bytes]) -> bytes:
        run = found.group()
        try:
            self._runs.append(run.decode())
        except UnicodeDecodeError:  # the parser says where
            return run
        # As many lines as before, for the parser counts them.
        return b'<%s n="%d"/>%s' % (_RUN.encode(), len(self._runs) - 1, b"\n" * run.count(b"\n"))

    def _events(self, run: int, case: _Row) -> Iterator[_Row]:
        """Yields the rows of a run of plain events in a trace with these attributes."""
        shapes, known = self._shapes, case[:-1]
        for event in self._runs[run].split("</event>")[:-1]:
            parts = event.split('"')  # … key=, the key, value=, the value, …
            keys = tuple(parts[1::4])
            places = shapes.get(keys)
            if places is None:
                if len(shapes) >= _MOST_SHAPES:
                    shapes.clear()
                places = shapes[keys] = self._places(keys)
            cells = known + parts
            row = [cells[place] for place in places]
            row.append(event)
            yield row

    def _places(self, keys: tuple[str, ...]) -> list[int]:
        """Returns where each column's cell stands among those of the case and the parts of an
        event."""
        width = len(self._columns)
        places = list(range(width))
        for number, key in enumerate(keys):
            if key in self._columns and not key.startswith(CASE):
                places[self._columns.index(key)] = width + 4 * number + 3
        return places

    def parser(self) -> Any:
        """Returns an expat parser that fills `rows`; only what begins is handled in Python, for
        speed."""
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
        blank: _Row = [""] * (len(self._columns) + 1)
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
            if tag == _RUN and self._runs:
                if depth == 2:
                    finished.extend(last)
                    last.clear()
                    finished.extend(self._events(int(attributes["n"]), blank))
                    in_trace, inside = False, 0
                elif depth == 3 and in_trace:
                    last.extend(self._events(int(attributes["n"]), case))
                    _refuse_longer(last)
                    inside = 0
            elif depth == inside:
                key, value = attributes.get("key"), attributes.get("value", "")
                if (index := find(key)) is not None:
                    row[index] = value
                if key is not None:
                    row[-1] += key, value
            elif depth > 3:
                if depth > _DEEPEST:
                    raise RefusedError(f"elements nested more than {_DEEPEST} deep")
            elif depth == 3 and in_trace:
                inside = 0
                if tag.endswith("event"):
                    last.append(row := [*case[:-1], []])
                    inside = 4
                    _refuse_longer(last)
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
                    last.append(row := [*blank[:-1], []])
                    inside = 3
            elif depth == 1:
                if not tag.endswith("log"):
                    raise RefusedError(f"<{tag}> is not a log")
                self._may_cut = self._encoding in _ENCODINGS

        def declared(_: str, encoding: str | None, __: int) -> None:
            self._encoding = encoding and encoding.lower()

        parser.XmlDeclHandler = declared
        parser.StartElementHandler = start
        parser.EndElementHandler = path.remove  # any of its name: only the depth counts
        return parser


def _refuse_longer(trace: Sequence[object]) -> None:
    if len(trace) > _LONGEST:
        raise RefusedError(f"a trace of more than {_LONGEST} events")


def _refuse_doctype(*_: object) -> None:
    raise RefusedError("a document type, which is not read")
