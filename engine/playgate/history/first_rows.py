"""What becomes of the first rows of each table, and why: for who writes a mapping."""

from __future__ import annotations

from collections import abc
from collections.abc import Iterator, Sequence

from playgate.documents.document import quoted
from playgate.history.cells import cells_of, one_each, texts_in
from playgate.history.event import Event, Problem
from playgate.history.levels import Nest
from playgate.history.mapping import CellRule, Mapping, RowRule, TableMap
from playgate.history.marks import BEGUN, Mark, marked
from playgate.history.raw_rows import rows_of_file
from playgate.history.reading_shapes import around_of
from playgate.history.row_tests import cell_fits
from playgate.history.sheet_forms import for_sheets, typed_of
from playgate.history.source import is_sheet
from playgate.history.tally import Tally
from playgate.history.unnest import Around, UnnestedTable
from playgate.records import Record, replace

__all__ = ["FirstRow", "first_rows"]


class FirstRow(Record):
    """A row of a table, and what it means."""

    file: str
    line: int
    table: TableMap
    cells: tuple[tuple[str, str], ...]
    """What is read of it and not empty, by column."""
    events: tuple[tuple[Event, str], ...]
    """What it makes, and what is still to be settled when all of the deal is there."""
    problems: tuple[Problem, ...]
    reasons: tuple[tuple[int, str], ...]
    """Why the table, or an entry of it, makes nothing of the row; with its line in the mapping."""


def first_rows(paths: Sequence[str], mapping: Mapping, *, count: int) -> Iterator[FirstRow]:
    """Yields the first rows of each table in each file, so many of each."""
    known, marks = marked(mapping)
    around = around_of(known, paths, lambda _: None, zone=mapping.zone)
    for number, path in enumerate(paths):
        for table, shown in zip(known.tables_for(path), mapping.tables_for(path), strict=True):
            for row in _of_table(path, number, table, shown, around, count):
                events = tuple(_settling(event, marks) for event, _ in row.events)
                yield replace(row, events=events)


def _settling(event: Event, marks: abc.Mapping[str, Mark]) -> tuple[Event, str]:
    """Returns the event without its mark, and what the mark means."""
    mark = marks.get(BEGUN if event.name == BEGUN else event.kind)
    if mark is None:
        return event, ""
    event = event._replace(kind=mark.kind)
    if mark.was:
        return event, "the value before, if it is the first"
    if mark.begins:
        return event._replace(name=event.value, value=""), "if nothing tells the stage before"
    if mark.status is not None:
        return event, "the status beside the stage"
    return event, "if it differs from the last"


def _of_table(
    path: str, number: int, table: TableMap, shown: TableMap, around: Around, count: int
) -> Iterator[FirstRow]:
    columns = [each for each in shown.columns() if each not in shown.derived]
    found: list[Problem] = []

    def problem(line: int, reason: str, hint: str) -> None:
        found.append(Problem(path, line, reason, hint))

    left = count
    table = for_sheets(table) if is_sheet(path) else table
    for nest in rows_of_file(path, columns, problem, lambda *_: None, typed_of([table])):
        run = UnnestedTable(table, around, source=number, problem=problem, tally=Tally(table))
        rows = run.rows(nest)
        for place in range(min(left, len(rows.lines))):
            yield _first_row(path, number, rows.take([place]), table, shown, around)
        left -= len(rows.lines)
        if left <= 0:
            return


def _first_row(
    path: str, number: int, row: Nest, table: TableMap, shown: TableMap, around: Around
) -> FirstRow:
    problems: dict[Problem, None] = {}

    def problem(line: int, reason: str, hint: str) -> None:
        problems[Problem(path, line, reason, hint)] = None

    tally = Tally(table)
    run = UnnestedTable(table, around, source=number, problem=problem, tally=tally)
    events = tuple((Event._make(each), "") for each in run.of_rows(row))
    full, _ = run.with_columns(row)
    return FirstRow(
        file=path,
        line=row.lines[0],
        table=shown,
        cells=tuple(_cells(full, shown)),
        events=events,
        problems=tuple(problems),
        reasons=tuple(_reasons(full, shown, tally)),
    )


def _cells(row: Nest, table: TableMap) -> Iterator[tuple[str, str]]:
    for column in dict.fromkeys([*table.columns(), *table.derived]):
        text = ", ".join(texts_in(cells_of(row.column(column))[0]))
        if text.strip():
            yield column, text


def _reasons(row: Nest, table: TableMap, tally: Tally) -> Iterator[tuple[int, str]]:
    if not tally.passed:
        yield table.line, _why_not(row, table.where)
        return
    for rule in table.rows:
        if rule.line not in tally.fitted:
            yield rule.line, _why_not_entry(row, rule)
    for (line, text), _ in tally.left.items():
        yield line, f"{quoted(text)} is passed over by `only`"


def _why_not_entry(row: Nest, rule: RowRule) -> str:
    items = row.each(rule.each) if rule.each else row
    if not items.lines:
        return f"there is nothing in {rule.each}"
    return _why_not(items.take([0]), rule.where)


def _why_not(row: Nest, where: Sequence[CellRule]) -> str:
    for test in where:
        cell = one_each(cells_of(row.column(test.column)))[0]
        if not cell_fits(cell, test):
            return f"{test.column} is {quoted(cell)}" if cell.strip() else f"{test.column} is empty"
    return "nothing is told of it"
