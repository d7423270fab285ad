"""The schema door: one mistake for each error, with place, own words and a hint."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playgate.documents import schema
from playgate.documents.document import Route
from playgate.documents.schema import check_schema, load_schema
from playgate.documents.yaml12 import parse

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id", "kind"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string"},
        "kind": {"enum": ["big", "small"]},
        "count": {"type": "integer", "minimum": 1},
        "on": {"type": "boolean"},
        "names": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string"}},
        "either": {"type": ["string", "array"]},
        "size": {
            "title": "a size",
            "type": "object",
            "maxProperties": 2,
            "propertyNames": {"pattern": "^[a-z]+$", "errorMessage": "must be in small letters"},
        },
        "part": {
            "title": "a part",
            "type": "object",
            "additionalProperties": False,
            "properties": {"do": {}, "times": {}},
            "errorHints": {"activity": 'did you mean "do"?'},
            "required": ["do"],
        },
        "own": {"type": "string", "errorMessage": "must be so | write so", "errorRule": "so"},
        "head": {"type": "string", "errorMessage": "must be so", "errorKeys": ["field", "stage"]},
    },
}
GOOD = {"id": "a", "kind": "big"}


@pytest.fixture(autouse=True)
def _use_this_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    schema._validator.cache_clear()
    monkeypatch.setattr(schema, "load_schema", lambda name: SCHEMA)


@pytest.fixture(autouse=True, scope="module")
def _forget_it() -> Any:
    yield
    schema._validator.cache_clear()


def check(data: object) -> tuple[list[tuple[str, str, str]], frozenset[Route]]:
    document, _ = parse(json.dumps(data).encode(), "f.yaml")
    assert document is not None
    mistakes, damaged = check_schema(document, "test")
    return [(each.message, each.rule, each.hint) for each in mistakes], damaged


def test_nothing_is_wrong_with_what_fits() -> None:
    assert check({**GOOD, "count": 2, "names": ["a", "b"]}) == ([], frozenset())


@pytest.mark.parametrize(
    ("more", "message", "rule", "hint"),
    [
        ({"id": 5}, '"id" must be text, not 5', "wrong-type", 'put it in quotes: "5"'),
        ({"id": True}, '"id" must be text, not true', "wrong-type", 'put it in quotes: "true"'),
        (
            {"id": None},
            '"id" must be text, not an empty value',
            "wrong-type",
            "fill it in, or leave the key out",
        ),
        ({"id": {}}, '"id" must be text, not an empty mapping', "wrong-type", ""),
        ({"id": [1]}, '"id" must be text, not a list', "wrong-type", ""),
        ({"kind": "bigg"}, '"kind" cannot be "bigg"', "unknown-value", 'did you mean "big"?'),
        ({"kind": 7}, '"kind" cannot be 7', "unknown-value", "known: big, small"),
        ({"count": 1.0}, '"count" must be a whole number, not 1.0', "wrong-type", ""),
        (
            {"count": "2"},
            '"count" must be a whole number, not "2"',
            "wrong-type",
            "write a number, without quotes",
        ),
        ({"count": 0}, '"count" must be at least 1, not 0', "out-of-range", ""),
        (
            {"on": "yes"},
            '"on" must be true or false, not "yes"',
            "wrong-type",
            "write true or false",
        ),
        (
            {"names": "a"},
            '"names" must be a list, not "a"',
            "wrong-type",
            "start each item on a line of its own with a dash",
        ),
        ({"names": []}, '"names" is empty', "empty", "fill it in, or leave it out"),
        (
            {"names": [1]},
            'an item of "names" must be text, not 1',
            "wrong-type",
            'put it in quotes: "1"',
        ),
        (
            {"names": ["a", "b", "a"]},
            '"a" stands twice in "names"',
            "duplicate-item",
            "leave one of them out",
        ),
        (
            {"either": 1},
            '"either" must be text or a list, not 1',
            "wrong-type",
            'put it in quotes: "1"',
        ),
        ({"size": {"A": 1}}, 'key "A" must be in small letters', "wrong-form", ""),
        (
            {"size": {"a": 1, "b": 2, "c": 3}},
            '"size" has more than 2 entries',
            "too-many-values",
            "let globs match several",
        ),
        (
            {"part": {"do": 1, "tims": 2}},
            'unknown key "tims" in a part',
            "unknown-key",
            'did you mean "times"?',
        ),
        (
            {"part": {"activity": 1}},
            'unknown key "activity" in a part',
            "unknown-key",
            'did you mean "do"?',
        ),
        ({"part": {}}, 'key "do" is missing in a part', "missing-key", ""),
        ({"kinds": 1}, 'unknown key "kinds"', "unknown-key", ""),
        ({"own": 5}, '"own" must be so, not 5', "so", "write so"),
        ({"head": 5}, '"head" must be so, not 5', "wrong-form", ""),
        (
            {"head": {"feild": 1}},
            'unknown key "feild" in "head"',
            "unknown-key",
            'did you mean "field"?',
        ),
        ({"head": {"colour": 1}}, '"head" must be so, not a mapping', "wrong-form", ""),
    ],
)
def test_what_it_says(more: dict[str, Any], message: str, rule: str, hint: str) -> None:
    (said,), _ = check({**GOOD, **more})
    assert said[:2] == (message, rule)
    if rule != "unknown-key" or hint:
        assert said[2] == hint


def test_each_missing_key_is_said_but_not_one_that_is_misspelt() -> None:
    said, _ = check({})
    assert {message for message, _, _ in said} == {'key "id" is missing', 'key "kind" is missing'}
    said, _ = check({"id": "a", "kinnd": "big"})
    assert said == [('unknown key "kinnd"', "unknown-key", 'did you mean "kind"?')]


def test_what_cannot_be_used_is_damaged() -> None:
    _, damaged = check({**GOOD, "count": "2", "names": ["a", 5], "colour": 1, "part": {}})
    assert damaged == {("count",), ("names", 1), ("colour",), ("part",)}


@pytest.mark.parametrize("name", ["playbook", "mapping"])
def test_what_schemas_say_of_their_own_is_used(name: str) -> None:
    known = {"errorMessage", "errorRule", "errorKeys", "errorHints", "errorHint", "errorWords"}

    def keywords(data: Any) -> set[str]:
        if isinstance(data, dict):
            inner = (each for key, each in data.items() if key != "errorWords")
            return set(data).union(*map(keywords, inner))
        return set().union(*map(keywords, data)) if isinstance(data, list) else set()

    assert {key for key in keywords(load_schema(name)) if key.startswith("error")} <= known
