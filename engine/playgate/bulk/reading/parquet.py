"""Parquet files as tables of their rows with their line numbers: DuckDB reads these, whatever the
types of their columns.

All other files are read by our own reader (`playgate.history.read`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from playgate.bulk.engine.connect import Connection
from playgate.bulk.values.regular_expressions import SPACE
from playgate.errors import InputError
from playgate.history.deal_ids import DealIds
from playgate.history.mapped import ProblemAt
from playgate.history.mapping import TableMap
from playgate.history.own_table import COLUMNS
from playgate.history.read import check_header, warn_of_near_names
from playgate.history.row_ids import BEHIND_NAME, BETWEEN, DIGITS, GIVEN, ROW
from playgate.history.source import PARQUET, Source, starts
from playgate.records import Record

__all__ = ["FileRows", "damage_in", "errors_of", "rows_of_parquet"]

_NANOS = "TIMESTAMP_NS"


class FileRows(Record):
    """A query gives the rows of a file."""

    query: str
    """What selects them, with columns cell_0, cell_1, …, and their `line`."""
    header: tuple[str, ...]
    """The names of these columns."""
    types: tuple[str, ...]
    """And their types, as DuckDB writes them."""
    has_ids: bool = False
    """Whether there is a column `row_ids.GIVEN`, with ids for rows that may bring none."""


@contextmanager
def errors_of(path: str) -> Iterator[None]:
    """Says of what DuckDB stumbles over that it is no Parquet."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{path} cannot be read as Parquet: {reason}", code="wrong-file") from None


@contextmanager
def damage_in(paths: Sequence[str]) -> Iterator[None]:
    """Says of what DuckDB finds damaged, while it judges, that it is in one of these files."""
    if not paths:
        yield
        return
    import duckdb

    try:
        yield
    except (duckdb.InvalidInputException, duckdb.IOException) as error:
        with errors_of(" or ".join(paths)):
            raise error from None


def _own_ids(columns: Mapping[str, str], table: TableMap | None, stable: bool) -> str:
    """Writes one more column to select, with the ids of rows that bring none; nothing where all
    that tells rows apart is read anyway.

    `columns` says for each name what has its text in SQL.
    """
    texts = {name: columns[name] for name in sorted(columns)}
    given = ", ".join(
        f"CASE WHEN {text} <> '' THEN {_text(name + BEHIND_NAME)} || {text} END"
        for name, text in texts.items()
    )
    name = _text(table.name if table else "")
    told = f"concat_ws({_text(BETWEEN)}, {name}, {given})"
    made = f"sha256({told})[:{DIGITS}]" if stable else f"hash({told})::VARCHAR"
    own = f"{_text(ROW)} || {made}"
    if table is None:
        others = [text for name, text in texts.items() if name not in COLUMNS]
        if not others:
            return ""
        asked = " OR ".join(f"coalesce({text}, '') <> ''" for text in others)
        bare = _is_blank(texts["event_id"]) if "event_id" in texts else "true"
        asked = f"({asked}) AND {bare}"
    else:
        ids = [rule.event_id for rule in table.rows]
        asked = "true"
        if ids and all(ids):
            blank = (
                " AND ".join(_is_blank(texts[column]) for column in each.columns)
                for each in ids
                if each is not None and each.columns
            )
            asked = " OR ".join(f"({each})" for each in blank) or "false"
    return f", CASE WHEN {asked} THEN {own} ELSE '' END AS \"{GIVEN}\""


def _is_blank(text: str) -> str:
    return f"NOT regexp_matches(coalesce({text}, ''), {_text(f'[^{SPACE}]')})"


def _of_those(header: Sequence[str], needed: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(name for name in (COLUMNS if needed is None else needed) if name in header)


def rows_of_parquet(
    connection: Connection,
    path: str,
    table: TableMap | None,
    problem: ProblemAt,
    *,
    stable_ids: bool = True,
) -> FileRows:
    """Finds the rows of a file, with the columns that the mapping reads, else a history's own.

    Raises `InputError` where it cannot be read.
    """
    needed = table.columns() if table else None
    if starts(path) != PARQUET:
        if not Path(path).is_file():
            Source(path).__enter__()  # says why it cannot be opened
        raise InputError(f"{path} is not a Parquet file", hint="fetch it again", code="wrong-file")
    read = f"read_parquet({_path(path)}, binary_as_string=true, file_row_number=true)"
    described = connection.raw_sql(f"DESCRIBE FROM {read}").fetchall()
    types = {name: kind for name, kind, *_ in described if name != "file_row_number"}
    check_header(path, list(types), needed)
    if needed is None:
        warn_of_near_names(list(types), problem)
    names = _of_those(list(types), needed)
    fine = _nanoseconds(connection, read, [name for name in names if types[name] == _NANOS])
    cells = [_parquet_cell(name, "TIME" if name in fine else types[name]) for name in names]
    columns = ", ".join(f"{cell} AS cell_{place}" for place, (cell, _) in enumerate(cells))
    deals = ("deal",) if table is None else table.deal.columns
    if len(deals) == 1 and types[deals[0]] == "VARCHAR":
        _tell_joined(connection, read, deals[0], problem)
    own = _own_ids({name: f"{_column(name)}::VARCHAR" for name in types}, table, stable_ids)
    query = f"SELECT {columns}{own}, file_row_number + 1 AS line FROM {read}"  # noqa: S608
    if own and table is not None and table.keeps_identical:
        name = f'"{GIVEN}"'
        place = f"row_number() OVER (PARTITION BY {name} ORDER BY line)"
        query = (
            f"SELECT * REPLACE ({name} || CASE WHEN {place} > 1 THEN '~' || {place} ELSE '' END"  # noqa: S608
            f" AS {name}) FROM ({query})"
        )
    return FileRows(query, names, tuple(kind for _, kind in cells), has_ids=bool(own))


def _tell_joined(connection: Connection, read: str, deals: str, problem: ProblemAt) -> None:
    """Tells of deals whose ids are written in several ways, as `DealIds` does."""
    edge = _text(f"^[{SPACE}]+|[{SPACE}]+$")
    found = connection.raw_sql(
        f"SELECT written, line FROM (SELECT {_column(deals)} AS written, "  # noqa: S608
        f"regexp_replace(written, {edge}, '', 'g') AS deal, min(file_row_number) + 1 AS line "
        f"FROM {read} GROUP BY ALL) WHERE deal <> '' "
        "QUALIFY count(*) OVER (PARTITION BY deal) > 1 ORDER BY line"
    ).fetchall()
    joined = DealIds()
    for written, line in found:
        joined.of((line,), (written,), problem)


def _nanoseconds(connection: Connection, read: str, columns: Sequence[str]) -> frozenset[str]:
    """Returns those of the columns in which there is an instant between two microseconds."""
    if not columns:
        return frozenset()
    asked = ", ".join(f"bool_or(epoch_ns({_column(name)}) % 1000 <> 0)" for name in columns)
    found = connection.raw_sql(f"SELECT {asked} FROM {read}").fetchone()  # noqa: S608
    return frozenset(name for name, fine in zip(columns, found, strict=True) if fine)


def _column(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _parquet_cell(name: str, kind: str) -> tuple[str, str]:
    """Says how a column is to be read, and its type then."""
    column = _column(name)
    is_list = kind.endswith("]")
    if kind.startswith("STRUCT(") and not is_list:
        # What has no value in a struct is not there; JSON would say null.
        return f"json_merge_patch('{{}}', to_json({column}))::VARCHAR", "VARCHAR"
    if kind.startswith("MAP(") and not is_list:
        return f"to_json({column})::VARCHAR", "VARCHAR"
    if (kind.startswith("ENUM") and not is_list) or kind in ("JSON", "TIME"):
        return f"{column}::VARCHAR", "VARCHAR"
    if kind == _NANOS:  # a cast would round
        nanos = f"epoch_ns({column})"
        return f"make_timestamp(({nanos} - ({nanos} % 1000 + 1000) % 1000) // 1000)", "TIMESTAMP"
    if kind in ("TIMESTAMP_MS", "TIMESTAMP_S"):
        return f"{column}::TIMESTAMP", "TIMESTAMP"
    if kind == "VARCHAR":
        text = f"CASE WHEN strlen({column}) = length({column}) THEN {column} "
        return f"{text}ELSE nfc_normalize({column}) END", kind
    return column, kind


def _path(path: str) -> str:
    """Writes the path as a text of SQL; what DuckDB would take for a pattern stands for itself."""
    return _text(re.sub(r"([*?\[])", r"[\1]", path))


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
