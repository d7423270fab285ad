"""`playgate pay` and `playgate lint` of a plan, as people meet them."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from playgate.documents.shipped import shipped
from support.in_process import Run, run
from support.pay_oracle import PLAN, PLAYBOOK

__all__ = ["run"]

HISTORY = """deal,happened_at,kind,name,value,actor,event_id,recorded_at
D-1,2026-05-02,field,owner,ann,,a1,
D-1,2026-05-02,field,amount,10000.10,,a2,
D-1,2026-05-02,field,before,0,,a3,
D-1,2026-05-02,field,paid,true,,a4,
D-1,2026-05-03,stage,close,,ann,a5,
D-2,2026-05-02,field,owner,ann,,b1,
D-2,2026-05-02,field,amount,2000,,b2,
D-2,2026-05-02,field,before,0,,b3,
D-2,2026-05-04,stage,close,,ann,b4,
D-3,2026-05-02,field,owner,ann,,c1,
D-3,2026-05-02,field,amount,500,,c2,
D-3,2026-05-02,field,before,100,,c3,
D-3,2026-05-02,field,kind,new,,c4,
D-3,2026-05-03,waiver,close/entry/paid,the bank is slow,boss,c5,2026-05-03
D-3,2026-05-05,stage,close,,ann,c6,
D-1,2026-06-01,stage,lost,,bob,a6,
D-4,2026-06-02,stage,offer,,bob,d1,
D-4,2026-06-02,field,amount,700,bob,d2,
D-4,2026-06-02,field,before,0,bob,d3,
D-4,2026-06-02,field,paid,true,bob,d4,
"""
PEOPLE = "actor,name,role,team,started\nann,Ann Lee,rep,North,\nbob,Bob Ray,rep,North,2026-06-16\n"


@pytest.fixture
def sales(run: Run) -> Run:
    Path("sales.yaml").write_text(PLAYBOOK, encoding="utf-8")
    Path("sales.pay.yaml").write_text(PLAN, encoding="utf-8")
    Path("history.csv").write_text(HISTORY, encoding="utf-8")
    Path("people.csv").write_text(PEOPLE, encoding="utf-8")
    return run


def _rows(sales: Run, *words: str) -> list[dict[str, str]]:
    status, out, _ = sales("pay", "sales.yaml", "history.csv", "--format", "csv", *words)
    assert status == 0
    return list(csv.DictReader(StringIO(out, newline="")))


def test_line_by_line(sales: Run) -> None:
    rows = _rows(sales, "--period", "2026-05", "--rep", "ann")
    assert [(row["deal"], row["part"], row["amount"], row["withheld"]) for row in rows] == [
        ("D-1", "share", "150.00", "0"),
        ("D-2", "share", "0", "30.00"),
        ("D-3", "crane", "150.00", "0"),
        ("D-3", "share", "6.00", "0"),
    ]
    assert rows[0]["said"] == "1.5 % of 10,000.10 less 0"
    assert rows[0]["place"] == "sales.pay.yaml:5"
    assert rows[0]["event"] == "a5"
    assert rows[1]["rules"] == "close/entry/paid unmet"
    assert rows[2]["rules"] == "close/entry/paid waived"


def test_what_is_lost_is_taken_back_when_it_is_lost(sales: Run) -> None:
    (row,) = _rows(sales, "--period", "2026-06", "--rep", "ann")
    assert (row["amount"], row["kind"], row["event"]) == ("-150.00", "taken-back", "a6")
    assert row["said"] == "lost 29 days after it was paid"


def test_an_unmet_rule_is_shown_with_its_evidence(sales: Run) -> None:
    said = ("pay", "sales.yaml", "history.csv", "--period", "2026-05", "--rep", "ann")
    _, out, _ = sales(*said)
    assert "close/entry/paid" in out
    assert "sales.yaml:18; events b4" in out
    assert "waived by boss: the bank is slow" in out
    assert "306.00" in out


def test_what_would_be(sales: Run) -> None:
    rows = _rows(sales, "--period", "2026-06", "--rep", "bob", "--what-if", "D-4=won")
    assert [(row["deal"], row["amount"], row["supposed"]) for row in rows] == [
        ("D-4", "10.50", "true")
    ]
    status, _, err = sales("pay", "sales.yaml", "history.csv", "--what-if", "D-44=won")
    assert (status, "no deal" in err, 'did you mean "D-4"?' in err) == (2, True, True)
    status, _, err = sales("pay", "sales.yaml", "history.csv", "--what-if", "D-4=closed")
    assert (status, 'did you mean "close"?' in err) == (2, True)
    status, _, err = sales("pay", "sales.yaml", "history.csv", "--what-if", "D-4")
    assert (status, "is not DEAL=STAGE" in err) == (2, True)


def test_base_pay_begins_with_who_begins(sales: Run) -> None:
    plan = PLAN.replace("per: month", "per: month\nbase: 3000\nroles: rep")
    Path("sales.pay.yaml").write_text(plan, encoding="utf-8")
    rows = _rows(sales, "--people", "people.csv", "--period", "2026-06", "--as-of", "2026-06-30")
    base = {row["rep"]: row["amount"] for row in rows if row["kind"] == "base"}
    assert base == {"ann": "3000.00", "bob": "1500.00"}


def test_goals_are_paid_when_the_period_is_over(sales: Run) -> None:
    steps = "[{at_least: 80 %, pays: 300}, {at_least: 100 %, pays: 800}]"
    goal = f"  goal: {{kpi: sold, goal: 10000.10, goals: {{bob: 5}}, steps: {steps}}}\ndue"
    Path("sales.pay.yaml").write_text(PLAN.replace("due", goal, 1), encoding="utf-8")
    rows = _rows(sales, "--period", "2026-05", "--rep", "ann")
    paid = [row for row in rows if row["kind"] == "goal"]
    assert [(row["amount"], row["at"]) for row in paid] == [
        ("800.00", "2026-05-31T23:59:59.999999Z")
    ]
    assert paid[0]["said"] == "sold 12,500.1, at least 100 % of 10,000.10"
    said = ("pay", "sales.yaml", "history.csv", "--rep", "ann", "--as-of", "2026-05-03")
    _, out, _ = sales(*said)
    assert "not in the sum" in out
    assert "the highest is reached" in out
    assert "800" in out


def test_currencies_are_kept_apart(sales: Run) -> None:
    playbook = PLAYBOOK.replace("fields:", "fields:\n  money: {type: text}")
    Path("sales.yaml").write_text(playbook, encoding="utf-8")
    Path("sales.pay.yaml").write_text(PLAN + "currency_field: money\n", encoding="utf-8")
    with Path("history.csv").open("a", encoding="utf-8") as file:
        file.write("D-1,2026-05-02,field,money,EUR,,a9,\nD-3,2026-05-02,field,money,USD,,c9,\n")
    rows = _rows(sales, "--period", "2026-05", "--rep", "ann")
    found = {row["deal"]: (row["amount"], row["said"]) for row in rows}
    assert found["D-1"][0] == "150.00"
    assert found["D-3"] == ("0", "in USD, and this plan pays in EUR")
    assert found["D-2"] == ("0", "in an unknown currency, and this plan pays in EUR")


def test_json_is_as_its_schema_says(sales: Run) -> None:
    schema = json.loads(shipped("schemas", "statement.schema.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    said = ("pay", "sales.yaml", "history.csv", "--format", "json", "--period", "2026-05")
    _, out, _ = sales(*said)
    data = json.loads(out)
    Draft202012Validator(schema).validate(data)
    amounts = [line["amount"] for each in data["statements"] for line in each["lines"]]
    assert data["total"] == str(sum(map(Decimal, amounts))) == "306.00"


def test_an_overview_of_all(sales: Run) -> None:
    for form in ("text", "markdown"):
        status, out, _ = sales(
            *("pay", "sales.yaml", "history.csv", "--period", "2026-05"),
            *("--people", "people.csv", "--format", form),
        )
        assert status == 0
        assert "Ann Lee" in out
        assert "Together 306.00" in out


def test_who_is_not_there(sales: Run) -> None:
    status, _, err = sales("pay", "sales.yaml", "history.csv", "--rep", "anne")
    assert (status, 'did you mean "ann"?' in err) == (2, True)
    status, _, err = sales("pay", "sales.yaml", "history.csv", "--period", "May")
    assert (status, '"May" is no period' in err) == (2, True)
    status, _, err = sales("pay", "sales.yaml", "history.csv", "--period", "2027")
    assert (status, "has not begun" in err) == (2, True)
    Path("sales.pay.yaml").unlink()
    status, _, err = sales("pay", "sales.yaml", "history.csv")
    assert (status, "has no pay beside it" in err) == (2, True)


def test_an_amount_is_paid_by_its_own_currency_alone(sales: Run) -> None:
    """A plan that names another field would pay dollars as euros; so would two amounts that say it
    in two fields."""
    fields = "fields:\n  money: {type: text}\n  other: {type: text}"
    own = PLAYBOOK.replace("unit: EUR", "unit: EUR, currency: money").replace("fields:", fields)
    Path("sales.yaml").write_text(own, encoding="utf-8")
    assert sales("lint", "sales.pay.yaml")[0] == 0
    Path("sales.pay.yaml").write_text(PLAN + "currency_field: money\n", encoding="utf-8")
    assert sales("lint", "sales.pay.yaml")[0] == 0
    Path("sales.pay.yaml").write_text(PLAN + "currency_field: other\n", encoding="utf-8")
    status, out, _ = sales("lint", "sales.pay.yaml")
    assert (status, '"money" has the currency here, and not "other" [mixed-cur' in out) == (2, True)
    last = own.rfind("currency: money")
    two = own[:last] + "currency: other" + own[last + len("currency: money") :]
    Path("sales.yaml").write_text(two, encoding="utf-8")
    Path("sales.pay.yaml").write_text(PLAN, encoding="utf-8")
    status, out, _ = sales("lint", "sales.pay.yaml")
    assert (status, '"other" has the currency here, and not "money" [mixed-cur' in out) == (2, True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "pay: sales",
            "pay: other",
            '2:6: this is pay of "other", not of "sales" [other-playbook]',
        ),
        ("stage: close", "stage: closed", '7:14: stage "closed" does not exist [unknown-stage]'),
        ("stage: close", "stage: lost", "in lost a deal is lost: there is nothing to pay for [due"),
        ("field: before", "field: befor", '[unknown-field]\n    did you mean "before"?'),
        ("field: before", "field: paid", "field paid is no number: there is no share of it [pay-"),
        ("rate: 1.5 %", "rate: 150 %", "the rate pays more than the deal brings [pay-rate]"),
        ("rate: 1.5 %", "rate: 0", "the rate pays nothing [pay-rate]"),
        ("product: crane", "product: crance", '[unknown-product]\n    did you mean "crane"?'),
        ("product: crane", "product: dream", "which deals are of product dream [product-when]"),
        ("[close/entry/paid]", "[close/entry/payd]", 'did you mean "close/entry/paid"?'),
        ("[close/entry/paid]", "[done/entered, care/entered]", "[rule-too-late]"),
        ("each: 150", "each: 0", '"each" must be an amount above 0, not 0 [wrong-form]'),
        ("product: crane, each: 150", "each: 150", "[pay-part]"),
        ("per: month", "per: moon", '"per" cannot be "moon" [unknown-value]'),
        ("claw_back: 30 days", "claw_back: 1 month", "[duration]"),
        ("claw_back", "currency: USD\nclaw_back", '"EUR" and "USD" cannot be added up [mixed-cur'),
        (
            "product: crane, each: 150",
            "kpi: calls, steps: [{at_least: 9, pays: 5}]",
            "calls counts activities: this pays for mere traffic [pays-for-traffic]",
        ),
        (
            "product: crane, each: 150",
            "kpi: cycle, steps: [{at_least: 9, pays: 5}]",
            "cycle is a time, and nobody is paid by how long it takes [kpi-kind]",
        ),
        (
            "product: crane, each: 150",
            "kpi: sold, steps: [{at_least: 80 %, pays: 5}]",
            "sold has no goal to be a share of [no-goal]",
        ),
        (
            "product: crane, each: 150",
            "kpi: sold, goal: 9, steps: [{at_least: 80 %, pays: 5}, {at_least: 9, pays: 6}]",
            "a step is a share of the goal, and another is none [pay-steps]",
        ),
        (
            "product: crane, each: 150",
            "kpi: sold, goal: 9, steps: [{at_least: 80 %, pays: 5}, {at_least: 70 %, pays: 6}]",
            "a later step must ask for more, and not pay less [pay-steps]",
        ),
        (
            "product: crane, each: 150",
            "kpi: solt, steps: [{at_least: 9, pays: 5}]",
            "[unknown-kpi]",
        ),
    ],
)
def test_lint_shows_what_is_wrong_and_where(sales: Run, old: str, new: str, said: str) -> None:
    assert sales("lint", "sales.pay.yaml") == (0, "sales.pay.yaml: no mistakes\n", "")
    Path("sales.pay.yaml").write_text(PLAN.replace(old, new, 1), encoding="utf-8")
    status, out, err = sales("lint", "--strict", "sales.pay.yaml")
    assert status in (1, 2)
    assert said in out + err


def test_a_target_of_another_period_is_no_goal(sales: Run) -> None:
    target = "sold: {sum: {field: amount, at: won}, period: quarter, target: {at_least: 9}}"
    text = PLAYBOOK.replace("sold: {sum: {field: amount, at: won}}", target)
    Path("sales.yaml").write_text(text, encoding="utf-8")
    part = "kpi: sold, steps: [{at_least: 80 %, pays: 5}]"
    plan = PLAN.replace("product: crane, each: 150", part)
    Path("sales.pay.yaml").write_text(plan, encoding="utf-8")
    status, out, _ = sales("lint", "sales.pay.yaml")
    assert (status, "is for quarter, and pay is by the month [goal-period]" in out) == (2, True)


def test_a_deal_that_passes_by_is_shown(sales: Run) -> None:
    with Path("history.csv").open("a", encoding="utf-8") as file:
        file.write("D-5,2026-05-02,stage,care,,ann,f1,\n")
    (row,) = [row for row in _rows(sales, "--period", "2026-05") if row["deal"] == "D-5"]
    assert (row["amount"], row["said"]) == ("0", "went past close and never came into it")
