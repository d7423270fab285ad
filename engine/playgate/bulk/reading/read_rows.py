"""Rows that expressions have read, and those among them that are left to our own code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

import ibis

from playgate.bulk.values.expressions import Expr, Table
from playgate.bulk.values.instants import at_column, shown
from playgate.bulk.values.regular_expressions import SPACE
from playgate.errors import InputError
from playgate.history.delimited import Columnar
from playgate.history.mapped import Columns, ProblemAt
from playgate.records import Record

__all__ = ["ReadRows", "as_text", "is_blank_text"]


class ReadRows(Record):
    """Expressions have read these rows, and leave the odd ones among them to our own code.

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
    compiled: Callable[[int, ProblemAt, tuple[str, ...]], Callable[[Columnar], list[Columns]]]
    """Our own code for odd rows, given their source, whom to tell of problems, and what the last
    cell holds that stands behind those below `header` (`row_ids`), if there is one."""
    texts: Callable[[Table], Table] = lambda rows: rows
    """Gives odd rows the cells that are not there yet: few rows need them."""
    first_part: int = 0
    """The number of the first event of an odd row among those of the row."""


def as_text(column: Expr, backend: str) -> Expr:
    """Shows a column as a file would; NULL is empty.

    Raises `InputError` for what has no text that is the same everywhere, such as a list.
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
            code="wrong-file",
        )
    return text.fill_null("")


def is_blank_text(text: Expr) -> Expr:
    """Says whether the text is empty or white space."""
    # In no order of texts has a blank one its place between these; few are left for the search.
    suspect = (text < "0") | (text > "~")
    return ibis.ifelse(suspect, text.re_search(f"^[{SPACE}]*$"), False)
