"""Files that are dictionaries: the names of stages and users, the deals merged into others.

They are read before the tables, and held in memory: of each row its key and what is asked of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from playgate.history.cells import Cell, cells_of, first_filled, text_of, texts_in
from playgate.history.keys import as_keys
from playgate.history.levels import Nest
from playgate.history.mapping import LookupFile, ValueSource

__all__ = ["Dictionary", "Lookups", "Missed", "asked_for", "lookup_name"]

Fits = Callable[[Nest], Sequence[bool]]


def lookup_name(lookup: str) -> str:
    """Returns the name of the lookup that `name` or `name.column` asks."""
    return lookup.partition(".")[0]


Missed = list[tuple[int, str]]
"""Places of rows, and keys that are not there."""


def asked_for(nest: Nest, value: ValueSource) -> Sequence[Cell]:
    """Returns what a value's columns hold, as the keys that they are."""
    found = first_filled([cells_of(nest.column(column)) for column in value.columns])
    return as_keys(found, value)


class Dictionary(dict[str, Cell]):
    """What stands under a key: a text, or several where it has several hits."""

    def __init__(self) -> None:
        super().__init__()
        self.missed: Counter[str] = Counter()
        """The keys that events asked for and that are not there."""

    def put(self, key: str, values: tuple[str, ...]) -> None:
        """Adds what a row says of a key; what it has already is not added again."""
        known = self.get(key)
        if known is None:
            self[key] = values[0] if len(values) == 1 else values
            return
        all_values = tuple(dict.fromkeys((*texts_in(known), *values)))
        self[key] = all_values[0] if len(all_values) == 1 else all_values

    def of(self, cells: Sequence[Cell], missed: Missed) -> list[Cell]:
        """Returns what the cells are looked up to; what is not there stays, and is added to
        `missed`."""
        try:
            return [self[cell] if cell else "" for cell in cells]  # type: ignore[index]
        except (KeyError, TypeError):
            return [self._of(cell, place, missed) for place, cell in enumerate(cells)]

    def _of(self, cell: Cell, place: int, missed: Missed) -> Cell:
        found: list[str] = []
        for text in texts_in(cell):
            hit = self.get(text)
            if hit is None:
                missed.append((place, text))
                found.append(text)
            else:
                found += texts_in(hit)
        return found[0] if len(found) == 1 else tuple(dict.fromkeys(found))


class Lookups:
    """All lookups of a mapping, by what a value says of them: `name` or `name.column`."""

    def __init__(self, files: Sequence[LookupFile], asked: Iterable[str]) -> None:
        self._files = {each.name: each for each in files}
        self._tables = {each: Dictionary() for each in dict.fromkeys(asked)}

    def __getitem__(self, lookup: str) -> Dictionary:
        return self._tables[lookup]

    def asked(self, name: str) -> Iterator[tuple[Dictionary, ValueSource]]:
        """Yields what is to be filled from the files of this lookup, and with which value."""
        for lookup, table in self._tables.items():
            if lookup_name(lookup) == name:
                column = lookup[len(name) + 1 :]
                value = ValueSource(columns=(column,)) if column else self._files[name].value
                assert value is not None  # noqa: S101  (checked before)
                yield table, value

    def missed(self) -> dict[str, Counter[str]]:
        """Returns the keys that are not there, by lookup."""
        return {name: table.missed for name, table in self._tables.items() if table.missed}

    def cells(self, nest: Nest, value: ValueSource, missed: Missed) -> Sequence[Cell]:
        """Returns what a value's columns hold, looked up where it says so; see `Dictionary.of`."""
        if value.row:
            return nest.row_numbers()
        if not value.columns:
            return [value.text] * len(nest.lines)
        found = asked_for(nest, value)
        return self[value.lookup].of(found, missed) if value.lookup else found

    def fill(self, lookup: LookupFile, nests: Iterable[Nest], fits: Fits) -> None:
        """Takes in the rows of one of the lookup's files."""
        for nest in nests:
            rows = nest.each(lookup.each) if lookup.each else nest
            rows = rows.kept(fits(rows)) if lookup.where else rows
            keys = self.cells(rows, lookup.key, [])
            for table, value in self.asked(lookup.name):
                for key, cell in zip(keys, self.cells(rows, value, []), strict=True):
                    values = texts_in(cell) or ("",)
                    for each in texts_in(key):
                        table.put(each, tuple(map(text_of, values)))
