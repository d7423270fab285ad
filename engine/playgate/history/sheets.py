"""Sheets of spreadsheets, read like CSV by `python_calamine`, which comes with an extra.

Cells know their types, so dates and numbers need no form. What a mapping reads in a form is given
in one that it can read beside: an instant as ISO 8601, a number with the decimals that it expects.

What is packed may unpack to far more, and a sheet of two cells may claim billions of them. So both
are bounded before anything is read.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from io import BytesIO
from lzma import LZMAError
from typing import Any

from playgate.documents.document import composed
from playgate.errors import InputError
from playgate.history.delimited import Columnar, Table, by_column
from playgate.records import Record

__all__ = ["Typed", "read_sheet"]

_MOST_BYTES = 1 << 28
_MOST_CELLS = 16_000_000
_BATCH = 1024
_DIGITS = 15
"""A spreadsheet keeps no more digits of a number."""
_LOST = 10**_DIGITS
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Z]*)([0-9]+)["']""")
_UNPACKING = (
    zipfile.BadZipFile,
    LZMAError,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What may be raised of an archive that is damaged, locked, or packed in an unknown way."""
_Problem = Callable[[int, str, str], None]


class Typed(Record):
    """What the columns of a sheet are read as."""

    instants: Collection[str] = ()
    """Those of which a form is told: dates have a time behind them there, as no form has it."""
    decimals: Mapping[str, str] = {}
    """What stands before the decimals of numbers, where a form is told."""
    ids: Collection[str] = ()


def read_sheet(path: str, problem: _Problem, typed: Typed | None = None) -> Table:
    """Returns the first visible sheet that is not empty: a header and the rows below it."""
    typed = typed or Typed()
    rows = _numbered_rows(path)
    for _, first in rows:
        header = tuple(composed(_plain(cell).strip()) for cell in first)
        if any(header):
            width = max(place for place, name in enumerate(header, 1) if name)
            return Table(header[:width], _batches(rows, header[:width], typed, problem))
    raise InputError(
        f"{path} is empty", hint="the first line must name the columns", code="wrong-file"
    )


def _numbered_rows(path: str) -> Iterator[tuple[int, list[Any]]]:
    """Yields the rows of the sheet, each with the number that it has there."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(_unpacked(path))
        for number, about in enumerate(book.sheets_metadata):
            if about.visible != SheetVisibleEnum.Visible:
                continue
            sheet = book.get_sheet_by_index(number)
            if sheet.start is not None:
                yield from enumerate(sheet.iter_rows(), 1)
                return
    except (CalamineError, *_UNPACKING) as error:
        raise InputError(
            f"{path} cannot be read as a spreadsheet: {error or 'it ends too soon'}",
            hint="save the sheet as CSV",
            code="wrong-file",
        ) from None


def _unpacked(path: str) -> BytesIO:
    """Returns the file with all of it unpacked, so that nothing grows later."""
    found = BytesIO()
    with zipfile.ZipFile(path) as packed, zipfile.ZipFile(found, "w") as plain:
        members = packed.infolist()
        if sum(member.file_size for member in members) > _MOST_BYTES:
            _refuse(path, f"more than {_MOST_BYTES >> 20} MB")
        for member in members:
            content = packed.read(member)
            if member.filename.startswith("xl/worksheets/") and _cells(content) > _MOST_CELLS:
                _refuse(path, f"more than {_MOST_CELLS} cells")
            plain.writestr(member.filename, content)
    found.seek(0)
    return found


def _refuse(path: str, what: str) -> None:
    raise InputError(
        f"{path} unpacks to {what}, too large for a spreadsheet",
        hint="save the sheet as CSV",
        code="wrong-file",
    )


def _cells(sheet: bytes) -> int:
    """Returns how many cells lie between the first place of a sheet and its last one."""
    widest = deepest = 0
    for place in _PLACE.finditer(sheet):
        column = 0
        for letter in place[1]:
            column = column * 26 + letter - 64
        widest, deepest = max(widest, column), max(deepest, int(place[2]))
    return widest * deepest


# --- Cells as texts -------------------------------------------------------------------------------


def _batches(
    rows: Iterator[tuple[int, list[Any]]], header: Sequence[str], typed: Typed, problem: _Problem
) -> Iterator[Columnar]:
    width = len(header)
    texts = [_text_of(column, typed) for column in header]
    ids = [place for place, column in enumerate(header) if column in typed.ids]
    watch = _Ids(header, problem)
    lines: list[int] = []
    found: list[list[str]] = []
    for line, cells in rows:
        if not any(cell != "" for cell in cells):
            continue
        if any(cell != "" for cell in cells[width:]):
            problem(line, f"{len(cells)} cells, where the header has {width}", "name each column")
            continue
        cells += [""] * (width - len(cells))
        for place in ids:
            watch.look(line, place, cells[place])
        lines.append(line)
        found.append([text(cell) for text, cell in zip(texts, cells, strict=False)])
        if len(lines) >= _BATCH:
            yield _composed(lines, found, width)
            lines, found = [], []
    yield _composed(lines, found, width)


def _composed(lines: list[int], rows: list[list[str]], width: int) -> Columnar:
    batch = by_column((lines, rows), width)
    return batch._replace(columns=[list(map(composed, column)) for column in batch.columns])


def _text_of(column: str, typed: Typed) -> Callable[[Any], str]:
    if column in typed.decimals:
        return partial(_plain, decimal=typed.decimals[column])
    return partial(_plain, timed=column in typed.instants)


def _plain(cell: Any, *, decimal: str = ".", timed: bool = False) -> str:
    """Returns a cell as a text."""
    if isinstance(cell, str):
        return cell.replace("\0", "")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, (int, float)):
        if abs(cell) < _LOST and cell == int(cell):
            return str(int(cell))
        return format(Decimal(f"{cell:.{_DIGITS}g}"), "f").replace(".", decimal)
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, date):
        return f"{cell.isoformat()}T00:00:00" if timed else cell.isoformat()
    return str(cell)


class _Ids:
    """Tells of ids that a spreadsheet has made numbers of."""

    def __init__(self, header: Sequence[str], problem: _Problem) -> None:
        self._header = header
        self._problem = problem
        self._kinds: dict[int, set[bool]] = {}

    def look(self, line: int, place: int, cell: Any) -> None:
        """Looks at an id: were there more digits, or zeros before them?"""
        if cell == "":
            return
        is_number = isinstance(cell, (int, float)) and not isinstance(cell, bool)
        if is_number and abs(cell) >= _LOST:
            self._problem(
                line,
                f'"{self._header[place]}" is a number of more than {_DIGITS} digits, of which a'
                " spreadsheet keeps no more",
                "export it as CSV: opened in a spreadsheet, ids must be columns of text",
            )
        kinds = self._kinds.setdefault(place, set())
        if is_number in kinds:
            return
        kinds.add(is_number)
        if len(kinds) > 1:
            self._problem(
                line,
                f'"{self._header[place]}" holds numbers and texts: zeros before an id may be lost',
                "export it as CSV: opened in a spreadsheet, ids must be columns of text",
            )
