"""Spreadsheets are read as CSV is, with cells that know their types."""

from __future__ import annotations

from datetime import date, datetime

import pytest

pytest.importorskip("python_calamine")

from history.conftest import mapping_of
from playgate.conditions.instants import show_instant
from playgate.errors import InputError
from playgate.history import sheets, source
from playgate.history.people import read_persons
from playgate.history.read import read_history
from support.workbook import write_workbook

HEADER = ["deal", "happened_at", "kind", "name", "value"]
NOON = datetime(2026, 3, 2, 12, 30, 15)


def read(path, mapping=None):
    problems = []
    given = mapping_of(mapping) if mapping else None
    events = list(read_history([path], mapping=given, report=problems.append))
    return events, [(each.line, each.reason) for each in problems]


def test_the_history_table_in_a_sheet(tmp_path):
    rows = [
        HEADER,
        ["D", NOON, "stage", "lead"],
        ["D", "2026-03-02T13:00:00+01:00", "field", "amount", 1234.5],
        [],
        [12, date(2026, 3, 3), "field", "closing", date(2026, 6, 30)],
        ["D", NOON, "field", "paid", True],
        ["e\u0301", NOON, "field", "share", 0.1 + 0.2],
        ["D", "x", "stage", "won"],
        ["D", NOON, "stage", "won", None, "more"],
    ]
    events, problems = read(write_workbook(tmp_path / "h.xlsx", rows))
    assert [(e.deal, show_instant(e.happened_at), e.name, e.value, e.line) for e in events] == [
        ("D", "2026-03-02T12:30:15Z", "lead", "", 2),
        ("D", "2026-03-02T12:00:00Z", "amount", "1234.5", 3),
        ("12", "2026-03-03T00:00:00Z", "closing", "2026-06-30", 5),
        ("D", "2026-03-02T12:30:15Z", "paid", "true", 6),
        ("é", "2026-03-02T12:30:15Z", "share", "0.3", 7),
    ]
    assert sorted(problems) == [
        (5, '"deal" holds numbers and texts: zeros before an id may be lost'),
        (8, 'happened_at "x" cannot be read as an instant'),
        (9, "6 cells, where the header has 5"),
    ]


def test_lines_are_those_of_the_sheet_and_hidden_ones_are_passed_over(tmp_path):
    rows = [HEADER, ["D", NOON, "stage", "lead"], ["D", "x", "stage", "won"]]
    path = write_workbook(tmp_path / "h.XLSX", rows, first=4, hidden=[["nothing"]])
    events, problems = read(path)
    assert [each.line for each in events] == [5]
    assert [line for line, _ in problems] == [6]


MAPPING = """\
mapping: m
version: 1
timezone: Europe/Paris
tables:
  - deal: Id
    happened_at: {column: When, format: ["%d.%m.%Y %H:%M", "%Y-%d-%m"]}
    start:
      amount: {column: Amount, number: {decimal: ",", thousands: ".", currency: [€]}}
      closing: {column: Close, date: "%d.%m.%Y"}
    rows: [{kind: stage, name: Stage, attrs: {probability: Share}}]
"""


def test_a_mapping_reads_types_and_its_own_forms(tmp_path):
    header = ["Id", "When", "Stage", "Amount", "Close", "Share"]
    rows = [
        header,
        ["1", NOON, "lead", 1.234, date(2026, 6, 30), 0.5],
        ["2", "02.03.2026 12:30", "lead", "1.234,50 €", "30.06.2026", "0.5"],
        ["3", date(2026, 3, 2), "lead", 1234567.5, datetime(2026, 6, 30, 12), 25],
    ]
    events, problems = read(write_workbook(tmp_path / "deals.xlsx", rows), MAPPING)
    assert problems == []
    assert [(e.deal, e.name, e.value) for e in events if e.kind == "field"] == [
        ("1", "amount", "1.234"),
        ("1", "closing", "2026-06-30"),
        ("2", "amount", "1234.50"),
        ("2", "closing", "2026-06-30"),
        ("3", "amount", "1234567.5"),
        ("3", "closing", "2026-06-30"),
    ]
    stages = [(show_instant(e.happened_at), e.attrs) for e in events if e.kind == "stage"]
    assert stages == [
        ("2026-03-02T11:30:15Z", '{"probability":"0.5"}'),
        ("2026-03-02T11:30:00Z", '{"probability":"0.5"}'),
        ("2026-03-01T23:00:00Z", '{"probability":"25"}'),
    ]


def test_ids_that_became_numbers(tmp_path):
    rows = [HEADER, *([deal, NOON, "stage", "lead"] for deal in (12, 9.007199254740993e18, 7.0))]
    events, problems = read(write_workbook(tmp_path / "h.xlsx", rows))
    assert [each.deal for each in events] == ["12", "9007199254740990000", "7"]
    assert [line for line, reason in problems if "more than 15 digits" in reason] == [3]


def test_people(tmp_path):
    path = write_workbook(tmp_path / "people.xlsx", [["actor", "role"], ["ann", "rep"], [7, "rep"]])
    assert [each.actor for each in read_persons(path, print)] == ["ann", "7"]


FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="900000"><c r="XFD900000"><v>1</v></c></row>'


def test_what_would_not_fit_into_memory_is_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="more than 16000000 cells"):
        read(write_workbook(tmp_path / "far.xlsx", [], sheet=FAR))
    monkeypatch.setattr(sheets, "_MOST_BYTES", 1 << 20)
    with pytest.raises(InputError, match="unpacks to more than 1 MB"):
        read(write_workbook(tmp_path / "bomb.xlsx", [["x" * (1 << 21)]]))


@pytest.mark.parametrize("content", [b"PK\x03\x04....", b"PK\x03\x04" + b"\0" * 4000])
def test_what_is_no_spreadsheet(tmp_path, content):
    path = tmp_path / "h.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read as a spreadsheet"):
        read(str(path))


_AT = {"flags": (6, 8), "method": (8, 10)}
"""Where these stand behind the marks of a member's head and of its entry."""


def set_in_archive(content: bytes, what: str, value: int) -> bytes:
    changed = bytearray(content)
    for mark, behind in zip((b"PK\x03\x04", b"PK\x01\x02"), _AT[what], strict=True):
        place = content.find(mark)
        while place >= 0:
            changed[place + behind] = value
            place = content.find(mark, place + 1)
    return bytes(changed)


def damaged(content: bytes) -> bytes:
    """The first member has some other deflated data."""
    place = content.find(b".xml") + 4
    return content[:place] + b"\xff" * 8 + content[place + 8 :]


@pytest.mark.parametrize(
    "change",
    [
        lambda content: set_in_archive(content, "flags", 1),
        lambda content: set_in_archive(content, "method", 99),
        lambda content: set_in_archive(content, "method", 0),
        lambda content: set_in_archive(content, "method", 14),
        damaged,
    ],
    ids=["locked", "unknown packing", "not packed", "no LZMA data", "damaged"],
)
def test_an_archive_that_cannot_be_unpacked_is_told(tmp_path, change):
    path = tmp_path / "h.xlsx"
    write_workbook(path, [HEADER, ["D", NOON, "stage", "lead"]])
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(InputError, match=r"cannot be read as a spreadsheet: ."):
        read(str(path))


def test_a_sheet_of_half_a_million_columns_ends_soon(tmp_path):
    head = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in HEADER)
    row = '<c t="inlineStr"><is><t>D</t></is></c><c r="ZZZC2"><v>1</v></c>'
    rows = f'<row r="1">{head}</row><row r="2">{row}</row>'
    _, problems = read(write_workbook(tmp_path / "h.xlsx", [], sheet=rows))
    assert problems == [(2, "475231 cells, where the header has 5")]


def test_an_empty_one(tmp_path):
    with pytest.raises(InputError, match="is empty"):
        read(write_workbook(tmp_path / "h.xlsx", []))


def test_without_the_extra_the_hint_names_it(tmp_path, monkeypatch):
    path = write_workbook(tmp_path / "h.xlsx", [HEADER])
    monkeypatch.setattr(source, "_reads_sheets", lambda: False)
    with pytest.raises(InputError, match="a spreadsheet, which cannot be read here") as error:
        read(path)
    assert "extra" in error.value.hint
