"""What is wrong with a mapping beyond its schema; tolerant of what the schema already found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from playgate.conditions.instants import load_zone
from playgate.documents.document import Document, Route
from playgate.errors import Mistake
from playgate.history.shapes_check import check_shapes
from playgate.history.value_check import check_currencies, check_time

__all__ = ["check_mapping", "table_name"]

_VALUES = ("deal", "happened_at", "recorded_at", "actor", "event_id", "name", "value", "was")
_SOURCES = ("column", "columns", "text", "row")
_FORMS = ("format", "date", "number", "currency")
_INSTANTS = ("happened_at", "recorded_at")
_TAKES = {
    "format": ("value", "was", "start", "attrs", "columns", *_INSTANTS),
    "date": ("value", "was", "start", "attrs", "columns"),
    "number": ("value", "was", "start", "attrs", "columns"),
    "currency": ("value", "was", "start", "attrs", "columns"),
    "only": ("name", "value", "was", "start", "attrs", "columns"),
    "names": ("deal", "actor", "event_id", "name", "value", "was", "start", "attrs", "columns"),
    "split": ("attrs",),
    "after": ("deal", "actor", "event_id", "name", "value", "was", "start", "attrs", "columns"),
    "id": ("deal", "actor", "event_id", "value", "was", "start", "attrs", "columns"),
    "lookup": ("deal", "actor", "name", "value", "was", "start", "attrs", "columns"),
    "row": ("event_id", "value", "attrs", "columns"),
}
_ENDINGS = re.compile(r"(\.(csv|tsv|txt|json|ndjson|jsonl|parquet|xes))?(\.gz)?$")
_FOLDERS = re.compile(r"[/\\]")
_WORDS = re.compile(r"[a-z0-9_]+")


def check_mapping(document: Document) -> list[Mistake]:
    """Returns the mistakes of the whole, in any order."""
    if not isinstance(document.data, dict):
        return []
    return [
        *_check_zone(document),
        *_check_files(document),
        *_check_tables(document),
        *check_shapes(document),
    ]


def _check_zone(document: Document) -> Iterator[Mistake]:
    zone = document.data.get("timezone")
    if isinstance(zone, str) and load_zone(zone) is None:
        yield Mistake(
            document.place(("timezone",)),
            f'there is no time zone "{zone}"',
            "unknown-timezone",
            "write an IANA name, such as Europe/Paris",
        )


def _check_files(document: Document) -> Iterator[Mistake]:
    """Yields the patterns of files that have folders in them, and so fit no name."""
    for route, data in _of_files(document.data):
        files = data.get("files")
        for place, pattern in enumerate(files if isinstance(files, list) else [files]):
            if isinstance(pattern, str) and _FOLDERS.search(pattern):
                at = (*route, "files", place) if isinstance(files, list) else (*route, "files")
                yield Mistake(
                    document.place(at),
                    f'"{pattern}" fits no file: a file is known by its name, without its folders',
                    "files-folder",
                    f'write "{_FOLDERS.split(pattern)[-1] or "*"}"',
                )


def _of_files(data: dict[str, Any]) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yields the parts of a mapping that say which files they read, each with its route."""
    tables, lookups = data.get("tables"), data.get("lookups")
    parts: list[tuple[Route, Any]] = [(("same_deal",), data.get("same_deal"))]
    parts += (
        [(("tables", place), each) for place, each in enumerate(tables)]
        if isinstance(tables, list)
        else []
    )
    parts += (
        [(("lookups", name), each) for name, each in lookups.items()]
        if isinstance(lookups, dict)
        else []
    )
    yield from ((route, each) for route, each in parts if isinstance(each, dict))


def _check_tables(document: Document) -> Iterator[Mistake]:
    tables = document.data.get("tables")
    yield from _check_names(document, tables if isinstance(tables, list) else [])
    catches_all: Route | None = None
    for index, table in enumerate(tables if isinstance(tables, list) else ()):
        if not isinstance(table, dict):
            continue
        route: Route = ("tables", index)
        if catches_all is not None:
            yield Mistake(
                document.place(route),
                "no file comes to this table: the one before reads any",
                "table-never-used",
                "put the table without `files` last",
                related=document.place(catches_all),
            )
        if "files" not in table and catches_all is None:
            catches_all = route
        if "rows" not in table and "start" not in table:
            yield Mistake(
                document.place(route),
                "the table makes no events",
                "no-events",
                "say under `rows` which rows are stages, activities or fields",
            )
        yield from _check_table(document, route, table)


def table_name(table: dict[str, Any]) -> str:
    """Returns what tells the ids of a table from those of others: its name, else what its first
    pattern of files has in letters; empty for a table of any file."""
    named = table.get("table")
    files = table.get("files")
    if isinstance(named, str) or not files:
        return named if isinstance(named, str) else ""
    pattern = str(files[0] if isinstance(files, list) else files).lower()
    words = _WORDS.findall(_ENDINGS.sub("", pattern) or pattern)
    return "-".join(words)


def _check_names(document: Document, tables: list[Any]) -> Iterator[Mistake]:
    known: dict[str, Route] = {}
    for index, table in enumerate(tables):
        if not isinstance(table, dict):
            continue
        route: Route = ("tables", index)
        name = table_name(table)
        if name in known and "files" in table:
            yield Mistake(
                document.place(route),
                f'two tables are called "{name}", and their ids would be one another\'s',
                "table-name-taken",
                "give one a name with `table`",
                related=document.place(known[name]),
            )
        known.setdefault(name, route)


def _check_ids(document: Document, route: Route, table: dict[str, Any]) -> Iterator[Mistake]:
    """Warns of events without an id, which are known by their whole rows alone."""
    rows = table.get("rows")
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    if "identical" in table and "event_id" in table:
        yield Mistake(
            document.key_place((*route, "identical")),
            "`identical` is for rows without an id, and this table has `event_id`",
            "identical-with-id",
            "leave out one of them",
        )
    if "identical" in table or not rows:
        return
    given = "event_id" in table
    if any("event_id" not in row and not (given and "each" not in row) for row in rows):
        yield Mistake(
            document.place(route),
            "the table has no id: rows that are the same in every column are one event"
            if not given
            else "items of `each` do not have the table's id: the same items are one event",
            "no-event-id",
            "name the column of its ids under `event_id`, or say `identical: keep`"
            if not given
            else "name the id of an item under the `event_id` of its entry",
            level="warning",
        )


def _check_table(document: Document, route: Route, table: dict[str, Any]) -> Iterator[Mistake]:
    yield from _check_ids(document, route, table)
    yield from check_currencies(document, route, table)
    yield from _check_values(document, route, table)
    for key in ("start", "columns"):
        values = table.get(key)
        for name, value in values.items() if isinstance(values, dict) else ():
            yield from _check_value(document, (*route, key, name), value, key)
    rows = table.get("rows")
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        if not isinstance(row, dict):
            continue
        row_route: Route = (*route, "rows", index)
        yield from _check_values(document, row_route, row)
        if "happened_at" not in table and "happened_at" not in row:
            yield Mistake(
                document.place(row_route),
                "nothing says when these events happened",
                "missing-key",
                "name a column under `happened_at`, here or for the table",
            )


def _check_values(document: Document, route: Route, data: dict[str, Any]) -> Iterator[Mistake]:
    for key in _VALUES:
        if key in data:
            yield from _check_value(document, (*route, key), data[key], key)
    attrs = data.get("attrs")
    for name, value in attrs.items() if isinstance(attrs, dict) else ():
        yield from _check_value(document, (*route, "attrs", name), value, "attrs")


def _check_value(document: Document, route: Route, value: Any, role: str) -> Iterator[Mistake]:
    if not isinstance(value, dict):
        return
    place = document.place(route)
    sources = [key for key in _SOURCES if key in value]
    if len(sources) != 1:
        found = " and ".join(sources)
        yield Mistake(
            place,
            f"a value names one of column, columns, text and row{found and f', not {found}'}",
            "value-source",
        )
    alone = () if {"column", "columns"} & value.keys() else ("lookup", "after", "id")
    for key in (each for each in alone if each in value):
        yield Mistake(
            document.key_place((*route, key)),
            f"`{key}` needs the column of its key",
            "lookup-alone",
            "name it under `column`",
        )
    if "only" in value and "names" not in value:
        yield Mistake(
            document.key_place((*route, "only")),
            "`only` stands without `names`",
            "only-alone",
            "list under `names` what is to be kept",
        )
    if value.get("split") == "":
        yield Mistake(document.place((*route, "split")), "`split` needs a text", "empty")
    forms = [key for key in _FORMS if key in value]
    if len(forms) > 1 or (forms and "split" in value):
        yield Mistake(
            place,
            "a value takes only one of format, date, number, currency and split",
            "value-form",
        )
    for key in value:
        if key in _TAKES and role not in _TAKES[key]:
            yield Mistake(
                document.key_place((*route, key)),
                f"`{key}` does not stand under `{role}`",
                "value-misplaced",
                'an instant is read by `format`, such as "%d.%m.%Y %H:%M"'
                if role in _INSTANTS
                else f"it stands under {', '.join(f'`{each}`' for each in _TAKES[key])}",
            )
    yield from _check_forms(document, route, value)


def _check_forms(document: Document, route: Route, value: dict[str, Any]) -> Iterator[Mistake]:
    for key in ("format", "date"):
        yield from check_time(document, (*route, key), value.get(key))
    number = value.get("number")
    if isinstance(number, dict) and number.get("decimal", ".") == number.get("thousands"):
        yield Mistake(
            document.place((*route, "number")),
            "decimals and thousands have the same mark",
            "bad-format",
        )
