"""Rows in the history's own columns → events, as `playgate.history.own` reads them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

import ibis

from playgate.bulk.values.expressions import Expr, Table, any_of
from playgate.bulk.values.layers import Growing, growing
from playgate.bulk.values.patterns import SPACE
from playgate.bulk.values.timestamps import at_column, at_text, is_whole, shown
from playgate.conditions.instants import Zone
from playgate.errors import InputError
from playgate.history.delimited import Columnar
from playgate.history.event import KINDS
from playgate.history.mapped import Columns, ProblemAt
from playgate.history.own import COLUMNS, compile_own
from playgate.records import Record

__all__ = [
    "EVENT",
    "LINE",
    "SURE",
    "Read",
    "as_text",
    "is_blank_text",
    "is_unsure",
    "lines_of",
    "read_own",
]

EVENT = (*COLUMNS, "source", "line", "part")
"""The columns of a table of events."""

LINE, SURE = "json_line", "is_sure"
"""Columns of rows that are lines of JSON: the line, and whether its cells are right for certain."""

_STAMPS = ("happened_at", "recorded_at")

_STRING = '"[^"\\\\\x01-\x1f]*"'
_PLAIN = rf"({_STRING}|\[({_STRING}(,{_STRING})*)?\]|true|false|null|0|-?[1-9][0-9]{{0,14}})"
_ORIGIN_WITH = f'"origin":{_PLAIN}(,"with":{_PLAIN})?|"with":{_PLAIN}'
_CANONICAL = rf'[{{]({_STRING}:{_PLAIN}|"expires":{_PLAIN}(,({_ORIGIN_WITH}))?|{_ORIGIN_WITH})[}}]'
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
    texts: Callable[[Table], Table] = lambda rows: rows
    """Gives odd rows the cells that are not there yet: few rows need them."""
    first_part: int = 0
    """The number of the first event of an odd row among those of the row."""


def read_own(rows: Table, *, zone: Zone, backend: str) -> Read:
    """The events of rows with at least the required columns, and `source` and `line`."""
    texts = {
        name: as_text(rows[name], backend) if name in rows.columns else ibis.literal("")
        for name in COLUMNS
        if name not in _STAMPS
    }
    layers = growing(rows.mutate(**texts), backend)
    at = layers.keep(_instant_of(layers, "happened_at", zone, backend))
    recorded_at = at
    if "recorded_at" in rows.columns:
        told = _instant_of(layers, "recorded_at", zone, backend)
        column = layers.table["recorded_at"]
        none = column.isnull()
        if not _is_instant(column):
            none |= as_text(column, backend) == ""
        recorded_at = layers.keep(ibis.ifelse(none, at, told))
    table = layers.table
    odd = layers.keep(
        any_of(
            [
                at.isnull(),
                recorded_at.isnull(),
                ~table.kind.isin(list(KINDS)),
                is_blank_text(table.deal),
                is_blank_text(table.name),
                ibis.ifelse(table.attrs == "", False, ~is_whole(table.attrs, _CANONICAL)),
                is_unsure(rows),
            ]
        )
    )
    table = layers.table
    # Nobody reads the stamps of other rows: kept, they would cost memory.
    stamps = {
        f"raw_{name}": ibis.ifelse(odd, table[name], ibis.null(table[name].type()))
        for name in _STAMPS
        if name in rows.columns
    }
    return Read(
        rows=table.select(
            *(name for name in ("source", "line") if name in rows.columns),
            *texts,
            **lines_of(rows, odd),
            happened_at=at,
            recorded_at=recorded_at,
            odd=odd,
            **stamps,
        ),
        header=COLUMNS,
        cells=("deal", "stamp", "kind", "name", "value", "actor", "recorded", "event_id", "attrs"),
        events=lambda table: table.select(*EVENT[:-1], part=ibis.literal(0, "int64")),
        compiled=lambda source, problem: compile_own(
            COLUMNS, zone=zone, source=source, problem=problem
        ),
        texts=lambda odd: _with_stamps(odd, zone, backend),
    )


def _is_instant(column: Expr) -> bool:
    return bool(column.type().is_timestamp() or column.type().is_date())


def _instant_of(layers: Growing, name: str, zone: Zone, backend: str) -> Expr:
    column = layers.table[name]
    if _is_instant(column):
        return at_column(column, backend, zone, layers.keep)
    return at_text(layers.keep(as_text(column, backend)), backend, zone, layers.keep)


def _with_stamps(rows: Table, zone: Zone, backend: str) -> Table:
    """The rows with the texts of their instants."""
    layers = growing(rows, backend)
    found = {"stamp": ibis.literal(""), "recorded": ibis.literal("")}
    for cell, name in zip(found, _STAMPS, strict=True):
        if f"raw_{name}" not in rows.columns:
            continue
        column = layers.table[f"raw_{name}"]
        if _is_instant(column):
            at = layers.keep(at_column(column, backend, zone, layers.keep))
            outside = column.cast("string").fill_null("")
            found[cell] = layers.keep(shown(at, layers.keep).fill_null(outside))
        else:
            found[cell] = layers.keep(as_text(column, backend))
    return layers.table.mutate(**found)


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
    # In no order of texts has a blank one its place between these; few are left for the search.
    suspect = (text < "0") | (text > "~")
    return ibis.ifelse(suspect, text.re_search(f"^[{SPACE}]*$"), False)
