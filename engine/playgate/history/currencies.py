"""Tells where amounts in several currencies become numbers of one field that do not say which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from playgate.history.mapping import CellRule, TableMap, ValueSource
from playgate.history.number_forms import currency_reader, different
from playgate.history.row_tests import row_filter

__all__ = ["may_mix", "watched_currencies"]

_Cells = Sequence[Sequence[str]]
_Problem = Callable[[int, str, str], None]
_Read = tuple[tuple[CellRule, ...], ValueSource]
"""What is read as a number, and of which rows."""


def may_mix(table: TableMap) -> bool:
    """Returns whether amounts in several currencies may become bare numbers."""
    return any(_mixing(table))


def watched_currencies(
    table: TableMap, places: Mapping[str, int], problem: _Problem
) -> Callable[[Sequence[int], _Cells], None] | None:
    """Compiles what looks at rows, and tells once of each field in which a second currency stands;
    `None` where the table cannot mix any."""
    watches = [_Watch(table, read, places, problem) for read in _mixing(table)]
    if not watches:
        return None

    def look(lines: Sequence[int], cells: _Cells) -> None:
        for watch in watches:
            watch.look(lines, cells)

    return look


def _mixing(table: TableMap) -> Iterator[_Read]:
    """Yields what reads numbers of several currencies, where nothing reads these."""
    told = {column for value in table.values() if value.currency for column in value.columns}
    read = [(rule.where, value) for rule in table.rows for value in rule.values()]
    for where, value in [*(((), value) for value in table.start.values()), *read]:
        number = value.number
        mixes = number is not None and different(number.currency) is not None
        if mixes and told.isdisjoint(value.columns):
            yield where, value


class _Watch:
    """The currencies that were seen where one value of the mapping is a number."""

    def __init__(
        self, table: TableMap, read: _Read, places: Mapping[str, int], problem: _Problem
    ) -> None:
        where, value = read
        assert value.number is not None  # noqa: S101  (see `_mixing`)
        self._fits = row_filter((*table.where, *where), places)
        self._places = [places[column] for column in value.columns]
        self._read = currency_reader(value.number.currency)
        self._problem = problem
        self._seen: list[str] = []
        self._told = False

    def look(self, lines: Sequence[int], cells: _Cells) -> None:
        """Looks at the rows until a second currency stands there."""
        if self._told:
            return
        for line, mark in self._marks(lines, cells):
            if mark in self._seen:
                continue
            self._seen.append(mark)
            if (mixed := different(self._seen)) is not None:
                self._told = True
                self._problem(
                    line,
                    f"an amount in {mixed[1]}, after amounts in {mixed[0]}: their numbers do not"
                    " say which",
                    "read the currency into a field of its own, with `currency`",
                )
                return

    def _marks(self, lines: Sequence[int], cells: _Cells) -> Iterator[tuple[int, str]]:
        for line, row in zip(lines, zip(*cells, strict=True), strict=True):
            cell = next((row[at] for at in self._places if row[at].strip()), "")
            if cell and self._fits(row) and (mark := self._read(cell)):
                yield line, mark
