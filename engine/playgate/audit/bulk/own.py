"""Rows in the history's own columns → events, as `playgate.history.own` reads them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

import ibis

from playgate.audit.bulk.arithmetic import Layers
from playgate.audit.bulk.expressions import Expr, Table, any_of
from playgate.audit.bulk.patterns import SPACE
from playgate.audit.bulk.timestamps import at_column, at_text, is_whole, shown
from playgate.conditions.instants import Zone
from playgate.errors import InputError
from playgate.history.delimited import Columnar
from playgate.history.event import KINDS
from playgate.history.mapped import Columns, ProblemAt
from playgate.history.own import COLUMNS, compile_own
from playgate.records import Record

__all__ = [
    "EVENT", "LINE", "SURE", "Read", "as_text", "is_blank_text", "is_unsure", "layers_on",
    "lines_of", "read_own",
]  # fmt: skip

EVENT = (*COLUMNS, "source", "line", "part")
"""The columns of a table of events."""

LINE, SURE = "json_line", "is_sure"
"""Columns of rows that are lines of JSON: the line, and whether its cells are right for certain."""

_ALL = 2**62

_STRING = '"[^"\\\\\x01-\x1f]*"'
_PLAIN = rf"({_STRING}|\[({_STRING}(,{_STRING})*)?\]|true|false|null|0|-?[1-9][0-9]{{0,14}})"
_ORIGIN_WITH = f'"origin":{_PLAIN}(,"with":{_PLAIN})?|"with":{_PLAIN}'
_CANONICAL = (
    rf'[{{]({_STRING}:{_PLAIN}|"expires":{_PLAIN}(,({_ORIGIN_WITH}))?|{_ORIGIN_WITH})[}}]'
)
"""Attributes that are in canonical form for certain: most are."""


class Read(Record):
    """What expressions make of rows, and what they leave to our own code.

    A row that is `odd` may still be good: where the expressions are not sure of one, our own code
    says what it is, in the same words as of any file.
    """

    rows: Table
    """With `source`, `line`, `odd`, and what the events and the cells are made of."""
    header: tuple[str, ...]
    cells: tuple[str, ...]
    """The columns of `rows` that hold the cells below `header`, at least of odd rows."""
    events: Callable[[Table], Table]
    """From rows that are not odd to their events."""
    compiled: Callable[[int, ProblemAt], Callable[[Columnar], list[Columns]]]
    """Our own code for odd rows, given their source and whom to tell of problems."""
    first_part: int = 0
    """The number of the first event of an odd row among those of the row."""


class _Apart(Layers):
    """Layers that PostgreSQL does not fold into one: it would write out each part at each use."""

    def keep(self, value: Expr) -> Expr:
        name = super().keep(value).get_name()
        self.table = self.table.limit(_ALL)
        return self.table[name]


def layers_on(rows: Table, backend: str) -> Layers:
    """Layers upon rows."""
    return _Apart(rows) if backend == "postgres" else Layers(rows)


def read_own(rows: Table, *, zone: Zone, backend: str) -> Read:
    """The events of rows with at least the required columns, and `source` and `line`."""
    texts = {
        name: as_text(rows[name], backend) if name in rows.columns else ibis.literal("")
        for name in COLUMNS
        if name not in ("happened_at", "recorded_at")
    }
    layers = layers_on(rows.mutate(**texts), backend)
    at, stamp = _instant_of(layers, "happened_at", zone, backend)
    at = layers.keep(at)
    recorded_at, recorded = at, ibis.literal("")
    if "recorded_at" in rows.columns:
        told, recorded = _instant_of(layers, "recorded_at", zone, backend)
        recorded_at = ibis.ifelse(recorded == "", at, told)
    recorded_at = layers.keep(recorded_at)
    table = layers.table
    odd = layers.keep(any_of([
        at.isnull(), recorded_at.isnull(), ~table.kind.isin(list(KINDS)),
        is_blank_text(table.deal), is_blank_text(table.name),
        (table.attrs != "") & ~is_whole(table.attrs, _CANONICAL), is_unsure(rows),
    ]))  # fmt: skip
    table = layers.table
    return Read(
        rows=table.select(
            *(name for name in ("source", "line") if name in rows.columns), *texts,
            **lines_of(rows, odd), happened_at=at, recorded_at=recorded_at, odd=odd,
            # Nobody reads the stamps of other rows: kept, they would cost memory.
            stamp=ibis.ifelse(odd, stamp, ibis.null("string")),
            recorded=ibis.ifelse(odd, recorded, ibis.null("string")),
        ),
        header=COLUMNS,
        cells=("deal", "stamp", "kind", "name", "value", "actor", "recorded", "event_id", "attrs"),
        events=lambda table: table.select(
            *EVENT[:-1], part=ibis.literal(0, "int64")
        ),
        compiled=lambda source, problem: compile_own(
            COLUMNS, zone=zone, source=source, problem=problem
        ),
    )  # fmt: skip


def _instant_of(layers: Layers, name: str, zone: Zone, backend: str) -> tuple[Expr, Expr]:
    """The instant of a column, and its text."""
    column = layers.table[name]
    if not (column.type().is_timestamp() or column.type().is_date()):
        text = layers.keep(as_text(column, backend))
        return at_text(text, backend, zone, layers.keep), text
    at = layers.keep(at_column(column, backend, zone, layers.keep))
    outside = column.cast("string").fill_null("")
    return at, shown(at, layers.keep).fill_null(outside)


def as_text(column: Expr, backend: str) -> Expr:
    """A column as a file would show it; NULL is empty.

    `InputError` for what has no text that is the same everywhere, such as a list.
    """
    kind = column.type()
    if kind.is_string():
        text = column
    elif kind.is_boolean():
        text = ibis.cases((column, "true"), (~column, "false"))
    elif kind.is_timestamp():
        text = shown(at_column(column, backend, UTC))
        if kind.timezone is None:
            text = text.re_replace("Z$", "")
    elif kind.is_numeric() or kind.is_date() or kind.is_uuid() or kind.is_json():
        text = column.cast("string")
    else:
        raise InputError(
            f"the column {column.get_name()} is of type {kind}, which is no text",
            hint="convert it to text",
        )
    return text.fill_null("")


def lines_of(rows: Table, odd: Expr) -> dict[str, Expr]:
    """The whole lines of odd rows, where the rows are lines."""
    return {LINE: ibis.ifelse(odd, rows[LINE], ibis.null("string"))} if LINE in rows.columns else {}


def is_unsure(rows: Table) -> Expr:
    """Whether it is not sure that a row's cells are right."""
    return ~rows[SURE] if SURE in rows.columns else ibis.literal(False)


def is_blank_text(text: Expr) -> Expr:
    """Whether the text is empty or white space."""
    return text.re_search(f"^[{SPACE}]*$")
