from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path

import pytest

from playgate.conditions.instants import show_instant
from playgate.errors import InputError
from playgate.history.event import Problem
from playgate.history.read import read_history

HEADER = "deal,happened_at,kind,name,value,actor,recorded_at,event_id,attrs\n"
PLAIN = [("D1", "stage", "approach", ""), ("D2", "field", "note", "a, b")]

DIALECTS = {
    "comma": "deal,happened_at,kind,name,value\nD1,2026-01-05,stage,approach,\n"
    'D2,2026-01-05,field,note,"a, b"\n',
    "semicolon": "deal;happened_at;kind;name;value\nD1;2026-01-05;stage;approach;\n"
    "D2;2026-01-05;field;note;a, b\n",
    "tab": "deal\thappened_at\tkind\tname\tvalue\nD1\t2026-01-05\tstage\tapproach\t\n"
    "D2\t2026-01-05\tfield\tnote\ta, b\n",
    "pipe": "deal|happened_at|kind|name|value\nD1|2026-01-05|stage|approach|\n"
    "D2|2026-01-05|field|note|a, b\n",
    "quoted header": '"deal";"happened_at";"kind";"name";"value"\n'
    '"D1";"2026-01-05";"stage";"approach";""\n"D2";"2026-01-05";"field";"note";"a, b"\n',
    "single quotes": "'deal','happened_at','kind','name','value'\n"
    "'D1','2026-01-05','stage','approach',''\n'D2','2026-01-05','field','note','a, b'\n",
    "space after comma": "deal, happened_at, kind, name, value\n"
    'D1, 2026-01-05, stage, approach,\nD2, 2026-01-05, field, note, "a, b"\n',
    "spreadsheet note": "sep=;\ndeal;happened_at;kind;name;value\n"
    "D1;2026-01-05;stage;approach;\nD2;2026-01-05;field;note;a, b\n",
    "short rows": "deal,happened_at,kind,name,value\nD1,2026-01-05,stage,approach\n"
    'D2,2026-01-05,field,note,"a, b"\n',
    "blank lines": "\n\ndeal,happened_at,kind,name,value\n\nD1,2026-01-05,stage,approach,\n\n"
    'D2,2026-01-05,field,note,"a, b"',
}


@pytest.mark.parametrize("text", DIALECTS.values(), ids=DIALECTS)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gzip"])
def test_dialects_read_alike(read, text, ends, encoding):
    text = text.replace("\n", ends)
    content = gzip.compress(text.encode()) if encoding == "gzip" else text.encode(encoding)
    events, problems = read(content)
    assert [(each.deal, each.kind, each.name, each.value) for each in events] == PLAIN
    assert problems == []


def test_quotes_escaped_with_a_backslash(read):
    events, problems = read(
        'deal,happened_at,kind,name,value\nD1,2026-01-05,field,note,"he said \\"hi\\", twice"\n'
    )
    assert [each.value for each in events] == ['he said "hi", twice']
    assert problems == []


def test_ids_stay_text_and_lines_are_those_of_the_file(read):
    events, problems = read(
        HEADER
        + "1234567890123456789,2026-01-05,stage,approach,,007,,,\n"
        + '0012,2026-01-05,field,note,"two\nlines",,,,\n'
        + "1e3,2026-01-05,stage,design,,,,,\n"
    )
    assert [each.deal for each in events] == ["1234567890123456789", "0012", "1e3"]
    assert [each.actor for each in events] == ["007", "", ""]
    assert [each.line for each in events] == [2, 3, 5]
    assert problems == []


PROBLEM_ROWS = [
    (" ,2026-01-05,stage,a,,,,,", "the deal is empty"),
    ("D,,stage,a,,,,,", "happened_at is empty"),
    ("D,05.01.2026,stage,a,,,,,", 'happened_at "05.01.2026" cannot be read as an instant'),
    ("D,2026-02-30,stage,a,,,,,", 'happened_at "2026-02-30" cannot be read as an instant'),
    (
        "D,2026-01-05T10:00,stage,a,,,,,",
        'happened_at "2026-01-05T10:00" cannot be read as an instant',
    ),
    (
        "D,20260105T100000Z,stage,a,,,,,",
        'happened_at "20260105T100000Z" cannot be read as an instant',
    ),
    ("D,2026-W02-1,stage,a,,,,,", 'happened_at "2026-W02-1" cannot be read as an instant'),
    (
        "D,2026-01-05T24:00:00Z,stage,a,,,,,",
        'happened_at "2026-01-05T24:00:00Z" cannot be read as an instant',
    ),
    (
        "D,0001-01-01T00:00:00+02:00,stage,a,,,,,",
        'happened_at "0001-01-01T00:00:00+02:00" cannot be read as an instant',
    ),
    ("D,2026-01-05,stages,a,,,,,", 'there is no kind "stages"'),
    ("D,2026-01-05,Stage,a,,,,,", 'there is no kind "Stage"'),
    ("D,2026-01-05,stage, ,,,,,", "the stage's name is empty"),
    ("D,2026-01-05,stage,a,,,yesterday,,", 'recorded_at "yesterday" cannot be read as an instant'),
    (
        'D,2026-01-05,stage,a,,,,,"{""with"":[""a""],""with"":[""b""]}"',
        'attrs: the key "with" stands twice in one object',
    ),
    ("D,2026-01-05,stage,a,,,,,[1]", "attrs is not a JSON object: [1]"),
    ('D,2026-01-05,stage,a,,,,,"{""a"":NaN}"', 'attrs is not a JSON object: {"a":NaN}'),
    (
        'D,2026-01-05,stage,a,,,,,"{""a"":""\\ud800""}"',
        'attrs is not a JSON object: {"a":"\\ud800"}',
    ),
    ("D,2026-01-05,stage,a,,,,,,extra", "10 cells, where the header has 9"),
    ('D,2026-01-05,stage,"a"b,,,,,', "not well-formed CSV: ',' expected after '\"'"),
]


@pytest.mark.parametrize(("row", "reason"), PROBLEM_ROWS, ids=[each[1] for each in PROBLEM_ROWS])
def test_what_cannot_be_read_is_a_problem_with_its_line(read, row, reason):
    good = "G,2026-01-05,stage,a,,,,,\n"
    events, problems = read(HEADER + good + row + "\n" + good)
    assert problems == [(3, reason)]
    assert [each.deal for each in events] == ["G", "G"]
    assert [each.line for each in events] == [2, 4]


def test_a_quote_that_is_never_closed(read):
    events, problems = read(HEADER + 'D,2026-01-05,stage,a,,,,,\nE,2026-01-05,stage,"a,,,,,\nx\n')
    assert [each.deal for each in events] == ["D"]
    assert problems == [
        (3, "not well-formed CSV: unexpected end of data"),
        (4, "happened_at is empty"),
    ]


UNCLOSED = {
    "behind it no quotes": ("F,2026-01-05,stage,b,,,,,\n" * 3, 3),
    "behind it quotes": ('F,2026-01-05,stage,"b",,,,,\n' * 3, 3),
    "behind it a cell over two lines": ('F,2026-01-05,field,note,"b\nc",,,,\n' * 3, 3),
    "over many blocks": ('F,2026-01-05,stage,"b",,,,,\n' * 9000, 9000),
}


@pytest.mark.parametrize(("rows", "many"), UNCLOSED.values(), ids=UNCLOSED)
def test_a_quote_that_is_never_closed_costs_its_own_row(read, rows, many):
    events, problems = read(HEADER + 'E,2026-01-05,stage,"a,,,,,\n' + rows)
    assert [each.deal for each in events] == ["F"] * many
    assert events[0].line == 3
    assert [line for line, _ in problems] == [2]


def test_a_cell_without_end_is_bounded(read):
    rows = "".join(f"D{n},2026-01-05,stage,a,,,,,\n" for n in range(9000))
    events, problems = read(HEADER + rows + 'E,2026-01-05,stage,"' + "x\n" * 70_000)
    assert len(events) == 9000
    assert problems[0] == (9002, "not well-formed CSV: field larger than field limit (131072)")
    assert problems[1] == (9003, "happened_at is empty")


def test_quoted_cells_that_reach_over_blocks(read):
    long = "line\n" * 20_000
    rows = "".join(f"D{n},2026-01-05,stage,a,,,,,\n" for n in range(2000))
    events, problems = read(
        HEADER + rows + f'E,2026-01-05,field,note,"{long}",,,,\n' + "F,2026-01-05,stage,a,,,,,\n"
    )
    assert problems == []
    assert events[-2].value == long
    assert events[-2].line == 2002
    assert events[-1].line == 22_003


UNEVEN = {
    "last line short": "G,2026-01-05,stage,a,v\nS,2026-01-05,stage,b\n",
    "first line short": "S,2026-01-05,stage,b\nG,2026-01-05,stage,a,v\n",
    "as many cells in all": "S,2026-01-05,stage,b\nG,2026-01-05,stage,a,v,\n",
    "a blank line": "S,2026-01-05,stage,b,\n\nG,2026-01-05,stage,a,v\n",
    "no last line end": "S,2026-01-05,stage,b,\nG,2026-01-05,stage,a,v",
}


@pytest.mark.parametrize("rows", UNEVEN.values(), ids=UNEVEN)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "mixed"])
def test_lines_need_not_be_alike(read, rows, ends):
    text = "deal,happened_at,kind,name,value\nG,2026-01-05,stage,a,v\n" + rows
    text = text.replace("\n", "\r\n", 2) if ends == "mixed" else text.replace("\n", ends)
    events, problems = read(text)
    found = {(each.deal, each.name, each.value) for each in events}
    assert found == {("G", "a", "v"), ("S", "b", "")}
    assert [each.line for each in events] == [2, 3, 5 if "\n\n" in rows else 4]
    assert problems == []


STAMPS = [
    ("2026-01-05T10:00:00Z", "2026-01-05T10:00:00Z"),
    ("2026-01-05t10:00:00z", "2026-01-05T10:00:00Z"),
    ("2026-01-05 10:00:00.25+01:00", "2026-01-05T09:00:00.250Z"),
    ("2026-01-05T10:00:00.1234567Z", "2026-01-05T10:00:00.123456Z"),
    ("2026-01-05", "2026-01-05T00:00:00Z"),
    ("2026-01-05T10:00:00", "2026-01-05T10:00:00Z"),
]


@pytest.mark.parametrize(("text", "instant"), STAMPS)
def test_stamps(read, text, instant):
    events, problems = read(HEADER + f"D,{text},stage,a,,,{text},,\n")
    assert [show_instant(each.happened_at) for each in events] == [instant]
    assert events[0].recorded_at == events[0].happened_at
    assert problems == []


def test_attrs_are_canonical(read):
    events, _ = read(
        HEADER
        + 'D,2026-01-05,stage,a,,,,,"{""with"": [""x""], ""a"": 1.0, ""é"": 12345678901234567890}"'
        + "\nD,2026-01-05,stage,a,,,,,{}\n"
    )
    assert [each.attrs for each in events] == [
        '{"a":1.0,"with":["x"],"é":12345678901234567890}',
        "",
    ]


NOT_READ = {
    "empty": (b"", "is empty"),
    "blank": (b"\n\n  \n", "is empty"),
    "missing columns": (b"deal,happend_at,type,name\n", 'has no columns "happened_at", "kind"'),
    "twice": (b"deal,happened_at,kind,name,deal\n", 'has the column "deal" twice'),
    "latin": (
        "deal,happened_at,kind,name,é\nD,2026-01-05,stage,a\n".encode("latin-1"),
        "line 1: byte 0xe9 is not UTF-8",
    ),
    "nul": (b"deal,happened_at,kind,name\0\nD,2026-01-05,stage,a\n", "line 1: a NUL byte"),
    "utf-16 cut short": (b"\xff\xfed\0e\0a", "line 1: what stands there is not UTF-16-LE"),
    "parquet": (b"PAR1....", "is a Parquet file"),
    "spreadsheet": (b"PK\x03\x04....", "is a zip archive or a spreadsheet"),
    "json list": (b'[{"deal": 1}]', "is one JSON list"),
    "broken gzip": (gzip.compress(b"deal,happened_at" * 999)[:-20], "is broken"),
    "one long line": (b"x" * 5_000_000, "line 1: a line of more than"),
    "zip bomb": (gzip.compress(b"x" * 5_000_000), "line 1: a line of more than"),
    "xes without mapping": (b"<?xml version='1.0'?><log></log>", "needs a mapping"),
}


@pytest.mark.parametrize(("content", "reason"), NOT_READ.values(), ids=NOT_READ)
def test_files_that_cannot_be_used(read, content, reason):
    with pytest.raises(InputError) as error:
        read(content)
    assert reason in error.value.message


NO_TEXT = {
    b"te\0xt": "a NUL byte, which is no text",
    b'"te\0xt"': "a NUL byte, which is no text",
    b'"two\nlines\0"': "a NUL byte, which is no text",
    b"caf\xe9": "byte 0xe9 is not UTF-8",
    b"caf\xc3": "byte 0xc3 is not UTF-8",
}


@pytest.mark.parametrize("cell", NO_TEXT)
@pytest.mark.parametrize("kind", [b"stage", b"field"])
def test_a_row_that_is_no_text_costs_no_other(read, cell, kind):
    good = "G,2026-01-05,field,note,é,,,,\n".encode()
    row = b"D,2026-01-05,%s,note,%s,,,,\n" % (kind, cell)
    events, problems = read(HEADER.encode() + good + row + good * 9000)
    assert len(events) == 9001
    assert {each.value for each in events} == {"é"}
    assert problems == [(3, NO_TEXT[cell])]


@pytest.mark.parametrize("cell", [b"te\0xt", b"caf\xe9"])
def test_an_object_that_is_no_text_costs_no_other(read, cell):
    row = b'{"deal": "D", "happened_at": "2026-01-05", "kind": "stage", "name": "%s"}\n'
    events, problems = read(row % b"a" + row % cell + row % b"b", "h.ndjson")
    assert [each.line for each in events] == [1, 3]
    assert problems == [(2, NO_TEXT[cell])]


NOTES = ["sep=;\n", '"sep=;"\n', "SEP=;\r\n", '"Sep=;"\r\n', "\n\nsep=;\n", "\ufeffsep=;\n"]


@pytest.mark.parametrize("note", NOTES)
def test_a_line_that_tells_the_delimiter(read, note):
    events, problems = read(
        note + "deal;happened_at;kind;name\nD;2026-01-05;stage;a\nE;x;stage;b\n"
    )
    lines = note.count("\n")
    assert [(each.deal, each.line) for each in events] == [("D", lines + 2)]
    assert problems == [(lines + 3, 'happened_at "x" cannot be read as an instant')]


def test_missing_columns_are_hinted_at(read):
    with pytest.raises(InputError) as error:
        read("Deal,happend_at,kind,name\n")
    assert error.value.hint.startswith(
        'deal: did you mean "Deal"?; happened_at: did you mean "happend_at"?'
    )


def test_missing_files(tmp_path):
    for path, reason in ((tmp_path / "none.csv", "does not exist"), (tmp_path, "is a folder")):
        with pytest.raises(InputError) as error:
            list(read_history([str(path)], report=print))
        assert reason in error.value.message


def test_an_optional_column_that_is_misspelt_is_told(read):
    events, problems = read("deal,happened_at,kind,name,recordedat\nD,2026-01-05,stage,a,\n")
    assert len(events) == 1
    assert problems == [(1, 'column "recordedat" is not read')]


def test_ndjson(read):
    rows = [
        '{"deal": 1234567890123456789, "happened_at": "2026-01-05", "kind": "field", "name": "x", '
        '"value": 1.50, "attrs": {"with": ["decider"], "n": 12345678901234567890}}',
        "",
        '{"deal": "D", "happened_at": "2026-01-05", "kind": "field", "name": "x", "value": true, '
        '"actor": null, "more": [1]}',
        '{"deal": "D", "happened_at": "2026-01-05", "kind": "field", "name": "x", "value": [1, 2]}',
    ]
    events, problems = read("\n".join(rows), "h.ndjson")
    assert [(each.deal, each.value, each.line) for each in events] == [
        ("1234567890123456789", "1.50", 1),
        ("D", "true", 3),
        ("D", "[1,2]", 4),
    ]
    assert events[0].attrs == '{"n":12345678901234567890,"with":["decider"]}'
    assert problems == []


BAD_JSON = [
    ("[1]", "not a JSON object: a list"),
    ("{", "not a JSON object: Expecting property name enclosed in double quotes"),
    ('{"a": NaN}', "not a JSON object: NaN is not JSON"),
    ('{"deal": "\\ud800"}', "not a JSON object: \\ud800 is half of a character"),
    ('{"deal": "D", "name": "a", "name": "b"}', 'the key "name" stands twice'),
    ('{"deal" : "D", "name" : "a", "name" : "b"}', 'the key "name" stands twice'),
    ('{"deal": "D", "attrs": {"a": 1, "a": 2}}', 'the key "a" stands twice'),
    ('{"é": 1, "e\\u0301": 2}', 'the key "é" stands twice'),
    ('{"deal": "\\u0000"}', "not a JSON object: a NUL character"),
    ('{"deal": ' + "[" * 100_000, "JSON nested too deep"),
    ('{"attrs": ' + '{"a":' * 100 + "1" + "}" * 101, "JSON nested too deep"),
    ('{"attrs": ' + '{"a":' * 100_000 + "1" + "}" * 100_001, "JSON nested too deep"),
]


@pytest.mark.parametrize(("row", "reason"), BAD_JSON, ids=[each[1] for each in BAD_JSON])
def test_ndjson_rows_that_cannot_be_read(read, row, reason):
    good = json.dumps({"deal": "D", "happened_at": "2026-01-05", "kind": "stage", "name": "a"})
    events, problems = read(f"{good}\n{row}\n{good}\n", "h.jsonl.gz")
    assert [each.line for each in events] == [1, 3]
    assert [(line, text.startswith(reason)) for line, text in problems] == [(2, True)]


def test_ndjson_of_another_make(read):
    with pytest.raises(InputError, match='no "deal"') as error:
        read('{"dael": 1, "happened_at": "2026-01-05", "kind": "stage", "name": "a"}\n')
    assert "dael" in error.value.hint


def test_several_files_standard_input_and_progress(tmp_path: Path, monkeypatch):
    row = "D,2026-01-05,stage,a,,,,,\n"
    first = tmp_path / "a.csv"
    first.write_text(HEADER + row)
    second = tmp_path / "b.csv.gz"
    second.write_bytes(gzip.compress((HEADER + row * 2).encode()))
    stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO((HEADER + row).encode())))
    monkeypatch.setattr(sys, "stdin", stdin)
    steps: list[int] = []
    problems: list[Problem] = []
    events = list(
        read_history([str(first), str(second), "-"], report=problems.append, progress=steps.append)
    )
    assert [each.source for each in events] == [0, 1, 1, 2]
    assert sum(steps) == first.stat().st_size + second.stat().st_size
    assert problems == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_blank_lines_count_as_lines_and_are_no_rows(read, end):
    row = "D,2026-01-05,stage,a"
    text = end.join(["deal,happened_at,kind,name", row, *[""] * 600_000, row, "", row])
    events, problems = read(text)
    assert [each.line for each in events] == [2, 600_003, 600_005]
    assert problems == []
