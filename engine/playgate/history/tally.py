"""Counts what becomes of rows, so that those without meaning are not passed over in silence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator

from playgate.documents.document import nearest, quoted
from playgate.history.event import Problem
from playgate.history.mapping import CellRule, Mapping, TableMap
from playgate.records import Record

__all__ = ["PassedOver", "Tally", "is_silence", "problems_of", "silent_rows"]

_MOST_SHOWN = 3

Seen = Callable[[str], Collection[str]]


class PassedOver(Record):
    """Rows or cells of which nothing is made, though nothing is wrong with them."""

    file: str
    line: int
    """Where the mapping says so."""
    what: str
    texts: Counter[str]
    """What stood there, and how often."""

    def __str__(self) -> str:
        shown = ", ".join(
            f"{quoted(text)} {count} times" if count > 1 else quoted(text)
            for text, count in self.texts.most_common(_MOST_SHOWN)
        )
        more = ", …" if len(self.texts) > _MOST_SHOWN else ""
        return f"{self.file}:{self.line}: {self.what}: {shown}{more}"


class Tally:
    """What became of the rows of one table of a mapping."""

    def __init__(self, table: TableMap) -> None:
        self.table = table
        self.rows = 0
        self.without = 0
        """How many rows of the file do not have the list of the table's `each`."""
        self.passed = 0
        """How many fit the table's `where`."""
        self.events = 0
        self.fitted: set[int] = set()
        """The entries that a row fitted, by their lines in the mapping."""
        self.left: Counter[tuple[int, str]] = Counter()
        """Cells that an entry's `only` passes over."""
        self.seen: list[Seen] = []
        """What stood in a column."""

    def part(self) -> Tally:
        """Returns a tally of some of the entries, whose rows are counted by this one."""
        found = Tally(self.table)
        found.fitted, found.left, found.seen = self.fitted, self.left, self.seen
        return found

    def take(self, other: Tally) -> None:
        """Adds the counts of another file's rows."""
        self.rows += other.rows
        self.passed += other.passed
        self.events += other.events
        self.fitted |= other.fitted
        self.left += other.left
        self.seen += other.seen

    def passed_over(self, mapping: Mapping) -> Iterator[PassedOver]:
        """Yields what entries pass over, by entry."""
        for line in sorted({line for line, _ in self.left}):
            texts = Counter({text: n for (at, text), n in self.left.items() if at == line})
            yield PassedOver(mapping.file, line, "passed over by `only`", texts)

    def cells_in(self, column: str) -> set[str]:
        """Returns what stood in a column, so far as it is remembered."""
        return {cell for seen in self.seen for cell in seen(column) if cell.strip()}


def silent_rows(path: str, tallies: Collection[Tally]) -> Iterator[Problem]:
    """Yields the problem of a file that has rows and makes no event."""
    rows = sum(tally.rows or tally.without for tally in tallies)
    if rows and not any(tally.events for tally in tallies):
        many = f"none of its {rows} rows makes an" if rows > 1 else "its only row makes no"
        hint = next(filter(None, map(_hint, tallies)), "")
        yield Problem(path, 1, f"{many} event", hint or "import --explain says why")


def is_silence(problem: Problem) -> bool:
    """Returns whether a problem says no more than that a file makes no event."""
    return problem.line == 1 and _SILENT.fullmatch(problem.reason) is not None


_SILENT = re.compile(r"none of its \d+ rows makes an event|its only row makes no event")


def problems_of(tally: Tally, mapping: Mapping) -> Iterator[Problem]:
    """Yields the entries which no row of a table fits that makes events."""
    entries = {rule.line: rule for rule in tally.table.rows}  # one with `was` has become two rules
    for rule in entries.values():
        if not tally.events or not rule.line or rule.line in tally.fitted:
            continue
        if rule.where:
            reason = "no row fits the `where` of this entry"
            yield Problem(mapping.file, rule.line, reason, _near(tally, rule.where))
        elif rule.each:
            yield Problem(mapping.file, rule.line, f"no row has anything in {rule.each}")


def _hint(tally: Tally) -> str:
    if tally.without and not tally.rows:
        return f"none has {tally.table.each}, of which each item is a row"
    if tally.table.where and not tally.passed:
        return "no row fits the `where` of the table: " + _near(tally, tally.table.where)
    return next(filter(None, (_near(tally, rule.where) for rule in tally.table.rows)), "")


def _near(tally: Tally, where: Collection[CellRule]) -> str:
    """Returns what stands in the first column that never holds what it must."""
    for test in where:
        seen = tally.cells_in(test.column)
        if seen and test.allowed and not test.allowed & seen and not test.like:
            wanted = min(test.allowed)
            return f"{test.column} is never {quoted(wanted)}; {nearest(wanted, seen)}".rstrip("; ")
    return ""
