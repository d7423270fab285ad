"""CSV in any dialect, as batches of rows with their line numbers.

A block of text without a quote is split as it stands, which gives what `csv.reader` would give in
half the time: at once where its lines are alike, else line by line. The others go through
`csv.reader`, at once where each line is a row, else row by row.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from itertools import chain, compress
from typing import Any, NamedTuple

from playgate.documents.document import composed
from playgate.errors import InputError
from playgate.history.source import unreadable
from playgate.records import Record

__all__ = [
    "Batch",
    "Columnar",
    "Dialect",
    "Table",
    "by_column",
    "read_table",
    "sniff",
    "told_delimiter",
]

Batch = tuple[Sequence[int], Sequence[Sequence[str]]]
"""Rows, and before them the line that each starts on."""

_DELIMITERS = (",", ";", "\t", "|")
_BATCH = 1024
_LONGEST_ROW = 4 * 1024 * 1024
"""In characters; a quote that is still open then is not closed at all."""
_AGAIN = 16 * 1024 * 1024
"""So many characters may be read again, besides all of the file once, because a quote that opens a
cell is not closed."""
_NOTE = re.compile(r'(?P<quote>"?)sep=(?P<delimiter>[^"\r\n])(?P=quote)(?:\r\n?|\n)', re.IGNORECASE)


class Dialect(Record):
    """How a CSV file is written."""

    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None
    skip_space: bool = False

    def reader(self, lines: Iterator[str]) -> Any:
        """Returns a `csv.reader` that refuses what the dialect does not allow."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape,
            doublequote=self.escape is None,
            skipinitialspace=self.skip_space,
            strict=True,
        )


class Columnar(NamedTuple):
    """A batch by column, with as many columns as the header has, even where there are no rows."""

    lines: Sequence[int]
    columns: Sequence[Sequence[str]]
    texts: Callable[[], Sequence[str]] = tuple
    """Returns the rows as they are written, or would be without quotes, where that is known: equal
    rows have equal texts, and no others do."""


class Table(Record):
    """A header and the rows below it, by column."""

    header: tuple[str, ...]
    columnar: Iterator[Columnar]

    @property
    def batches(self) -> Iterator[Batch]:
        """The rows, each with as many cells as the header."""
        return ((each.lines, list(zip(*each.columns, strict=True))) for each in self.columnar)


def by_column(batch: Batch, width: int) -> Columnar:
    """Returns the batch, whose rows have `width` cells each, by column."""
    lines, rows = batch
    return Columnar(lines, list(zip(*rows, strict=True)) if rows else [()] * width)


def sniff(sample: str) -> Dialect:
    """Returns the dialect of the text that starts with `sample`; its first line is the header."""
    header = sample.partition("\n")[0].partition("\r")[0]
    quote = "'" if header.startswith("'") else '"'
    bare = re.sub(f"{quote}[^{quote}]*{quote}", "", header)
    delimiter = max(_DELIMITERS, key=bare.count)
    # A well-formed file that doubles its quotes never has a backslash, a quote and then plain text.
    escaped = re.search(rf"\\{quote}[^{quote}{re.escape(delimiter)}\r\n]", sample)
    return Dialect(delimiter, quote, "\\" if escaped else None, f"{delimiter} " in bare)


def told_delimiter(text: str) -> re.Match[str] | None:
    """Returns a spreadsheet's note about the delimiter, where the text begins with one."""
    return _NOTE.match(text)


def read_table(name: str, blocks: Iterator[str], problem: Callable[[int, str, str], None]) -> Table:
    """Returns the table in `blocks`; rows that are not well formed go to `problem` (line, reason,
    hint)."""
    first = next(blocks, "")
    line = 0
    while first and not first.strip():
        line += first.count("\n")
        first = next(blocks, "")
    body = first.lstrip("\r\n")
    line += first[: len(first) - len(body)].count("\n")
    told = told_delimiter(body)
    if told:
        body = body[told.end() :]
        line += 1
    dialect = sniff(body)
    watched = _Watched(chain((body,), blocks))
    if told:
        dialect = Dialect(told["delimiter"], dialect.quote, dialect.escape, dialect.skip_space)
    batches = _batches(watched.blocks(), dialect, line, problem)
    for batch in batches:
        lines, rows = _by_row(batch)
        header = tuple(composed(cell.strip()) for cell in rows[0])
        _refuse_unreadable(name, lines[0], header)
        rest = chain(((lines[1:], rows[1:]),), batches)
        fitted = _fitted(rest, len(header), dialect.delimiter, problem)
        return Table(header, (watched.readable(batch, problem) for batch in fitted))
    raise InputError(
        f"{name} is empty" if not body.strip() else f"{name} has no header that can be read",
        hint="the first line must name the columns",
        code="wrong-file",
    )


def _refuse_unreadable(name: str, line: int, header: Sequence[str]) -> None:
    for column in header:
        if "\0" in column:
            reason, hint = unreadable(column)
            raise InputError(f"{name}, line {line}: {reason}", hint=hint, code="wrong-file")


class _Watched:
    """Blocks of text, and whether all of them so far are in Unicode's form C and without a NUL.

    Then the cells in them are, too, and need not be looked at.
    """

    def __init__(self, blocks: Iterator[str]) -> None:
        self._blocks = blocks
        self._is_composed = True
        self._is_text = True

    def blocks(self) -> Iterator[str]:
        """Yields the blocks."""
        for block in self._blocks:
            self._is_composed = self._is_composed and composed(block) is block
            self._is_text = self._is_text and "\0" not in block
            yield block

    def readable(self, batch: Columnar, problem: Callable[[int, str, str], None]) -> Columnar:
        """Returns a batch without the rows that are no text, its cells in form C."""
        if not self._is_text:
            batch = _readable(batch, problem)
        if self._is_composed:
            return batch
        columns = [list(map(composed, column)) for column in batch.columns]
        return Columnar(batch.lines, columns, lambda: list(map(composed, batch.texts())))


def _readable(batch: Columnar, problem: Callable[[int, str, str], None]) -> Columnar:
    """Leaves out the rows that have a NUL somewhere."""
    kept = []
    for line, row in zip(batch.lines, zip(*batch.columns, strict=True), strict=True):
        odd = next((cell for cell in row if "\0" in cell), None)
        kept.append(odd is None)
        if odd is not None:
            problem(line, *unreadable(odd))
    if all(kept):
        return batch
    return Columnar(
        list(compress(batch.lines, kept)),
        [list(compress(column, kept)) for column in batch.columns],
        lambda: list(compress(batch.texts(), kept)),
    )


def _by_row(batch: Batch | Columnar) -> Batch:
    if isinstance(batch, Columnar):
        return batch.lines, list(zip(*batch.columns, strict=True))
    return batch


def _fitted(
    batches: Iterator[Batch | Columnar],
    width: int,
    delimiter: str,
    problem: Callable[[int, str, str], None],
) -> Iterator[Columnar]:
    """Gives every row `width` cells: missing ones are filled with empty text, further ones must be
    empty."""
    for batch in batches:
        if isinstance(batch, Columnar) and len(batch.columns) == width:
            yield batch
            continue
        lines, rows = _by_row(batch)
        if {*map(len, rows)} != {width}:
            lines, rows = _mended(lines, rows, width, problem)
        texts = partial(_written, rows, width, delimiter)
        yield by_column((lines, rows), width)._replace(texts=texts)


def _written(rows: Sequence[Sequence[str]], width: int, delimiter: str) -> list[str]:
    """Returns the rows as they would be without quotes, but for those whose cells hold the
    delimiter."""
    texts = list(map(delimiter.join, rows))
    for place, text in enumerate(texts):
        if text.count(delimiter) >= width:
            texts[place] = "\0".join(rows[place])
    return texts


def _mended(
    lines: Sequence[int],
    rows: Sequence[Sequence[str]],
    width: int,
    problem: Callable[[int, str, str], None],
) -> Batch:
    kept_lines, kept = [], []
    for line, row in zip(lines, rows, strict=True):
        if any(row[width:]):
            reason = f"{len(row)} cells, where the header has {width}"
            problem(line, reason, "a cell that contains the delimiter must be in quotes")
        elif row:
            kept_lines.append(line)
            kept.append([*row[:width], *[""] * (width - len(row))])
    return kept_lines, kept


def _batches(
    blocks: Iterator[str], dialect: Dialect, line: int, problem: Callable[[int, str, str], None]
) -> Iterator[Batch | Columnar]:
    plain = dialect.escape is None and not dialect.skip_space
    again = _Again()
    for block in filter(None, blocks):
        again.left += len(block)
        if not block.strip("\r\n"):
            line += len(block.splitlines())
        elif plain and dialect.quote not in block and (texts := _lines(block)) is not None:
            first, line = line + 1, line + len(texts)
            yield _split(texts, dialect.delimiter, range(first, line + 1))
        else:
            line = yield from _quoted(block, blocks, dialect, line, problem, again)


def _lines(block: str) -> list[str] | None:
    """Returns the block's lines without their ends, or `None` where these are not all alike."""
    end = "\r\n" if "\r\n" in block else "\n"
    texts = block.removesuffix(end).split(end)
    bare = "".join(texts)
    return None if "\n" in bare or "\r" in bare else texts


def _split(texts: list[str], delimiter: str, lines: range) -> Batch | Columnar:
    """Returns the rows in lines without quotes; by column where all have as many cells as the
    first."""
    if "" in texts:
        filled = [text.split(delimiter) for text in filter(None, texts)]
        return list(compress(lines, texts)), filled
    width = texts[0].count(delimiter) + 1
    cells = f"{delimiter}\n{delimiter}".join(texts).split(delimiter)
    # Between two lines stands a cell of its own. Is each where even lines would have it?
    ends = cells[width :: width + 1]
    even = len(cells) + 1 == len(texts) * (width + 1) and ends.count("\n") == len(ends)
    if even and width > 1:
        return Columnar(lines, [cells[place :: width + 1] for place in range(width)], lambda: texts)
    return lines, [text.split(delimiter) for text in texts]


def _quoted(
    block: str,
    blocks: Iterator[str],
    dialect: Dialect,
    line: int,
    problem: Callable[[int, str, str], None],
    again: _Again,
) -> Generator[Batch, None, int]:
    """Yields the rows of a block, and of as many further blocks as its last row reaches into."""
    given = io.StringIO(block, newline="").readlines()
    if (whole := _row_by_line(given, dialect)) is not None:
        yield range(line + 1, line + len(given) + 1), whole
        return line + len(given)
    left, taken = deque(given), deque[str]()

    def next_lines() -> Iterator[str]:
        longest = 0
        while True:
            while left:
                longest = longest + len(left[0]) if taken else 0
                if longest > _LONGEST_ROW:
                    return
                taken.append(left.popleft())
                yield taken[-1]
            if not taken or not (further := next(blocks, "")):
                return
            left.extend(io.StringIO(further, newline="").readlines())

    reader = dialect.reader(next_lines())
    lines: list[int] = []
    rows: list[list[str]] = []
    while True:
        try:
            for row in reader:
                if row:
                    lines.append(line + 1)
                    rows.append(row)
                line += len(taken)
                taken.clear()
                if len(rows) >= _BATCH:
                    yield lines, rows
                    lines, rows = [], []
            line += len(taken)
            taken.clear()
            if not left:
                break
        except csv.Error as error:
            problem(line + 1, f"not well-formed CSV: {error}", _hint(str(error), dialect))
            # The row goes as far as its line: what it took in of others is read again.
            line += 1
            taken.popleft()
            again.left -= sum(map(len, taken))
            if again.left >= 0:
                left.extendleft(reversed(taken))
            else:
                for text in taken:
                    line += 1
                    if (row := _alone(text, dialect, partial(problem, line))) is not None:
                        lines.append(line)
                        rows.append(row)
            taken.clear()
        reader = dialect.reader(next_lines())
    if rows:
        yield lines, rows
    return line


class _Again:
    """How much may still be read again: else each row might read all that follows it."""

    def __init__(self) -> None:
        self.left = _AGAIN


def _alone(text: str, dialect: Dialect, problem: Callable[[str, str], None]) -> list[str] | None:
    """Returns the row in a line that is read by itself, `None` where there is none."""
    try:
        return next(iter(dialect.reader(iter((text,)))), None) or None
    except csv.Error as error:
        problem(f"not well-formed CSV: {error}", _hint(str(error), dialect))
        return None


def _row_by_line(given: list[str], dialect: Dialect) -> list[list[str]] | None:
    """Returns the rows where each line is one of its own, well formed, else `None`."""
    try:
        rows = list(dialect.reader(iter(given)))
    except csv.Error:
        return None
    return rows if len(rows) == len(given) and all(rows) else None


def _hint(reason: str, dialect: Dialect) -> str:
    if "limit" in reason or "end of data" in reason:
        return f"is a {dialect.quote} that opens a cell never closed?"
    return f"inside a cell in quotes, {dialect.quote} must be written twice"
