"""A table of another make that columns read themselves is what our own reader reads of it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

pytest.importorskip("numpy")
pytest.importorskip("pyarrow")

from hypothesis import event, given, settings
from hypothesis import strategies as st

import playgate.columns.plain_csv as plain_csv
import playgate.history.source as source
from columns.tables import events_of
from playgate.auditing.memory import MEMORY
from playgate.columns.gathered import Gathering
from playgate.columns.mapped import gather_mapped
from playgate.columns.not_plain import NotPlainError
from playgate.history.event import Event, Problem
from playgate.history.mapping import Mapping, load_mapping, parse_mapping
from playgate.history.read import read_history
from support.in_process import Run

CRMS = Path(__file__).parents[2] / "playbooks" / "crm"
SHAPES = Path(__file__).parents[1] / "history" / "shapes"
Table = list[list[str]]
Read = tuple[list[Event], list[Problem]]

HEADER = ["id", "when", "made", "what", "value", "who", "no", "note", "on"]
TAME = {
    "id": ["D-1", "D-1", "D-2", "Ä-3"],
    "when": [
        *("2026-01-31T10:00:00Z", "2026-01-31 10:00:00", "2026-01-31", "2026-10-25T02:30:00"),
        *("2026-01-31T10:00:00.25+02:00", "2026-03-29 02:30:00", "20260131T1000Z"),
    ],
    "made": ["", "2026-02-01T00:00:00Z", "2026-02-01 12:00:00.123456"],
    "what": ["call", "mail", "phase", "amount", "Zoë"],
    "value": ["open", "won", "12.5", "1,5", "", "  ", 'say "hi"', "a,b;c", "Zoë"],
    "who": ["ann", "bob", "", "Ann "],
    "no": ["", "x1", "x2", "e-1", "7"],
    "note": ["", "a", "b"],
    "on": ["31.01.2026 10:00", "25.10.2026 02:30", "2026-03-01T00:00:00Z"],
}
HOSTILE = {
    "id": [" D-1", "D-1 ", "", "  ", "D\0"],
    "when": ["soon", "", "1800-01-01", "2026-02-30", "2026-01-01T00:00:00.1234567Z"],
    "made": ["never", " ", "2300-01-01"],
    "what": ["", " ", "Zoe\u0308"],
    "value": ["two\nlines", "Zoe\u0308", "1.2.3", "EUR 5"],
    "who": ["\0", "e\u0301"],
    "no": [" ", "é", "\u00a0", " x1"],
    "note": ["two\r\nlines", "\0"],
    "on": ["31.02.2026 10:00", ""],
}
FORMED: list[Any] = [
    "value",
    {"columns": ["value", "note"]},
    {"column": "value", "names": {"open": "offer", "won": "won"}},
    {"column": "value", "names": {"open": "offer", "w*": "won"}, "only": True},
    {"text": "fixed"},
]
NUMBERS: list[Any] = [
    {"column": "value", "number": {"decimal": "."}},
    {"column": "value", "number": {}},
]
NAMES: list[Any] = [
    "what",
    {"text": "call"},
    {"column": "what", "names": {"call": "phone", "mail": "letter"}},
    {"column": "what", "names": {"call": "phone", "phase": "offer"}, "only": True},
]
WHERE: list[dict[str, Any]] = [
    {},
    {"what": "call"},
    {"what": ["call", "mail"], "who": {"is": "present"}},
    {"what": {"not": "phase"}},
    {"value": {"is": "absent"}},
    {"what": ["c*", "amount"]},
    {"what": "nothing"},
]
STAMPS: list[Any] = [
    {"column": "on", "format": ["%d.%m.%Y %H:%M", "iso"]},
    "when",
    {"columns": ["made", "when"]},
    {"column": "when", "format": "iso"},
]
ATTRS: list[Any] = [
    {"with": {"column": "note", "split": ";"}},
    {"with": "note", "by": {"column": "who", "names": {"ann": "Ann"}}},
]
MAYBE: dict[str, list[Any]] = {
    "actor": ["who", {"column": "who", "names": {"ann": "Ann"}}, {"columns": ["who", "note"]}],
    "event_id": ["no", {"columns": ["no", "note"]}],
    "recorded_at": ["made"],
    "attrs": ATTRS,
}


def some_of(draw: st.DrawFn, keys: dict[str, list[Any]]) -> dict[str, Any]:
    return {key: draw(st.sampled_from(of)) for key, of in keys.items() if draw(st.booleans())}


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["stage", "activity", "field"]))
    found = {"kind": kind, "name": draw(st.sampled_from(NAMES))}
    if kind == "field" or (kind == "activity" and draw(st.booleans())):
        found["value"] = draw(st.sampled_from([*FORMED, *NUMBERS]))
    if where := draw(st.sampled_from(WHERE)):
        found["where"] = where
    return {**found, **(some_of(draw, MAYBE) if draw(st.booleans()) else {})}


@st.composite
def mappings(draw: st.DrawFn) -> Mapping:
    table = {
        "deal": "id",
        "happened_at": draw(st.sampled_from(STAMPS)),
        **some_of(draw, {**MAYBE, "table": ["calls"], "where": WHERE[1:4]}),
        "rows": draw(st.lists(entries(), min_size=1, max_size=3)),
    }
    if "event_id" not in table:
        table["identical"] = draw(st.sampled_from(["once", "once", "keep"]))
    if draw(st.booleans()):
        table["start"] = some_of(draw, {"amount": [*FORMED, *NUMBERS], "note": ["note"]}) or {
            "note": "note"
        }
    zone = draw(st.sampled_from(["UTC", "Europe/Paris"]))
    text = json.dumps({"mapping": "m", "version": 1, "timezone": zone, "tables": [table]}, indent=1)
    found, mistakes = parse_mapping(text.encode(), "m.mapping.yaml")
    assert found is not None, (mistakes, text)
    return found


@st.composite
def tables(draw: st.DrawFn, hostile: bool) -> Table:
    def cell(column: str) -> str:
        odd = hostile and draw(st.integers(0, 30)) == 0
        return draw(st.sampled_from((HOSTILE if odd else TAME)[column]))

    rows = [[cell(column) for column in HEADER] for _ in range(draw(st.integers(1, 12)))]
    return rows + [draw(st.sampled_from(rows)) for _ in range(draw(st.integers(0, 2)))]


def written(table: Table, draw: st.DrawFn, header: Sequence[str] = HEADER) -> bytes:
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    text = io.StringIO(newline="")
    csv.writer(
        text,
        delimiter=draw(st.sampled_from([",", ";"])),
        lineterminator=draw(st.sampled_from(["\n", "\r\n"])),
        quoting=quoting,
    ).writerows([header, *table])
    found = text.getvalue()
    if draw(st.booleans()):
        found = found.removesuffix("\n").removesuffix("\r")
    return gzip.compress(found.encode()) if draw(st.booleans()) else found.encode()


def by_reader(paths: list[str], mapping: Mapping) -> Read:
    problems: list[Problem] = []
    return list(read_history(paths, mapping=mapping, report=problems.append)), problems


def by_columns(paths: list[str], mapping: Mapping, memory: int = MEMORY) -> Read:
    problems: list[Problem] = []
    with Gathering(memory) as gathering:
        gather_mapped(paths, mapping, problems.append, gathering)
        parts = [events_of(rows) for rows in gathering.gathered().parts()]
    return [each for part in parts for each in part], problems


def by_columns_or_not(paths: list[str], mapping: Mapping) -> tuple[Read | None, str]:
    """What columns read, or why they do not."""
    try:
        return by_columns(paths, mapping), ""
    except NotPlainError as error:
        return None, str(error)


def hold_together(files: Sequence[bytes], mapping: Mapping, *, is_plain: bool) -> None:
    with TemporaryDirectory() as folder:
        paths = [str(Path(folder) / f"{number}.csv") for number in range(len(files))]
        for path, content in zip(paths, files, strict=True):
            Path(path).write_bytes(content)
        expected = by_reader(paths, mapping)
        found, reason = by_columns_or_not(paths, mapping)
    if found is None:
        event(reason[:40])
        assert not is_plain or expected[1] or mapping.tables[0].keeps_identical, reason
        return
    event("read")
    assert found == expected


@settings(max_examples=50)
@given(st.data())
def test_tables_with_hostile_cells(data: st.DataObject) -> None:
    mapping = data.draw(mappings())
    table = data.draw(tables(hostile=True))
    hold_together([written(table, data.draw)], mapping, is_plain=False)


@settings(max_examples=40)
@given(st.data())
def test_tame_tables_are_read_by_columns(data: st.DataObject) -> None:
    mapping = data.draw(mappings())
    table = data.draw(tables(hostile=False))
    hold_together([written(table, data.draw)], mapping, is_plain=True)


@settings(max_examples=25)
@given(st.data())
def test_histories_of_two_files(data: st.DataObject) -> None:
    mapping = data.draw(mappings())
    first, second = (data.draw(tables(hostile=False)) for _ in range(2))
    order = data.draw(st.permutations(range(len(HEADER)))) if data.draw(st.booleans()) else None
    files = [written(first, data.draw)]
    if order is None:
        files.append(written([*first[:3], *second], data.draw))
    else:
        turned = [[row[place] for place in order] for row in [*first[:3], *second]]
        files.append(written(turned, data.draw, [HEADER[place] for place in order]))
    hold_together(files, mapping, is_plain=False)


@pytest.fixture
def in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets files be read some lines at a time."""
    monkeypatch.setattr(plain_csv, "_BLOCK", 300)
    monkeypatch.setattr(source, "_CHUNK", 200)


TABLE = {
    "deal": "id",
    "happened_at": "when",
    "actor": "who",
    "table": "calls",
    "start": {"amount": "value", "kind": {"column": "what", "names": {"call": "phoned"}}},
    "rows": [
        {"kind": "activity", "name": "what", "where": {"what": ["call", "mail"]}},
        {"kind": "field", "name": {"text": "note"}, "value": "note"},
        {"kind": "stage", "name": {"text": "late"}, "where": {"what": "never"}},
    ],
}


def mapping_of(table: dict[str, Any]) -> Mapping:
    whole = {"mapping": "m", "version": 1, "timezone": "Europe/Paris", "tables": [table]}
    found, mistakes = parse_mapping(json.dumps(whole, indent=1).encode(), "m.mapping.yaml")
    assert found is not None, mistakes
    return found


def lines_of(count: int) -> str:
    whats = ["call", "mail", "phase"] * (count // 3)
    rows = [
        f"D-{number // 5 % 9},2026-01-{number % 28 + 1:02} 10:00:00,"
        f",{what},{number % 4},ann,,n{number},"
        for number, what in enumerate(whats)
    ]
    return "\n".join([",".join(HEADER), *rows, rows[0], '"D-0"' + rows[0][3:]])


@pytest.mark.usefixtures("in_pieces")
@pytest.mark.parametrize("memory", [MEMORY, 40_000], ids=["in memory", "on disk"])
def test_a_table_in_pieces(tmp_path: Path, memory: int) -> None:
    """Rows that are the same, one in quotes, have one id, wherever the file is cut."""
    file = tmp_path / "a.csv"
    file.write_text(lines_of(90))
    mapping = mapping_of(TABLE)
    events, problems = by_reader([str(file)], mapping)
    found, told = by_columns([str(file)], mapping, memory)
    assert [each.reason for each in problems] == ["no row fits the `where` of this entry"]
    assert told == problems
    assert sorted(found) == sorted(events)
    assert len({each.event_id for each in found if each.line in (2, 92, 93)}) == 3  # "", two events


NOT_PLAIN: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "a path": lambda table: {**table, "actor": "who.name"},
    "a row's number": lambda table: {**table, "event_id": {"row": True}},
    "what begins behind a mark": lambda table: {**table, "deal": {"column": "id", "after": "-"}},
    "the stage from the start": lambda table: {**table, "start": {"stage": "value"}},
    "columns that are made": lambda table: {
        **table,
        "columns": {"whose": {"columns": ["who", "note"]}},
    },
    "amounts in several currencies": lambda table: {
        **table,
        "start": {"amount": {"column": "value", "number": {"currency": ["EUR", "USD"]}}},
    },
    "a column that is not there": lambda table: {**table, "actor": "whom"},
    "files of another name": lambda table: {**table, "files": ["b.csv"]},
}


@pytest.mark.parametrize("change", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_other_mappings_are_left_to_our_own_reader(
    tmp_path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(lines_of(6))
    assert by_columns([str(file)], mapping_of(TABLE))[0]
    with pytest.raises(NotPlainError):
        by_columns([str(file)], mapping_of(change(TABLE)))


SAMPLES = [
    *(
        (path, path.parent / f"export{path.name.split('.')[0].removeprefix(path.parent.name)}")
        for path in sorted(CRMS.rglob("*.mapping.yaml"))
    ),
    *((path, path.parent) for path in sorted(SHAPES.rglob("mapping.yaml"))),
]
LOANS = Path(__file__).parents[2] / "playbooks" / "loan-application" / "bpic2012.mapping.yaml"
LOG = """case_id,activity,timestamp,resource,lifecycle,case:REG_DATE,case:AMOUNT_REQ
1,A_SUBMITTED,2011-10-01T00:38:44.546+02:00,112,COMPLETE,2011-10-01T00:38:44.546+02:00,20000
1,A_PREACCEPTED,2011-10-01T00:39:37.906+02:00,,COMPLETE,2011-10-01T00:38:44.546+02:00,20000
1,W_Completeren aanvraag,2011-10-30T02:39:38.875+01:00,112,START,2011-10-01T00:38:44.546+02:00,20000
1,W_Completeren aanvraag,2011-10-30T02:39:38.875+01:00,112,START,2011-10-01T00:38:44.546+02:00,20000
2,O_SENT,2011-10-30T02:39:38.875+01:00,112,COMPLETE,2011-10-01T00:38:44.546+02:00,5000
2,O_CREATED,2011-10-30T02:39:38.875+01:00,112,COMPLETE,2011-10-01T00:38:44.546+02:00,5000
"""


@pytest.mark.parametrize(("mapping", "folder"), SAMPLES, ids=lambda path: path.name)
def test_what_columns_read_of_samples(mapping: Path, folder: Path) -> None:
    paths = sorted(str(path) for path in folder.iterdir() if path.suffix != ".yaml")
    given = load_mapping(mapping)
    found, reason = by_columns_or_not(paths, given)
    assert reason or found == by_reader(paths, given)


def test_the_loan_log_is_read_by_columns(tmp_path: Path) -> None:
    file = tmp_path / "events.csv.gz"
    file.write_bytes(gzip.compress(LOG.encode()))
    mapping = load_mapping(LOANS)
    events, problems = by_columns([str(file)], mapping)
    assert (events, problems) == by_reader([str(file)], mapping)
    assert len(events) == 8


def test_standard_input_is_read_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot be read again where it is not plain, so our own reader reads it."""
    playbook = LOANS.parent / "loan-application.yaml"
    given = io.TextIOWrapper(io.BufferedReader(io.BytesIO(LOG.encode())))
    monkeypatch.setattr(sys, "stdin", given)
    words = ("--map", "bpic2012", "--engine", "columns", "--fail-on", "never", "--format", "json")
    status, out, err = run("audit", playbook, "-", *words)
    assert (status, err) == (0, "")
    assert json.loads(out)["history"]["deals"] == 2
