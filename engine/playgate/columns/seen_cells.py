"""What stood in the columns of a table that decide what becomes of a row: where no row fits an
entry, it tells why."""

from __future__ import annotations

from math import prod

from playgate.columns.arrays import Ints
from playgate.columns.cells import Cells, Texts, numbered
from playgate.columns.not_plain import NotPlainError
from playgate.history.mapping import TableMap
from playgate.history.row_tests import MOST_REMEMBERED
from playgate.history.tally import Tally

__all__ = ["SeenCells"]


class SeenCells:
    """The distinct texts of a table's rows, of all its files."""

    def __init__(self, table: TableMap) -> None:
        self.tally = Tally(table)
        self.tally.seen.append(lambda column: self._seen.get(column, set()))
        tested = {test.column for rule in table.rows for test in rule.where}
        named = {column for rule in table.rows for column in rule.name.columns}
        translated = {
            column
            for rule in table.rows
            if rule.value and rule.value.names
            for column in rule.value.columns
        }
        self._columns = sorted(tested | named | translated | {each.column for each in table.where})
        self._filters = {test.column for test in table.where}
        self._seen: dict[str, set[str]] = {column: set() for column in self._columns}

    def take(self, cells: Cells, rows: Ints) -> None:
        """Looks at some rows, those that fit the table's `where`, and at what it asks of all."""
        self.tally.passed += len(rows)
        for column in self._columns:
            seen = self._seen[column]
            if len(seen) > MOST_REMEMBERED:
                continue
            texts = cells.column(column)
            if column not in self._filters:
                texts = texts.take(rows)
            distinct, _ = numbered(texts.numbers, len(texts.texts))
            seen.update(Texts(distinct, texts.texts).array().to_pylist())

    def refuse_many(self) -> None:
        """Raises `NotPlainError` where our own reader may have forgotten some of the texts."""
        if prod(len(seen) for seen in self._seen.values() if seen) > MOST_REMEMBERED:
            raise NotPlainError("too many texts to say what stood where no row fits")
