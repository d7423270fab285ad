"""Files that DuckDB reads itself, as tables of their rows with their line numbers.

Readers of CSV differ in a hundred small things. So a file is taken only if every line of it is a
row of the strictest grammar, which all read alike; DuckDB checks that first, in parallel. Anything
else is a `CannotReadHereError`: our own reader takes such files as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from playgate.bulk.engine.connect import Connection
from playgate.bulk.errors import CannotReadHereError
from playgate.bulk.reading.json_lines import IS_COMPOSED, cells_of_json
from playgate.bulk.values.regular_expressions import SPACE
from playgate.errors import InputError
from playgate.history.deal_ids import DealIds
from playgate.history.delimited import Dialect, read_table, sniff, told_delimiter
from playgate.history.mapped import ProblemAt
from playgate.history.mapping import TableMap, sole_column
from playgate.history.ndjson import read_ndjson
from playgate.history.own_table import COLUMNS, REQUIRED
from playgate.history.read import check_header, warn_of_near_names
from playgate.history.row_ids import BEHIND_NAME, BETWEEN, DIGITS, GIVEN, ROW
from playgate.history.source import PARQUET, STDIN, Source, is_parquet, is_sheet, starts
from playgate.records import Record

__all__ = ["FileRows", "errors_of", "rows_of_file"]

_NDJSON = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
_GZIP = b"\x1f\x8b"
_LONGEST_LINE = 131_072
"""In bytes; `csv.reader` takes no longer cell where there are quotes."""
_LONGEST_JSON = 4_000_000
_NANOS = "TIMESTAMP_NS"
_LINES = (
    "SELECT l FROM read_csv({path}, columns={{'l': 'VARCHAR'}}, auto_detect=false, delim='', "
    "quote='', escape='', header=false, max_line_size={longest}, compression={packed})"
)
_CELLS = (
    "SELECT {cells} FROM read_csv({path}, columns={columns}, auto_detect=false, header=false, "
    "skip=1, delim={delimiter}, quote={quote}, escape={quote}, strict_mode=true, "
    "max_line_size={longest}, compression={packed})"
)


class FileRows(Record):
    """A query gives the rows of a file."""

    query: str
    """What selects them, with columns cell_0, cell_1, …; in the order of the file."""
    header: tuple[str, ...]
    """The names of these columns."""
    types: tuple[str, ...]
    """And their types, as DuckDB writes them."""
    first: int = 0
    """The line of the first row, where `query` gives no `line`; each row is one line."""
    is_json: bool = False
    has_ids: bool = False
    """Whether there is a column `row_ids.GIVEN`, with ids for rows that may bring none."""

    @property
    def numbered(self) -> bool:
        """Says whether the rows have `line`."""
        return self.first == 0


def rows_of_file(
    connection: Connection,
    path: str,
    table: TableMap | None,
    problem: ProblemAt,
    *,
    stable_ids: bool = True,
) -> FileRows:
    """Finds the rows of a file, with the columns that the mapping reads, else a history's own.

    Raises `InputError` where nobody could read it, `CannotReadHereError` where only DuckDB cannot.
    """
    if path == STDIN:
        raise CannotReadHereError("standard input can be read only once")
    if is_sheet(path):
        raise CannotReadHereError(f"{path} is a spreadsheet")
    if is_parquet(path):
        return _parquet(connection, path, table, problem, stable_ids)
    with Source(path) as source:
        first = next(source.blocks(), "")
        head = source.head
    if path.lower().endswith(_NDJSON) or first.lstrip()[:1] == "{":
        return _ndjson(path, first, table)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"<log", b"<!", b"[")):
        raise CannotReadHereError(f"{path} is no table")
    return _delimited(connection, path, first, table, problem, stable_ids)


@contextmanager
def errors_of(path: str) -> Iterator[None]:
    """Leaves what DuckDB stumbles over to our own reader, which reads no Parquet."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        reason = str(error).partition("\n")[0]
        if is_parquet(path):
            raise InputError(
                f"{path} cannot be read as Parquet: {reason}", code="wrong-file"
            ) from None
        raise CannotReadHereError(f"{path}: {reason}") from None


def _delimited(
    connection: Connection,
    path: str,
    first: str,
    table: TableMap | None,
    problem: ProblemAt,
    stable: bool,
) -> FileRows:
    needed = table.columns() if table else None
    if table is not None and table.keeps_identical:
        raise CannotReadHereError(f"{path}: identical rows, each of which is kept")
    dialect = sniff(first)
    if told_delimiter(first):
        raise CannotReadHereError(f"{path}: a line that tells the delimiter")
    if dialect.escape or dialect.skip_space:
        raise CannotReadHereError(f"{path}: quotes that are escaped, or spaces behind delimiters")
    header = read_table(path, iter((first,)), lambda *_: None).header
    if any("\n" in name or "\r" in name for name in header):
        raise CannotReadHereError(f"{path}: a line break in a column's name")
    for name in needed or ():
        if name not in header and name.partition(".")[0] in header:
            raise CannotReadHereError(f"{path}: a path into {name.partition('.')[0]}")
    check_header(path, header, needed)
    if needed is None:
        warn_of_near_names(header, problem)
    deals = ("deal",) if table is None else table.deal.columns
    lines = _LINES.format(path=_path(path), longest=_LONGEST_LINE, packed=_packed(path))
    query = f"SELECT count(*), count_if({_is_row(dialect, header, deals)}) FROM ({lines})"  # noqa: S608
    count, good = connection.raw_sql(query).fetchone()
    if count != good:
        raise CannotReadHereError(
            f"{path}: a line that is no plain row of {len(header)} cells, or not wholly"
        )
    names = _of_those(header, needed)
    own = _own_ids({name: f"x{place}" for place, name in enumerate(header)}, table, stable)
    return FileRows(
        _CELLS.format(
            path=_path(path),
            longest=_LONGEST_LINE,
            packed=_packed(path),
            cells=", ".join(
                f"coalesce(x{header.index(name)}, '') AS cell_{place}"
                for place, name in enumerate(names)
            )
            + own,
            columns="{" + ", ".join(f"'x{place}': 'VARCHAR'" for place in range(len(header))) + "}",
            delimiter=_text(dialect.delimiter),
            quote=_text(dialect.quote),
        ),
        names,
        _texts(names),
        first=2,
        has_ids=bool(own),
    )


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


def _texts(names: Sequence[str]) -> tuple[str, ...]:
    return ("VARCHAR",) * len(names)


def _of_those(header: Sequence[str], needed: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(name for name in (COLUMNS if needed is None else needed) if name in header)


def _is_row(dialect: Dialect, header: Sequence[str], deals: Sequence[str]) -> str:
    """Writes the test whether line `l` is a row that can be read in one way only, and whose
    texts are in Unicode's form C; no white space stands around the ids of `deals`."""
    delimiter, quote = re.escape(dialect.delimiter), dialect.quote
    bare, inside = f"[^{delimiter}{quote}\\r\\x00]", f"([^{quote}\\r\\x00]|{quote}{quote})"
    cell = f"({bare}*|{quote}{inside}*{quote})"
    edge = f"[^{delimiter}{quote}\\x00{SPACE}]"
    deal = f"([{SPACE}]*|{edge}({bare}*{edge})?|{quote}({edge}({inside}*{edge})?)?{quote})"
    row = delimiter.join(deal if name in deals else cell for name in header)
    return f"regexp_full_match(l, {_text(row)}) AND {IS_COMPOSED}"


def _ndjson(path: str, first: str, table: TableMap | None) -> FileRows:
    columns = COLUMNS if table is None else tuple(table.columns())
    if any(set(name) & set('"\\') for name in columns):
        raise CannotReadHereError(f"{path}: a quote in a column's name")
    if "\r" in first.replace("\r\n", ""):
        raise CannotReadHereError(f"{path}: lines that end in another way")
    if any("." in name for name in columns):
        raise CannotReadHereError(f"{path}: a path into objects")
    if table is not None and not all(rule.event_id for rule in table.rows):
        raise CannotReadHereError(f"{path}: objects without an id")
    required = REQUIRED if table is None else sole_column(table)
    batches = read_ndjson(path, iter((first,)), columns, required, lambda *_: None)
    if not any(rows for _, rows in batches):
        raise CannotReadHereError(f"{path} does not begin with objects")
    lines = _LINES.format(path=_path(path), longest=_LONGEST_JSON, packed=_packed(path))
    query = cells_of_json(lines, columns, attrs=table is None)
    return FileRows(query, columns, _texts(columns), first=1, is_json=True)


def _parquet(
    connection: Connection, path: str, table: TableMap | None, problem: ProblemAt, stable: bool
) -> FileRows:
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
    own = _own_ids({name: f"{_column(name)}::VARCHAR" for name in types}, table, stable)
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


def _packed(path: str) -> str:
    return "'gzip'" if starts(path)[:2] == _GZIP else "'none'"


def _path(path: str) -> str:
    """Writes the path as a text of SQL; what DuckDB would take for a pattern stands for itself."""
    return _text(re.sub(r"([*?\[])", r"[\1]", path))


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
