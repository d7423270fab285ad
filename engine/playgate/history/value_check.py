"""What is wrong with how a mapping says that times and amounts are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.documents.document import Document, Route
from playgate.errors import Mistake
from playgate.history.number_forms import different
from playgate.history.time_forms import clashing, fault_of, said

__all__ = ["check_currencies", "check_time"]


def check_time(document: Document, route: Route, told: Any) -> Iterator[Mistake]:
    """Yields the mistakes in the forms of a time: one, or a list of them."""
    forms = told if isinstance(told, list) else [told]
    right: list[str] = []
    for place, form in enumerate(forms):
        if not isinstance(form, str):
            continue
        at: Route = (*route, place) if isinstance(told, list) else route
        if (fault := fault_of(form)) is not None:
            yield Mistake(document.place(at), fault[0], "bad-format", fault[1])
        else:
            right.append(form)
    for later, earlier, text in clashing(right):
        yield Mistake(
            document.place(route),
            f'{said([later])} writes "{text}", which {said([earlier])} before it reads as another'
            " day",
            "bad-format",
            "a column in both forms cannot be told apart: keep one of them",
        )


def check_currencies(document: Document, route: Route, table: dict[str, Any]) -> Iterator[Mistake]:
    """Warns of amounts in several currencies that become bare numbers."""
    values = list(_values(route, table))
    told = {column for _, value in values if "currency" in value for column in _columns(value)}
    for at, value in values:
        number = value.get("number")
        marks = number.get("currency") if isinstance(number, dict) else None
        marks = [mark for mark in marks if isinstance(mark, str)] if isinstance(marks, list) else []
        mixed = different(marks)
        if mixed is None or not told.isdisjoint(_columns(value)):
            continue
        yield Mistake(
            document.place((*at, "number", "currency")),
            f"amounts in {mixed[0]} and in {mixed[1]} become numbers that do not say which",
            "mixed-currencies",
            "read the currency into a field of its own: "
            f"value: {{column: …, currency: [{', '.join(marks)}]}}",
            level="warning",
        )


def _columns(value: dict[str, Any]) -> list[str]:
    columns = value.get("columns", [value.get("column")])
    return [column for column in columns if isinstance(column, str)]


def _values(route: Route, table: dict[str, Any]) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yields the values of a table in which amounts may stand, each with its route."""
    rows = table.get("rows")
    for place, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict):
            yield from _mappings((*route, "rows", place), {"value": row.get("value")})
            yield from _mappings((*route, "rows", place, "attrs"), row.get("attrs"))
    yield from _mappings((*route, "start"), table.get("start"))
    yield from _mappings((*route, "attrs"), table.get("attrs"))


def _mappings(route: Route, values: Any) -> Iterator[tuple[Route, dict[str, Any]]]:
    for name, value in values.items() if isinstance(values, dict) else ():
        if isinstance(value, dict):
            yield (*route, name), value
