"""A mapping is proposed for files of any shape: it lints clean, and it imports them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from playgate.conditions.instants import show_instant
from playgate.drafting.sniff import sniffed_mapping
from playgate.drafting.sniffed_cells import column_seen
from playgate.errors import InputError
from playgate.history.mapping import parse_mapping
from playgate.history.number_forms import NumberForm
from playgate.history.read import read_history

DAY = datetime(2026, 3, 2, 9, 5)


def days(form, many=24, hours=31):
    return [(DAY + timedelta(hours=hours * n)).strftime(form) for n in range(many)]


def table(*columns, joint=","):
    """The text of a table, each column a name and its cells."""
    names = [column[0] for column in columns]
    rows = zip(*(column[1] for column in columns), strict=True)
    return "".join(joint.join(row) + "\n" for row in (names, *rows))


def over(words, many=24):
    return [words[n % len(words)] for n in range(many)]


AMOUNTS = [f'"{n},{n:03}.50"' for n in range(100, 124)]
SHAPES = {
    "stages.csv": table(
        ("Id", [f"E{n}" for n in range(24)]),
        ("Opportunity ID", over(["D-1", "D-2", "D-3"])),
        ("Stage Name", over(["Prospecting", "Closed Won", "Needs Analysis"])),
        ("Changed At", days("%m/%d/%Y %I:%M %p")),
        ("Owner", over(["ann", "bob"])),
        ("Amount", [f"USD {amount}".replace('USD "', '"USD ') for amount in AMOUNTS]),
        ("Close Date", days("%m/%d/%Y")),
        ("Empty", [""] * 24),
    ),
    "changes.csv": table(
        ("deal_id", over(["1", "2", "3", "4"])),
        ("timestamp", days("%Y-%m-%dT%H:%M:%S.000+0000")),
        ("field", over(["dealstage", "amount", "closedate"])),
        ("old value", over(["", "", ""])),
        ("new value", over(["Offer", "12.5", "2026-06-30"])),
        joint=";",
    ),
    "calls.csv": table(
        ("activity id", [str(n) for n in range(24)]),
        ("deal", over(["1", "2"])),
        ("type", over(["Call", "Meeting"])),
        ("when", [str(int(DAY.timestamp() * 1000) + n * 1000) for n in range(24)]),
        ("outcome", over(["done", "no show", ""])),
        ("assigned to", over(["ann", "bob", "cid"])),
        ("subject", [f"about {n}" for n in range(24)]),
    ),
    "deals.csv": table(
        ("id", [f"D{n}" for n in range(24)]),
        ("status", over(["open", "won", "lost"])),
        ("created", days("%d.%m.%Y %H:%M")),
        ("volume", [f"{n}.000,50 €" for n in range(1, 25)]),
        joint=";",
    ),
    "events.ndjson": "".join(
        f'{{"case": {n % 3}, "activity": "step {n % 4}", "time": "{stamp}", "more": [1]}}\n'
        for n, stamp in enumerate(days("%Y-%m-%d %H:%M:%S"))
    ),
    "log.xes": '<?xml version="1.0"?><log>'
    + "".join(
        f'<trace><string key="concept:name" value="C{n}"/><int key="amount" value="{n}"/>'
        f'<event><string key="concept:name" value="check"/><string key="org:resource" value="r"/>'
        f'<date key="time:timestamp" value="2026-03-02T09:0{n}:00.000+0100"/></event></trace>'
        for n in range(5)
    )
    + "</log>",
}


def tried(paths):
    """What is proposed for files, and what becomes of them by it."""
    text = sniffed_mapping(paths)
    mapping, mistakes = parse_mapping(text.encode(), "draft.mapping.yaml")
    assert mistakes == []
    problems = []
    events = list(read_history(paths, mapping=mapping, report=problems.append))
    return text, events, problems


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_proposed_lints_clean_and_imports(tmp_path, golden, name):
    path = tmp_path / name
    path.write_text(SHAPES[name])
    text, events, problems = tried([str(path)])
    golden(f"sniffed-{name}.mapping.yaml", text)
    assert problems == []
    lines = {each.line for each in events}
    assert len(lines) == (5 if name == "log.xes" else 24)


def test_a_sheet(tmp_path):
    pytest.importorskip("python_calamine")
    from support.workbook import write_workbook

    rows = [[f"D{n % 3}", DAY + timedelta(days=n), "Offer", 12.5 * n] for n in range(24)]
    header = ["Deal ID", "Date", "Stage", "Amount"]
    path = write_workbook(tmp_path / "deals.xlsx", [header, *rows])
    _, events, problems = tried([path])
    assert problems == []
    assert [(e.deal, e.value, show_instant(e.happened_at)) for e in events[:1]] == [
        ("D0", "0", "2026-03-02T09:05:00Z")
    ]
    assert len(events) == 48


def test_one_list_of_objects_reads_as_its_lines_do(tmp_path):
    lines = tmp_path / "events.ndjson"
    lines.write_text(SHAPES["events.ndjson"])
    whole = tmp_path / "events.json"
    whole.write_text(f"[{SHAPES['events.ndjson'].strip().replace(chr(10), ', ')}]")
    (text, events, _), (of_list, same, problems) = tried([str(lines)]), tried([str(whole)])
    assert of_list.replace("events.json", "events.ndjson") == text
    assert [each[:8] for each in same] == [each[:8] for each in events]
    assert problems == []


def test_several_files_and_those_that_tell_nothing(tmp_path):
    paths = []
    for name in ("stages.csv", "calls.csv"):
        (tmp_path / name).write_text(SHAPES[name])
        paths.append(str(tmp_path / name))
    users = tmp_path / "users.csv"
    users.write_text(table(("id", ["1", "2"]), ("modified", ["2026-01-01", "2026-01-02"])))
    text, events, _ = tried(paths)
    assert sniffed_mapping([*paths, str(users)]) == text.replace(
        "\n\nmapping", "\n# users.csv: no column tells which deal a row is of\n\nmapping"
    )
    assert {each.source for each in events} == {0, 1}


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "deal,b\n1,2\n", "when\n2026-01-01\n"])
def test_nothing_to_propose(tmp_path, content):
    path = tmp_path / "x.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=r"no mapping can be proposed: x\.csv: no column tells"):
        sniffed_mapping([str(path)])


TIMES = [
    ("when", days("%d/%m/%Y %H:%M"), ("%d/%m/%Y %H:%M",)),
    ("when", days("%m/%d/%y"), ("%m/%d/%y",)),
    ("when", days("%d-%b-%Y %H:%M:%S"), ("%d-%b-%Y %H:%M:%S",)),
    ("when", days("%a, %d %b %Y %H:%M:%S +0100"), ("%a, %d %b %Y %H:%M:%S %z",)),
    ("when", days("%Y-%m-%d") + days("%d.%m.%Y"), ("iso", "%d.%m.%Y")),
    ("when", ["1772442000", "1772442001"], ("epoch",)),
    ("updated_at", ["1772442000000", "1772442001000"], ("epoch_ms",)),
    ("number", ["1772442000", "1772442001"], None),
    ("when", ["soon", "2026-01-01"], None),
    ("version", ["1.2.3", "1.2.4"], None),
    ("phone", ["030-123 45", "040-123 46"], None),
]


@pytest.mark.parametrize(("name", "cells", "forms"), TIMES, ids=[str(each[2]) for each in TIMES])
def test_times(name, cells, forms):
    times = column_seen(name, cells).times
    assert (times and times.forms) == forms


def test_what_can_be_read_in_two_ways_is_told():
    times = column_seen("when", ["01/02/2026", "03/04/2026"]).times
    assert times is not None
    assert 'CHECK: all of them read as "%m/%d/%Y", too' in times.said
    numbers = column_seen("amount", ["1,234", "5,678"]).numbers
    assert numbers is not None
    assert "CHECK" in numbers.said


NUMBERS = [
    (["1.5", "20", "-3"], NumberForm()),
    (["1.234,50 €", "7,00 €"], NumberForm(decimal=",", thousands=".", currency=("€",))),
    (["1'000.50", "CHF 7.00"], NumberForm(thousands="'", currency=("CHF",))),
    (["1\u202f000,5", "7,5"], NumberForm(decimal=",", thousands=" ")),
    (["task-12", "task-13"], None),
    (["12 %", "13 %"], None),
]


@pytest.mark.parametrize(("cells", "form"), NUMBERS)
def test_numbers(cells, form):
    numbers = column_seen("x", cells).numbers
    assert (numbers and numbers.form) == form
