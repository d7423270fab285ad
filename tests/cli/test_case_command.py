"""`playgate case`: what it writes is a case that passes, in which nobody is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import SHIPPED, Run

NAMES = ("Ann Berg", "ann", "Bob Stone", "bob", "Mia Vogel", "mia", "D-1", "D-2", "D-3", "D-4")


@pytest.mark.parametrize("deal", ["D-1", "D-2", "D-3", "D-4"])
@pytest.mark.parametrize("asked", [(), ("--move", "proposal"), ("--as-of", "2026-03-03")])
def test_a_case_of_a_history_passes(
    deal: str, asked: tuple[str, ...], sales: Path, run: Run
) -> None:
    said = ("--playbook", "sales.yaml", "--people", "people.csv", *asked, "--name", "A dispute")
    done = run("case", deal, "history.csv", *said, "-o", "sales.dispute.cases.yaml")
    assert done.status == 0
    assert done.err == (
        "sales.dispute.cases.yaml: a case; try it: playgate test sales.dispute.cases.yaml\n"
    )
    text = (sales / "sales.dispute.cases.yaml").read_text(encoding="utf-8")
    assert not [name for name in NAMES if name in text.replace("manager", "")]
    assert "Known for years" not in text
    assert run("lint", "sales.dispute.cases.yaml").status == 0
    assert run("test", "sales.yaml") == (0, "sales: 1 case, all passed\n", "")
    printed = run("case", deal, "history.csv", *said)
    assert printed.out == text


@pytest.mark.parametrize("file", ["dispute.yaml", "elsewhere/sales.cases.yaml"])
def test_where_no_test_would_look_the_place_is_told(file: str, sales: Path, run: Run) -> None:
    (sales / "elsewhere").mkdir()
    done = run("case", "D-1", "history.csv", "--playbook", "sales.yaml", "-o", file)
    assert done.err == f"{file}: a case; put it beside sales.yaml as NAME.cases.yaml\n"


def test_what_was_waived_and_logged_late_stands_in_the_case(sales: Path, run: Run) -> None:
    said = ("history.csv", "--playbook", "sales.yaml", "--people", "people.csv")
    late = run("case", "D-3", *said).out
    assert "{at: day 1 10:00, do: interview, outcome: other, logged: day 18 10:00}" in late
    assert "cause: logged-late" in late
    waived = run("case", "D-4", *said).out
    assert "waive: assess/activity/interview, reason: A reason was given, by: manager-1" in waived
    assert "{rule: assess/activity/interview, state: waived, charged: rep-1}" in waived


def test_what_people_wrote_is_replaced(sales: Path, run: Run) -> None:
    (sales / "sales.yaml").write_text(
        "playbook: sales\nversion: 1\n"
        "fields:\n"
        "  {mail: {type: text}, phone: {type: text}, who: {type: text}, secret: {type: text}}\n"
        "activities: {call: {title: Call}}\n"
        "stages:\n"
        "  - stage: a\n"
        "    exit:\n"
        "      - {field: mail, matches: '^[^@ ]+@[^@ ]+$'}\n"
        "      - {field: phone, is: present}\n"
        "      - {field: who, starts_with: 'Dr '}\n"
        "  - {stage: b, ends: won}\n"
        "  - {stage: c, ends: lost}\n",
        encoding="utf-8",
    )
    (sales / "deal.csv").write_text(
        "deal,happened_at,kind,name,value,actor\n"
        "Acme,2026-03-02T09:00:00Z,stage,a,,Eve Adams\n"
        "Acme,2026-03-02T10:00:00Z,field,mail,jane@acme.test,Eve Adams\n"
        "Acme,2026-03-02T10:00:00Z,field,phone,+33 1 23 45 67 89,Eve Adams\n"
        "Acme,2026-03-02T10:00:00Z,field,who,Dr Jane Roe,Eve Adams\n"
        "Acme,2026-03-02T10:00:00Z,field,secret,Jane is moving,Eve Adams\n"
        "Acme,2026-03-02T10:00:00Z,activity,call,Jane was angry,Eve Adams\n"
        "Acme,2026-03-03T10:00:00Z,stage,b,,Eve Adams\n",
        encoding="utf-8",
    )
    done = run("case", "Acme", "deal.csv", "--playbook", "sales.yaml")
    assert done.err == ""
    for word in ("Acme", "acme", "Eve", "Adams", "Jane", "jane", "33", "secret", "Roe"):
        assert word not in done.out
    assert 'set: {mail: somebody1@example.com, phone: "+000 000 002", who: Dr 3}' in done.out
    assert "finds: []" in done.out


def test_a_text_that_nothing_else_can_stand_for_is_told(sales: Path, run: Run) -> None:
    playbook = sales / "sales.yaml"
    text = playbook.read_text(encoding="utf-8")
    text = text.replace("amount: {type: number}", "amount: {type: number}\n  code: {type: text}")
    entry = "      - {field: code, matches: '^K7Q9$'}\n      - {field: amount"
    playbook.write_text(text.replace("      - {field: amount", entry), encoding="utf-8")
    row = "D-1,2026-03-04T09:00:00Z,field,code,K7Q9,ann,\n"
    with (sales / "history.csv").open("a", encoding="utf-8") as history:
        history.write(row)
    done = run("case", "D-1", "history.csv", "--playbook", "sales.yaml")
    assert done.status == 0
    assert "K7Q9" not in done.out
    assert "answered otherwise by proposal/entry/code" in done.err


def test_a_refusal_of_the_ledger_becomes_a_case(sales: Path, run: Run) -> None:
    run("people", "people.csv")
    run("open", "D-9", "--playbook", "sales.yaml", "--by", "ann", "--at", "2026-03-02T09:00:00Z")
    run("log", "D-9", "call", "--by", "ann", "--at", "2026-03-02T10:00:00Z")
    refused = run("move", "D-9", "proposal", "--by", "ann", "--at", "2026-03-03T09:00:00Z")
    assert refused.status == 1
    run("log", "D-9", "interview", "--by", "ann", "--at", "2026-03-04T09:00:00Z")
    done = run("case", "D-9", "--move", "proposal", "-o", "sales.cases.yaml")
    assert done.status == 0
    text = (sales / "sales.cases.yaml").read_text(encoding="utf-8")
    refused = ["      refused:", "        - assess/activity/interview"]
    assert "\n".join([*refused, "        - proposal/entry/amount"]) in text
    assert "do: interview" not in text
    assert "imported" not in text
    assert run("test", "sales.yaml").status == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("D-1", "history.csv"), "needs --playbook"),
        (("D-8", "history.csv", "--playbook", "sales.yaml"), 'no deal "D-8"'),
        (("D-1", "none.csv", "--playbook", "sales.yaml"), "none.csv"),
        (("D-1", "history.csv", "--playbook", "sales.yaml", "--move", "propsal"), "propsal"),
        (("D-1", "history.csv", "--playbook", "sales.yaml", "--as-of", "soon"), "is no date"),
        (("D-1", "history.csv", "--playbook", "sales.yaml", "--as-of", "2020-01-01"), "later than"),
        (
            (
                "D-1",
                "history.csv",
                "--playbook",
                "sales.yaml",
                "--as-of",
                "2026-01-01",
                "--move",
                "proposal",
            ),
            "does not go with",
        ),
        (("D-1",), "there is no ledger"),
    ],
)
def test_wrong_input(arguments: tuple[str, ...], said: str, sales: Path, run: Run) -> None:
    done = run("case", *arguments)
    assert done.status == 2
    assert said in done.err


def test_a_shipped_deal(run: Run) -> None:
    """The deal that the bank's playbook is for."""
    folder = SHIPPED / "bank-sales"
    done = run(
        "case",
        "BK-1001",
        folder / "history.csv",
        "--playbook",
        folder / "bank-sales.yaml",
        "--people",
        folder / "people.csv",
        "--move",
        "proposal",
    )
    assert done.status == 0
    assert "        - assess-needs/activity/needs_interview\n" in done.out
