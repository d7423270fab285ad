"""What columns read themselves is what our own reader reads; all else they leave to it."""

from __future__ import annotations

import codecs
import gzip
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from columns.tables import as_table, events_of
from playgate.auditing.memory import MEMORY
from playgate.columns.delimited import gather_delimited
from playgate.columns.gathered import Gathering
from playgate.columns.not_plain import NotPlainError
from playgate.columns.parquet import gather_parquet
from playgate.columns.rows import Rows
from playgate.columns.stamps import instants_of
from playgate.conditions.instants import instants_reader, load_zone
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.history.read import read_history
from playgate.history.write import write_history
from support.parity import drawn

HEADER = "deal,happened_at,kind,name,value,actor,recorded_at,event_id,attrs\n"
PLAIN = {
    "one row": "D-1,2026-01-31T14:05:00Z,stage,offer,,ann,,,\n",
    "quotes": '"D-1","2026-01-31T14:05:00Z",field,"no,te","say ""hi""",ann,,x1,"{""a"":1}"\n',
    "a quoted quote": 'D-1,2026-01-31T14:05:00Z,field,note,"""",ann,,"",\n',
    "no last newline": "D-1,2026-01-31T14:05:00Z,stage,offer,,ann,,,",
    "windows": "D-1,2026-01-31T14:05:00Z,stage,offer,,ann,,,\r\n",
    "attributes in another order": 'D-1,2026-01-31,activity,call,,,,,"{""b"": 1, ""a"":2}"\n',
    "a space": "D-1,2026-01-31 14:05:00,activity,call,,,,,\n",
    "empty attributes": "D-1,2026-01-31,activity,call,,,,,{}\n",
    "offsets": "D-1,2026-01-31T14:05:00.25+01:00,stage,offer,,,2026-02-28T23:59:59-05:00,,\n",
    "many stamps": "".join(
        f"D-{number % 7},{stamp},activity,call,,,{stamp},e-{number},\n"
        for number, stamp in enumerate(
            ("2024-02-29T00:00:00Z", "2026-12-31 23:59:59", "2026-01-01", "2026-01-01T00:00:00.5Z")
        )
    ),
    "accents": "Décor,2026-01-31,field,note,Zoë,Æsa,,,\n",
    "another form": unicodedata.normalize("NFD", "Décor,2026-01-31,field,note,Zoë,ÿ,,,\n"),
    "both forms": "é,2026-01-31,field,note,,,,,\ne\u0301,2026-01-31,field,note,,,,,\n",
    "blanks": "D-1,2026-01-31, stage,offer,  ,ann ,,x y,\n".replace(" stage", "stage"),
}
ODD = {
    "an empty line": "D-1,2026-01-31,stage,offer,,,,,\n\nD-2,2026-01-31,stage,offer,,,,,\n",
    "too few cells": "D-1,2026-01-31,stage\n",
    "too many cells": "D-1,2026-01-31,stage,offer,,,,,,x\n",
    "a quote within": 'D-1,2026-01-31,field,note,5" pipe,,,,\n',
    "letters behind": 'D-1,2026-01-31,field,note,"5"pipe,,,,\n',
    "over two lines": 'D-1,2026-01-31,field,note,"5\npipe",,,,\n',
    "no kind": "D-1,2026-01-31,phase,offer,,,,,\n",
    "an empty kind": "D-1,2026-01-31,,offer,,,,,\n",
    "no deal": ",2026-01-31,stage,offer,,,,,\n",
    "a blank deal": "  ,2026-01-31,stage,offer,,,,,\n",
    "a deal with spaces": " D-1,2026-01-31,stage,offer,,,,,\n",
    "a deal with a space behind": "D-1\u00a0,2026-01-31,stage,offer,,,,,\n",
    "a blank name": "D-1,2026-01-31,stage, ,,,,,\n",
    "no day": "D-1,2026-02-29,stage,offer,,,,,\n",
    "the thirteenth month": "D-1,2026-13-01T00:00:00Z,stage,offer,,,,,\n",
    "an hour too many": "D-1,2026-01-01T24:00:00Z,stage,offer,,,,,\n",
    "long ago": "D-1,1899-01-01T00:00:00Z,stage,offer,,,,,\n",
    "letters": "D-1,2o26-01-01T00:00:00Z,stage,offer,,,,,\n",
    "recorded never": "D-1,2026-01-31,stage,offer,,,soon,,\n",
    "between microseconds": "D-1,2026-01-31T00:00:00.1234567Z,stage,offer,,,,,\n",
    "attributes that are none": "D-1,2026-01-31,activity,call,,,,,[1]\n",
    "a blank id": "D-1,2026-01-31,stage,offer,,,, ,\n",
    "an id with accents": "D-1,2026-01-31,stage,offer,,,,é,\n",
    "a null": "D-1,2026-01-31,field,note,\0,,,,\n",
    "mixed ends": "D-1,2026-01-31,stage,a,,,,,\r\nD-1,2026-01-31,stage,b,,,,,\n",
}


def read(gather: Any, paths: list[str]) -> Rows:
    with Gathering(MEMORY) as gathering:
        gather(paths, gathering)
        (rows,) = gathering.gathered().parts()
        return rows


def by_reader(paths: list[str]) -> tuple[list[Event], list[Any]]:
    problems: list[Any] = []
    return list(read_history(paths, report=problems.append)), problems


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_of_what_is_plain(tmp_path: Path, text: str, delimiter: str) -> None:
    whole = HEADER + text
    if delimiter != "," and '"' not in text:
        whole = whole.replace(",", delimiter)
    if "\r\n" in text:
        whole = whole.replace("attrs\n", "attrs\r\n")
    file = tmp_path / "history.csv"
    file.write_bytes(whole.encode())
    expected, problems = by_reader([str(file)])
    assert not problems
    assert events_of(read(gather_delimited, [str(file)])) == expected


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_what_is_odd_is_left_to_our_own_reader(tmp_path: Path, text: str) -> None:
    file = tmp_path / "history.csv"
    file.write_bytes((HEADER + "D-0,2026-01-31,stage,offer,,,,,\n" + text).encode())
    with pytest.raises((NotPlainError, InputError)):
        read(gather_delimited, [str(file)])


@pytest.mark.parametrize(
    "whole",
    [
        (HEADER + "D-1,2026-01-31,stage,offer,,,,,\n").encode("utf-16"),
        gzip.compress((HEADER + "D-1,2026-01-31,stage,offer,,,,,\n").encode())[:-9],
        HEADER.encode() + b"D-1,2026-01-31,field,note,\xe9,,,,\n",
        b"sep=,\n" + HEADER.encode() + b"D-1,2026-01-31,stage,offer,,,,,\n",
        b"deal,happened_at,kind,name,colour\nD-1,2026-01-31,stage,offer,red\n",
        b"deal,happened_at,kind,name,name\nD-1,2026-01-31,stage,offer,red\n",
        b'"de\nal",happened_at,kind,name\nD-1,2026-01-31,stage,offer\n',
        b"\n" + HEADER.encode() + b"D-1,2026-01-31,stage,offer,,,,,\n",
        b'{"deal":"D-1"}\n',
        HEADER.encode(),
        b"",
    ],
    ids=[
        *("utf-16", "packed and cut off", "latin", "a note", "another column", "a column twice"),
        *("a header of two lines", "an empty line first", "objects", "nothing", "empty"),
    ],
)
def test_so_are_files_that_are_odd(tmp_path: Path, whole: bytes) -> None:
    file = tmp_path / "history.csv"
    file.write_bytes(whole)
    with pytest.raises((NotPlainError, InputError)):
        read(gather_delimited, [str(file)])


@pytest.mark.parametrize(
    "whole",
    [
        codecs.BOM_UTF8 + HEADER.encode() + b"D-1,2026-01-31,stage,offer,,,,,\n",
        gzip.compress((HEADER + "D-1,2026-01-31,stage,offer,,,,,\n").encode()),
        b'"deal",happened_at,kind,name\nD-1,2026-01-31,stage,offer\n',
        HEADER.replace("\n", "\r\n").encode() + b"D-1,2026-01-31,stage,offer,,,,,",
    ],
    ids=["a mark", "packed", "a quoted header", "no end of the last line"],
)
def test_such_files_are_read(tmp_path: Path, whole: bytes) -> None:
    file = tmp_path / "history.csv"
    file.write_bytes(whole)
    expected, problems = by_reader([str(file)])
    assert len(expected) == 1
    assert not problems
    assert events_of(read(gather_delimited, [str(file)])) == expected


@pytest.mark.parametrize("seed", range(12))
def test_of_generated_histories_in_both_formats(tmp_path: Path, seed: int) -> None:
    """Where a file of several is odd, none is read here."""
    files = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for number, file in enumerate(files):
        events = [each for each in drawn(seed + number).events if each.happened_at > -(2**61)]
        write_history(str(file), [events])
    names = list(map(str, files))
    expected, _ = by_reader(names)
    assert events_of(read(gather_delimited, names)) == expected
    tables = [tmp_path / "one.parquet", tmp_path / "two.parquet"]
    for number, table in enumerate(tables):
        its = [each for each in expected if each.source == number]
        pq.write_table(as_table(its), table, row_group_size=50)
    found = events_of(read(gather_parquet, list(map(str, tables))))
    assert [each._replace(line=0) for each in found] == [each._replace(line=0) for each in expected]


def test_of_parquet_with_nulls_and_few_columns(tmp_path: Path) -> None:
    file = tmp_path / "history.parquet"
    at = datetime(2026, 1, 31, 14, 5, tzinfo=UTC)
    table = {
        "kind": ["field", "stage"],
        "deal": ["D-1", "D-1"],
        "happened_at": pa.array([at, at], pa.timestamp("ms")),
        "name": ["note", "offer"],
        "value": ["x", None],
        "actor": pa.array([None, None], pa.string()),
        "recorded_at": pa.array([None, at], pa.timestamp("s")),
    }
    pq.write_table(pa.table(table), file)
    instant = int(at.timestamp()) * 1_000_000
    assert events_of(read(gather_parquet, [str(file)])) == [
        Event("D-1", instant, "field", "note", "x", "", instant, "", "", 0, 1),
        Event("D-1", instant, "stage", "offer", "", "", instant, "", "", 0, 2),
    ]


def test_of_parquet_whose_columns_are_dictionaries(tmp_path: Path) -> None:
    plain = drawn(3).events[:40]
    events = [each._replace(source=0) for each in plain if each.happened_at > -(2**61)]
    table = as_table(events)
    for name in ("happened_at", "recorded_at"):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.array(_stamps(table.column(name))))
    packed = pa.table({name: table.column(name).dictionary_encode() for name in table.schema.names})
    one, other = str(tmp_path / "one.parquet"), str(tmp_path / "other.parquet")
    pq.write_table(table, one)
    pq.write_table(packed, other)
    assert pa.types.is_dictionary(pq.read_schema(other).field("event_id").type)
    assert events_of(read(gather_parquet, [other])) == events_of(read(gather_parquet, [one]))


def _stamps(column: pa.ChunkedArray) -> list[str]:
    return [each.isoformat() for each in column.to_pylist()]


@pytest.mark.parametrize(
    "change",
    [
        {"happened_at": pa.array(["2026-01-32"])},
        {"happened_at": pa.array([""])},
        {"happened_at": pa.array([None], pa.timestamp("us"))},
        {"happened_at": pa.array([1], pa.timestamp("ns"))},
        {"deal": pa.array([7])},
        {"deal": pa.array([None], pa.string())},
        {"deal": pa.array([" "])},
        {"kind": pa.array(["phase"])},
        {"kind": pa.array([None], pa.string())},
        {"name": pa.array([""])},
        {"attrs": pa.array(["[]"])},
        {"colour": pa.array(["red"])},
    ],
    ids=lambda change: "-".join(map(str, next(iter(change.items()))[1].to_pylist())),
)
def test_parquet_that_is_odd_is_left_to_our_own_reader(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    plain = {
        "deal": pa.array(["D-1"]),
        "happened_at": pa.array([0], pa.timestamp("us")),
        "kind": pa.array(["stage"]),
        "name": pa.array(["offer"]),
    }
    file = tmp_path / "history.parquet"
    pq.write_table(pa.table(plain), file)
    assert read(gather_parquet, [str(file)]).size == 1
    pq.write_table(pa.table(plain | change), file)
    with pytest.raises(NotPlainError):
        read(gather_parquet, [str(file)])


def test_days_are_those_of_the_calendar() -> None:
    days = np.arange("1901-01-01", "2199-12-31", dtype="datetime64[D]").astype(str).tolist()
    stamps = [f"{day}T0{number % 10}:5{number % 7}:09Z" for number, day in enumerate(days)]
    expected = instants_reader(UTC)(stamps)
    assert instants_of(pa.array(stamps), UTC).tolist() == expected


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "Australia/Lord_Howe"])
def test_stamps_of_all_usual_forms(zone: str) -> None:
    """By the hour around each change of a clock, and with what may stand behind the seconds."""
    days = ("2024-03-31", "2024-10-27", "2024-04-07", "2024-10-06", "2024-02-29", "1901-01-01")
    tails = ("", "Z", ".5", ".123456Z", ".25+02:00", "-11:30", "+05:45")
    stamps = [
        f"{day}{mark}0{hour}:{minute}:07{tail}"
        for day in days
        for mark in "T "
        for hour in range(5)
        for minute in ("00", "31")
        for tail in tails
    ]
    stamps += [*days, "2024-01-01T00:00:00z", "2024-01-01t00:00:00Z"]
    where = load_zone(zone)
    assert where is not None
    assert instants_of(pa.array(stamps), where).tolist() == instants_reader(where)(stamps)


@pytest.mark.parametrize(
    "stamp",
    [
        *(
            "2024-02-30",
            "2024-01-01T00:00:00.",
            "2024-01-01T00:00:00.1234567Z",
            "2024-01-01T00:00:0",
        ),
        *(
            "2024-01-01T00:00:00+24:00",
            "2024-01-01T00:00:00+0100",
            "2024-01-01T00:00:00,5Z",
            "",
            " ",
        ),
        *("2024-01-01T00:00:60Z", "2024/01/01", "2024-01-01T00:00:00.1234567890123456789+01:00"),
    ],
)
def test_what_is_no_stamp(stamp: str) -> None:
    with pytest.raises(NotPlainError):
        instants_of(pa.array(["2024-01-01", stamp]), UTC)
