"""CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

from playgate.report.words import visible

__all__ = ["csv_pieces", "safe_cell"]

# What a spreadsheet takes for a formula, its full-width twins included.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?")
_LAYOUT = re.compile(r"([\t\r\n]+)")


def csv_pieces(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yields a header and the rows; they end in CR LF, so write them without translation."""
    piece = _Piece()
    writer = csv.writer(piece, lineterminator="\r\n")
    writer.writerow(columns)
    yield piece.text
    for row in rows:
        writer.writerow(map(safe_cell, row))
        yield piece.text


class _Piece:
    """Holds what the writer wrote last."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def safe_cell(text: str) -> str:
    """Returns the text with line breaks and tabs as they are, and an apostrophe before a formula.

    A number below zero is none.
    """
    if not text.isprintable():
        parts = _LAYOUT.split(text)
        text = "".join(part if i % 2 else visible(part) for i, part in enumerate(parts))
    is_formula = text.startswith(_FORMULA) and not _NUMBER.fullmatch(text)
    return "'" + text if is_formula else text
