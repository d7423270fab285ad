"""Reads histories in CSV that have one reading only, by Arrow.

Readers of CSV differ in a hundred small things. So a file is taken only if all of it is of the
strictest grammar, which all read alike: that is looked at first, as bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pc

from playgate.columns.batch import TEXTS
from playgate.columns.encode import NotPlainError
from playgate.columns.gathered import Gathering
from playgate.columns.stamps import instants_of
from playgate.history.delimited import Dialect, read_table, sniff, told_delimiter
from playgate.history.own_table import COLUMNS, REQUIRED
from playgate.history.source import Source, is_sheet, starts

__all__ = ["gather_delimited"]

_BLOCK = 1 << 23
_USUAL = 60
"""Bytes of a line, about."""
_LONGEST_LINE = 131_072
"""In bytes; our own reader takes no longer cell where there are quotes."""
_GZIP = b"\x1f\x8b"
_NEWLINE, _RETURN, _NUL = 10, 13, 0
_Bytes = npt.NDArray[np.uint8]


def gather_delimited(paths: Sequence[str], gathering: Gathering) -> None:
    """Reads files one after the other; raises `NotPlainError` where our own reader has to."""
    gathering.expect(sum(Path(path).stat().st_size // _USUAL for path in paths))
    for source, path in enumerate(paths):
        header, dialect = _beginning(path)
        for block in _blocks(path):
            _refuse_odd(block, ord(dialect.delimiter), ord(dialect.quote))
        line = 2
        for batch in _batches(path, header, dialect):
            columns = dict(zip(header, batch.columns, strict=True))
            at = instants_of(columns["happened_at"], UTC)
            recorded = at
            if "recorded_at" in columns:
                recorded = instants_of(columns["recorded_at"], UTC, otherwise=at)
            gathering.take(source, line, columns, at, recorded)
            line += batch.num_rows


def _beginning(path: str) -> tuple[tuple[str, ...], Dialect]:
    """Returns the names of a file's columns, and how it is written."""
    if is_sheet(path):
        raise NotPlainError("a spreadsheet")
    with Source(path) as source:
        first = next(source.blocks(), "")
    if not starts(path).isascii() or starts(path)[:2] == _GZIP:
        raise NotPlainError("packed, or of another encoding")
    dialect = sniff(first)
    if dialect.escape or dialect.skip_space or first[:1] in "{[<\r\n" or told_delimiter(first):
        raise NotPlainError("no plain table")
    header = read_table(path, iter((first,)), lambda *_: None).header
    if len(set(header)) < len(header) or not set(REQUIRED) <= set(header) <= set(COLUMNS):
        raise NotPlainError("other columns")
    if first.splitlines()[0] != dialect.delimiter.join(header):
        raise NotPlainError("a header that is not plain")
    return header, dialect


def _blocks(path: str) -> Iterator[_Bytes]:
    """Yields the bytes of a file, each block with whole lines."""
    left = b""
    with Path(path).open("rb") as file:
        while block := file.read(_BLOCK):
            whole, newline, rest = block.rpartition(b"\n")
            if newline:
                yield np.frombuffer(left + whole + newline, np.uint8)
                left = rest
            else:
                left += block
                if len(left) > _LONGEST_LINE:
                    raise NotPlainError("a line that is very long")
    if left:
        yield np.frombuffer(left + b"\n", np.uint8)


def _refuse_odd(block: _Bytes, delimiter: int, quote: int) -> None:
    """Raises `NotPlainError` unless all lines of a block can be read in one way only."""
    lines = np.flatnonzero(block == _NEWLINE)
    lengths = np.diff(lines, prepend=-1)
    if lengths.min() < 2 or lengths.max() > _LONGEST_LINE:
        raise NotPlainError("an empty line, or one that is very long")
    returns = np.flatnonzero(block == _RETURN)
    if len(returns) and (len(returns) != len(lines) or (returns + 1 != lines).any()):
        raise NotPlainError("lines that end in different ways")
    if len(returns) and lengths.min() < 3:
        raise NotPlainError("an empty line")
    if (block == _NUL).any():
        raise NotPlainError("a byte that is no letter")
    quotes = np.flatnonzero(block == quote)
    if not len(quotes):
        return
    if (np.searchsorted(quotes, lines) % 2).any():
        raise NotPlainError("a cell that goes on over several lines")
    before = block[np.maximum(quotes[0::2] - 1, 0)]
    before[quotes[0::2] == 0] = _NEWLINE
    behind = block[quotes[1::2] + 1]
    if not np.isin(before, (delimiter, _NEWLINE, quote)).all():
        raise NotPlainError("a quote within a cell")
    if not np.isin(behind, (delimiter, _NEWLINE, _RETURN, quote)).all():
        raise NotPlainError("letters behind a quote")


def _batches(path: str, header: Sequence[str], dialect: Dialect) -> Iterator[Any]:
    """Yields the rows of a file, some at a time."""
    kinds = {
        name: pa.dictionary(pa.int32(), pa.string()) if name in TEXTS else pa.string()
        for name in header
    }
    try:
        yield from pc.open_csv(
            path,
            read_options=pc.ReadOptions(
                column_names=list(header), skip_rows=1, block_size=_BLOCK, use_threads=True
            ),
            parse_options=pc.ParseOptions(
                delimiter=dialect.delimiter, quote_char=dialect.quote, ignore_empty_lines=False
            ),
            convert_options=pc.ConvertOptions(
                column_types=kinds, null_values=[], strings_can_be_null=False
            ),
        )
    except (pa.ArrowException, OSError, ValueError) as error:
        raise NotPlainError(str(error)) from None
