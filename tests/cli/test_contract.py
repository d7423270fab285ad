"""The contract of requests: the gate's own reader says what JSON Schema says, LIVE what both do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from playgate.cli.live_commands import LIVE
from playgate.enforce.commands import COMMANDS, answer_of
from playgate.enforce.contract import KEYWORDS, check_request, load
from playgate.errors import InputError

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "request.schema.json").read_bytes())
VALIDATOR = Draft202012Validator(SCHEMA)
SHAPES = {each["$ref"].rpartition("/")[2]: each for each in SCHEMA["oneOf"]}
DEFS: dict[str, Any] = SCHEMA["$defs"]
KEYS = {name: form for name, form in DEFS.items() if name not in SHAPES}
WORDS_OF_ITS_OWN = {"$ref", "$id", "$schema", "$defs", "title", "description", "examples", "x-also"}


def accepts(request: object) -> bool:
    try:
        check_request(request)  # type: ignore[arg-type]
    except InputError:
        return False
    return True


# The schema itself


def test_the_schema_is_one_and_its_examples_fit() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert load() == SCHEMA
    for example in SCHEMA["examples"]:
        assert VALIDATOR.is_valid(example)
        check_request(example)


def test_every_key_is_documented_and_its_examples_fit() -> None:
    for name, form in KEYS.items():
        assert form["title"], name
        assert form["description"], name
        assert form["x-also"], name
        for example in form.get("examples", ()):
            assert Draft202012Validator({"$defs": DEFS, **form}).is_valid(example), name
    for name in SHAPES:
        assert DEFS[name]["title"] == name
        assert DEFS[name]["description"], name


def keywords(form: Any) -> Iterator[str]:
    """The keywords of a schema and of those in it."""
    for word, value in form.items() if isinstance(form, dict) else ():
        yield word
        if word in ("properties", "$defs"):
            for each in value.values():
                yield from keywords(each)
        elif word in ("items", "additionalProperties", "propertyNames"):
            yield from keywords(value)
        elif word == "oneOf":
            for each in value:
                yield from keywords(each)


def test_the_schema_uses_what_is_read() -> None:
    assert set(keywords(SCHEMA)) <= KEYWORDS | WORDS_OF_ITS_OWN


def test_the_schema_and_the_table_of_commands_say_the_same() -> None:
    assert [*SHAPES] == [*LIVE]
    for name, command in LIVE.items():
        body = DEFS[name]
        told = {*command.words, *command.options.values(), *(["deals"] if command.many else [])}
        assert {*body["properties"]} == told | {"command", "tag"}, name
        required = {*body["required"]} - {"command"} | ({"deal"} if command.many else set())
        assert required == {*command.needs}, name
        assert ("oneOf" in body) is command.many, name


def test_every_command_has_an_answer() -> None:
    assert [*COMMANDS] == [*LIVE]
    for name in COMMANDS:
        assert answer_of(name).__doc__, name


def test_what_others_call_a_key_is_no_key_of_the_same_command() -> None:
    for name in SHAPES:
        keys = DEFS[name]["properties"]
        for key in keys:
            assert not {*DEFS[key]["x-also"]} & ({*keys} - {key}), (name, key)


KINDLY = {"all": [True], "attrs": [{"a": []}]}
"""What of the wrong values below is right after all."""


# Fuzzed


def values() -> st.SearchStrategy[Any]:
    text = st.sampled_from(["", " ", "\t", "x", "ignore", "refuse", "D-1", "2026-03-01", "é"])
    plain = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([1.5]), text)
    lists = st.lists(plain, max_size=3)
    objects = st.dictionaries(st.sampled_from(["", " ", "with", "a", "b"]), plain, max_size=3)
    return st.one_of(plain, lists, objects, st.just(["x"] * 2), st.just("y" * 1001))


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Requests that are right, nearly so, or anything."""
    name = draw(st.sampled_from([*SHAPES]))
    keys = {key: right(key) for key in DEFS[name]["properties"]}
    drawn = {key: draw(value) for key, value in keys.items() if draw(st.booleans())}
    for key in draw(st.lists(st.sampled_from([*KEYS, "date", "Deal", "x"]), max_size=2)):
        drawn[key] = draw(values())
    return {**drawn, **({"command": name} if draw(st.integers(0, 9)) else {})}


def right(key: str) -> st.SearchStrategy[Any]:
    """Values that a key takes."""
    return st.sampled_from(DEFS[key].get("examples") or DEFS[key]["enum"])


@settings(max_examples=200)
@given(requests())
def test_the_gate_says_what_json_schema_says(request_: dict[str, Any]) -> None:
    assert accepts(request_) is VALIDATOR.is_valid(request_)


def rights() -> Iterator[tuple[str, dict[str, Any]]]:
    """For each command the request that says all that it can."""
    for name in SHAPES:
        body = DEFS[name]["properties"]
        whole = {
            key: (DEFS[key].get("examples") or DEFS[key]["enum"])[0]
            for key in body
            if key not in ("command", "deals")
        }
        yield name, {"command": name, **whole}


@pytest.mark.parametrize(("name", "whole"), list(rights()), ids=SHAPES)
class TestOneKey:
    """One key of a right request is made wrong."""

    def test_all_of_it_is_right(self, name: str, whole: dict[str, Any]) -> None:
        assert accepts(whole)
        assert VALIDATOR.is_valid(whole)

    def test_dropped(self, name: str, whole: dict[str, Any]) -> None:
        for key in LIVE[name].needs:
            error = error_of({each: value for each, value in whole.items() if each != key})
            assert (error.code, str(error)) == ("missing-key", f"{name} needs {key.upper()}")

    def test_misspelt(self, name: str, whole: dict[str, Any]) -> None:
        for key in whole.keys() - {"command"}:
            rest = {each: value for each, value in whole.items() if each != key}
            for wrong in (key + key[-1], key.upper(), key.title(), f" {key}"):
                error = error_of({**rest, wrong: whole[key]})
                assert error.code == "unknown-key"
                assert error.hint == f'did you mean "{key}"?', (name, wrong)

    def test_called_as_others_do(self, name: str, whole: dict[str, Any]) -> None:
        for key in whole.keys() - {"command"}:
            rest = {each: value for each, value in whole.items() if each != key}
            for also in DEFS[key]["x-also"]:
                error = error_of({**rest, also: whole[key]})
                assert (error.code, error.hint) == ("unknown-key", f'did you mean "{key}"?'), also

    def test_mistyped(self, name: str, whole: dict[str, Any]) -> None:
        for key in whole.keys() - {"tag"}:
            for wrong in (None, 5, 1.5, True, [], {}, [[]], [5], {"a": []}, "", " "):
                said = accepts({**whole, key: wrong})
                assert said is VALIDATOR.is_valid({**whole, key: wrong})
                assert said is (wrong in KINDLY.get(key, ())), (key, wrong)


def error_of(request: Mapping[str, Any]) -> InputError:
    """The one thing that is wrong with a request."""
    assert not VALIDATOR.is_valid(request)
    with pytest.raises(InputError) as raised:
        check_request(request)
    assert not raised.value.several, raised.value
    return raised.value


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InputError) as raised:
        check_request({"command": "log", "deal": 5, "date": "2026-03-01"})
    told = [(each.code, str(each)) for each in raised.value.several]
    assert told == [
        ("wrong-type", "deal must be text, not 5"),
        ("unknown-key", 'log takes no "date"'),
        ("missing-key", "log needs ACTIVITY"),
    ]


@pytest.mark.parametrize(
    ("request_", "hint"),
    [
        ({"command": "mvoe"}, 'did you mean "move"?'),
        ({"command": "check", "deal": "d", "stage": "b", "outcome": "x"}, "of log only"),
        ({"command": "history", "deal": "d", "by": "ann"}, 'did you mean "only"?'),
        ({"command": "next", "deal": "d", "qqq": 1}, "known: command, deal, by, at, tag"),
        ({"command": "next", "deal": 19}, 'put it in quotes: "19"'),
        ({"command": "ask", "deal": "d", "stage": "b", "facts": []}, "fill it in, or leave it out"),
    ],
)
def test_hints(request_: dict[str, Any], hint: str) -> None:
    assert error_of(request_).hint == hint
