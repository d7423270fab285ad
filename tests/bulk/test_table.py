"""A history as a table holds the events that our own reader gives, and tells the same problems."""

from __future__ import annotations

import csv
import shutil

import pytest

pytest.importorskip("ibis")

from bulk.reading import as_parquet, by_reader, by_table, same
from playgate.bulk.engine.connect import connect
from playgate.bulk.engine.steps import Steps
from playgate.bulk.reading.event_table import events_of, table_from_events
from playgate.bulk.reading.history_table import table_of_parquet, table_on
from playgate.conditions.instants import load_zone
from playgate.documents.shipped import shipped
from playgate.errors import InputError
from playgate.history.event import START, Event

HEADER = "deal,happened_at,kind,name,value,actor,recorded_at,event_id,attrs\n"
SAMPLES = sorted(str(path) for path in shipped("playbooks").rglob("history.csv"))


@pytest.fixture
def write(tmp_path):
    def run(content, name="history.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return run


@pytest.mark.parametrize("path", SAMPLES)
def test_the_samples(path, tmp_path):
    events, _ = same([shutil.copy(path, tmp_path)])
    assert len(events) > 1000


def test_several_files_in_order(write, tmp_path):
    second = write(HEADER + "D,2026-01-01,field,b,2,,,,\n", "b.csv")
    events, _ = same([shutil.copy(SAMPLES[0], tmp_path), second, write(HEADER, "none.csv")])
    assert {event.source for event in events} == {0, 1}


ROWS = {
    "plain": "D,2026-01-01T10:00:00Z,stage,a,,ann,,,\n",
    "quoted": 'D,2026-01-01,field,a,"x, ""y""",ann,,e1,"{""with"":[""decider""]}"\n',
    "attributes in another form": 'D,2026-01-01,field,a,,,,,"{ ""b"": 1.50, ""a"": null }"\n'
    "D,2026-01-01,field,a,,,,,{}\nD,2026-01-01,field,a,,,,, \n"
    'D,2026-01-01,field,a,,,,,"{""with"":[],""origin"":""ui""}"\n'
    'D,2026-01-01,field,a,,,,,"{""origin"":""ui"",""with"":""a""}"\n'
    'D,2026-01-01,field,a,,,,,"{""é"":""\\u00e9\\n""}"\n'
    'D,2026-01-01,field,a,,,,,"{""x"":1e400,""y"":12345678901234567890}"\n',
    "attributes that are none": "D,2026-01-01,field,a,,,,,[1]\nD,2026-01-01,field,a,,,,,{a}\n"
    'D,2026-01-01,field,a,,,,,"{""a"":NaN}"\n',
    "stamps": "D,2026-02-30,field,a,,,,,\nD,2026-01-01 10:00,field,a,,,,,\n"
    "D,0000-01-01,field,a,,,,,\nD,9999-12-31T23:59:59.9999999-01:00,field,a,,,,,\n"
    "D,2026-01-01t10:00:00.5z,field,a,,,2026-01-02T00:00:00+23:59,,\nD,,field,a,,,,,\n"
    "D,2026-01-01,field,a,,,soon,,\nD,2026-01-01,field,a,,, ,,\nD, 2026-01-01,field,a,,,,,\n",
    "kinds and names": "D,2026-01-01,Field,a,,,,,\nD,2026-01-01,,a,,,,,\n"
    "D,2026-01-01,stage, ,,,,,\n ,2026-01-01,stage,a,,,,,\n\u3000,2026-01-01,stage,a,,,,,\n"
    "D,2026-01-01,stage,\u00a0x,,,,,\nD,2026-01-01,stage,\u200b,,,,,\n",
    "long ids": "1234567890123456789,2026-01-01,stage,a,,,,,\n007,2026-01-01,stage,a,,,,,\n",
    "spaces": "D,2026-01-01,stage, a , v ,,,,\n",
    "no end": "D,2026-01-01,stage,a,,,,,",
    "nothing": "",
}


@pytest.mark.thorough
@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
def test_rows(write, rows):
    same([write(HEADER + rows)])


PLAIN = HEADER + ROWS["plain"]


def test_paths_that_look_like_patterns(write):
    write(HEADER, "b1.csv")
    same([write(PLAIN, "b[1]*'?.csv")])


def test_a_file_that_is_not_there(tmp_path):
    path = str(tmp_path / "none.parquet")
    assert by_table([path]) == by_reader([path])


def _parquet(write, query, name="history.parquet"):
    import duckdb

    path = write("", name)
    duckdb.sql(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("stamp", "instant"),
    [
        ("timestamp '2026-07-01 10:00:00.5'", 1_782_900_000_500_000 - 7_200_000_000),
        ("timestamptz '2026-07-01 10:00:00.5+00'", 1_782_900_000_500_000),
        ("timestamp_ns '2026-07-01 10:00:00.500000999'", 1_782_900_000_500_000 - 7_200_000_000),
        ("timestamp_ns '1969-12-31 23:59:59.500000999'", -500_000 - 3_600_000_000),
        ("date '2026-07-01'", 1_782_864_000_000_000 - 7_200_000_000),
        ("'2026-07-01T10:00:00.5'", 1_782_900_000_500_000 - 7_200_000_000),
    ],
)
def test_stamps_of_parquet(write, stamp, instant):
    query = f"SELECT 123 AS deal, {stamp} AS happened_at, 'stage' AS kind, 'a' AS name"
    path = _parquet(write, query)
    events, problems = by_table([path], zone=load_zone("Europe/Paris"))
    assert problems == []
    (event,) = events
    assert event[:11] == ("123", instant, "stage", "a", "", "", instant, "", "", 0, 1)
    assert event.rest == ("999" if "timestamp_ns" in stamp else "")


def test_types_of_parquet(write):
    path = _parquet(
        write,
        """
        SELECT 1234567890123456789 AS deal, timestamptz '2026-01-01 00:00:00+00' AS happened_at,
            'field'::ENUM('field') AS kind, 'a' AS name, 1.5::DOUBLE AS value,
            NULL::TIMESTAMP AS recorded_at, {'with': ['x'], 'origin': NULL} AS attrs
        UNION ALL SELECT 5, NULL, 'field', 'a', NULL, NULL, {'with': ['x'], 'origin': 'ui'}
        UNION ALL SELECT NULL, timestamptz '2026-01-01 00:00:00+00', 'field', 'a', 2,
            timestamp '2026-01-02', NULL
        UNION ALL SELECT 6, timestamptz '2026-01-01 00:00:00+00', 'field', 'a', 2,
            timestamp '2026-01-02', {'with': ['x', 'y"'], 'origin': 'ui'}
    """,
    )
    events, problems = by_table([path])
    at, told = 1_767_225_600_000_000, 1_767_312_000_000_000
    assert events == [
        Event("1234567890123456789", at, "field", "a", "1.5", "", at, "", '{"with":["x"]}', 0, 1),
        Event(
            "6", at, "field", "a", "2.0", "", told, "", '{"origin":"ui","with":["x","y\\""]}', 0, 4
        ),
    ]
    assert [(each.line, each.reason) for each in problems] == [
        (2, "happened_at is empty"),
        (3, "the deal is empty"),
    ]


def test_parquet_that_cannot_be_used(write):
    assert by_table([write("x", "a.parquet")])[0].endswith("is not a Parquet file")
    assert "cannot be read as Parquet" in by_table([write("PAR1x", "a.parquet")])[0]
    path = _parquet(write, "SELECT 'D' AS deal, 'stage' AS kind, 'a' AS name")
    assert by_table([path])[0].endswith('has no column "happened_at"')
    path = _parquet(write, "SELECT ['D'] AS deal, 'stage' AS kind, 'a' AS name, '' AS happened_at")
    assert "which is no text" in by_table([path])[0]


EVENTS = [
    Event("D", START, "field", "a", "é", "", START, "", "", 0, 2),
    Event("D", 5, "stage", "a", "", "ann", 7, "", '{"a":1}', 0, 2),
    Event("C", 6, "stage", "a", "", "ann", 6, "x", "", 0, 3),
    Event("D", 5, "stage", "b", "", "ann", 5, "", "", 1, 2),
]


@pytest.mark.parametrize("count", [0, 1, 20_000])
def test_events_go_in_and_come_out(count):
    connection = connect("duckdb")
    events = [event._replace(line=event.line + 10 * at) for at in range(count) for event in EVENTS]
    table = table_from_events(connection, iter(events))
    expected = sorted(events, key=lambda event: (event.deal, event.source, event.line))
    assert list(events_of(connection, table)) == expected
    if count:
        assert connection.to_pyarrow(table.filter(table.event_of_row == 1)).num_rows == count


def _table(address, statements, name, **options):
    connection = connect(address)
    for statement in statements:
        connection.raw_sql(statement)
    problems = []
    with Steps(connection, prefix="history") as steps:
        table = table_on(connection, name, steps=steps, report=problems.append, **options)
        return list(events_of(connection, table)), problems


def test_a_table_on_a_connection():
    events, problems = _table(
        "duckdb",
        [
            "CREATE SCHEMA crm",
            """CREATE TABLE crm.log AS SELECT 7 AS deal, timestamptz '2026-01-01 00:00:00+00'
        AS happened_at, unnest(['stage', 'field', 'activity', 'x']) AS kind, 'a' AS name""",
            """INSERT INTO crm.log VALUES (3, NULL, 'stage', 'a')""",
        ],
        "crm.log",
    )
    at = 1_767_225_600_000_000
    assert events == [
        Event("7", at, kind, "a", "", "", at, "", "", 0, 0)
        for kind in ("activity", "field", "stage")
    ]
    assert sorted((each.file, each.line, each.reason) for each in problems) == [
        ("crm.log", 0, "happened_at is empty"),
        ("crm.log", 0, 'there is no kind "x"'),
    ]


def test_a_table_that_is_not_there():
    with pytest.raises(InputError, match="cannot read the table crm"):
        _table("duckdb", [], "crm.log")


def test_what_is_kept_is_gone(write):
    connection = connect("duckdb")
    path = as_parquet(write(PLAIN))
    for _ in range(2):
        with Steps(connection, prefix="history") as steps:
            table_of_parquet(connection, [path], steps=steps, report=print)
        assert connection.raw_sql("SHOW TABLES").fetchall() == []


@pytest.mark.postgres
def test_a_table_on_postgres(postgres, write):
    """Texts read as on DuckDB, timestamps exactly, wherever the session's clock stands."""
    content = HEADER + "".join(rows for name, rows in ROWS.items() if name != "no end")
    expected, told = by_reader([write(content)])
    rows = csv.reader(content.splitlines())
    columns = ", ".join(f"{name} text" for name in next(rows))
    postgres.raw_sql(f"CREATE TEMPORARY TABLE told ({columns})")
    for row in rows:
        cells = ", ".join("'" + cell.replace("'", "''") + "'" for cell in row)
        postgres.raw_sql(f"INSERT INTO told VALUES ({cells})")  # noqa: S608
    postgres.raw_sql("""SET timezone = 'Asia/Tokyo'; CREATE TEMPORARY TABLE stamped AS
        SELECT 7 AS deal, timestamptz '2026-07-01 10:00:00.25+00' AS happened_at, 'field' AS kind,
        timestamp '1969-12-31 23:59:59.5' AS recorded_at, 'n' AS name, true AS value""")
    problems = []
    with Steps(postgres, prefix="history") as steps:
        table = table_on(postgres, "told", steps=steps, report=problems.append)
        found = list(events_of(postgres, table))
        table = table_on(postgres, "stamped", steps=steps, report=problems.append)
        stamped = list(events_of(postgres, table))
    postgres.raw_sql("RESET timezone")
    assert sorted(found) == sorted(event._replace(line=0) for event in expected)
    assert sorted(each.reason for each in problems) == sorted(each.reason for each in told)
    at = 1_782_900_000_250_000
    assert stamped == [Event("7", at, "field", "n", "true", "", -500_000, "", "", 0, 0)]
