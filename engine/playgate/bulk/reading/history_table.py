"""A history read as a table on a connection, from files or from a table that lies there.

What is plain is read by expressions. Rows of which these are not sure go through our own code,
which makes events of them or says what is wrong; so events and problems are those that
`playgate.history.read` gives. The table has the columns of `event_table.EVENT`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC
from itertools import count
from operator import attrgetter
from typing import Any

import ibis

from playgate.bulk.engine.connect import Connection, backend_of
from playgate.bulk.engine.steps import Steps, batches
from playgate.bulk.errors import CannotExpressError
from playgate.bulk.reading.event_table import EVENT, store, with_parts
from playgate.bulk.reading.mapped_rows import read_mapped
from playgate.bulk.reading.own_columns import read_own
from playgate.bulk.reading.parquet import FileRows, errors_of, rows_of_parquet
from playgate.bulk.reading.read_rows import ReadRows, as_text, is_blank_text
from playgate.bulk.reading.row_counts import tally_of
from playgate.bulk.values.expressions import Expr, Table, all_of, any_of, number
from playgate.bulk.values.sha256 import sha256
from playgate.conditions.instants import Zone
from playgate.errors import InputError
from playgate.history.delimited import Columnar
from playgate.history.event import Problem
from playgate.history.mapped import ProblemAt
from playgate.history.mapping import Mapping, TableMap
from playgate.history.own_table import COLUMNS
from playgate.history.problems import FirstProblems
from playgate.history.read import check_header, warn_of_near_names
from playgate.history.row_ids import BEHIND_NAME, BETWEEN, DIGITS, GIVEN, ROW
from playgate.history.tally import Tally, problems_of, silent_rows

__all__ = ["in_column_order", "rows_of_table", "table_of_parquet", "table_on", "union"]

_MOST_ODD = 1_000_000

Report = Callable[[Problem], None]


def table_of_parquet(
    connection: Connection,
    paths: Sequence[str],
    *,
    steps: Steps,
    mapping: Mapping | None = None,
    zone: Zone | None = None,
    report: Report,
    stable_ids: bool = True,
    is_all: bool = True,
) -> Table:
    """Reads the events of Parquet files by a connection to DuckDB; what is kept goes with `steps`.

    Rows that cannot be read go to `report`, and `InputError` is raised, as by `read_history`.
    """
    stable_ids = stable_ids or len(paths) > 1  # see `read_history`
    tables = _HistoryTables(connection, steps, mapping, zone, stable_ids)
    found, first = [], FirstProblems(report)
    for source, path in enumerate(paths):
        with errors_of(path):
            found.append(tables.of_file(path, source, first.take))
        first.end_of_file()
    for problem in tables.silent() if is_all else ():
        report(problem)
    whole = union(found)
    steps.name("whole", whole)  # many statements read it: none says again how it is read
    return steps.named("whole", whole.schema())


def _unreadable(path: str, reason: str) -> InputError:
    return InputError(
        f"{path} cannot be read: {reason}", hint="convert it to CSV", code="wrong-file"
    )


def table_on(
    connection: Connection,
    name: str,
    *,
    steps: Steps,
    mapping: Mapping | None = None,
    zone: Zone | None = None,
    report: Report,
) -> Table:
    """Reads the events in the table `name` (or `schema.name`, `catalog.schema.name`).

    With a mapping, its table that fits the name is taken. Rows of a table have no places: the line
    of all is 0, and events of one instant stand in the order of their other columns, kind and name
    first. So activities and fields come before stages, as they do in the gate.
    """
    return _HistoryTables(connection, steps, mapping, zone).on(name, report)


class _HistoryTables:
    """The tables of one history share a connection, a mapping and a time zone."""

    def __init__(
        self,
        connection: Connection,
        steps: Steps,
        mapping: Mapping | None,
        zone: Zone | None,
        stable_ids: bool = True,
    ) -> None:
        self._stable_ids = stable_ids
        self._connection = connection
        self._steps = steps
        self._mapping = mapping
        self._zone = zone or (mapping.zone if mapping else UTC)
        self._backend = backend_of(connection)
        self._extras = count()
        self._tallies: dict[int, Tally] = {}

    def of_file(self, path: str, source: int, report: Report) -> Table:
        """Reads the events of one file."""
        table = self._mapping.table_for(path) if self._mapping else None
        problems: list[Problem] = []

        def problem(line: int, reason: str, hint: str) -> None:
            problems.append(Problem(path, line, reason, hint))

        rows = rows_of_parquet(self._connection, path, table, problem, stable_ids=self._stable_ids)
        found = self._connection.sql(rows.query, schema=_schema(rows))
        places = {name: f"cell_{place}" for place, name in enumerate(rows.header)}
        try:
            reads = _reads(
                found.mutate(source=number(source)),
                places,
                table,
                zone=self._zone,
                backend=self._backend,
                placed=True,
            )
        except CannotExpressError as error:
            raise _unreadable(path, str(error)) from None
        events = union(self._events(read, source, problem) for read in reads)
        # Those of what is known from the start come first, as they do in the reader's batches.
        problems.sort(key=attrgetter("line"))
        for each in problems:
            report(each)
        if table is not None:
            self._count(path, found, places, reads, events, table, report, told=bool(problems))
        return events

    def _count(
        self,
        path: str,
        found: Table,
        places: dict[str, str],
        reads: list[ReadRows],
        events: Table,
        table: TableMap,
        report: Report,
        *,
        told: bool,
    ) -> None:
        """Keeps the counts of a file's rows, and reports where nothing came of them."""
        ruled = reads[-1].rows if table.rows else None
        tally = tally_of(self._steps, table, found, places, ruled, events, self._backend)
        for problem in () if told else silent_rows(path, [tally]):
            report(problem)
        self._tallies.setdefault(table.line, Tally(table)).take(tally)

    def silent(self) -> Iterator[Problem]:
        """Yields the entries of the mapping that no row fits."""
        for tally in self._tallies.values():
            assert self._mapping is not None  # noqa: S101  (there are tables of it)
            yield from problems_of(tally, self._mapping)

    def on(self, name: str, report: Report) -> Table:
        """Reads the events in a table of the connection."""

        def problem(line: int, reason: str, hint: str) -> None:
            report(Problem(name, line, reason, hint))

        found = self._table(name)
        reads = rows_of_table(
            found,
            name,
            mapping=self._mapping,
            zone=self._zone,
            backend=self._backend,
            problem=problem,
        )
        return in_column_order(union(self._events(read, 0, problem) for read in reads))

    def _table(self, name: str) -> Table:
        *place, last = name.split(".")
        database = tuple(place) if len(place) > 1 else "".join(place) or None
        try:
            return self._connection.table(last, database=database)
        except Exception as error:  # each backend has its own for what is not there
            reason = str(error).strip().partition("\n")[0]
            raise InputError(
                f"cannot read the table {name}: {reason[:200]}", code="cannot-read"
            ) from None

    def _events(self, read: ReadRows, source: int, problem: ProblemAt) -> Table:
        """Puts together what expressions read and what our own code makes of the rest."""
        odd = read.rows.filter(read.rows.odd)
        number_of_odd = self._steps.rows(odd.aggregate(odd=odd.count()))[0]["odd"]
        if not number_of_odd:
            return read.events(read.rows)
        if number_of_odd > _MOST_ODD:
            raise InputError(
                f"{number_of_odd} rows can be read only one by one",
                hint="convert the history to CSV",
                code="wrong-file",
            )
        found = list(self._judged(read, odd, source, problem))
        events = read.events(read.rows.filter(~read.rows.odd))
        if not found:
            return events
        extra = store(self._connection, f"playgate_odd_{next(self._extras)}", found)
        return ibis.union(events, extra)

    def _judged(
        self, read: ReadRows, odd: Table, source: int, problem: ProblemAt
    ) -> Iterator[tuple[Any, ...]]:
        has_ids = GIVEN in read.cells
        run = read.compiled(source, problem, (GIVEN,) if has_ids else ())
        wanted = read.texts(odd).order_by("line").select("line", *read.cells)
        for rows in batches(self._connection, wanted):
            lines, *cells = zip(*rows, strict=True)
            yield from with_parts(run(Columnar(lines, cells)), read.first_part)


def rows_of_table(
    found: Table,
    name: str,
    *,
    mapping: Mapping | None,
    zone: Zone,
    backend: str,
    problem: ProblemAt,
) -> list[ReadRows]:
    """Reads a table without places by expressions; `InputError` where columns are missing."""
    if mapping is not None and mapping.shapes:
        shapes = ", ".join(f"`{shape}`" for shape in mapping.shapes)
        raise CannotExpressError(f"the mapping {mapping.name} uses {shapes}")
    table = mapping.table_for(name) if mapping else None
    needed = table.columns() if table else None
    check_header(name, found.columns, needed)
    if table is None:
        warn_of_near_names(found.columns, lambda _, *told: problem(0, *told))
    header = [each for each in (COLUMNS if needed is None else needed) if each in found.columns]
    cells = {f"cell_{place}": found[column] for place, column in enumerate(header)}
    own = _own_ids(found, table, backend)
    rows = found.select(source=number(0), line=number(0), **cells, **own)
    places = dict(zip(header, cells, strict=True))
    return _reads(rows, places, table, zone=zone, backend=backend, placed=False)


def _own_ids(found: Table, table: TableMap | None, backend: str) -> dict[str, Expr]:
    """Returns the column of ids for rows that bring none, as `files` has it."""
    others = [column for column in found.columns if column not in COLUMNS]
    if table is None and not others:
        return {}
    cells = {name: _any_text(found[name], backend) for name in sorted(found.columns)}
    told = ibis.literal(table.name if table else "")
    for name, text in cells.items():
        told += ibis.ifelse(text == "", "", BETWEEN + name + BEHIND_NAME + text)
    try:
        own = ROW + sha256(told, backend).substr(0, DIGITS)
    except CannotExpressError:
        own = ROW + told
    if table is None:
        is_more = any_of(cells[name] != "" for name in others)
        return {GIVEN: ibis.ifelse(is_more, own, "")}
    ids = [rule.event_id for rule in table.rows]
    if ids and all(ids):
        bare = [
            all_of(is_blank_text(cells[column]) for column in each.columns)
            for each in ids
            if each is not None and each.columns
        ]
        own = ibis.ifelse(any_of(bare), own, "") if bare else ibis.literal("")
    if table.keeps_identical:
        place = ibis.row_number().over(group_by=own) + 1
        own += ibis.ifelse(place > 1, "~" + place.cast("string"), "")
    return {GIVEN: own}


def _any_text(column: Expr, backend: str) -> Expr:
    try:
        return as_text(column, backend)
    except (InputError, CannotExpressError):
        return column.cast("string").fill_null("")


def in_column_order(events: Table) -> Table:
    """Orders the events of a table that has no places by their other columns."""
    apart = ("deal", "source", "line", "rest", "event_of_row")
    order = [column for column in EVENT if column not in apart]
    order.insert(order.index("happened_at") + 1, "rest")
    place = ibis.row_number().over(group_by="deal", order_by=order)
    return events.mutate(event_of_row=place.cast("int64"))


def _reads(
    rows: Table,
    places: dict[str, str],
    table: TableMap | None,
    *,
    zone: Zone,
    backend: str,
    placed: bool,
) -> list[ReadRows]:
    if table is not None:
        return read_mapped(rows, places, table, zone=zone, backend=backend, placed=placed)
    others = [name for name in rows.columns if name not in places.values()]
    named = {name: rows[place] for name, place in places.items()}
    return [read_own(rows.select(*others, **named), zone=zone, backend=backend)]


def _schema(rows: FileRows) -> Any:
    """Returns the schema of the rows, without asking for what is known."""
    from ibis.backends.sql.datatypes import DuckDBType

    types = {f"cell_{place}": DuckDBType.from_string(kind) for place, kind in enumerate(rows.types)}
    if rows.has_ids:
        types[GIVEN] = "string"
    return ibis.schema({**types, "line": "int64"})


def union(tables: Iterable[Table]) -> Table:
    """Puts together all rows of the tables, of which there is at least one."""
    found = list(tables)
    return ibis.union(*found) if len(found) > 1 else found[0]
