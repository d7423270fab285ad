"""Which keys of a mapping make more of a row than its cells, or more of a deal than its rows.

Without them a mapping is flat: each row of a table is read by its cells alone, in whatever way is
the fastest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.history.patterns import is_pattern

__all__ = ["shapes_of"]

_OF_TABLES = ("each", "columns")
_OF_ROWS = ("each", "changes", "was", "status")
_OF_VALUES = ("lookup", "row")
_OF_CELLS = ("after", "id")


def shapes_of(data: dict[str, Any]) -> list[str]:
    """Returns what a mapping without mistakes uses, each word once, in their order."""
    return list(dict.fromkeys(_shapes(data)))


def _shapes(data: dict[str, Any]) -> Iterator[str]:
    yield from (key for key in ("lookups", "same_deal") if key in data)
    seen: set[frozenset[str]] = set()
    for table in data["tables"]:
        files = table.get("files", ())
        files = frozenset(map(str.lower, [files] if isinstance(files, str) else files))
        if files and files in seen:
            yield "files"
        seen.add(files)
        yield from (key for key in _OF_TABLES if key in table)
        if "stage" in table.get("start", {}):
            yield "start"
        for row in table.get("rows", ()):
            yield from (key for key in _OF_ROWS if row.get(key))
            yield from _patterns(row.get("where", {}))
        yield from _patterns(table.get("where", {}))
        yield from _of_values(table)


def _of_values(data: Any) -> Iterator[str]:
    if isinstance(data, list):
        for item in data:
            yield from _of_values(item)
    if isinstance(data, dict):
        yield from (key for key in _OF_VALUES if key in data)
        if "column" in data or "columns" in data:
            yield from (key for key in _OF_CELLS if key in data)
        names = data.get("names")
        if isinstance(names, dict) and any(map(is_pattern, names)):
            yield "names"
        for value in data.values():
            yield from _of_values(value)


def _patterns(where: dict[str, Any]) -> Iterator[str]:
    for test in where.values():
        texts = test.get("not", ()) if isinstance(test, dict) else test
        if any(map(is_pattern, [texts] if isinstance(texts, str) else texts)):
            yield "where"
