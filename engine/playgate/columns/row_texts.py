"""The ids of rows that bring none, made of their texts when they are asked for.

Hardly any id is: it is enough to know that rows with equal texts have equal ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playgate.columns.arrays import Bools
from playgate.columns.arrow_texts import array_of_texts, bytes_of
from playgate.columns.not_plain import NotPlainError
from playgate.history.row_ids import row_ids

__all__ = ["RowTexts", "behind_rows", "is_row_text"]

_END = "\n"
"""What the text of a row ends with, and no id that is given."""


def is_row_text(ids: Any) -> Bools:
    """Tells which of these ids are texts of rows."""
    starts, lengths, data = bytes_of(ids)
    found = lengths > 0
    found[found] = data[(starts + lengths)[found] - 1] == ord(_END)
    return found


def behind_rows(most: int) -> Any:
    """Returns what stands behind the text of a row for the first, the second … of its events."""
    return array_of_texts(["", *(f"-{number}{_END}" for number in range(2, most + 2))])


class RowTexts:
    """Makes the ids that our own reader makes of rows, of files by their numbers."""

    def __init__(self) -> None:
        self._forms: dict[int, tuple[tuple[str, ...], str, str, str]] = {}
        self._of_table: dict[str, tuple[tuple[str, ...], str, str]] = {}

    def add(
        self, source: int, header: tuple[str, ...], delimiter: str, end: str, table: str
    ) -> None:
        """Hears how the rows of a file are written, which a table of this name reads.

        Raises `NotPlainError` where equal rows of two files need not have equal texts.
        """
        form = (header, delimiter, end)
        if self._of_table.setdefault(table, form) != form:
            raise NotPlainError("two files of one table that are written in different ways")
        self._forms[source] = (*form, table)

    def ids(self, sources: Sequence[int], texts: Sequence[str]) -> list[str]:
        """Returns ids as they are: those given, and those of rows."""
        return [
            self._made(source, text) if text.endswith(_END) else text
            for source, text in zip(sources, texts, strict=True)
        ]

    def _made(self, source: int, text: str) -> str:
        header, delimiter, end, table = self._forms[source]
        row, _, behind = text.partition(end)
        cells = row.split("\0") if "\0" in row else row.split(delimiter)
        return row_ids(header, table=table).of_row(cells) + behind.removesuffix(_END)
