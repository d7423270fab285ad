"""Files → events: every format, with a mapping or as the history table itself, streamed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from difflib import get_close_matches
from functools import partial
from itertools import chain, repeat
from typing import Any, Never

from playgate.conditions.instants import Zone
from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.deal_ids import DealIds
from playgate.history.delimited import Columnar, by_column
from playgate.history.event import Event, Problem
from playgate.history.lookups import Lookups
from playgate.history.mapped import Columns, ProblemAt, by_line, compile_table
from playgate.history.mapping import Mapping, TableMap
from playgate.history.marks import marked
from playgate.history.ndjson import read_ndjson
from playgate.history.own_table import COLUMNS, REQUIRED, compile_own
from playgate.history.part import PartOfDeals
from playgate.history.problems import FirstProblems
from playgate.history.raw_rows import (
    RawRows,
    holds_json,
    is_log,
    raw_rows,
    rows_of_file,
    starts_with,
)
from playgate.history.reading_shapes import around_of, is_flat, is_tabular, missed, read_nested
from playgate.history.row_ids import OTHERS, WHOLE, Pairs, whole_event
from playgate.history.sheet_forms import for_sheets, typed_of
from playgate.history.sheets import Typed
from playgate.history.source import Source, is_parquet, is_sheet
from playgate.history.tables import table_in
from playgate.history.tally import PassedOver, Tally, problems_of, silent_rows
from playgate.history.unnest import Around
from playgate.history.whole_deals import whole_deals
from playgate.history.xes import read_xes
from playgate.records import replace

__all__ = ["check_header", "read_history", "warn_of_near_names"]

_MOST_REMEMBERED = 20_000


def read_history(
    paths: Sequence[str],
    *,
    mapping: Mapping | None = None,
    report: Callable[[Problem], None],
    progress: Callable[[int], None] | None = None,
    part: PartOfDeals | None = None,
    stable_ids: bool = True,
    note: Callable[[PassedOver], None] | None = None,
    is_all: bool = True,
) -> Iterator[Event]:
    """Yields the events of all files, file by file and row by row; `-` is standard input.

    Rows that cannot be read go to `report` and are left out; a file that cannot be used raises
    `InputError`. Stamps without an offset are read in the mapping's zone, else in UTC.
    `progress` is told, now and then, how many more bytes of the files on disk were consumed. Of a
    `part` only the events of its deals are given. Rows that bring no id are given one; unless it is
    to be `stable`, it tells them apart for this reading only, which is faster. `note` is told at
    the end what was passed over without being a problem. Unless the files are only some of a
    history, and not all, an entry of the mapping that no row fits is a problem.
    """
    # Of several files the columns may differ: what is the same, only a digest tells.
    stable_ids = stable_ids or len(paths) > 1
    mapping, marks = marked(mapping) if mapping and mapping.shapes else (mapping, {})
    zone = mapping.zone if mapping else UTC
    around, problems = None, FirstProblems(report)
    if mapping and (mapping.lookups or mapping.same_deal):
        around = around_of(
            mapping, paths, problems.take, zone=zone, part=part, stable_ids=stable_ids
        )
    reader = _FilesReader(
        mapping, zone, report, problems, progress, part, stable_ids, around, note, is_all
    )
    batches = chain.from_iterable(reader.events(path, source) for source, path in enumerate(paths))
    # From a batch on, all runs in C: a tuple of columns becomes an event without a call in Python.
    batches = chain(batches, reader.counted())
    events = map(tuple.__new__, repeat(Event), chain.from_iterable(batches))
    return whole_deals(events, marks) if marks else events


class _FilesReader:
    """Reads files one after the other; it holds what is the same for all of them."""

    def __init__(
        self,
        mapping: Mapping | None,
        zone: Zone,
        report: Callable[[Problem], None],
        problems: FirstProblems,
        progress: Callable[[int], None] | None,
        part: PartOfDeals | None,
        stable_ids: bool,
        around: Around | None,
        note: Callable[[PassedOver], None] | None,
        is_all: bool,
    ) -> None:
        self._is_all = is_all
        self.tallies: dict[int, Tally] = {}
        self._note = note or (lambda _: None)
        self._part = part
        self._tells = part is None or part.number == 0
        self._stable_ids = stable_ids
        self._mapping = mapping
        self._zone = zone
        self._around = around
        self._report = report
        self._problems = problems
        self._progress = progress
        self._deals = DealIds()

    def events(self, path: str, number: int) -> Iterator[list[Columns]]:
        """Yields the events of one file, batch by batch."""
        tables: Sequence[TableMap] = ()
        if self._mapping is not None:
            tables = self._mapping.tables_for(path)
            if not tables:
                return
        told: set[tuple[int, str]] = set()

        def problem(line: int, reason: str, hint: str) -> None:
            # With `was`, two rules of our own making read one cell.
            if not (self._mapping and self._mapping.shapes and (line, reason) in told):
                self._problems.tell(path, line, reason, hint)
            if len(told) >= _MOST_REMEMBERED:
                told.clear()
            told.add((line, reason))

        if is_sheet(path):
            tables = list(map(for_sheets, tables))
        tallies = [Tally(table) for table in tables]
        if self._mapping and self._mapping.looks_inside() and is_parquet(path):
            yield from self._nested(partial(rows_of_file, path), path, tallies, number, problem)
        else:
            with Source(path, progress=self._progress) as source:
                if self._mapping is None:
                    yield from self._own(source, number, problem)
                elif self._is_flat(source, tables):
                    yield from self._flat(source, tallies, number, problem)
                else:
                    rows = partial(raw_rows, source, typed=typed_of(tables))
                    yield from self._nested(rows, path, tallies, number, problem)
        self._count(path, tallies, any_told=bool(told))
        self._problems.end_of_file()

    def _count(self, path: str, tallies: Sequence[Tally], *, any_told: bool) -> None:
        """Keeps the counts of a file's rows, and reports where nothing came of them."""
        if not any_told and self._tells:
            for problem in silent_rows(path, tallies):
                self._report(problem)
        for tally in tallies:
            self.tallies.setdefault(tally.table.line, Tally(tally.table)).take(tally)

    def counted(self) -> Iterator[Never]:
        """Reports, when all files are read, what no row fitted and what was passed over."""
        yield from ()
        mapping = self._mapping
        if mapping is None:
            return
        for tally in self.tallies.values():
            if self._is_all and self._tells:
                for problem in problems_of(tally, mapping):
                    self._report(problem)
            for each in tally.passed_over(mapping):
                self._note(each)
        for each in missed(mapping, self._around.lookups) if self._around else ():
            self._note(each)

    def _own(self, source: Source, number: int, problem: ProblemAt) -> Iterator[list[Columns]]:
        header, batches, _ = _rows(source, None, self._of_first_part(problem), typed_of(()))
        run = compile_own(
            header,
            zone=self._zone,
            source=number,
            problem=problem,
            part=self._part,
            stable_ids=self._stable_ids,
            deals=self._deals,
        )
        yield from map(run, batches)

    def _of_first_part(self, problem: ProblemAt) -> ProblemAt:
        """Returns whom to tell of what is no row, and so of no deal: the first part tells of it."""
        return _nothing if self._part is not None and self._part.number else problem

    def _nested(
        self, rows: RawRows, path: str, tallies: Sequence[Tally], number: int, problem: ProblemAt
    ) -> Iterator[list[Columns]]:
        around = self._around or Around(
            Lookups((), ()), {}, self._zone, self._part, self._stable_ids
        )
        around = replace(around, deals=self._deals)
        return read_nested(rows, tallies, around, file=path, number=number, problem=problem)

    def _flat(
        self, source: Source, tallies: Sequence[Tally], number: int, problem: ProblemAt
    ) -> Iterator[list[Columns]]:
        tables = [tally.table for tally in tallies]
        columns = list(dict.fromkeys(column for table in tables for column in table.columns()))
        typed = typed_of(tables)
        header, batches, whole = _rows(source, columns, self._of_first_part(problem), typed)
        runs = [
            compile_table(
                tally.table,
                header,
                zone=self._zone,
                source=number,
                problem=problem,
                part=self._part,
                stable_ids=self._stable_ids,
                whole=whole,
                tally=tally,
                deals=self._deals,
            )
            for tally in tallies
        ]
        if len(runs) == 1:
            yield from map(runs[0], batches)
        else:
            yield from (by_line([run(batch) for run in runs]) for batch in batches)

    def _is_flat(self, source: Source, tables: Sequence[TableMap]) -> bool:
        """Returns whether the file is a table each cell of which the mapping names as it is."""
        assert self._mapping is not None  # noqa: S101  (there are tables of it)
        return all(
            is_flat(table, self._mapping) and is_tabular(source, table.columns())
            for table in tables
        )


def _nothing(*_: object) -> None:
    pass


def _rows(
    source: Source, mapped: Sequence[str] | None, problem: ProblemAt, typed: Typed
) -> tuple[Sequence[str], Iterator[Columnar], Callable[[Any], Pairs] | None]:
    """Returns the file's header and rows, in whichever format it is.

    Where the format names no columns for all rows, the last holds each as a whole, and what is
    returned beside reads it.
    """
    if is_log(source):
        if mapped is None:
            raise InputError(
                f"{source.name} is an XES log, which needs a mapping",
                hint="say with a mapping which events are stages, activities or fields",
                code="wrong-file",
            )
        header = (*mapped, WHOLE)
        batches = read_xes(source.name, source.chunks(), mapped)
        return header, (by_column(batch, len(header)) for batch in batches), whole_event
    if mapped is None and holds_json(source):
        return *_own_objects(source, problem), None
    found = table_in(source, problem, typed)
    check_header(source.name, found.header, mapped)
    if mapped is None:
        warn_of_near_names(found.header, problem)
    return found.header, found.columnar, None


def _own_objects(source: Source, problem: ProblemAt) -> tuple[Sequence[str], Iterator[Columnar]]:
    """Returns the header and the rows of a history in objects, one on each line."""
    if starts_with(source, b"["):
        raise InputError(
            f"{source.name} is one JSON list",
            hint="write one object on each line (NDJSON)",
            code="wrong-file",
        )
    header = (*COLUMNS, OTHERS)
    batches = read_ndjson(source.name, source.blocks(), COLUMNS, REQUIRED, problem)
    return header, (by_column(batch, len(header)) for batch in batches)


def check_header(file: str, header: Sequence[str], mapped: Sequence[str] | None) -> None:
    """Raises `InputError` where a column is missing that the mapping reads or, without one, that
    the history table requires."""
    needed = REQUIRED if mapped is None else mapped
    missing = [column for column in needed if column not in header]
    if missing:
        named = ", ".join(f'"{column}"' for column in missing)
        hints = []
        for column in missing:
            hint = nearest(column, set(header) - set(needed))
            if hint.startswith("did"):
                hints.append(f"{column}: {hint}")
        if mapped is None:
            hints.append("a file of another make is read with a mapping")
        elif not hints:
            hints.append(f"its columns: {', '.join(header[:12])}")
        noun = "column" if len(missing) == 1 else "columns"
        raise InputError(f"{file} has no {noun} {named}", hint="; ".join(hints), code="wrong-file")
    twice = [column for column, times in Counter(header).items() if times > 1]
    for column in twice:
        if column in needed or (mapped is None and column in COLUMNS):
            raise InputError(
                f'{file} has the column "{column}" twice',
                hint="keep one of them",
                code="wrong-file",
            )


def warn_of_near_names(header: Sequence[str], problem: ProblemAt) -> None:
    """Reports optional columns whose names look misspelt, as they would be passed over in
    silence."""
    absent = set(COLUMNS) - set(header)
    for column in sorted(set(header) - set(COLUMNS)):
        if close := get_close_matches(column.casefold(), absent, n=1, cutoff=0.8):
            problem(1, f'column "{column}" is not read', f'did you mean "{close[0]}"?')
