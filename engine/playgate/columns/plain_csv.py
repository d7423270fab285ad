"""CSV that has one reading only, some lines at a time.

Readers of CSV differ in a hundred small things. So lines are taken only if they are of the
strictest grammar, which all read alike: that is looked at first, as bytes.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.csv as pc

from playgate.columns.arrays import Ints
from playgate.columns.arrow_texts import array_of, numbers_of, put_together, text_of
from playgate.columns.batch import whole_column
from playgate.columns.not_plain import NotPlainError
from playgate.documents.document import composed
from playgate.errors import InputError
from playgate.history.delimited import read_table, sniff, told_delimiter
from playgate.history.raw_rows import holds_json, is_log
from playgate.history.source import Source, is_sheet

__all__ = ["Block", "PlainCsv"]

_BLOCK = 1 << 23
_AT_ONCE = 1 << 21
"""Bytes that one thread parses."""
_LONGEST_LINE = 131_072
"""In bytes; our own reader takes no longer cell where there are quotes."""
_NEWLINE, _RETURN, _NUL = 10, 13, 0
_ENDS = ("\n", "\r\n")
_Bytes = npt.NDArray[np.uint8]


class Block(NamedTuple):
    """Some rows that follow each other."""

    line: int
    """The line of the first."""
    size: int
    columns: dict[str, Any]
    texts: Any
    """Each row as it is written, or would be without quotes, with the end of its line: equal rows
    have equal texts. It is there where it was asked for."""


class PlainCsv:
    """A table in a file; raises `NotPlainError` where it may be read in another way."""

    def __init__(self, path: str) -> None:
        if is_sheet(path):
            raise NotPlainError("a spreadsheet")
        try:
            with Source(path) as source:
                if is_log(source) or holds_json(source):
                    raise NotPlainError("a log, or JSON")
                first = next(source.blocks(), "")
                self.header = read_table(path, iter((first,)), lambda *_: None).header
        except InputError as error:
            raise NotPlainError(str(error)) from None
        dialect = sniff(first)
        line = first.partition("\n")[0]
        self.delimiter, self._quote = dialect.delimiter, dialect.quote
        self.end = _ENDS[line.endswith("\r")]
        if dialect.escape or dialect.skip_space or first[:1] in "<\r\n" or told_delimiter(first):
            raise NotPlainError("no plain table")
        if len({*self.header}) < len(self.header) or line.count(dialect.quote) % 2:
            raise NotPlainError("a header that is not plain")
        self._path = path

    def blocks(
        self, columns: Sequence[str], packed: Collection[str], *, with_texts: bool = False
    ) -> Iterator[Block]:
        """Yields the rows, of which some columns are asked for; those that are `packed` are numbers
        of distinct texts."""
        line = 2
        for number, block in enumerate(self._bytes()):
            has_quotes = self._refuse_odd(block)
            if with_texts:
                _refuse_other_forms(block)
            begin = int(np.argmax(block == _NEWLINE)) + 1 if number == 0 else 0
            if begin == len(block):
                continue
            rows = block[begin:]
            ends = np.flatnonzero(rows == _NEWLINE) + 1
            wanted = self.header if with_texts and has_quotes else columns
            found = self._parsed(rows, wanted, packed)
            if {*map(len, found.values())} != {len(ends)}:
                raise NotPlainError("lines that are no rows")
            texts = None
            if with_texts:
                texts = self._unquoted(found) if has_quotes else _lines(rows, ends)
            yield Block(line, len(ends), found, texts)
            line += len(ends)

    def _bytes(self) -> Iterator[_Bytes]:
        """Yields the bytes of the file, some whole lines at a time."""
        left: list[bytes] = []
        try:
            with Source(self._path) as source:
                chunks = source.chunks()
                left.append(next(chunks, b"").removeprefix(BOM_UTF8))
                size = len(left[0])
                for chunk in chunks:
                    left.append(chunk)
                    size += len(chunk)
                    if size > 2 * _BLOCK:
                        raise NotPlainError("a line that is very long")
                    if size < _BLOCK or b"\n" not in chunk:
                        continue
                    whole, newline, rest = chunk.rpartition(b"\n")
                    yield np.frombuffer(b"".join((*left[:-1], whole, newline)), np.uint8)
                    left, size = [rest], len(rest)
        except InputError as error:
            raise NotPlainError(str(error)) from None
        last = b"".join(left)
        if last:
            end = b"" if last.endswith(b"\n") else self.end.encode()
            yield np.frombuffer(last + end, np.uint8)

    def _refuse_odd(self, block: _Bytes) -> bool:
        """Raises `NotPlainError` unless all lines of a block can be read in one way only; returns
        whether there are quotes."""
        lines = np.flatnonzero(block == _NEWLINE)
        lengths = np.diff(lines, prepend=-1)
        if lengths.min() <= len(self.end) or lengths.max() > _LONGEST_LINE:
            raise NotPlainError("an empty line, or one that is very long")
        returns = np.flatnonzero(block == _RETURN)
        if len(returns) != len(lines) * (len(self.end) - 1) or (
            len(returns) and (returns + 1 != lines).any()
        ):
            raise NotPlainError("lines that end in different ways")
        if (block == _NUL).any():
            raise NotPlainError("a byte that is no letter")
        quotes = np.flatnonzero(block == ord(self._quote))
        if len(quotes):
            self._refuse_odd_quotes(block, lines, quotes)
        return len(quotes) > 0

    def _refuse_odd_quotes(self, block: _Bytes, lines: Ints, quotes: Ints) -> None:
        if (np.searchsorted(quotes, lines) % 2).any():
            raise NotPlainError("a cell that goes on over several lines")
        delimiter, quote = ord(self.delimiter), ord(self._quote)
        before = block[np.maximum(quotes[0::2] - 1, 0)]
        before[quotes[0::2] == 0] = _NEWLINE
        behind = block[quotes[1::2] + 1]
        if not np.isin(before, (delimiter, _NEWLINE, quote)).all():
            raise NotPlainError("a quote within a cell")
        if not np.isin(behind, (delimiter, _NEWLINE, _RETURN, quote)).all():
            raise NotPlainError("letters behind a quote")

    def _parsed(
        self, rows: _Bytes, columns: Sequence[str], packed: Collection[str]
    ) -> dict[str, Any]:
        kinds = {
            name: pa.dictionary(pa.int32(), pa.string()) if name in packed else pa.string()
            for name in columns
        }
        try:
            table = pc.read_csv(
                pa.BufferReader(pa.py_buffer(rows)),
                read_options=pc.ReadOptions(column_names=list(self.header), block_size=_AT_ONCE),
                parse_options=pc.ParseOptions(
                    delimiter=self.delimiter, quote_char=self._quote, ignore_empty_lines=False
                ),
                convert_options=pc.ConvertOptions(
                    column_types=kinds,
                    null_values=[],
                    strings_can_be_null=False,
                    include_columns=list(kinds),
                ),
            )
        except (pa.ArrowException, OSError, ValueError) as error:
            raise NotPlainError(str(error)) from None
        return {name: whole_column(table.column(name)) for name in kinds}

    def _unquoted(self, columns: dict[str, Any]) -> Any:
        """Returns each row as it would be without quotes; one whose cells hold the delimiter has
        NULs in its place."""
        cells = [columns[name].cast(pa.string()) for name in self.header]
        texts = put_together(*cells, between=self.delimiter)
        held = numbers_of(compute.count_substring(texts, self.delimiter), np.int32)
        odd = np.flatnonzero(held >= len(cells))
        if len(odd):
            number = np.arange(len(texts))
            number[odd] = len(texts) + np.arange(len(odd))
            some = array_of(odd, pa.int64())
            others = put_together(*(each.take(some) for each in cells), between="\0")
            texts = pa.concat_arrays([texts, others]).take(array_of(number, pa.int64()))
        return put_together(texts, text_of(self.end))


def _refuse_other_forms(block: _Bytes) -> None:
    """Raises `NotPlainError` where not all is text in Unicode's form C."""
    if block.max() < 128:
        return
    try:
        text = block.tobytes().decode()
    except UnicodeDecodeError as error:
        raise NotPlainError(str(error)) from None
    if composed(text) is not text:
        raise NotPlainError("letters of another form")


def _lines(rows: _Bytes, ends: Ints) -> Any:
    """Returns the lines as texts, which share the memory of the bytes."""
    begins = np.concatenate(([0], ends)).astype(np.int32)
    held = array_of(begins, pa.int32()).buffers()[1]
    return pa.StringArray.from_buffers(len(ends), held, pa.py_buffer(rows))
