"""CSV in any dialect, as batches of rows with their line numbers.

A block of text without a quote is split as it stands, which gives what `csv.reader` would give in
half the time; the others go through `csv.reader`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import chain
from typing import Any

from playgate.errors import InputError
from playgate.records import Record

__all__ = ["Batch", "Dialect", "Table", "read_table", "sniff"]

Batch = tuple[Sequence[int], list[list[str]]]
"""Rows, and the line that each starts on."""

_DELIMITERS = (",", ";", "\t", "|")
_BATCH = 1024


class Dialect(Record):
    """How a CSV file is written."""

    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None
    skip_space: bool = False

    def reader(self, lines: Iterator[str]) -> Any:
        """A `csv.reader` that refuses what the dialect does not allow."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape,
            doublequote=self.escape is None,
            skipinitialspace=self.skip_space,
            strict=True,
        )


class Table(Record):
    """A header and the rows below it; every row has as many cells as the header."""

    header: tuple[str, ...]
    batches: Iterator[Batch]


def sniff(sample: str) -> Dialect:
    """The dialect of the text that starts with `sample`; its first line is the header."""
    header = sample.partition("\n")[0].partition("\r")[0]
    quote = "'" if header.startswith("'") else '"'
    bare = re.sub(f"{quote}[^{quote}]*{quote}", "", header)
    delimiter = max(_DELIMITERS, key=bare.count)
    # A well-formed file that doubles its quotes never has a backslash, a quote and then plain text.
    escaped = re.search(rf"\\{quote}[^{quote}{re.escape(delimiter)}\r\n]", sample)
    return Dialect(delimiter, quote, "\\" if escaped else None, f"{delimiter} " in bare)


def read_table(
    name: str, blocks: Iterator[str], problem: Callable[[int, str, str], None]
) -> Table:
    """The table in `blocks`; rows that are not well formed go to `problem` (line, reason, hint)."""
    first = next(blocks, "")
    line = 0
    while first and not first.strip():
        line += first.count("\n")
        first = next(blocks, "")
    body = first.lstrip("\r\n")
    line += first[: len(first) - len(body)].count("\n")
    told = re.match(r"sep=(.)(?:\r\n?|\n)", body)  # a spreadsheet's note about its delimiter
    if told:
        body = body[told.end() :]
        line += 1
    dialect = sniff(body)
    if told:
        dialect = Dialect(told.group(1), dialect.quote, dialect.escape, dialect.skip_space)
    batches = _batches(chain((body,), blocks), dialect, line, problem)
    for lines, rows in batches:
        header = tuple(cell.strip() for cell in rows[0])
        rest = chain(((lines[1:], rows[1:]),), batches)
        return Table(header, _fitted(rest, len(header), problem))
    raise InputError(
        f"{name} is empty" if not body.strip() else f"{name} has no header that can be read",
        hint="the first line must name the columns",
    )


def _fitted(
    batches: Iterator[Batch], width: int, problem: Callable[[int, str, str], None]
) -> Iterator[Batch]:
    """Gives every row `width` cells: missing ones are empty, further ones must be."""
    for lines, rows in batches:
        if {*map(len, rows)} == {width}:
            yield lines, rows
            continue
        kept_lines, kept = [], []
        for line, row in zip(lines, rows, strict=True):
            if any(row[width:]):
                reason = f"{len(row)} cells, where the header has {width}"
                problem(line, reason, "a cell that contains the delimiter must be in quotes")
                continue
            if row:
                kept_lines.append(line)
                kept.append(row[:width] + [""] * (width - len(row)))
        yield kept_lines, kept


def _batches(
    blocks: Iterator[str], dialect: Dialect, line: int, problem: Callable[[int, str, str], None]
) -> Iterator[Batch]:
    delimiter, quote = dialect.delimiter, dialect.quote
    plain = dialect.escape is None and not dialect.skip_space
    for block in blocks:
        if plain and quote not in block:
            text = block.replace("\r\n", "\n") if "\r" in block else block
            if "\r" not in text:
                texts = text.split("\n")
                if not texts[-1]:
                    del texts[-1]
                first, line = line + 1, line + len(texts)
                if texts:
                    yield range(first, line + 1), [
                        text.split(delimiter) if text else [] for text in texts
                    ]
                continue
        line = yield from _quoted(block, blocks, dialect, line, problem)


def _quoted(
    block: str,
    blocks: Iterator[str],
    dialect: Dialect,
    line: int,
    problem: Callable[[int, str, str], None],
) -> Generator[Batch, None, int]:
    """The rows of a block, and of as many further blocks as its last row reaches into."""
    given = io.StringIO(block, newline="").readlines()
    total, done = len(given), 0

    def more() -> Iterator[str]:
        nonlocal total
        while done < total and (further := next(blocks, "")):
            texts = io.StringIO(further, newline="").readlines()
            total += len(texts)
            yield from texts

    reader = dialect.reader(chain(given, more()))
    lines: list[int] = []
    rows: list[list[str]] = []
    while True:
        try:
            for row in reader:
                if row:
                    lines.append(line + done + 1)
                    rows.append(row)
                done = reader.line_num
                if len(rows) >= _BATCH:
                    yield lines, rows
                    lines, rows = [], []
            break
        except csv.Error as error:
            problem(line + done + 1, f"not well-formed CSV: {error}", _hint(str(error), dialect))
            done = reader.line_num
    if rows:
        yield lines, rows
    return line + total


def _hint(reason: str, dialect: Dialect) -> str:
    if "limit" in reason or "end of data" in reason:
        return f"is a {dialect.quote} that opens a cell never closed?"
    return f"inside a cell in quotes, {dialect.quote} must be written twice"
