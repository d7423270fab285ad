"""What a mapping makes of rows: case by case."""

from __future__ import annotations

import pytest

from playgate.conditions.instants import show_instant
from playgate.errors import InputError
from playgate.history.event import START

CHANGES = """\
mapping: crm
version: 1
timezone: Europe/Paris
tables:
  - files: "*calls*"
    deal: id
    happened_at: {column: when, format: "%d/%m/%Y %H:%M"}
    rows:
      - {kind: activity, name: {text: call}}
  - deal: deal
    happened_at: at
    recorded_at: seen
    actor: {column: who, names: {"1": ada}}
    event_id: id
    attrs: {origin: {text: import}}
    where: {deleted: {not: "yes"}, deal: {is: present}}
    start: {amount: {column: amount, number: {decimal: ",", thousands: ".", currency: [€, EUR]}}}
    rows:
      - kind: stage
        where: {field: stage}
        name: {column: new, names: {"1": approach, "2": design}}
      - kind: field
        where: {field: [closing, budget]}
        name: field
        value: {column: new, date: "%d.%m.%Y"}
        attrs:
          with: {column: roles, split: ";", names: {d: decider}}
          days: {column: n, number: {}}
      - kind: activity
        where: {field: stage, new: "2"}
        name: {text: demo}
        value: {columns: [outcome, new]}
        actor: {text: bo}
"""
HEADER = "id|deal|at|seen|who|deleted|amount|field|new|roles|n|outcome\n"


def shown(event):
    start = event.happened_at == START
    return (
        event.deal,
        "start" if start else show_instant(event.happened_at),
        event.kind,
        event.name,
        event.value,
        event.actor,
        event.event_id,
        event.attrs,
        event.line,
    )


def test_rows_of_every_kind(read):
    rows = [
        "7|1234567890123456789|2026-01-05 10:00:00|2026-01-06|1|no|€ 1.234,50|stage|1||||",
        "8|1234567890123456789|2026-07-05T10:00:00||2|no|0|stage|2||||",
        "9|1234567890123456789|2026-07-05T10:00:00Z||2|no|0|closing|31.12.2026|d; user;|1.50|",
        "10|1234567890123456789|nonsense||2|yes||stage|2|||",
        "11||nonsense||2|no||stage|2|||",
        "12|D|nonsense||2|no||other|2|||",
    ]
    events, problems = read(HEADER + "\n".join(rows), "changes.csv", CHANGES)
    deal, origin = "1234567890123456789", '{"origin":"import"}'
    assert problems == []
    assert [shown(event) for event in events] == [
        (deal, "start", "field", "amount", "1234.50", "", "", "", 2),
        (deal, "2026-01-05T09:00:00Z", "stage", "approach", "", "ada", "7", origin, 2),
        (deal, "2026-07-05T08:00:00Z", "stage", "design", "", "2", "8", origin, 3),
        (deal, "2026-07-05T08:00:00Z", "activity", "demo", "2", "bo", "8-2", origin, 3),
        (
            deal,
            "2026-07-05T10:00:00Z",
            "field",
            "closing",
            "2026-12-31",
            "2",
            "9",
            '{"days":1.5,"origin":"import","with":["decider","user"]}',
            4,
        ),
    ]
    assert show_instant(events[1].recorded_at) == "2026-01-05T23:00:00Z"
    assert events[2].recorded_at == events[2].happened_at


PROBLEMS = [
    ("|5.1.2026||1|no||stage|1||||", 'happened_at "5.1.2026" cannot be read as an instant'),
    ("|||1|no||stage|1||||", "happened_at is empty"),
    ("|2026-01-05|soon|1|no||stage|1||||", 'recorded_at "soon" cannot be read as an instant'),
    ("|2026-01-05||1|no||stage|||||", "the stage's name is empty"),
    (
        "|2026-01-05||1|no||closing|31/12/2026||||",
        'closing: "31/12/2026" is not of the form "%d.%m.%Y"',
    ),
    ("|2026-01-05||1|no||closing|||x||", '"x" is not a number of the form 1234.50'),
    (
        "|2026-01-05||1|no|1,234.50|stage|1||||",
        'amount: "1,234.50" is not a number of the form 1.234,50 €',
    ),
]


@pytest.mark.parametrize(("row", "reason"), PROBLEMS, ids=[each[1] for each in PROBLEMS])
def test_problems(read, row, reason):
    _, problems = read(HEADER + "0|D" + row + "\n", "changes.csv", CHANGES)
    of_row = [problem for problem in problems if "`where`" not in problem[1]]
    assert of_row == [(2, reason)]


def test_an_empty_deal(read):
    mapping = CHANGES.replace(", deal: {is: present}", "")
    events, problems = read(HEADER + "1| |2026-01-05||||5|stage|1||||\n", "x.csv", mapping)
    assert (events, problems) == ([], [(2, "the deal is empty")])


def test_the_table_is_chosen_by_the_files_name(read):
    content = "id;when\n9;05/01/2026 17:30\n9;01/05/2026 17:30\n9;2026-01-05\n"
    for name in ("calls-2026.csv", "CALLS.csv.gz"):
        events, problems = read(content, name, CHANGES)
        assert [show_instant(each.happened_at) for each in events] == [
            "2026-01-05T16:30:00Z",
            "2026-05-01T15:30:00Z",
        ]
        assert problems == [(4, 'happened_at "2026-01-05" cannot be read as an instant')]


def test_no_table_fits(read):
    mapping = CHANGES.split("  - deal: deal")[0]
    with pytest.raises(InputError, match="no table for") as error:
        read("a\n", "other.csv", mapping)
    assert error.value.hint == "it reads files named *calls*"


def test_all_missing_columns_at_once(read):
    with pytest.raises(InputError, match='has no columns "id", "when"') as error:
        read("ID;then\n", "calls.csv", CHANGES)
    assert error.value.hint == 'id: did you mean "ID"?; when: did you mean "then"?'


CLOCK_CHANGES = [
    ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),  # doubled: the first is meant
    ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z"),
    ("2026-10-25T03:30:00", "2026-10-25T02:30:00Z"),
    ("2026-03-29T02:30:00", "2026-03-29T01:30:00Z"),  # skipped: the offset of before
    ("2026-03-29T03:30:00", "2026-03-29T01:30:00Z"),
    ("2026-03-29T01:59:59", "2026-03-29T00:59:59Z"),
]


@pytest.mark.parametrize(("local", "instant"), CLOCK_CHANGES)
def test_clock_changes(read, local, instant):
    row = f"0|D|{local}||1|no||stage|1||||\n"
    events, _ = read(HEADER + row * 2, "changes.csv", CHANGES)
    assert [show_instant(each.happened_at) for each in events] == [instant, instant]


NUMBERS = [
    ('decimal: ",", thousands: "."', "1.234.567,89", "1234567.89"),
    ('decimal: ",", thousands: "."', "-1234,5", "-1234.5"),
    ('decimal: ",", thousands: "."', "1.23", None),
    ('decimal: ",", thousands: "."', "1.2345", None),
    ('decimal: ",", thousands: "."', "1.234.56", None),
    ('decimal: ","', "1.5", None),
    ('thousands: ","', "1,234.50", "1234.50"),
    ('thousands: ","', "12,34,567", "1234567"),
    ('thousands: " ", decimal: ","', "1 234\u00a0567,0", "1234567.0"),
    ('thousands: "’"', "1’234", "1234"),
    ('currency: ["€", EUR]', "€ 5", "5"),
    ('currency: ["€", EUR]', "-€5", "-5"),
    ('currency: ["€", EUR]', "€ -5", "-5"),
    ('currency: ["€", EUR]', "5 EUR", "5"),
    ('currency: ["€", EUR]', "5 $", None),
    ("{}", "007", "7"),
    ("{}", "+0.50", "0.50"),
    ("{}", "12345678901234567890", "12345678901234567890"),
    ("{}", " ", ""),
    ("{}", "1e5", None),
    ("{}", "--5", None),
    ("{}", "٣", None),
]


@pytest.mark.parametrize(("form", "text", "number"), NUMBERS)
def test_numbers_are_read_only_as_the_mapping_says(read, form, text, number):
    form = form if form == "{}" else f"{{{form}}}"
    mapping = f"""\
mapping: numbers
version: 1
tables:
  - deal: deal
    happened_at: at
    rows: [{{kind: field, name: {{text: n}}, value: {{column: n, number: {form}}}}}]
"""
    events, problems = read(f"deal|at|n\nD|2026-01-05|{text}\n", mapping=mapping)
    assert [each.value for each in events] == ([] if number is None else [number])
    assert len(problems) == (number is None)


ONLY = """\
mapping: only
version: 1
tables:
  - deal: case:concept:name
    happened_at: time:timestamp
    start: {amount: case:amount, kind: {column: case:kind, names: {a: b}, only: true}}
    rows:
      - {kind: stage, name: {column: concept:name, names: {A: approach}, only: true}}
"""


def test_xes_and_csv_share_a_mapping(read):
    xes = """<log><trace><string key="concept:name" value="D"/><int key="amount" value="5"/>
      <event><string key="concept:name" value="A"/>
        <date key="time:timestamp" value="2026-01-05T00:00:00Z"/></event>
      <event><string key="concept:name" value="B"/></event>
      <event><string key="concept:name" value="A"/></event></trace></log>"""
    csv = (
        "case:concept:name,concept:name,time:timestamp,case:amount,case:kind\n"
        "D,A,2026-01-05T00:00:00Z,5,\nD,B,,5,\nD,A,,5,\n"
    )
    json = (
        '{"case:concept:name":"D","concept:name":"A","time:timestamp":"2026-01-05T00:00:00Z",'
        '"case:amount":5}'
        '\n{"case:concept:name":"D","concept:name":"B"}\n'
        '{"case:concept:name":"D","concept:name":"A"}\n'
    )
    found = []
    for content, name, first in ((xes, "a.xes", 1), (csv, "a.csv", 2), (json, "a.ndjson", 1)):
        events, problems = read(content, name, ONLY)
        assert problems == [(first + 2, "happened_at is empty")]
        found.append([each[:10] for each in events])
    assert found[0] == found[1] == found[2]
    assert [each[1:5] for each in found[0]] == [
        (START, "field", "amount", "5"),
        (1_767_571_200_000_000, "stage", "approach", ""),
    ]


def test_an_interleaved_file_begins_a_deal_at_each_run(read):
    header = "case:concept:name,concept:name,time:timestamp,case:amount,case:kind\n"
    rows = "D,A,2026-01-05,5,a\nD,B,,5,a\nE,B,,6,x\nD,A,2026-01-05,5,a\n"
    events, _ = read(header + rows, mapping=ONLY)
    assert [(each.deal, each.name, each.value, each.line) for each in events] == [
        ("D", "amount", "5", 2),
        ("D", "kind", "b", 2),
        ("D", "approach", "", 2),
        ("E", "amount", "6", 4),
        ("D", "amount", "5", 5),
        ("D", "kind", "b", 5),
        ("D", "approach", "", 5),
    ]


KINDS_OF_ROWS = """\
mapping: kinds
version: 1
tables:
  - deal: deal
    happened_at: at
    start: {amount: {column: n, number: {decimal: ","}}}
    rows:
      - {kind: stage, name: {column: k, names: {a: approach}, only: true}}
      - {kind: activity, where: {k: a}, name: {text: call}}
      - {kind: field, where: {k: f}, name: {text: note}, value: n}
"""


def test_events_and_problems_keep_the_order_of_the_rows(read):
    rows = "D,,f,1\nD,2026-01-05,a,1\nE,x,a,y\nE,2026-01-05,f,2\n,2026-01-05,a,1\nE,x,z,\n"
    events, problems = read("deal,at,k,n\n" + rows, mapping=KINDS_OF_ROWS)
    assert [(each.line, each.deal, each.name) for each in events] == [
        (2, "D", "amount"),
        (3, "D", "approach"),
        (3, "D", "call"),
        (5, "E", "note"),
    ]
    assert [(line, reason[:17]) for line, reason in problems] == [
        (2, "happened_at is em"),
        (4, 'amount: "y" is no'),
        (4, 'happened_at "x" c'),
        (6, "the deal is empty"),
    ]
