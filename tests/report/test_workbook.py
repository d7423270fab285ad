"""Workbooks: every cell is what it is, nothing of it runs, and what does not fit is said."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from playgate.cli.group import playgate
from playgate.conditions.instants import load_zone, read_instant
from playgate.errors import InputError
from playgate.report import workbook
from playgate.report.sheet import At, Book, Cell, Day, Money, Percent, Sheet, head
from playgate.report.words import visible

PARIS = load_zone("Europe/Paris")
assert PARIS is not None
NOON = read_instant("2026-03-02T12:00:00Z", UTC)
assert NOON is not None
TEXTS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "http://evil.example",
    "00123",
    "1e5",
    "TRUE",
    "＝1",
)


def _written(path: Path, rows: list[tuple[Cell, ...]], **more: Any) -> list[str]:
    sheet = Sheet("Rows", [f"Column {place}" for place in range(len(rows[0]))], rows)
    about: list[tuple[str, Cell]] = [("About", "=what")]
    given = {"zone": PARIS, "zone_name": "Europe/Paris", "as_of": NOON} | more
    return workbook.write_workbook(Book(about=about, sheets=[sheet], **given), path)


def _read(path: Path, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python()


def _xml(path: Path) -> str:
    with zipfile.ZipFile(path) as parts:
        return "\n".join(parts.read(name).decode() for name in sorted(parts.namelist()))


def test_cells_keep_their_types(tmp_path: Path) -> None:
    row: tuple[Cell, ...] = (
        *("D-1", True, 3, 2.5, None, Percent(0.875)),
        *(Money(1234.5, 'E"UR'), At(NOON or 0), Day("2026-03-31")),
    )
    path = tmp_path / "book.xlsx"
    assert _written(path, [row]) == []
    assert _read(path, "Rows")[1] == [
        *("D-1", True, 3, 2.5, "", 0.875, 1234.5),
        *(datetime(2026, 3, 2, 13), date(2026, 3, 31)),
    ]
    xml = _xml(path)
    assert 'formatCode="0.0%"' in xml
    assert 'formatCode="#,##0 &quot;EUR&quot;"' in xml
    assert '<pane ySplit="1" topLeftCell="A2"' in xml
    assert '<autoFilter ref="A1:I2"/>' in xml


@settings(max_examples=12)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=6))
def test_every_text_stays_the_same_text(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "texts.xlsx"
    _written(path, [(text, "end") for text in texts])
    wanted = ["\n".join(map(visible, text.split("\n"))) for text in texts]
    assert [row[0] for row in _read(path, "Rows")[1:]] == wanted


def test_no_text_becomes_a_formula_a_link_or_a_number(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    _written(path, [(text, 1) for text in TEXTS])
    assert [row[0] for row in _read(path, "Rows")[1:]] == [
        each.replace("\t", "\\t") for each in TEXTS
    ]
    xml = _xml(path)
    assert "<f>" not in xml
    assert "<hyperlink" not in xml


def test_what_a_cell_cannot_hold_is_cut_and_said(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    said = _written(path, [("x" * 32_767, "😀" * 16_384, "x" * 40_000)])
    assert said == ["2 texts cut to 32,767 characters: a cell has no room for more."]
    row = _read(path, "Rows")[1]
    assert row[0] == "x" * 32_767
    assert row[1] == "😀" * 16_383 + "…"
    assert row[2] == "x" * 32_766 + "…"
    assert ["Note", said[0]] in [line[:2] for line in _read(path, "About")]


def test_rows_beyond_a_sheet_are_counted_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 4)
    path = tmp_path / "book.xlsx"
    said = _written(path, [(number,) for number in range(5)])
    assert said == ["2 rows of Rows left out: a sheet has no room for more than 4."]
    assert [row[0] for row in _read(path, "Rows")[1:]] == [0, 1, 2]
    assert ["Rows of Rows", 3] in [line[:2] for line in _read(path, "About")]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (2**53 + 2, str(2**53 + 2)),
        (float("inf"), "inf"),
        (At(-(10**16)), "1653-02-10T06:13:20Z"),
        (Day("1899-12-31"), "1899-12-31"),
    ],
)
def test_what_a_spreadsheet_would_change_stays_text(tmp_path: Path, cell: Cell, shown: str) -> None:
    path = tmp_path / "book.xlsx"
    _written(path, [(cell,)])
    assert _read(path, "Rows")[1] == [shown]


def test_the_same_tables_are_the_same_file(tmp_path: Path) -> None:
    one, other = tmp_path / "one.xlsx", tmp_path / "other.xlsx"
    for path in (one, other):
        _written(path, [("a", 1, At(NOON or 0))])
    assert one.read_bytes() == other.read_bytes()


# The commands

PLAYBOOK = """\
playbook: sales
version: 1
timezone: Europe/Paris
fields: {amount: {type: number, unit: EUR}, close_date: {type: date}}
activities: {call: {}}
kpis:
  closing: {ratio: {of: opened, to: won}}
  revenue: {sum: {field: amount, at: won}}
stages:
  - {stage: approach, activities: [call]}
  - {stage: won, ends: won, entry: [{field: amount, more_than: 0}]}
  - {stage: lost, ends: lost}
coaching: {minimum: 1}
"""


def _rows() -> Iterator[str]:
    yield "deal,happened_at,kind,name,value,actor"
    for number in range(1, 5):
        day = f"2026-03-0{number}T"
        deal = ("=1+1", "D-2", "D-3", "D-4")[number - 1]
        yield f"{deal},{day}09:00:00Z,stage,approach,,ann"
        yield f"{deal},{day}10:00:00Z,field,amount,{number}000,ann"
        yield f"{deal},{day}10:00:00Z,field,close_date,2026-04-0{number},ann"
        if number % 2:
            yield f"{deal},{day}11:00:00Z,stage,won,,ann"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    made = tmp_path_factory.mktemp("book")
    (made / "sales.yaml").write_text(PLAYBOOK)
    (made / "history.csv").write_text("\n".join(_rows()) + "\n")
    return [str(made / "sales.yaml"), str(made / "history.csv")]


def _run(*words: str) -> Any:
    return CliRunner().invoke(playgate, words, standalone_mode=False)


def test_an_audit_has_the_rows_of_the_report_as_json(files: list[str], tmp_path: Path) -> None:
    path = tmp_path / "audit.xlsx"
    assert _run("audit", *files, "--format", "xlsx", "-o", str(path)).return_value == 1
    report = json.loads(_run("audit", *files, "--format", "json").output)
    found = _read(path, "Findings")
    heads, rows = found[0], found[1:]
    assert rows
    assert len(rows) == len(report["findings"])
    for row, finding in zip(rows, report["findings"], strict=True):
        told = dict(zip(heads, row, strict=True))
        assert (told["Rule"], told["Deal"]) == (finding["rule"], finding["deal"])
        at = datetime.fromisoformat(finding["due_at"]).astimezone(PARIS).replace(tzinfo=None)
        assert told["Due at"] == at.replace(microsecond=0)
        assert told["Evidence"].split() == finding["evidence"]
    assert "=1+1" in {row[heads.index("Deal")] for row in rows}
    assert "<f>" not in _xml(path)
    rules = {row[1]: row[-4:] for row in _read(path, "Rules")[1:]}
    assert rules == {
        rule["id"]: [rule[name] for name in ("met", "unmet", "waived", "not_applicable")]
        for rule in report["rules"]
    }


def test_a_report_has_typed_deals_and_numbers(files: list[str], tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    found = _run("report", *files, "--format", "xlsx", "-o", str(path))
    assert found.exception is None, found.exception
    heads, *rows = _read(path, "Deals")
    deals = {row[0]: dict(zip(heads, row, strict=True)) for row in rows}
    assert deals["D-4"]["Amount"] == 4000
    assert deals["D-4"]["To close on"] == date(2026, 4, 4)
    assert deals["D-4"]["Opened"] == datetime(2026, 3, 4, 10)
    assert deals["=1+1"]["State"] == "sold"
    heads, *rows = _read(path, "KPIs")
    values = {(row[0], row[heads.index("Scope")]): row[heads.index("Value")] for row in rows}
    assert values["closing", "company"] == 1
    assert values["revenue", "company"] == 4000
    assert re.search(r'formatCode="#,##0 &quot;EUR&quot;"', _xml(path))
    for sheet in CalamineWorkbook.from_path(str(path)).sheet_names[1:]:
        heads = _read(path, sheet)[0]
        assert len(set(heads)) == len(heads), sheet


def test_customers_and_marks_come_to_what_their_commands_say(tmp_path: Path) -> None:
    folder = Path(__file__).parents[2] / "playbooks" / "bank-sales"
    words = [str(folder / "bank-sales.yaml"), str(folder / "history.csv")]
    words += ["--people", str(folder / "people.csv")]
    path = tmp_path / "report.xlsx"
    assert _run("report", *words, "--format", "xlsx", "-o", str(path)).exception is None
    for command, sheet, columns in (
        ("segments", "Segments", ("value", "open_value", "activities", "closing_value")),
        ("quality", "Quality", ("share_part", "same_text", "share_value")),
    ):
        said = csv.DictReader(StringIO(_run(command, *words, "--format", "csv").output))
        told = [tuple(row[name] for name in columns) for row in said]
        heads, *rows = _read(path, sheet)
        places = [heads.index(head(name)) for name in columns]
        shown = [tuple(row[place] for place in places) for row in rows]
        assert len(shown) == len(told)
        for one, other in zip(shown, told, strict=True):
            assert one == tuple(pytest.approx(float(each)) if each else "" for each in other)
    assert "#,##0 &quot;EUR&quot;" in _xml(path)


def _shipped(name: str) -> list[str]:
    folder = Path(__file__).parents[2] / "playbooks" / name
    people = ["--people", str(folder / "people.csv")]
    return [str(folder / f"{name}.yaml"), str(folder / "history.csv"), *people]


def test_a_forecast_has_typed_sums_and_deals(tmp_path: Path) -> None:
    path, words = tmp_path / "forecast.xlsx", _shipped("bank-sales")
    assert _run("forecast", *words, "--format", "xlsx", "-o", str(path)).exception is None
    told = json.loads(_run("forecast", *words, "--format", "json").output)
    for sheet, records in (("Forecast", told["lines"]), ("Forecast by deal", told["deals"])):
        heads, *rows = _read(path, sheet)
        for name in ("value", "commit", "chance", "amount", "would"):
            if head(name) in heads:
                shown = [row[heads.index(head(name))] for row in rows]
                known = [each[name] for each in records]
                assert shown == [pytest.approx(each) if each is not None else "" for each in known]
    assert "#,##0 &quot;EUR&quot;" in _xml(path)


def test_practices_have_the_rows_of_their_command(tmp_path: Path) -> None:
    path, words = tmp_path / "practices.xlsx", _shipped("bank-sales")
    assert _run("practices", *words, "--format", "xlsx", "-o", str(path)).exception is None
    told = json.loads(_run("practices", *words, "--format", "json").output)
    heads, *rows = _read(path, "Practices")
    assert [row[heads.index("Words")] for row in rows] == [each["words"] for each in told["found"]]
    heads, *rows = _read(path, "No difference")
    rules = [each["rule"] for each in told["alike"]]
    assert [row[heads.index("Rule")] for row in rows] == rules
    lows = [each["effect"]["low"] for each in told["alike"]]
    assert [row[heads.index("Effect low")] for row in rows] == [pytest.approx(x) for x in lows]


def test_pay_has_every_line_as_an_amount(tmp_path: Path) -> None:
    path = tmp_path / "pay.xlsx"
    words = [*_shipped("bank-sales"), "--period", "2026-03"]
    assert _run("pay", *words, "--format", "xlsx", "-o", str(path)).exception is None
    told = json.loads(_run("pay", *words, "--format", "json").output)
    lines = [line for each in told["statements"] for line in each["lines"]]
    heads, *rows = _read(path, "Lines")
    assert lines
    assert [row[heads.index("Amount")] for row in rows] == [float(x["amount"]) for x in lines]
    assert [row[heads.index("Why")] for row in rows] == [x["said"] for x in lines]
    heads, *rows = _read(path, "Statements")
    assert [row[heads.index("Pay")] for row in rows] == [
        float(each["total"]) for each in told["statements"]
    ]


def test_leads_have_the_rows_of_the_list(tmp_path: Path) -> None:
    folder = Path(__file__).parents[2] / "playbooks" / "active-sales"
    path = tmp_path / "leads.xlsx"
    words = [str(folder / "active-sales.yaml"), str(folder / "prospects.csv")]
    words += ["--people", str(folder / "people.csv"), "--history", str(folder / "history.csv")]
    _run("leads", *words, "--format", "xlsx", "-o", str(path))
    told = json.loads(_run("leads", *words, "--format", "json").output)
    heads, *rows = _read(path, "Prospects")
    for name in ("rank", "status", "rep", "segment"):
        shown = [row[heads.index(head(name))] for row in rows]
        assert shown == ["" if each[name] is None else each[name] for each in told["leads"]]
    assert [row[heads.index("Fit")] for row in rows] == [x["fit"] for x in told["leads"]]
    assert [row[0] for row in _read(path, "Due")[1:]] == [each["rep"] for each in told["due"]]


@pytest.mark.parametrize("command", ["audit", "report", "forecast", "practices", "pay", "leads"])
def test_a_workbook_needs_a_file(files: list[str], command: str) -> None:
    found = _run(command, *files, "--format", "xlsx", "-o", "-")
    assert isinstance(found.exception, InputError)
    assert found.exception.code == "usage"
