"""Counts what becomes of a file's rows, as `playgate.history.tally` does."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from playgate.bulk.engine.steps import Steps
from playgate.bulk.reading.read_rows import as_text
from playgate.bulk.values.expressions import Table
from playgate.history.mapping import TableMap
from playgate.history.row_tests import row_filter
from playgate.history.tally import Tally

__all__ = ["WHERE", "tally_of"]

WHERE = "where_"
"""What the columns begin with that say which entries a row fits."""
_MOST_REMEMBERED = 20_000


def tally_of(
    steps: Steps,
    table: TableMap,
    rows: Table,
    columns: Mapping[str, str],
    ruled: Table | None,
    events: Table,
    backend: str,
) -> Tally:
    """Returns the tally of a file: its `rows`, in which `columns` lie, those of them that are
    `ruled`, and its events."""
    tally = Tally(table)
    tally.rows = steps.rows(rows.aggregate(count=rows.count()))[0]["count"]
    tally.events = len(steps.rows(events.select("line").limit(1)))
    if ruled is not None:
        fits = {f"{WHERE}{place}": ruled[f"{WHERE}{place}"] for place in range(len(table.rows))}
        told = steps.rows(
            ruled.aggregate(passed=ruled.count(), **{name: fit.max() for name, fit in fits.items()})
        )[0]
        tally.passed = told["passed"]
        tally.fitted = {
            rule.line for place, rule in enumerate(table.rows) if told[f"{WHERE}{place}"]
        }

    @cache
    def seen(column: str) -> frozenset[str]:
        return _seen(steps, table, rows, columns, column, backend)

    tally.seen.append(seen)
    return tally


def _seen(
    steps: Steps,
    table: TableMap,
    rows: Table,
    columns: Mapping[str, str],
    column: str,
    backend: str,
) -> frozenset[str]:
    """Returns what stands in a column, of rows that fit the table's `where` if it is not there."""
    tested = [cells.column for cells in table.where]
    names = [*dict.fromkeys((column, *tested))]
    texts = {f"t{place}": as_text(rows[columns[name]], backend) for place, name in enumerate(names)}
    found = steps.rows(rows.select(**texts).distinct().limit(_MOST_REMEMBERED))
    cells = [[row[text] or "" for text in texts] for row in found]
    if column not in tested:
        fits = row_filter(table.where, {name: place for place, name in enumerate(names)})
        cells = [row for row in cells if fits(row)]
    return frozenset(row[0] for row in cells)
