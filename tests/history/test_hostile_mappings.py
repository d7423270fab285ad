"""Whatever stands anywhere in a mapping: its mistakes are told, and nothing breaks."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from playgate.documents.shipped import shipped
from playgate.history.mapping import parse_mapping

NAMES = ("zoho/zoho", "hubspot/hubspot", "dynamics/dynamics", "pipedrive/pipedrive-changes")
FILES = [shipped("playbooks") / "crm" / f"{name}.mapping.yaml" for name in NAMES]
MAPPINGS = [yaml.safe_load(path.read_text()) for path in FILES]
SCHEMA = json.loads((shipped("schemas") / "mapping.schema.json").read_text())
KEYS = st.sampled_from(
    sorted({key for each in SCHEMA["$defs"].values() for key in each.get("properties", ())})
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 1) | st.sampled_from(["", ".", "*", "%", "won"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=4,
)


def routes(data: Any, route: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield route
    if isinstance(data, dict | list):
        for place, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from routes(value, (*route, place))


@st.composite
def mappings(draw: st.DrawFn) -> bytes:
    data = copy.deepcopy(draw(st.sampled_from(MAPPINGS)))
    for _ in range(draw(st.integers(1, 3))):
        *outer, last = draw(st.sampled_from([each for each in routes(data) if each]))
        part = data
        for place in outer:
            part = part[place]
        part[last] = draw(VALUES)
        if isinstance(part, dict):
            part[draw(KEYS)] = draw(VALUES)
    return json.dumps(data).encode()


@given(content=mappings())
def test_mistakes_are_told_with_their_places(content):
    mapping, mistakes = parse_mapping(content, "m.yaml")
    assert (mapping is None) == any(each.level == "error" for each in mistakes)
    for each in mistakes:
        assert each.message, each
        assert each.rule, each
        assert each.place.line >= 1, each


@given(files=VALUES, won=VALUES, lost=VALUES)
def test_what_names_a_table_and_what_closes_a_deal(files, won, lost):
    status = {"column": "s", "won": won, "lost": lost}
    rows = [{"kind": "stage", "status": status, "happened_at": "at"}]
    table = {"files": files, "deal": "d", "event_id": "e", "rows": rows}
    content = json.dumps({"mapping": "m", "version": 1, "tables": [table]}).encode()
    mapping, mistakes = parse_mapping(content, "m.yaml")
    assert (mapping is None) == any(each.level == "error" for each in mistakes)


def test_a_path_has_only_so_many_steps():
    row = {"kind": "stage", "name": "s", "happened_at": "at", "event_id": "e", "each": "a." * 4000}
    tables = [{"deal": "d", "rows": [row]}]
    content = json.dumps({"mapping": "m", "version": 1, "tables": tables}).encode()
    _, mistakes = parse_mapping(content, "m.yaml")
    assert [(each.rule, each.message) for each in mistakes] == [
        ("bad-path", "a path of 4001 steps")
    ]
