"""Files as they lie there: JSON in each of its forms, by either parser, and Parquet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playgate.errors import InputError
from playgate.history import json_texts
from playgate.history.event import Event, Problem
from playgate.history.json_texts import read_lines, read_texts
from playgate.history.mapping import load_mapping
from playgate.history.paths import MISSING, at
from playgate.history.read import read_history

SHAPES = Path(__file__).parent / "shapes"
MAPPING = """\
mapping: m
version: 1
tables:
  - each: log
    deal: deal
    happened_at: at
    event_id: {row: true}
    rows:
      - {kind: field, name: {text: amount}, value: new}
      - {kind: activity, name: {text: call}, attrs: {with: people.role}}
"""
DEALS = [
    {
        "deal": "D1",
        "log": [
            {"at": "2026-03-02T09:00:00Z", "new": "1.50", "people": [{"role": "user"}]},
            {"at": "2026-03-03T09:00:00Z", "new": "2", "people": []},
        ],
    },
    {"deal": "D2", "log": [{"at": "2026-03-04T09:00:00Z", "new": None, "people": None}]},
    {"deal": "D3", "log": []},
]


@pytest.fixture
def by_the_book(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the standard library parses."""
    parser = json_texts._Parser()
    parser.text = parser.lines = None
    monkeypatch.setattr(json_texts, "_parser", lambda: parser)


def events_in(folder: Path, name: str, content: str | None = None) -> list[Event]:
    """The events in a file of the deals, without problems."""
    (folder / "m.yaml").write_text(MAPPING)
    if content is not None:
        (folder / name).write_text(content)
    problems: list[Problem] = []
    mapping = load_mapping(folder / "m.yaml")
    events = list(read_history([str(folder / name)], mapping=mapping, report=problems.append))
    assert problems == []
    return [event._replace(line=0) for event in events]


def lines_of(deals: list[dict[str, object]]) -> str:
    return "".join(json.dumps(deal) + "\n" for deal in deals)


def test_json_in_each_of_its_forms(tmp_path):
    expected = [
        each._replace(event_id="") for each in events_in(tmp_path, "a.ndjson", lines_of(DEALS))
    ]
    assert len(expected) == 6
    forms = {
        "b.json": json.dumps(DEALS),
        "c.json": json.dumps(DEALS, indent=1),
        "d.json": lines_of(DEALS),
        "e.ndjson": lines_of(DEALS).replace("\n", "\n\n"),
        "f.txt": json.dumps(DEALS),
        "g.ndjson": lines_of(DEALS).replace('"deal":', '"deal" :'),
    }
    for name, content in forms.items():
        found = [each._replace(event_id="") for each in events_in(tmp_path, name, content)]
        assert found == expected, name


@pytest.mark.parametrize("name", ["odd-cells", "lists-in-lists"])
def test_without_a_fast_parser_all_is_the_same(name, by_the_book, golden):
    from test_shapes import told

    folder = SHAPES / name
    paths = sorted(str(path) for path in folder.iterdir() if path.stem != "mapping")
    golden(f"shapes/{name}.txt", told(folder, paths))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    rows=st.lists(st.dictionaries(st.sampled_from(["a", "b", '"c":', "d :"]), VALUES), min_size=1)
)
def test_both_parsers_give_the_same(rows):
    texts = [json.dumps(row, ensure_ascii=False) for row in rows]
    try:
        expected = [json_texts._BY_THE_BOOK.decode(text) for text in texts]
        "".join(texts).encode()
    except UnicodeEncodeError:
        return
    if any("\\u" in text for text in texts):
        return
    assert [read_texts(text) for text in texts] == expected
    found = read_lines("\n".join(texts))
    assert found is None or found == expected


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a" :1, "a":2}',
        '{"x": {"a" :1, "a":2}}',
        '[{"b": {"c": 1, "c": 1}}]',
        '{"a":":","a":1}',
    ],
)
@pytest.mark.parametrize("parser", ["fast", "by the book"])
def test_a_key_that_stands_twice_is_found(text, parser, request):
    if parser == "by the book":
        request.getfixturevalue("by_the_book")
    with pytest.raises(json_texts.DoubledKeyError, match="stands twice"):
        read_texts(text)


def test_parquet_is_looked_into(tmp_path):
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.Table.from_pylist(DEALS), tmp_path / "a.parquet")
    assert events_in(tmp_path, "a.parquet") == events_in(tmp_path, "a.ndjson", lines_of(DEALS))


def test_what_is_no_parquet_is_told(tmp_path):
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        events_in(tmp_path, "a.parquet", "PAR1 and no more")


@pytest.mark.parametrize(
    ("content", "told"),
    [('{"lgo": []}', ["its only row makes no event"]), ('{"log": []}', []), ("[]", [])],
)
def test_a_list_that_is_not_there_is_told(tmp_path, content, told):
    (tmp_path / "m.yaml").write_text(MAPPING)
    (tmp_path / "a.json").write_text(content)
    problems: list[Problem] = []
    mapping = load_mapping(tmp_path / "m.yaml")
    events = read_history([str(tmp_path / "a.json")], mapping=mapping, report=problems.append)
    assert list(events) == []
    assert [each.reason for each in problems] == told


ODD = {
    "NUL": ("te\0xt", "a NUL byte, which is no text"),
    "byte": ("caf\udce9", "byte 0xe9 is not UTF-8"),
    "escaped NUL": ("te\\u0000xt", "a NUL character"),
    "escaped half": ("te\\ud83dxt", "\\ud83d is half of a character"),
}
LISTS = {"list": "[%s]", "list within": '{"count": 3, "results": [%s]}'}
OF_ITEMS = """\
mapping: m
version: 1
tables:
  - EACHdeal: deal
    happened_at: {text: "2026-03-02"}
    event_id: {row: true}
    rows: [{kind: activity, name: name}]
"""


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize("form", LISTS)
def test_an_item_that_is_no_text_costs_no_other(tmp_path, odd, form):
    text, reason = odd
    items = ",\n".join(f'{{"deal": "D", "name": "{name}"}}' for name in ("a", text, "b"))
    file = tmp_path / "deals.json"
    file.write_bytes((LISTS[form] % items).encode("utf-8", "surrogateescape"))
    each = "" if form == "list" else "each: results\n    "
    (tmp_path / "m.yaml").write_text(OF_ITEMS.replace("EACH", each))
    problems: list[Problem] = []
    mapping = load_mapping(tmp_path / "m.yaml")
    events = list(read_history([str(file)], mapping=mapping, report=problems.append))
    assert [(event.name, event.line) for event in events] == [("a", 1), ("b", 3)]
    assert [(each.line, each.reason) for each in problems] == [(2, reason)]


def test_what_is_no_text_outside_of_items_costs_the_document(tmp_path):
    (tmp_path / "deals.json").write_text('{"cou\0nt": 3, "results": [{"deal": "D", "name": "a"}]}')
    (tmp_path / "m.yaml").write_text(OF_ITEMS.replace("EACH", "each: results\n    "))
    mapping = load_mapping(tmp_path / "m.yaml")
    with pytest.raises(InputError, match="a NUL byte"):
        list(read_history([str(tmp_path / "deals.json")], mapping=mapping, report=print))


def nested(form: str, deep: int) -> str:
    opening, closing = ("[", "]") if form == "list" else ('{"a": ', "}")
    return opening * deep + "1" + closing * deep


@pytest.mark.parametrize("parser", ["fast", "by the book"])
@pytest.mark.parametrize("form", ["list", "object"])
@pytest.mark.parametrize(("deep", "told"), [(97, False), (98, True), (900, True), (5000, True)])
def test_rows_that_are_nested_too_deep_are_told(tmp_path, form, deep, told, parser, request):
    if parser == "by the book":
        request.getfixturevalue("by_the_book")
    (tmp_path / "m.yaml").write_text(MAPPING)
    row = '{"deal": "D", "at": "2026-01-01T00:00:00Z", "log": [{"x": %s, "stage": "a"}]}'
    (tmp_path / "a.ndjson").write_text(f"{row % 1}\n{row % nested(form, deep)}\n")
    problems: list[Problem] = []
    mapping = load_mapping(tmp_path / "m.yaml")
    list(read_history([str(tmp_path / "a.ndjson")], mapping=mapping, report=problems.append))
    found = [(each.line, each.reason) for each in problems]
    assert ((2, "JSON nested too deep") in found) is told


def test_a_document_that_is_nested_too_deep_is_told(tmp_path):
    with pytest.raises(InputError, match="JSON nested too deep") as error:
        events_in(tmp_path, "a.json", f"[{nested('list', 101)}]")
    assert error.value.hint == "no more than 100 lists and objects may lie in one another"


def test_a_path_of_endless_digits_leads_nowhere():
    assert at({"a": [1]}, "a.0") == 1
    assert at({"a": [1]}, "a." + "9" * 5000) is MISSING
