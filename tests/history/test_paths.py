"""Paths: their steps, the part that a header must have, and where they may pass a list."""

from __future__ import annotations

import pytest

from playgate.history.paths import MISSING, at, cuts, head, is_path, steps_of

DEAL = {
    "id": 7,
    "open": True,
    "attributes": [
        {"name": "amount", "value": "9", "time": "1970-01-01T00:00:00.000Z"},
        {"name": "amount", "value": "12", "time": "2026-03-02T09:00:00Z"},
        {"name": "title", "value": "Two [new=old] boats"},
        "odd",
    ],
    "text": '[{"key": 3, "value": "three"}]',
    "a.b": "beats",
    "a": {"b": "loses"},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("attributes[name=title].value", ["Two [new=old] boats"]),
        ("attributes[name=amount].value", ["9", "12"]),
        ("attributes[name=amount][time=1970-01-01T00:00:00.000Z].value", ["9"]),
        ("attributes[name=amount].1.value", "12"),
        ("attributes[name=none].value", []),
        ("text[key=3].value", ["three"]),
        ("[id=7].open", True),
        ("[open=true].id", 7),
        ("[id=8].open", MISSING),
        ("id[x=y].z", MISSING),
        ("a.b", "beats"),
    ],
)
def test_what_a_path_leads_to(path: str, found: object) -> None:
    assert at(DEAL, path) == found


@pytest.mark.parametrize(
    ("path", "steps", "first"),
    [
        ("id", ("id",), "id"),
        ("properties.amount", ("properties", "amount"), "properties"),
        ("a[b=1.5][c=].d.0", ("a", ("b", "1.5"), ("c", ""), "d", "0"), "a"),
        ("x.a[b=c]", ("x", "a", ("b", "c")), "x"),
    ],
)
def test_the_steps_of_a_path(path: str, steps: tuple[object, ...], first: str) -> None:
    assert steps_of(path) == steps
    assert head(path) == first
    assert is_path(path) is (len(steps) > 1)


@pytest.mark.parametrize("column", ["Amount [EUR]", "[id]", "a=b", "x[y"])
def test_a_name_with_brackets_is_no_path(column: str) -> None:
    assert not is_path(column)
    assert head(column) == column


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("results", ()),
        ("results.stages", (("results", "stages"),)),
        ("log.0.rows", (("log.0", "rows"),)),
        ("objects[at=1.5].attributes", (("objects[at=1.5]", "attributes"),)),
        ("a.b.c", (("a", "b.c"), ("a.b", "c"))),
    ],
)
def test_where_a_path_may_pass_a_list(path: str, parts: tuple[tuple[str, str], ...]) -> None:
    assert cuts(path) == parts
