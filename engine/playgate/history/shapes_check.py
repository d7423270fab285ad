"""What is wrong with the keys of a mapping that make more of a row than its cells; tolerant of what
the schema already found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.documents.document import Document, Route, nearest, resembles
from playgate.errors import Mistake
from playgate.history.paths import steps_of

__all__ = ["check_shapes"]

_PLAIN = ("column", "columns", "lookup", "split", "after", "id")
_MOST_STEPS = 40
_WORDS = ("won", "lost", "open")
_BESIDE_STATUS = ("name", "value", "was", "changes")


def check_shapes(document: Document) -> Iterator[Mistake]:
    """Yields the mistakes, in any order."""
    lookups = _dictionaries(document)
    yield from _check_lookups(document, lookups)
    asked: set[str] = set()
    for route, value in _values(document.data.get("tables"), ("tables",)):
        yield from _check_asked(document, (*route, "lookup"), value["lookup"], lookups)
        asked.add(str(value["lookup"]).partition(".")[0])
    for name in lookups:
        values = _values(document.data, ())
        if name not in asked | {str(value["lookup"]).partition(".")[0] for _, value in values}:
            yield Mistake(
                document.key_place(("lookups", name)),
                f"nothing is looked up in {name}",
                "lookup-unused",
                "say `lookup: " + name + "` on a value, or leave it out",
                level="warning",
            )
    for route, path in _lists(document.data, ()):
        steps = steps_of(path)
        if len(steps) > _MOST_STEPS:
            yield Mistake(
                document.place(route),
                f"a path of {len(steps)} steps",
                "bad-path",
                f"name the list by {_MOST_STEPS} steps at most",
            )
        elif not all(steps):
            yield Mistake(
                document.place(route),
                f'"{path}" is no path',
                "bad-path",
                "write the names on the way with a point between them: results.stages",
            )
    tables = document.data.get("tables")
    for index, table in enumerate(tables if isinstance(tables, list) else ()):
        rows = table.get("rows") if isinstance(table, dict) else None
        for place, row in enumerate(rows if isinstance(rows, list) else ()):
            if isinstance(row, dict):
                yield from _check_row(document, ("tables", index, "rows", place), row)


def _dictionaries(document: Document) -> dict[str, Any]:
    found = document.data.get("lookups")
    return found if isinstance(found, dict) else {}


def _check_lookups(document: Document, lookups: dict[str, Any]) -> Iterator[Mistake]:
    before: dict[str, Any] = {}
    for name, lookup in lookups.items():
        if "." in name:
            yield Mistake(
                document.key_place(("lookups", name)),
                f'"{name}" has a point, behind which a column would stand',
                "lookup-name",
                "leave the point out",
            )
        yield from _check_parts(document, ("lookups", name), lookup, ("key", "value"), before)
        before[name] = lookup
    same = document.data.get("same_deal")
    yield from _check_parts(document, ("same_deal",), same, ("from", "into"), lookups)
    if isinstance(same, dict) and "from" in same and same["from"] == same.get("into"):
        yield Mistake(
            document.place(("same_deal", "into")),
            "`from` and `into` are the same",
            "same-deal-itself",
            "name the column of the deal that is left",
        )


def _check_parts(
    document: Document, route: Route, lookup: Any, keys: tuple[str, ...], before: dict[str, Any]
) -> Iterator[Mistake]:
    for key in keys if isinstance(lookup, dict) else ():
        value = lookup.get(key)
        if not isinstance(value, dict):
            continue
        place: Route = (*route, key)
        if "lookup" in value:
            yield from _check_asked(document, (*place, "lookup"), value["lookup"], before)
        if value.get("split") == "":
            yield Mistake(document.place((*place, "split")), "`split` needs a text", "empty")
        for odd in value:
            if odd not in _PLAIN:
                yield Mistake(
                    document.key_place((*place, odd)),
                    f"`{odd}` does not stand under `{key}`",
                    "value-misplaced",
                    "a key is taken as it stands; translate it where it is looked up",
                )


def _check_asked(
    document: Document, route: Route, asked: Any, lookups: dict[str, Any]
) -> Iterator[Mistake]:
    """Checks that a lookup is there, and says which value it gives."""
    name, _, column = str(asked).partition(".")
    lookup = lookups.get(name)
    if lookup is None:
        known = _dictionaries(document)
        later = name in known
        yield Mistake(
            document.place(route),
            f'the lookup "{name}" comes later' if later else f'there is no lookup "{name}"',
            "unknown-lookup",
            "put it first" if later else nearest(name, known) or "list its files under `lookups`",
            related=document.key_place(("lookups", name)) if later else None,
        )
    elif not column and isinstance(lookup, dict) and "value" not in lookup:
        yield Mistake(
            document.place(route),
            f"{name} does not say which value it gives",
            "lookup-value",
            f"add `value` to it, or name a column here: {name}.COLUMN",
            related=document.key_place(("lookups", name)),
        )


def _values(data: Any, route: Route) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yields every value that is looked up, with its route."""
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _values(item, (*route, index))
    elif isinstance(data, dict):
        if isinstance(data.get("lookup"), str):
            yield route, data
        for key, value in data.items():
            yield from _values(value, (*route, key))


def _lists(data: Any, route: Route) -> Iterator[tuple[Route, str]]:
    """Yields every path to a list, with its route."""
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _lists(item, (*route, index))
    elif isinstance(data, dict):
        for key, value in data.items():
            if key == "each" and isinstance(value, str) and value:
                yield (*route, key), value
            elif key not in ("where", "names", "start"):
                yield from _lists(value, (*route, key))


def _check_row(document: Document, route: Route, row: dict[str, Any]) -> Iterator[Mistake]:
    kind = row.get("kind")
    if "status" in row:
        yield from _check_status(document, route, row)
    elif "name" not in row and not any(resembles(key, ("name",)) for key in row):
        yield Mistake(
            document.place(route),
            '"name" is missing',
            "missing-key",
            "say which stage, activity, field or rule it is",
        )
    if "was" in row and kind not in ("stage", "field"):
        yield Mistake(
            document.key_place((*route, "was")),
            f"`was` does not stand beside `kind: {kind}`",
            "was-misplaced",
            "a stage or a field has a value before",
        )
    if kind == "field" and not {"value", "changes", "status"} & row.keys():
        yield Mistake(
            document.place(route),
            "this field has no `value`: each such row empties it",
            "field-emptied",
            'name the column of the value; where emptied is meant, say so: value: {text: ""}',
            level="warning",
        )
    if row.get("changes") is True and kind != "stage" and "value" not in row:
        yield Mistake(
            document.key_place((*route, "changes")),
            "`changes` needs a `value`, which may differ from the last",
            "changes-nothing",
            "name the column of the value",
        )


def _check_status(document: Document, route: Route, row: dict[str, Any]) -> Iterator[Mistake]:
    place = document.key_place((*route, "status"))
    if row.get("kind") != "stage":
        yield Mistake(
            place, "`status` stands beside `kind: stage`", "status-misplaced", "write kind: stage"
        )
    for key in _BESIDE_STATUS:
        if key in row:
            yield Mistake(
                document.key_place((*route, key)),
                f"`{key}` does not stand beside `status`, which says the stage",
                "status-misplaced",
                "make it an entry of its own",
            )
    status = row["status"]
    if not isinstance(status, dict):
        return
    if ("column" in status) == ("columns" in status):
        yield Mistake(place, "a status names one of column and columns", "value-source")
    if not {"won", "lost"} & status.keys():
        yield Mistake(
            place,
            "the status closes no deal",
            "status-never-closes",
            "say under `won` and `lost` what the cell is then",
        )
    seen: dict[str, str] = {}
    for word in _WORDS:
        texts = status.get(word, [])
        for text in texts if isinstance(texts, list) else [texts]:
            if seen.setdefault(str(text), word) != word:
                yield Mistake(
                    document.place((*route, "status", word)),
                    f'"{text}" means both {seen[str(text)]} and {word}',
                    "status-twice",
                    "leave it out of one",
                )
