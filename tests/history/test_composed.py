"""Letters typed as one sign, or as a letter and its accent, are the same wherever they are read."""

from __future__ import annotations

import gzip
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from playgate.history.event import Event
from playgate.history.mapping import parse_mapping
from playgate.history.people import read_people
from playgate.history.read import read_history

Read = Callable[..., tuple[list[Event], list[tuple[int, str]]]]

NFC, NFD = (unicodedata.normalize(form, "Café Đạt 각") for form in ("NFC", "NFD"))
COLUMNS = "deal,happened_at,kind,name,value,actor,attrs"
MAPPING = f"""\
mapping: m
version: 1
tables:
  - deal: "{NFC}"
    happened_at: when
    rows:
      - kind: stage
        name: {{column: stage, names: {{"{NFC}": lead}}, only: true}}
"""


def row(text: str, attrs: str) -> str:
    quoted = attrs.replace('"', '""')
    return f'{text},2026-03-01T09:00:00Z,activity,{text},{text},{text},"{quoted}"'


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_table_says_the_same_in_either_form(read: Read, quote: str) -> None:
    texts = [f"{COLUMNS}\n{row(f'{quote}{form}{quote}', '')}\n" for form in (NFC, NFD)]
    events = [read(text)[0] for text in texts]
    assert events[0] == events[1]
    assert {events[1][0].deal, events[1][0].name, events[1][0].value} == {NFC}


def test_attributes_say_the_same_in_either_form_and_escaped(read: Read) -> None:
    written = [json.dumps({form: form}, ensure_ascii=False) for form in (NFC, NFD)]
    written.append(json.dumps({NFD: NFD}))
    found = [read(f"{COLUMNS}\n{row('d', attrs)}\n")[0][0].attrs for attrs in written]
    assert set(found) == {json.dumps({NFC: NFC}, ensure_ascii=False, separators=(",", ":"))}


@pytest.mark.parametrize("escaped", [False, True])
def test_objects_say_the_same_in_either_form(read: Read, escaped: bool) -> None:
    found = []
    for form in (NFC, NFD):
        row = {"deal": 7, "happened_at": "2026-03-01T09:00:00Z", "kind": "field", "name": form}
        text = json.dumps(row | {"value": form, "attrs": {form: form}}, ensure_ascii=escaped)
        found.append(read(text, "h.ndjson")[0])
    assert found[0] == found[1]
    assert found[1][0].name == NFC


@pytest.mark.parametrize("name", ["h.csv", "h.ndjson"])
def test_a_mapping_finds_columns_and_values_in_either_form(read: Read, name: str) -> None:
    found = []
    for form in (NFC, NFD):
        if name == "h.csv":
            text = f"{form},when,stage\nD,2026-03-01T09:00:00Z,{form}\n"
        else:
            row = {form: "D", "when": "2026-03-01T09:00:00Z", "stage": form}
            text = json.dumps(row, ensure_ascii=False)
        found.append(read(text, name, MAPPING)[0])
    assert [each[0].name for each in found] == ["lead", "lead"]
    either = [unicodedata.normalize(form, MAPPING).encode() for form in ("NFC", "NFD")]
    first, second = (parse_mapping(content, "m.yaml")[0] for content in either)
    assert first == second


def test_a_log_says_the_same_in_either_form(read: Read) -> None:
    mapping = (
        "mapping: m\nversion: 1\ntables:\n  - deal: case:concept:name\n"
        "    happened_at: time:timestamp\n    rows: [{kind: stage, name: {column: concept:name}}]\n"
    )
    found = []
    for form in (NFC, NFD, NFD.encode("ascii", "xmlcharrefreplace").decode()):
        event = (
            f'<event><string key="concept:name" value="{form}"/>'
            '<date key="time:timestamp" value="2026-03-01T09:00:00Z"/></event>'
        )
        case = f'<string key="concept:name" value="{form}"/>'
        text = f"<log><trace>{case}{event}</trace></log>"
        found.append(read(text, "h.xes", mapping)[0])
    assert found[0] == found[1] == found[2]


def test_people_say_the_same_in_either_form(tmp_path: Path) -> None:
    found = []
    for form in (NFC, NFD):
        file = tmp_path / "people.csv"
        file.write_text(f"actor,role\n{form},{form}\n", encoding="utf-8")
        found.append(read_people(str(file), lambda _: None).roles(NFC))
    assert found == [frozenset((NFC,))] * 2


def test_a_sign_that_becomes_a_delimiter_parts_no_cell(read: Read) -> None:
    """The Greek question mark is a semicolon in form C."""
    text = "deal;happened_at;kind;name;value\nd;2026-03-01T09:00:00Z;field;a;who\u037e\n"
    events, problems = read(text)
    assert problems == []
    assert events[0].value == "who;"


def test_what_comes_late_in_a_long_file_is_put_into_form_too(tmp_path: Path) -> None:
    plain = [f"D{number},2026-03-01T09:00:00Z,field,a,x" for number in range(60_000)]
    lines = ["deal,happened_at,kind,name,value", *plain, f"late,2026-03-01T09:00:00Z,field,a,{NFD}"]
    file = tmp_path / "h.csv.gz"
    file.write_bytes(gzip.compress("\n".join(lines).encode()))
    (*_, last) = read_history([str(file)], report=lambda _: None)
    assert last.value == NFC


def test_parquet_reads_the_same_in_either_form(tmp_path: Path) -> None:
    pytest.importorskip("ibis")
    duckdb = pytest.importorskip("duckdb")
    from playgate.bulk.reading.events_of_files import read_any

    found = []
    for form in (NFC, NFD):
        file = tmp_path / "h.parquet"
        cells = {"deal": form, "happened_at": "2026-03-01T09:00:00Z", "kind": "field", "name": form}
        told = ", ".join(f"'{cell}' AS {column}" for column, cell in cells.items())
        duckdb.sql(f"COPY (SELECT {told}) TO '{file}' (FORMAT parquet)")
        found += read_any([str(file)], mapping=None, report=print)
    assert [(each.deal, each.name) for each in found] == [(NFC, NFC)] * 2
