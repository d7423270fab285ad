"""Lines of JSON that DuckDB parts into cells; lines of which it is not sure stay lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playgate.bulk.reading.read_rows import LINE, SURE, ReadRows
from playgate.history.delimited import Columnar, by_column
from playgate.history.mapped import Columns, ProblemAt
from playgate.history.ndjson import read_ndjson
from playgate.records import replace

__all__ = ["IS_COMPOSED", "cells_of_json", "rows_of_lines"]

IS_COMPOSED = "(strlen(l) = length(l) OR nfc_normalize(l) = l)"
"""Whether a line is in Unicode's form C; one as long in bytes as in signs is ASCII."""
_AS_IT_STANDS = "'true|false|0|-?[1-9][0-9]{0,17}'"
_STRANGE = r"'[\\\x00-\x1f]'"  # where there is no escape, texts stand as they are


def cells_of_json(lines: str, names: Sequence[str], *, attrs: bool) -> str:
    """Writes the query that gives each line's cells, named cell_0, cell_1, …, all texts.

    With `attrs`, the column of that name may hold an object. A line is not sure either where it has
    no id and other keys, which then tell it apart.
    """
    paths = ", ".join(f"'$.\"{name.replace(chr(39), chr(39) * 2)}\"'" for name in names)
    cells, tests = (
        [],
        [
            f"NOT regexp_matches(l, {_STRANGE})",
            IS_COMPOSED,
            "json_type(j) = 'OBJECT'",
            "len(json_keys(j)) = len(list_distinct(json_keys(j)))",
        ],
    )
    for place, name in enumerate(names, start=1):
        is_object = f" OR e[{place}][1] = '{{'" if attrs and name == "attrs" else ""
        cells.append(
            f"CASE WHEN e[{place}] IS NULL OR e[{place}] = 'null' THEN '' "
            f"WHEN e[{place}][1] = '\"' THEN e[{place}][2:-2] "
            f"ELSE e[{place}] END AS cell_{place - 1}"
        )
        tests.append(
            f"(e[{place}] IS NULL OR e[{place}] = 'null' OR e[{place}][1] = '\"' "
            f"OR regexp_full_match(e[{place}], {_AS_IT_STANDS}){is_object})"
        )
    if attrs:
        known = ", ".join(f"'{name}'" for name in names)
        tests.append(
            f"(trim(coalesce(e[{names.index('event_id') + 1}], '')) NOT IN ('', 'null', '\"\"')"
            f" OR len(list_filter(json_keys(j), lambda k: k NOT IN ({known}))) = 0)"
        )
    sure = f"coalesce({' AND '.join(tests)}, false)"
    return (
        f"SELECT {', '.join(cells)}, {sure} AS {SURE}, l AS {LINE} "  # noqa: S608
        f"FROM (SELECT l, j, json_extract(j, [{paths}])::VARCHAR[] AS e "
        f"FROM (SELECT coalesce(l, '') AS l, TRY_CAST(l AS JSON) AS j FROM ({lines})))"
    )


def rows_of_lines(read: ReadRows, path: str) -> ReadRows:
    """Lets our own code read whole lines, where the rows come from `cells_of_json`."""

    def compiled(
        source: int, problem: ProblemAt, _: tuple[str, ...]
    ) -> Callable[[Columnar], list[Columns]]:
        lines: Sequence[int] = ()

        def tell(line: int, reason: str, hint: str) -> None:
            problem(lines[line - 1], reason, hint)

        last = (read.in_lines,) if read.in_lines else ()
        header = (*read.header, *last)
        run = read.compiled(source, problem, last)

        def events(batch: Columnar) -> list[Columns]:
            nonlocal lines
            lines = batch.lines
            block = "".join(line.rstrip("\r\n") + "\n" for line in batch.columns[0])
            found: list[Columns] = []
            for places, rows in read_ndjson(path, iter((block,)), header, (), tell):
                own = [lines[place - 1] for place in places]
                found += run(by_column((own, rows), len(header)))
            return found

        return events

    return replace(read, cells=(LINE,), compiled=compiled)
