"""YAML 1.2 with places: what scalars mean, and where everything stands."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from playgate.documents import yaml12
from playgate.documents.document import Document, Route

LOADERS = ["SafeLoader", *(["CSafeLoader"] if hasattr(yaml, "CSafeLoader") else [])]


@pytest.fixture(params=LOADERS)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of pyyaml's two parsers: they must agree on all that is tested here."""
    monkeypatch.setattr(yaml12, "_Loader", getattr(yaml, request.param))
    name: str = request.param
    return name


def read(text: str) -> Document:
    document, mistakes = yaml12.parse(text.encode(), "f.yaml")
    assert document is not None, mistakes
    assert not mistakes
    return document


# What a scalar means


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("True", "True"),
        ("FALSE", "FALSE"),
        ("Null", "Null"),
        ("NULL", "NULL"),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("n", "n"),
        ("0", 0),
        ("-0", 0),
        ("7", 7),
        ("-7", -7),
        ("12345678901234567890", 12345678901234567890),
        ("1.5", 1.5),
        ("-1.5", -1.5),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("1.0", 1.0),
        ("010", "010"),
        ("0o10", "0o10"),
        ("0x1F", "0x1F"),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("+1", "+1"),
        (".5", ".5"),
        ("5.", "5."),
        ("1e", "1e"),
        ("1:30", "1:30"),
        ("1,5", "1,5"),
        (".inf", ".inf"),
        ("-.inf", "-.inf"),
        (".nan", ".nan"),
        ("٣", "٣"),
        ("2026-03-31", "2026-03-31"),
        ("2026-03-31T09:00:00Z", "2026-03-31T09:00:00Z"),
        ("=", "="),
        ("-", None),
        ("<<", "<<"),
        ("n/a", "n/a"),
        ("a b", "a b"),
        ("'true'", "true"),
        ('"1"', "1"),
        ("'~'", "~"),
        ("''", ""),
        ("!!str 1", "1"),
        ("! 1", "1"),
        ("|\n  1\n", "1\n"),
        (">-\n  true\n", "true"),
        ("'it''s'", "it's"),
        ('"\\u00e9\\x41\\n"', "éA\n"),
        ("a # b", "a"),
        ("a#b", "a#b"),
    ],
)
def test_scalars_are_those_of_yaml_12(text: str, value: object, loader: str) -> None:
    data = read(f"k: {text}" if text != "-" else "k: null").data["k"]
    assert data == value
    assert isinstance(data, type(value))
    assert isinstance(data, bool) is isinstance(value, bool)


@pytest.mark.parametrize("key", ["1", "true", "null", "2026-03-31", "1.5", "~", "yes"])
def test_keys_stay_text(key: str, loader: str) -> None:
    assert read(f"{key}: x").data == {key: "x"}


# Where everything stands

PLACES = """\
top: plain
"quoted": 'single'
list:
  - one
  -   two
  - - inner
    - {flow: [a,  b], "k": v}
map:
    deep:
        text: |
          block
          text
        folded: >-
          more
        plain: several
          lines
empty:
nothing: {}
none: []
anchored: &anchor
  - here
again: *anchor
tagged: !!str 5
'😀😀': 😀 # 😀
after: "😀 x"
"""


@pytest.mark.parametrize(
    ("route", "value", "key"),
    [
        ((), (1, 1), None),
        (("top",), (1, 6), (1, 1)),
        (("quoted",), (2, 11), (2, 1)),
        (("list",), (4, 3), (3, 1)),
        (("list", 0), (4, 5), None),
        (("list", 1), (5, 7), None),
        (("list", 2), (6, 5), None),
        (("list", 2, 0), (6, 7), None),
        (("list", 2, 1), (7, 7), None),
        (("list", 2, 1, "flow"), (7, 14), (7, 8)),
        (("list", 2, 1, "flow", 0), (7, 15), None),
        (("list", 2, 1, "flow", 1), (7, 19), None),
        (("list", 2, 1, "k"), (7, 28), (7, 23)),
        (("map",), (9, 5), (8, 1)),
        (("map", "deep"), (10, 9), (9, 5)),
        (("map", "deep", "text"), (10, 15), (10, 9)),
        (("map", "deep", "folded"), (13, 17), (13, 9)),
        (("map", "deep", "plain"), (15, 16), (15, 9)),
        (("empty",), (17, 7), (17, 1)),
        (("nothing",), (18, 10), (18, 1)),
        (("none",), (19, 7), (19, 1)),
        (("anchored",), (20, 11), (20, 1)),
        (("anchored", 0), (21, 5), None),
        (("again",), (20, 11), (22, 1)),
        (("again", 0), (21, 5), None),
        (("tagged",), (23, 9), (23, 1)),
        (("😀😀",), (24, 7), (24, 1)),
        (("after",), (25, 8), (25, 1)),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "bom"])
def test_every_value_and_key_has_its_place(
    route: Route,
    value: tuple[int, int],
    key: tuple[int, int] | None,
    ends: str,
    mark: str,
    loader: str,
) -> None:
    document = read(mark + PLACES.replace("\n", ends))
    assert document.values[route] == value
    assert document.keys.get(route) == key
    assert (document.place(route).line, document.place(route).column) == value
    shown = document.key_place(route)
    assert (shown.file, shown.line, shown.column) == ("f.yaml", *(key or value))


def test_the_place_of_what_is_missing_is_its_container() -> None:
    document = read("a:\n  b: 1\n")
    assert str(document.place(("a", "c", 5))) == "f.yaml:2:3"
    assert str(document.key_place(("x",))) == "f.yaml:1:1"
    assert document.get(("a", "b")) == 1
    assert document.get(("a", "c", 5)) is None
    assert document.get(("a", "b", "c")) is None


def test_places_are_those_of_the_data(loader: str) -> None:
    document = read(PLACES)
    routes: set[Route] = set()

    def walk(data: Any, route: Route) -> None:
        routes.add(route)
        if isinstance(data, dict | list):
            for step, each in data.items() if isinstance(data, dict) else enumerate(data):
                walk(each, (*route, step))

    walk(document.data, ())
    assert set(document.values) == routes
    assert set(document.keys) == {route for route in routes if route and isinstance(route[-1], str)}


# What is refused


@pytest.mark.parametrize(
    ("text", "rule", "line", "column"),
    [
        ("", "empty-file", 1, 1),
        ("\ufeff", "empty-file", 1, 1),
        ("# only this\n", "empty-file", 1, 1),
        ("a: 1\n---\nb: 2\n", "yaml-documents", 2, 1),
        ("a: 1\n...\n---\nb: 2\n", "yaml-documents", 3, 1),
        ("a: !!python/object:os.system x\n", "yaml-tag", 1, 4),
        ("a: !mine x\n", "yaml-tag", 1, 4),
        ("a: !!int 5\n", "yaml-tag", 1, 4),
        ("!!binary a: x\n", "yaml-tag", 1, 1),
        ("a: !!set {b}\n", "yaml-tag", 1, 4),
        ("a: &x {b: 1}\nc: {<<: *x}\n", "yaml-merge-key", 2, 5),
        ("a: *x\n", "yaml-alias", 1, 4),
        ("a: &x [1, *x]\n", "yaml-alias", 1, 11),
        ("a: &x b\n*x : c\n", "yaml-key", 2, 1),
        ("[a]: b\n", "yaml-key", 1, 1),
        ("? {a: b}\n: c\n", "yaml-key", 1, 3),
        ("a: " + "9" * 301 + "\n", "number-too-long", 1, 4),
        ("a: 1e999\n", "number-too-long", 1, 4),
        ("é: \x07\n", "not-text", 1, 4),
        ("a:\r\n  é: \x1b\r\n", "not-text", 2, 6),
        ("a: b\0\n", "not-text", 1, 1),
        ("\ta: b\n", "yaml-syntax", 1, 1),
        ("a:\n\tb: c\n", "yaml-syntax", 2, 1),
        ("a: @b\n", "yaml-syntax", 1, 4),
        ("é: `b\n", "yaml-syntax", 1, 4),
        ("a: b: c\n", "yaml-syntax", 1, 5),
        ("a: [b\nc: d\n", "yaml-syntax", 1, 4),
        ("a: {b\nc: d\n", "yaml-syntax", 1, 4),
        ('a: "b\nc: d\n', "yaml-syntax", 1, 4),
        ("a: 'b\n", "yaml-syntax", 1, 4),
        ("a: b\nc\nd: e\n", "yaml-syntax", 2, 1),
        ('a: "\\q"\n', "yaml-syntax", 1, 4),
        ("- a\n b: c\n", "yaml-syntax", 2, 3),
        ("a: 1\n  b: 2\n", "yaml-syntax", 2, 4),
    ],
)
def test_what_is_no_plain_yaml_is_refused_where_it_stands(
    text: str, rule: str, line: int, column: int, loader: str
) -> None:
    document, (mistake,) = yaml12.parse(text.encode(), "f.yaml")
    assert document is None
    assert (mistake.rule, mistake.place.line, mistake.place.column) == (rule, line, column)


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [
        (b"\xff\n", 1, 1),
        (b"a: b\nc: \xe9\n", 2, 4),
        (b"\xef\xbb\xbfa: \xe9", 1, 4),
        ("é😀: ".encode() + b"\xe9", 1, 5),
        (b"a\r\nb: \xe2\x82", 2, 4),
    ],
)
def test_what_is_not_utf8_is_refused_where_it_stands(
    content: bytes, line: int, column: int
) -> None:
    document, (mistake,) = yaml12.parse(content, "f.yaml")
    assert document is None
    assert (mistake.rule, mistake.place.line, mistake.place.column) == ("not-utf-8", line, column)


def test_both_parsers_say_the_same_of_broken_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    for name in LOADERS:
        monkeypatch.setattr(yaml12, "_Loader", getattr(yaml, name))
        broken = ("a: [b\n", "a: {b\n", 'a: "b\n', "a: b: c\n", "a: @b\n", "a\nb: c\n", "a: *\n")
        said.append([yaml12.parse(text.encode(), "f.yaml")[1] for text in broken])
    assert all(each == said[0] for each in said)


def test_what_a_parser_refuses_as_too_deep_is_too_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsers from libyaml 0.2.6 on give up by themselves, with an error of these words."""
    mark = yaml.Mark("", 0, 0, 6, None, 0)
    said = "Maximum nesting level reached, set with yaml_set_max_nest_level())"

    def refuse(*_: object, **__: object) -> None:
        raise yaml.MarkedYAMLError("while parsing", mark, said, mark)

    monkeypatch.setattr(yaml, "parse", refuse)
    document, (mistake,) = yaml12.parse(b"a: [[[", "f.yaml")
    assert document is None
    assert (mistake.rule, str(mistake.place)) == ("too-deep", "f.yaml:1:7")
    assert mistake.message == "nested too deep"


# Duplicate keys


def test_both_values_of_a_duplicate_key_are_read(loader: str) -> None:
    text = "a: {b: 1}\nc: [1]\na: {d: 2}\nc: [2]\n"
    document, mistakes = yaml12.parse(text.encode(), "f.yaml")
    assert document is not None
    assert document.data == {"a": {"b": 1, "d": 2}, "c": [1, 2]}
    assert [str(mistake.place) for mistake in mistakes] == ["f.yaml:3:1", "f.yaml:4:1"]
    assert [str(mistake.related) for mistake in mistakes] == ["f.yaml:1:1", "f.yaml:2:1"]
    assert document.values[("c", 1)] == (4, 5)


def test_a_duplicate_key_of_another_type_has_the_later_value(loader: str) -> None:
    document, mistakes = yaml12.parse(b"a: {b: 1}\na: 5\n", "f.yaml")
    assert document is not None
    assert document.data == {"a": 5}
    assert [mistake.rule for mistake in mistakes] == ["duplicate-key"]
