"""Rows of any table that a mapping makes events of, as `playgate.history.mapped` has it.

Each rule of the mapping is a selection of the rows; the events are all of them together. Fields
that are known from the start are read from the first row of each run of a deal's rows; in a table
whose rows have no places, from the deal's first row by `happened_at`, then by the other columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain

import ibis

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.reading.event_table import EVENT
from playgate.bulk.reading.mapped_values import MappedCells, MappedValue
from playgate.bulk.reading.read_rows import ReadRows, is_blank_text
from playgate.bulk.reading.row_counts import WHERE
from playgate.bulk.values.expressions import Expr, Table, all_of, any_of, is_in, number, sure
from playgate.bulk.values.regular_expressions import trimmed
from playgate.bulk.values.reused_values import growing_table
from playgate.conditions.instants import Zone
from playgate.history.currencies import may_mix
from playgate.history.delimited import Columnar
from playgate.history.event import START
from playgate.history.mapped import Columns, ProblemAt, compile_table
from playgate.history.mapping import CellRule as RowTest
from playgate.history.mapping import RowRule, TableMap
from playgate.history.row_ids import GIVEN
from playgate.records import replace

__all__ = ["read_mapped"]

_FIELDS = ("name", "value", "happened_at", "actor", "recorded_at", "event_id", "attrs", "rest")


def read_mapped(
    rows: Table,
    columns: Mapping[str, str],
    table: TableMap,
    *,
    zone: Zone,
    backend: str,
    placed: bool = True,
) -> list[ReadRows]:
    """Reads the events of rows: those from the start, if there are any, then the others.

    `columns` says in which columns of `rows` the mapping's columns lie. Raises
    `CannotExpressError` where the mapping asks for what no expression can say.
    """
    if may_mix(table):
        raise CannotExpressError("amounts in several currencies, of which it is to be told")
    reads = _TableReading(rows, columns, table, zone, backend)
    found = [reads.starts(placed)] if table.start else []
    return [*found, reads.ruled()] if table.rows else found


class _TableReading:
    def __init__(
        self, rows: Table, columns: Mapping[str, str], table: TableMap, zone: Zone, backend: str
    ) -> None:
        self._rows = rows
        self._columns = columns
        self._table = table
        self._zone = zone
        self._backend = backend
        self._header = tuple(table.columns())

    def _cells(self) -> tuple[MappedCells, Expr]:
        """Returns the cells of the rows that the table's filter lets pass, and their deal."""
        growing = growing_table(self._rows, self._backend)
        cells = MappedCells(growing, self._columns, self._zone, self._backend)
        for column in self._header:
            cells.text(column)
        fits = [_fits(cells, where) for where in self._table.where]
        if fits:
            cells.growing.table = cells.growing.table.filter(all_of(fits))
        return cells, cells.growing.keep(trimmed(cells.term(self._table.deal).text))

    def _read(
        self,
        cells: MappedCells,
        kept: Mapping[str, Expr],
        events: Callable[[Table], Table],
        compiled: Callable[[int, ProblemAt, tuple[str, ...]], Callable[[Columnar], list[Columns]]],
        first: int,
    ) -> ReadRows:
        """Puts the reading together; `kept` are the columns of the events, and `odd`."""
        names = [f"raw_{place}" for place in range(len(self._header))]
        odd = kept["odd"]
        raw = {
            name: ibis.ifelse(odd, cells.text(column), ibis.null("string"))
            for name, column in zip(names, self._header, strict=True)
        }
        if GIVEN in self._rows.columns:
            raw[GIVEN] = cells.growing.table[GIVEN]
        rows = cells.growing.table.select("source", "line", **kept, **raw)
        told = (*names, *(name for name in (GIVEN,) if name in rows.columns))
        return ReadRows(rows, self._header, told, events, compiled, first_part=first)

    def starts(self, placed: bool) -> ReadRows:
        """Reads the fields that are known from the start."""
        cells, deal = self._cells()
        terms = [cells.term(value) for value in self._table.start.values()]
        first = cells.growing.keep(_begins(cells, deal, self._table, placed))
        bad = any_of([term.bad for term in terms if term.bad is not None])
        kept: dict[str, Expr] = {"deal": deal, "odd": sure(bad)}
        for place, term in enumerate(terms):
            given = ~is_blank_text(term.text)
            if term.left_out is not None:
                given &= ~term.left_out
            kept[f"value_{place}"] = ibis.ifelse(given, term.text, "")
        cells.growing.table = cells.growing.table.filter(first & ~is_blank_text(deal))
        start_only = replace(self._table, rows=(), where=())
        return self._read(
            cells, kept, self._begun, partial(_one_by_one, start_only, self._header, self._zone), 0
        )

    def _begun(self, rows: Table) -> Table:
        found = []
        for place, name in enumerate(self._table.start):
            given = rows.filter(rows[f"value_{place}"] != "")
            found.append(
                given.select(
                    "deal",
                    "source",
                    "line",
                    happened_at=number(START),
                    kind=ibis.literal("field"),
                    name=ibis.literal(name),
                    value=given[f"value_{place}"],
                    actor=ibis.literal(""),
                    recorded_at=number(START),
                    event_id=ibis.literal(""),
                    attrs=ibis.literal(""),
                    rest=ibis.literal(""),
                    event_of_row=number(place),
                ).select(*EVENT)
            )
        return ibis.union(*found) if len(found) > 1 else found[0]

    def ruled(self) -> ReadRows:
        """Reads the events of the table's rules."""
        cells, deal = self._cells()
        kept: dict[str, Expr] = {"deal": deal}
        no_deal = is_blank_text(deal)
        odd, fitting = list[Expr](), list[Expr]()
        for place, rule in enumerate(self._table.rows):
            fits = cells.growing.keep(all_of(_fits(cells, where) for where in rule.where))
            event = _RuleEvent(cells, rule, fitting, self._table.name, GIVEN in self._rows.columns)
            odd.append(fits & event.unreadable(no_deal))
            kept[f"{WHERE}{place}"] = fits.cast("int64")
            kept[f"fits_{place}"] = fits if event.left_out is None else fits & ~event.left_out
            for name in _FIELDS:
                kept[f"{name}_{place}"] = event.columns[name]
            fitting.append(fits)
        kept["odd"] = sure(any_of(odd))
        kept["odd"] = cells.growing.keep(kept["odd"])
        return self._read(
            cells,
            kept,
            self._ruled,
            lambda source, problem, last: compile_table(
                replace(self._table, start={}, where=()),
                (*self._header, *last),
                zone=self._zone,
                source=source,
                problem=problem,
            ),
            len(self._table.start),
        )

    def _ruled(self, rows: Table) -> Table:
        found = []
        for place, rule in enumerate(self._table.rows):
            meant = rows.filter(rows[f"fits_{place}"])
            fields = {name: meant[f"{name}_{place}"] for name in _FIELDS}
            found.append(
                meant.select(
                    "deal",
                    "source",
                    "line",
                    kind=ibis.literal(rule.kind),
                    event_of_row=number(len(self._table.start) + place),
                    **fields,
                ).select(*EVENT)
            )
        return ibis.union(*found) if len(found) > 1 else found[0]


class _RuleEvent:
    """An event is what one rule of the mapping makes of a row."""

    def __init__(
        self,
        cells: MappedCells,
        rule: RowRule,
        earlier: Sequence[Expr],
        table: str,
        has_own_ids: bool,
    ) -> None:
        keep = cells.growing.keep
        name, value = cells.term(rule.name), cells.term(rule.value)
        actor, event_id = cells.term(rule.actor), cells.term(rule.event_id)
        at = cells.at(rule.happened_at)
        recorded_at = at
        if rule.recorded_at is not None:
            told = is_blank_text(cells.picked(rule.recorded_at))
            recorded_at = keep(ibis.ifelse(told, at, cells.at(rule.recorded_at)))
        attrs = cells.attrs(rule.attrs)
        self.left_out = _any([name.left_out, value.left_out])
        blank = is_blank_text(name.text)
        self._text_bad = _any(
            [blank if name.left_out is None else blank & ~name.left_out, name.bad, value.bad]
        )
        bare = is_blank_text(event_id.text)
        own = keep(cells.growing.table[GIVEN] + _behind(earlier)) if has_own_ids else None
        no_id = None if has_own_ids else bare
        self._rest_bad = [at.isnull(), recorded_at.isnull(), attrs.bad, no_id]
        self.columns = {
            "name": name.text,
            "value": value.text,
            "happened_at": at,
            "actor": actor.text,
            "recorded_at": recorded_at,
            "event_id": _known_by(event_id, rule, earlier, table, own, bare),
            "rest": cells.rest(rule.happened_at),
            "attrs": attrs.text,
        }

    def unreadable(self, no_deal: Expr) -> Expr:
        """Says where our own code has to say what the row is, if the rule fits it."""
        rest = any_of(each for each in (*self._rest_bad, no_deal) if each is not None)
        if self.left_out is not None:
            rest &= ~self.left_out
        return rest if self._text_bad is None else rest | self._text_bad


def _known_by(
    event_id: MappedValue,
    rule: RowRule,
    earlier: Sequence[Expr],
    table: str,
    own: Expr | None,
    bare: Expr,
) -> Expr:
    """Returns the id: the table's name, what the row says, and a number where it is the table's and
    the row's first event has it; else the row's own."""
    own = ibis.literal("") if own is None else own
    if rule.event_id is None:
        return own
    text = f"{table}:" + event_id.text if table else event_id.text
    return ibis.ifelse(bare, own, text + _behind(earlier) if rule.inherits_id else text)


def _behind(earlier: Sequence[Expr]) -> Expr:
    """Returns the number that stands behind the ids of all but a row's first event."""
    if not earlier:
        return ibis.literal("")
    place = sum((ibis.ifelse(fits, number(1), number(0)) for fits in earlier), number(1))
    return ibis.ifelse(place > 1, "-" + place.cast("string"), "")


def _any(conditions: Sequence[Expr | None]) -> Expr | None:
    found = [each for each in conditions if each is not None]
    return any_of(found) if found else None


def _fits(cells: MappedCells, where: RowTest) -> Expr:
    cell = cells.text(where.column)
    tests = []
    if where.allowed is not None:
        tests.append(is_in(cell, where.allowed))
    if where.present is not None:
        tests.append(~is_blank_text(cell) if where.present else is_blank_text(cell))
    if where.refused:
        tests.append(~is_in(cell, where.refused))
    return all_of(tests)


def _begins(cells: MappedCells, deal: Expr, table: TableMap, placed: bool) -> Expr:
    """Says whether a run of the deal's rows begins."""
    if placed:
        before = deal.lag().over(ibis.window(order_by=["source", "line"]))
        return (deal != before).fill_null(True)
    stamps = chain.from_iterable(rule.happened_at.columns for rule in table.rows)
    order = dict.fromkeys(chain(stamps, table.columns()))
    # All of one table, as a window asks for.
    last = cells.growing.table
    texts = [last[cells.text(column).get_name()] for column in order]
    return ibis.row_number().over(group_by=last[deal.get_name()], order_by=texts) == 0


def _one_by_one(
    table: TableMap,
    header: Sequence[str],
    zone: Zone,
    source: int,
    problem: ProblemAt,
    last: tuple[str, ...],
) -> Callable[[Columnar], list[Columns]]:
    """Reads each row by itself, as it begins a run."""

    def events(batch: Columnar) -> list[Columns]:
        found: list[Columns] = []
        for place, line in enumerate(batch.lines):
            run = compile_table(table, (*header, *last), zone=zone, source=source, problem=problem)
            found += run(Columnar((line,), [(column[place],) for column in batch.columns]))
        return found

    return events
