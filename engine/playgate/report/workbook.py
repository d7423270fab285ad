"""Tables as a workbook of Excel; the only user of `xlsxwriter`.

Every cell is written as what it is: text stays text, whatever it begins with, so that no foreign
text becomes a formula or a link, and no id a number. Rows go to disk as they come.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from playgate.conditions.instants import show_instant, to_datetime
from playgate.language import say
from playgate.report.sheet import At, Book, Cell, Day, Money, Percent, Sheet
from playgate.report.words import count, plural, visible

__all__ = ["MOST_ROWS", "MOST_SIGNS", "write_workbook"]

MOST_ROWS = 1_048_576
"""The rows of a sheet of Excel, the heads among them."""
MOST_SIGNS = 32_767
"""How long a cell's text may be, counted as Excel counts: in 16 bits."""

_EXACT = 2**53
"""Larger whole numbers are not kept by a spreadsheet."""
_FIRST, _LAST = datetime(1900, 3, 1), datetime(9999, 12, 31)
"""The days that Excel counts as the calendar does."""
_INSTANT, _DAY, _SHARE, _WHOLE, _NUMBER = (
    "yyyy-mm-dd hh:mm",
    "yyyy-mm-dd",
    "0.0%",
    "#,##0",
    "#,##0.##",
)
_WIDE, _NARROW, _WIDEST = 22, 11, 60


def write_workbook(book: Book, path: Path) -> list[str]:
    """Writes a workbook; returns what did not fit into it, in lines that also stand on its first
    page."""
    with Workbook(
        path, {"constant_memory": True, "default_date_format": _INSTANT, "remove_timezone": True}
    ) as workbook:
        if book.as_of is not None:
            made = to_datetime(book.as_of).replace(tzinfo=None)
            workbook.set_properties({"created": made, "comments": say("Made by playgate")})
        writer = _Writer(workbook, book)
        about = workbook.add_worksheet(say("About"))
        for sheet in book.sheets:
            writer.add(sheet)
        writer.finish(about)
    return writer.said


class _Writer:
    def __init__(self, workbook: Workbook, book: Book) -> None:
        self._workbook = workbook
        self._book = book
        self._formats: dict[str, Format] = {}
        self._bold = workbook.add_format({"bold": True, "bottom": 1, "valign": "top"})
        self._counts: list[tuple[str, int]] = []
        self._cut = 0
        self._long = frozenset(
            (
                *(say("Message"), say("Evidence"), say("Title"), say("Reason"), say("Hint")),
                *(say("Next step"), say("Why"), say("Ask")),
            )
        )
        """The heads of columns of sentences."""
        self.said: list[str] = []

    def add(self, sheet: Sheet) -> None:
        """Writes a table, whose heads stay in sight and filter its rows."""
        made = self._workbook.add_worksheet(sheet.name)
        made.freeze_panes(1, 0)
        for place, each in enumerate(sheet.heads):
            width = _WIDEST if each in self._long else max(_NARROW, len(each) + 4)
            made.set_column(place, place, width)
            made.write_string(0, place, each, self._bold)
        rows = left = 0
        for row in sheet.rows:
            if rows + 1 >= MOST_ROWS:
                left += 1
                continue
            rows += 1
            self._row(made, rows, row)
        made.autofilter(0, 0, rows, len(sheet.heads) - 1)
        self._counts.append((sheet.name, rows))
        if left:
            self.said.append(
                say(
                    "{rows} of {sheet} left out: a sheet has no room for more than {most}.",
                    rows=plural(left, "row"),
                    sheet=sheet.name,
                    most=count(MOST_ROWS),
                )
            )

    def finish(self, made: Worksheet) -> None:
        """Writes the first page: what the tables are about, and what did not fit."""
        made.set_column(0, 0, _WIDE)
        made.set_column(1, 1, _WIDEST)
        if self._cut:
            self.said.append(
                say(
                    "{texts} cut to {most} characters: a cell has no room for more.",
                    texts=plural(self._cut, "text"),
                    most=count(MOST_SIGNS),
                )
            )
        lines: list[tuple[str, Cell]] = [
            *self._book.about,
            (say("Times are those of"), self._book.zone_name),
            *((say("Rows of {sheet}", sheet=name), rows) for name, rows in self._counts),
            *((say("Note"), line) for line in self.said),
        ]
        for place, (name, value) in enumerate(lines):
            made.write_string(place, 0, name, self._bold)
            self._cell(made, place, 1, value)

    def _row(self, made: Worksheet, place: int, row: Sequence[Cell]) -> None:
        for column, cell in enumerate(row):
            self._cell(made, place, column, cell)

    def _cell(self, made: Worksheet, row: int, column: int, cell: Cell) -> None:
        match cell:
            case None | "":
                return
            case str():
                made.write_string(row, column, self._fitting(cell))
            case bool():
                made.write_boolean(row, column, cell)
            case Percent(share):
                self._number(made, row, column, share, _SHARE)
            case Money(amount, unit):
                self._number(made, row, column, amount, _with_unit(unit))
            case At(instant):
                moment = to_datetime(instant, self._book.zone).replace(tzinfo=None)
                self._date(made, row, column, moment, _INSTANT, show_instant(instant))
            case Day(text):
                self._date(made, row, column, datetime.fromisoformat(text), _DAY, text)
            case int() | float():
                self._number(made, row, column, cell, _WHOLE if isinstance(cell, int) else _NUMBER)

    def _fitting(self, text: str) -> str:
        """Returns a text without what does harm, cut where a cell cannot hold it."""
        text = "\n".join(map(visible, text.split("\n")))
        wide = text.encode("utf-16-le")
        if len(wide) <= 2 * MOST_SIGNS:
            return text
        self._cut += 1
        return wide[: 2 * MOST_SIGNS - 2].decode("utf-16-le", "ignore") + "…"

    def _number(self, made: Worksheet, row: int, column: int, value: float, form: str) -> None:
        if math.isfinite(value) and abs(value) <= _EXACT:
            made.write_number(row, column, value, self._format(form))
        else:
            made.write_string(row, column, str(value))

    def _date(
        self, made: Worksheet, row: int, column: int, moment: datetime, form: str, text: str
    ) -> None:
        if _FIRST <= moment < _LAST:
            made.write_datetime(row, column, moment, self._format(form))
        else:
            made.write_string(row, column, text)

    def _format(self, form: str) -> Any:
        if form not in self._formats:
            self._formats[form] = self._workbook.add_format({"num_format": form})
        return self._formats[form]


_LONGEST_UNIT = 20


def _with_unit(unit: str) -> str:
    """Returns the format of amounts in a unit, which stands there as plain text."""
    text = visible(unit, limit=_LONGEST_UNIT).replace('"', "")
    return f'{_WHOLE} "{text}"' if text else _WHOLE
