"""A mapping as expressions makes of rows what our own reader makes of them."""

from __future__ import annotations

import pytest

pytest.importorskip("ibis")

from bulk.reading import as_parquet, by_reader, by_table, same
from history.conftest import mapping_of
from history.test_mapped import (
    CHANGES,
    CLOCK_CHANGES,
    HEADER,
    KINDS_OF_ROWS,
    NUMBERS,
    ONLY,
    PROBLEMS,
)
from playgate.bulk.engine.connect import connect
from playgate.bulk.engine.steps import Steps
from playgate.bulk.reading.event_table import events_of
from playgate.bulk.reading.history_table import table_on
from playgate.history.mapping import find_mapping, load_mapping

pytestmark = pytest.mark.thorough


@pytest.fixture
def write(tmp_path):
    def run(content, name="history.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode())
        return str(path)

    return run


def padded(rows):
    """The rows below HEADER, all of them with as many cells."""
    cells = (row.removesuffix("|" * max(row.count("|") - 11, 0)) for row in rows)
    return HEADER + "".join(row + "|" * (11 - row.count("|")) + "\n" for row in cells)


def of_value(form, at="at"):
    return mapping_of(f"""\
mapping: values
version: 1
timezone: Europe/Paris
tables:
  - deal: deal
    happened_at: {at}
    rows: [{{kind: field, name: {{text: n}}, value: {form}}}]
""")


CHANGED = [
    "7|1234567890123456789|2026-01-05 10:00:00|2026-01-06|1|no|€ 1.234,50|stage|1||||",
    "8|1234567890123456789|2026-07-05T10:00:00||2|no|0|stage|2||||",
    "9|1234567890123456789|2026-07-05T10:00:00Z||2|no|0|closing|31.12.2026|d; user;|1.50|",
    "10|1234567890123456789|nonsense||2|yes||stage|2|||",
    "11||nonsense||2|no||stage|2|||",
    "12|D|nonsense||2|no||other|2|||",
    "|D|2026-01-05|||no|5|stage|2|||x",
    "13|D|2026-01-05|||no||stage|2||| ",
    "14|D|2026-01-05|||no|6|closing|1.2.2026|d;d; ; x|12|",
    "15|D|2026-01-05|||no|6|budget| |;|-0|",
    '16|D|2026-01-05|||no|6|budget|29.02.2026|"a""b"|1|',
    "17|E|2026-01-05|||no|x|budget||a\\b|0.000001|",
    "18|D|2026-01-05|||no|7|budget||decider;d|100.0|",
    "19|D|2026-01-05|||no|7|budget||\u3000d\u3000;|+7|",
]


def test_rows_of_every_kind(write):
    events, problems = same([write(padded(CHANGED))], mapping_of(CHANGES))
    assert len(events) > 12
    assert problems


def test_problems(write):
    # At once, as DuckDB takes its time to plan what a mapping asks.
    path = write(padded([f"0|D{place}{row}" for place, (row, _) in enumerate(PROBLEMS)]))
    _, problems = same([path], mapping_of(CHANGES))
    of_rows = [each.reason for each in problems if each.file != "m.yaml"]
    assert of_rows == [reason for _, reason in PROBLEMS]


def test_clock_changes(write):
    rows = [f"0|D|{local}||1|no||stage|1" for local, _ in CLOCK_CHANGES]
    same([write(padded(rows))], mapping_of(CHANGES))


@pytest.mark.parametrize("form", sorted({form for form, *_ in NUMBERS}))
def test_numbers(write, form):
    texts = [text for _, text, _ in NUMBERS] + [
        "0",
        "000",
        "-0",
        "+0,0",
        "1 234,5",
        "1.5.",
        ".5",
        "5.",
        "1 2",
        "- 5",
        "-€ 5 €",
        "€",
        "",
        "1\u202f234",
        "00.10",
        "1.234.567",
        "1,234,567.0",
        "12,34",
        "1'234",
        "5e",
        "€ -5 EUR",
    ]
    rows = "".join(f"D\t2026-01-05\t{text}\n" for text in dict.fromkeys(texts))
    inside = form if form == "{}" else f"{{{form}}}"
    mapping = of_value(f"{{column: n, number: {inside}}}")
    same([write("deal\tat\tn\n" + rows)], mapping)


FORMS = {
    "%d/%m/%Y %H:%M": [
        "05/01/2026 17:30",
        "5/1/2026 7:05",
        "31/02/2026 10:00",
        "05/01/26 17:30",
        "25/10/2026 02:30",
        "29/03/2026 02:30",
        "05/01/2026  17:30",
        "x",
    ],
    "%Y%m%d%H%M%S": ["20260105173005", "2026011173005", "20261305173005"],
    "%m/%d/%y, %I:%M %p": ["01/05/26, 12:30 AM", "1/5/69, 12:30 pm", "01/05/68, 1:30 PM"],
    "%Y-%m-%dT%H:%M:%S.%f": [
        "2026-01-05T17:30:05.5",
        "2026-01-05T17:30:05.123456",
        "2026-1-05T17:30:05.12",
        "2026-01-05T17:30:61.0",
    ],
    "%d.%m.%Y": ["05.01.2026", "5.1.2026", " 05.01.2026 ", "29.02.2024", "29.02.2026", ""],
    "on %Y-%m-%d 100%%": ["on 2026-01-05 100%", "ON 2026-01-05 100%"],
}


@pytest.mark.parametrize("form", FORMS)
def test_stamps_of_a_form(write, form):
    texts = [*FORMS[form], "2026-01-05", "05/01/2026", " "]
    rows = "".join(f"D|{text}\n" for text in texts)
    path = write("deal|at\n" + rows)
    same([path], of_value("{text: x}", f'{{column: at, format: "{form}"}}'))


@pytest.mark.parametrize("key", ["format", "date"])
@pytest.mark.parametrize("form", FORMS)
def test_values_of_a_form(write, form, key):
    rows = "".join(f"D|2026-01-05|{text}\n" for text in [*FORMS[form], "2026-01-05", " "])
    path = write("deal|at|n\n" + rows)
    same([path], of_value(f'{{column: n, {key}: "{form}", names: {{x: "2026"}}}}'))


@pytest.mark.parametrize("form", ["%d %B %Y", "%A %d.%m.%Y", "%Y %j %m %d", "%d.%m.%Y %z"])
def test_forms_that_no_expression_can_read(write, form):
    path = write("deal|at\nD|x\n")
    assert "%" in str(
        by_table(
            [as_parquet(path)], mapping=of_value("{text: x}", f'{{column: at, format: "{form}"}}')
        )[0]
    )


SEVERAL = ["iso", '[iso, "%d.%m.%Y"]', '["%d.%m.%Y", iso]', '["%Y-%m-%d", "%d.%m.%Y %H:%M %z"]']


@pytest.mark.parametrize("key", ["format", "date"])
@pytest.mark.parametrize("forms", SEVERAL)
def test_of_several_forms_the_first_that_reads_counts(write, forms, key):
    texts = ["2026-01-05", "05.01.2026", "2026-01-05T10:00:00.5+0100", "2026-01-05 10:00:00Z", "x"]
    texts += ["05.01.2026 10:00 +0100", "2026-01-05T10:00:00,1234567Z", " 2026-01-05", ""]
    path = write("deal|at|n\n" + "".join(f"D|{text}|{text}\n" for text in texts))
    at = f"{{column: at, format: {forms}}}" if key == "format" else "{text: 2026-01-05}"
    same([path], of_value(f"{{column: n, {key}: {forms}}}", at))


def test_what_no_expression_can_read(write):
    path = write("deal|at|n\nD|2026-01-05|5 €\n")
    for form in ("currency: [€]", "currency: [€], names: {€: EUR}, only: true", "format: epoch"):
        assert "cannot be read" in str(
            by_table([as_parquet(path)], mapping=of_value(f"{{column: n, {form}}}"))[0]
        )


def test_runs_begin_deals(write):
    header = "case:concept:name,concept:name,time:timestamp,case:amount,case:kind\n"
    rows = "D,A,2026-01-05,5,a\nD,B,,5,a\nE,B,,6,x\nD,A,2026-01-05,5,a\n ,A,,1,a\nF,B,, ,a\n,,,,\n"
    same([write(header + rows)], mapping_of(ONLY))
    rows = "D,,f,1\nD,2026-01-05,a,1\nE,x,a,y\nE,2026-01-05,f,2\n,2026-01-05,a,1\nE,x,z,\nF,x,a,y\n"
    same([write("deal,at,k,n\n" + rows)], mapping_of(KINDS_OF_ROWS))


NASTY = [
    "",
    " ",
    "stage",
    "closing",
    "budget",
    "1",
    "2",
    "no",
    "yes",
    "2026-01-05",
    "5/1/2026",
    "31.12.2026",
    "d;x",
    "1.50",
    "€ 5",
    "é",
    "x'y",
    "\u3000",
    "d",
    "0",
]


def test_rows_at_random(write):
    import random

    draw = random.Random(7)
    rows = []
    for line in range(3000):
        deal = draw.choice(["D", "E", "F", "", " "]) if line % 3 else "D"
        stamp = draw.choice(["2026-01-05", "2026-10-25 02:30:00", "x", ""])
        rows.append("|".join([draw.choice(NASTY), deal, stamp, *draw.choices(NASTY, k=9)]))
    events, problems = same([write(padded(rows))], mapping_of(CHANGES))
    assert len(events) > 100
    assert len(problems) > 100


def test_the_shipped_mapping_of_a_log(write):
    import random

    draw = random.Random(3)
    mapping = load_mapping(find_mapping("bpic2012"))
    names = [name for row in mapping.tables[1].rows for name in [*row.name.names, "O_SENT", "X"]]
    rows = ["case_id,activity,timestamp,resource,lifecycle,case:REG_DATE,case:AMOUNT_REQ"]
    for case in range(200):
        rows += [
            f"{case},{draw.choice(names)},2011-10-{draw.randint(1, 31):02}T10:00:00.546+02:00,"
            f"{draw.choice(['', '112'])},{draw.choice(['START', 'COMPLETE', 'SCHEDULE'])},,{case}"
            for _ in range(20)
        ]
    events, _ = same([write("\n".join(rows) + "\n")], mapping)
    assert len(events) > 2000


LOG_OF_CHANGES = """
tables:
  - files: "*activit*"
    deal: deal_id
    happened_at: due_to
    actor: assigned_to_user
    where: {done: ["True", "true", "1"], deal_id: {is: present}}
    rows:
      - kind: activity
        event_id: activity_id
        name: {column: type, names: {meeting: sales_call_1, sc_2: sales_call_2}}
  - deal: deal_id
    happened_at: change_time
    identical: once
    rows:
      - kind: stage
        where: {changed_field_key: stage_id}
        name: {column: new_value, names: {"1": lead, "2": proposal}}
      - kind: field
        where: {changed_field_key: lost_reason}
        name: {text: lost_reason}
        value: {column: new_value, names: {"1": pricing, "2": unreachable}}
      - kind: stage
        where: {changed_field_key: lost_reason, new_value: {is: present}}
        name: {text: lost}
      - {kind: field, where: {changed_field_key: user_id}, name: {text: owner}, value: new_value}
      - kind: field
        where: {changed_field_key: {not: [stage_id, lost_reason, user_id]}}
        name: changed_field_key
        value: new_value
"""


def test_a_log_of_changes_and_one_of_activities(write):
    import random

    draw = random.Random(4)
    mapping = mapping_of("mapping: log\nversion: 1" + LOG_OF_CHANGES)
    keys = ["stage_id", "lost_reason", "user_id", "add_time", "value", ""]
    changes = ["deal_id,change_time,changed_field_key,new_value"] + [
        f"{draw.randint(1, 50)},2024-0{draw.randint(1, 9)}-01 10:00:00,{draw.choice(keys)},"
        f"{draw.choice(['', *'123456789', '12'])}"
        for _ in range(2000)
    ]
    done = ["activity_id,type,assigned_to_user,deal_id,done,due_to"] + [
        f"{draw.randint(1, 900)},{draw.choice(['meeting', 'sc_2', 'x'])},{draw.choice('12')},"
        f"{draw.choice(['', '7'])},{draw.choice(['True', 'False'])},2024-0{draw.randint(1, 9)}-01"
        for _ in range(1000)
    ]
    same([write("\n".join(changes) + "\n"), write("\n".join(done) + "\n", "activity.csv")], mapping)


ON_A_TABLE = """
CREATE TABLE changes AS SELECT * FROM (VALUES
    (1, timestamp '2026-01-05 10:00:00', 'a', 5.5),
    (1, timestamp '2026-01-04 10:00:00', 'f', 4.5),
    (2, NULL, 'a', 1),
    (2, timestamp '2026-01-04 10:00:00', 'f', NULL)
) AS r(deal, "at", k, n)
"""


def test_a_table_on_a_connection(write):
    connection = connect("duckdb")
    connection.raw_sql(ON_A_TABLE)
    text = KINDS_OF_ROWS.replace('number: {decimal: ","}', "number: {}")
    mapping = mapping_of(text.replace("version: 1", "version: 1\ntimezone: Europe/Paris"))
    rows = "1,2026-01-04T10:00:00,f,4.5\n1,2026-01-05T10:00:00,a,5.5\n2,,a,1.0\n"
    rows += "2,2026-01-04T10:00:00,f,\n"
    expected, told = by_reader([write("deal,at,k,n\n" + rows)], mapping=mapping)
    problems = []
    with Steps(connection, prefix="history") as steps:
        table = table_on(
            connection, "changes", steps=steps, mapping=mapping, report=problems.append
        )
        found = list(events_of(connection, table))
    assert sorted(found) == sorted(event._replace(line=0) for event in expected)
    assert [each.reason for each in problems] == [each.reason for each in told]
