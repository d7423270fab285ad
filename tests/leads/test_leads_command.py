"""`playgate leads` and `playgate lint` of a plan, as people meet them."""

from __future__ import annotations

import csv
import json
import sys
from io import StringIO
from pathlib import Path

import pytest
import samples_of_leads
from jsonschema import Draft202012Validator

from playgate.documents.shipped import shipped
from support.in_process import Run, run

__all__ = ["run"]

PLAYBOOK = """
playbook: sales
version: 1
roles: [rep, head]
may_waive: [head]
fields:
  segment:   {type: choice, options: [bakeries, hotels]}
  employees: {type: integer}
  phone:     {type: text}
activities: {cold_call: {title: Cold call}}
profiles:
  growing:
    story: You bake more than your oven holds.
    fit:
      size:  [{field: employees, at_least: 20}]
      trade: [{field: segment, equals: bakeries}]
stages:
  - {stage: reach}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
kpis:
  first-calls: {count: {activity: cold_call}, which: first}
  share: {ratio: {of: opened, to: won}}
segments:
  bakeries: {title: Bakeries, when: {field: segment, equals: bakeries}}
  hotels:   {title: Hotels, when: {field: segment, equals: hotels}}
"""
PLAN = """
leads: sales
minimum: 2
complete: [name, phone, email]
match: [vat_id, phone, [name, postcode], email_domain]
fuzzy: {column: name, at_least: 80, same: postcode}
rank: [profiles, segments]
release: 90 days
contacts: {kpi: first-calls, at_least: 2, per: week}
share: {roles: rep, capacity: 3, territory: region}
"""
PROSPECTS = """id,name,vat_id,phone,email,postcode,region,segment,employees
P-1,Golden Crust,LV1,+371 200 001,office@crust.example,LV-1001,North,bakeries,45
P-2,Sea View,LV2,+371 200 002,desk@seaview.example,LV-1002,North,hotels,80
P-3,Old Mill,LV3,+371 200 003,mill@gmail.com,LV-1003,South,bakeries,12
P-4,Morning Bread,LV4,,bread@morning.example,LV-1004,North,bakeries,30
P-5,The Harbour Inn,,+371 200 005,inn@harbour.example,LV-1005,North,hotels,9
P-6,Golden Crust Ltd,LV1,+371 200 009,info@other.example,LV-1001,North,bakeries,45
P-7,Rye & Sons,LV7,+371 200 007,rye@sons.example,LV-1007,South,bakeries,70
"""
CLIENTS = "name,vat_id,postcode\nHarbour Inn,LV5,LV-1005\nRYE AND SÖNS,lv7,LV-2000\n"
HISTORY = """deal,happened_at,kind,name,value,actor
D-1,2026-02-02,field,owner,bob,bob
D-1,2026-02-02,field,phone,+371 200 002,bob
D-1,2026-02-02,field,segment,hotels,bob
D-1,2026-02-02,stage,reach,,bob
D-1,2026-02-03,activity,cold_call,,bob
D-2,2026-05-18,field,owner,ann,ann
D-2,2026-05-18,stage,reach,,ann
D-2,2026-05-19,activity,cold_call,,ann
"""
PEOPLE = "actor,name,role,team\nann,Ann Lee,rep,North\nbob,Bob Ray,rep,South\neve,Eve Hill,head,\n"
ALL = ("--clients", "clients.csv", "--history", "history.csv", "--people", "people.csv")


@pytest.fixture
def sales(run: Run) -> Run:
    files = {
        "sales.yaml": PLAYBOOK,
        "sales.leads.yaml": PLAN,
        "prospects.csv": PROSPECTS,
        "clients.csv": CLIENTS,
        "history.csv": HISTORY,
        "people.csv": PEOPLE,
    }
    for name, text in files.items():
        Path(name).write_text(text, encoding="utf-8")
    return run


def _rows(sales: Run, *words: str) -> dict[str, dict[str, str]]:
    _, out, _ = sales("leads", "sales.yaml", "prospects.csv", *words, "--format", "csv")
    return {row["id"]: row for row in csv.DictReader(StringIO(out, newline=""))}


def test_where_each_stands_and_by_what_that_is_seen(sales: Run) -> None:
    rows = _rows(sales, *ALL)
    assert {key: (row["status"], row["known"]) for key, row in sorted(rows.items())} == {
        "P-1": ("free", ""),
        "P-2": ("taken", "deal D-1 of bob by phone (100)"),
        "P-3": ("free", ""),
        "P-4": ("incomplete", ""),
        "P-5": ("to-decide", "client clients.csv:2 by name+postcode (85)"),
        "P-6": ("twice", "prospect prospects.csv:2 by vat_id (100)"),
        "P-7": ("client", "client clients.csv:3 by vat_id (100)"),
    }
    assert rows["P-4"]["missing"] == "phone"


def test_an_open_domain_says_nothing_and_another_does(sales: Run) -> None:
    with Path("clients.csv").open("w", encoding="utf-8") as file:
        file.write("name,email\nA,a@gmail.com\nB,b@CRUST.example\n")
    rows = _rows(sales, *ALL)
    assert rows["P-3"]["status"] == "free"
    assert rows["P-1"]["known"] == "client clients.csv:3 by email_domain (100)"


def test_who_fits_comes_first_and_goes_to_whom_has_room(sales: Run) -> None:
    rows = _rows(sales, "--history", "history.csv", "--people", "people.csv")
    free = sorted((int(row["rank"]), key) for key, row in rows.items() if row["rank"])
    assert [key for _, key in free] == ["P-1", "P-7", "P-3", "P-5"]
    assert {key: rows[key]["rep"] for _, key in free} == {
        "P-1": "ann",
        "P-7": "bob",
        "P-3": "bob",
        "P-5": "ann",
    }
    Path("sales.leads.yaml").write_text(PLAN.replace("capacity: 3", "capacity: 2"))
    rows = _rows(sales, "--history", "history.csv", "--people", "people.csv")
    assert (rows["P-3"]["rep"], rows["P-3"]["why"]) == ("", "nobody has room")
    plan = PLAN.replace("region}", "region, segments: {hotels: ann}}")
    Path("sales.leads.yaml").write_text(plan, encoding="utf-8")
    rows = _rows(sales, "--people", "people.csv")
    assert rows["P-5"]["why"] == "named for hotels, 2 before it"


def test_a_list_that_is_too_short_is_an_alarm(sales: Run) -> None:
    status, out, _ = sales("leads", "sales.yaml", "prospects.csv", *ALL)
    assert (status, "2 left that are complete and nobody's, of 2." in out) == (0, True)
    Path("sales.leads.yaml").write_text(PLAN.replace("minimum: 2", "minimum: 3"))
    status, out, _ = sales("leads", "sales.leads.yaml", "prospects.csv", *ALL)
    assert (status, "ALARM: only 2 left" in out) == (1, True)


def test_one_list_for_the_head_and_one_for_the_rep(sales: Run) -> None:
    _, out, _ = sales("leads", "sales.yaml", "prospects.csv", *ALL)
    for said in ("Who is known already", "What is missing", "The market covered", "D-1   bob"):
        assert said in out
    _, out, _ = sales("leads", "sales.yaml", "prospects.csv", *ALL, "--rep", "ann lee")
    assert "Golden Crust" in out
    assert "office@crust.example" in out
    assert "Old Mill" not in out
    assert "Bob Ray" not in out
    _, out, _ = sales("leads", "sales.yaml", "prospects.csv", *ALL, "--format", "markdown")
    assert "## The market covered" in out
    status, _, err = sales("leads", "sales.yaml", "prospects.csv", *ALL, "--rep", "anne")
    assert (status, 'there is no rep "anne"' in err) == (2, True)


@pytest.mark.parametrize("words", [ALL, (*ALL, "--rep", "ann"), ()])
def test_json_is_as_its_schema_says(sales: Run, words: tuple[str, ...]) -> None:
    schema = json.loads(shipped("schemas", "prospects.schema.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    _, out, _ = sales("leads", "sales.yaml", "prospects.csv", *words, "--format", "json")
    data = json.loads(out)
    Draft202012Validator(schema).validate(data)
    if words == ALL:
        due = {each["rep"]: (each["done"], each["left"], each["first"]) for each in data["due"]}
        assert due == {"ann": (1, 1, ["Golden Crust"]), "bob": (0, 2, ["Old Mill"])}
        assert [each["deal"] for each in data["release"]] == ["D-1"]
        covered = {each["segment"]: (each["touched"], each["left"]) for each in data["covered"]}
        assert covered == {"bakeries": (0, 3), "hotels": (1, 1)}


def test_strict_hears_of_values_that_cannot_be_used(sales: Run) -> None:
    history = HISTORY.replace("segment,hotels", "segment,hostels")
    Path("history.csv").write_text(history, encoding="utf-8")
    words = ("leads", "sales.yaml", "prospects.csv", "--history", "history.csv")
    assert "1 problem with the data" in sales(*words)[1]
    status, _, said = sales(*words, "--strict")
    assert (status, said.splitlines()[0]) == (
        2,
        "error: 1 problem with the data, and --strict lets none pass",
    )


def test_strict_says_all_that_is_wrong_with_the_lists(sales: Run) -> None:
    people = Path("people.csv").read_text(encoding="utf-8")
    Path("people.csv").write_text(f"{people},Nobody,rep,\n,No one,rep,\n", encoding="utf-8")
    status, _, said = sales("leads", "sales.yaml", "prospects.csv", *ALL, "--strict")
    assert (status, said.splitlines()[0]) == (2, "error: 2 problems, and --strict lets none pass")
    assert said.count("people.csv:") == 2


def test_what_the_head_signs_is_a_history(sales: Run) -> None:
    said = ("leads", "sales.yaml", "prospects.csv", *ALL)
    signed = (*said, "--signed-by", "eve", "--pass-on", "D-1=ann", "-o", "signed.csv")
    assert sales(*signed)[0] == 0
    rows = list(csv.DictReader(StringIO(Path("signed.csv").read_text(encoding="utf-8"))))
    assert [(row["deal"], row["value"]) for row in rows if row["name"] == "owner"] == [
        ("P-1", "ann"),
        ("P-3", "bob"),
        ("D-1", "ann"),
    ]
    assert {row["actor"] for row in rows} == {"eve"}
    assert next(row["value"] for row in rows if row["name"] == "phone") == "+371 200 001"
    _, out, _ = sales(*said, "--history", "signed.csv", "--format", "json")
    assert json.loads(out)["release"] == []
    status, _, err = sales(*said, "--signed-by", "ann")
    assert (status, "ann may not sign who works on whom: only head may" in err) == (2, True)
    status, _, err = sales(*said, "--signed-by", "eve", "--pass-on", "D-2=bob")
    assert (status, '"D-2" is not one that may pass on' in err) == (2, True)
    status, _, err = sales(*said, "--pass-on", "D-1=bob")
    assert (status, "--pass-on is a decision" in err) == (2, True)
    status, _, err = sales(*said, "--signed-by", "eve", "--pass-on", "D-1")
    assert (status, "is not DEAL=REP" in err) == (2, True)


def test_what_cannot_be_read(sales: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    status, _, err = sales("leads", "sales.yaml", "other.csv")
    assert (status, "other.csv has none of the columns" in err) == (2, True)
    monkeypatch.setitem(sys.modules, "rapidfuzz.fuzz", None)
    status, _, err = sales("leads", "sales.yaml", "prospects.csv")
    assert (status, "pip install 'playgate[leads]'" in err) == (2, True)
    Path("sales.leads.yaml").unlink()
    status, _, err = sales("leads", "sales.yaml", "prospects.csv")
    assert (status, "has no leads beside it" in err) == (2, True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("leads: sales", "leads: other", '2:8: these are leads of "other", not of "sales" [other-'),
        ("kpi: first-calls", "kpi: first-call", 'did you mean "first-calls"?'),
        (
            "kpi: first-calls",
            "kpi: share",
            "contacts are counted, and share is no count [kpi-kind]",
        ),
        ("roles: rep", "roles: reps", "[unknown-role]"),
        ("territory: region", "segments: {hotel: ann}", "[unknown-segment]"),
        ("rank:", "deals: {name: fone}\nrank:", "[unknown-field]"),
        (
            "at_least: 80",
            "at_least: 20",
            '"at_least" must be a whole number from 50 to 100, not 20',
        ),
        ("release: 90 days", "release: 3 months", "[duration]"),
        ("minimum: 2", "minimun: 2", 'did you mean "minimum"?'),
        ("[profiles, segments]", "size", '"rank" cannot be "size"'),
    ],
)
def test_lint_shows_what_is_wrong_in_leads(sales: Run, old: str, new: str, said: str) -> None:
    assert sales("lint", "sales.leads.yaml") == (0, "sales.leads.yaml: no mistakes\n", "")
    Path("sales.leads.yaml").write_text(PLAN.replace(old, new, 1), encoding="utf-8")
    status, out, _ = sales("lint", "sales.leads.yaml")
    assert status == 2
    assert said in out


def test_the_sample_lists_are_what_the_generator_writes() -> None:
    stale = [p.name for p, content in samples_of_leads.files().items() if p.read_bytes() != content]
    assert not stale, "run `python tests/leads/samples_of_leads.py`"


@pytest.mark.parametrize(("name", "plan"), [("active-sales", "leads"), ("bank-sales", "pay")])
def test_the_shipped_plans_lint_clean(run: Run, name: str, plan: str) -> None:
    file = shipped("playbooks", name, f"{name}.{plan}.yaml")
    assert run("lint", "--strict", file)[:2] == (0, f"{file}: no mistakes\n")


def test_the_sample_shows_it(run: Run) -> None:
    folder = shipped("playbooks", "active-sales")
    words = ("--clients", folder / "clients.csv", "--history", folder / "history.csv")
    status, out, _ = run(
        *("leads", folder / "active-sales.yaml", folder / "prospects.csv", *words),
        *("--people", folder / "people.csv"),
    )
    assert status == 0
    assert "140 prospects against 10 clients and 272 deals, as of 2026-" in out
    assert "120 left that are complete and nobody's, of 100." in out
