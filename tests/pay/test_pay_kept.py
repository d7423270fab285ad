"""Statements that a ledger keeps: what was said once stays, and lines correct it."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from contextlib import closing
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from playgate.conditions.instants import DAY, read_instant
from playgate.documents.shipped import shipped
from playgate.history.event import Event
from playgate.history.spool import Spool
from playgate.ledger.log import Log
from playgate.ledger.logged_decision import empty_ledger
from playgate.ledger.statements import Statements
from playgate.pay.kept import KeptPay, keep
from playgate.pay.read import parse_pay
from playgate.pay.result import Line, PayResult
from playgate.pay.statements import statements
from playgate.playbook.load import parse_playbook
from support.in_process import Run, run
from support.pay_oracle import PLAN, PLAYBOOK, Row, lines

__all__ = ["run"]

_STEP = st.one_of(
    st.tuples(st.just("stage"), st.sampled_from(["offer", "close", "lost"]), st.just("")),
    st.tuples(st.just("field"), st.just("amount"), st.sampled_from(["700", "9000.55"])),
    st.tuples(st.just("field"), st.just("paid"), st.sampled_from(["true", "false"])),
    st.tuples(st.just("field"), st.just("kind"), st.sampled_from(["new", "old"])),
    st.tuples(st.just("field"), st.just("owner"), st.sampled_from(["ann", "bob"])),
)
_DEALS = st.lists(
    st.lists(st.tuples(st.integers(0, 300), _STEP), min_size=1, max_size=8), max_size=3
)
_PLAYBOOK, _ = parse_playbook(PLAYBOOK.encode(), "sales.yaml")
assert _PLAYBOOK is not None
_PLAN, _ = parse_pay(PLAN.replace("month", "year").encode(), "sales.pay.yaml", _PLAYBOOK)
assert _PLAN is not None
_FIRST = read_instant("2026-01-01", _PLAYBOOK.zone) or 0


def _rows(deals: list[list[tuple[int, tuple[str, str, str]]]]) -> dict[str, list[Row]]:
    start = [Row(0, "field", "owner", "ann"), Row(0, "field", "before", "0")]
    return {
        f"D-{number}": [*start, *(Row(day, *step) for day, step in sorted(steps))]
        for number, steps in enumerate(deals)
    }


def _paid(deals: dict[str, list[Row]], room: Statements) -> PayResult:
    spool = Spool()
    for deal, rows in deals.items():
        for line, row in enumerate(rows, 1):
            at = _FIRST + row.day * DAY
            event = Event(deal, at, row.kind, row.name, row.value, "", at, f"e{line}", "", 0, line)
            spool.add(event)
    assert _PLAYBOOK is not None
    assert _PLAN is not None
    kept = KeptPay(room, _PLAN, _PLAYBOOK.sha256)
    as_of = _FIRST + 400 * DAY
    return statements(_PLAN, _PLAYBOOK, spool, as_of=as_of, period="2026", kept=kept)


def _sums(result: PayResult) -> dict[tuple[str, ...], Decimal]:
    found: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for line in _all(result):
        found[line.rep, line.deal, line.part, line.kind] += line.amount
    return {key: amount for key, amount in found.items() if amount}


def _all(result: PayResult) -> list[Line]:
    return [line for each in result.statements for line in each.lines]


@given(st.lists(_DEALS, min_size=2, max_size=4))
@settings(max_examples=25)
def test_what_was_kept_stays_and_sums_are_those_of_now(
    later: list[list[list[tuple[int, tuple[str, str, str]]]]],
) -> None:
    """Whatever becomes known, each kept line stands in all later statements; with what corrects
    them they come to what a second implementation says of now; and keeping twice keeps once."""
    with closing(empty_ledger()) as connection:
        room = Statements(connection, Log(connection))
        stood: list[Line] = []
        for at, deals in enumerate(map(_rows, later), 1):
            found = _paid(deals, room)
            of_now: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
            for deal, rows in deals.items():
                for rep, part, _, kind, pays, _ in lines(rows, 364):
                    of_now[rep, deal, part, kind] += pays
            assert _sums(found) == {key: amount for key, amount in of_now.items() if amount}
            assert [line for line in _all(found) if line in stood] == sorted(
                stood, key=lambda each: _all(found).index(each)
            )
            keep(room, found, at=at, actor="boss")
            kept = _paid(deals, room)
            assert _sums(kept) == _sums(found)
            assert all(line.kept is not None for line in _all(kept))
            assert all(":" in line.said for line in _all(kept) if line.corrects)
            assert keep(room, kept, at=at, actor="boss") == 0
            stood = _all(kept)


HISTORY = """deal,happened_at,kind,name,value,actor,event_id
D-1,2026-05-02,field,owner,ann,,a1
D-1,2026-05-02,field,amount,10000.10,,a2
D-1,2026-05-02,field,before,0,,a3
D-1,2026-05-02,field,paid,true,,a4
D-1,2026-05-03,stage,close,,ann,a5
D-2,2026-05-02,field,owner,bob,,b1
D-2,2026-05-02,field,amount,2000,,b2
D-2,2026-05-02,field,before,0,,b3
D-2,2026-05-04,stage,close,,bob,b4
D-2,2026-06-04,field,paid,true,,b5
"""
LATE = """deal,happened_at,kind,name,value,actor,event_id
D-1,2026-05-02T12:00:00Z,field,amount,9000,,a9
"""


@pytest.fixture
def sales(run: Run) -> Run:
    Path("sales.yaml").write_text(PLAYBOOK, encoding="utf-8")
    Path("sales.pay.yaml").write_text(PLAN, encoding="utf-8")
    Path("history.csv").write_text(HISTORY, encoding="utf-8")
    Path("late.csv").write_text(LATE, encoding="utf-8")
    _import(run, "history.csv")
    return run


def _import(run: Run, file: str) -> None:
    status, _, err = run("import", file, "--db", "deals.db", "--playbook", "sales.yaml")
    assert status == 0, err


MAY = ("pay", "sales.yaml", "--db", "deals.db", "--period", "2026-05")


def _data(sales: Run, *words: str) -> dict[str, list[dict[str, str]]]:
    status, out, err = sales(*MAY, *words, "--format", "csv")
    assert status == 0, err
    found: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(StringIO(out, newline="")):
        found.setdefault(row["rep"], []).append(row)
    return found


def test_a_statement_is_kept_and_then_corrected(sales: Run) -> None:
    before = _data(sales)
    assert {row["kept"] for rows in before.values() for row in rows} == {""}
    kept = _data(sales, "--keep", "--by", "mia")
    assert all(row["kept"] for rows in kept.values() for row in rows)
    assert [row["amount"] for row in kept["ann"]] == ["150.00"]
    assert _data(sales) == kept == _data(sales, "--keep")
    _import(sales, "late.csv")
    first, second = _data(sales)["ann"]
    assert first == kept["ann"][0]
    assert (second["amount"], second["corrects"], second["kept"]) == ("-15.00", "true", "")
    assert second["said"] == (
        "now 1.5 % of 9,000 less 0, kept as 1.5 % of 10,000.10 less 0: event a9 recorded since"
    )
    _, out, _ = sales(*MAY, "--rep", "ann")
    assert "1 line corrects it, by -15.00: --keep keeps that." in out
    corrected = _data(sales, "--keep")
    assert [row["amount"] for row in corrected["ann"]] == ["150.00", "-15.00"]
    assert all(row["kept"] for row in corrected["ann"])
    assert corrected["bob"] == kept["bob"]
    assert sales("ledger", "verify", "--db", "deals.db")[0] == 0


def test_a_correction_says_what_was_retracted_and_that_the_plan_is_another(sales: Run) -> None:
    _data(sales, "--keep")
    words = ("retract", "D-1", "a4", "--reason", "it came back", "--db", "deals.db")
    assert sales(*words)[0] == 0
    second = _data(sales)["ann"][1]
    assert (second["amount"], second["rules"]) == ("-150.00", "close/entry/paid unmet")
    assert "event a4 retracted since" in second["said"]
    Path("sales.pay.yaml").write_text(PLAN.replace("1.5 %", "2 %"), encoding="utf-8")
    assert "by another plan" in _data(sales)["ann"][1]["said"]


def test_what_was_erased_is_paid_as_it_was_kept(sales: Run) -> None:
    kept = _data(sales, "--keep")
    assert sales("erase", "--deal", "D-1", "--db", "deals.db")[0] == 0
    (line,) = _data(sales)["ann"]
    assert (line["amount"], line["said"]) == ("150.00", "erased")
    assert line["deal"].startswith("erased-")
    assert sales("erase", "--actor", "ann", "--db", "deals.db")[0] == 0
    found = _data(sales)
    assert "ann" not in found
    (token,) = found.keys() - kept.keys()
    assert [row["amount"] for row in found[token]] == ["150.00"]
    for command in ("verify", "rebuild", "verify"):
        assert sales("ledger", command, "--db", "deals.db")[0] == 0
    assert _data(sales) == found


def test_deals_that_became_one_are_paid_as_one(sales: Run) -> None:
    kept = _data(sales, "--keep")
    assert sales("merge", "D-2", "D-1", "--db", "deals.db")[0] == 0
    found = _data(sales)
    assert {row["deal"] for rows in found.values() for row in rows} == {"D-1"}
    stood = [row["amount"] for rows in found.values() for row in rows if row["kept"]]
    assert stood == [row["amount"] for rows in kept.values() for row in rows]


def test_a_backup_has_what_was_kept(sales: Run) -> None:
    kept = _data(sales, "--keep")
    assert sales("ledger", "backup", "copy.db", "--db", "deals.db")[0] == 0
    Path("deals.db").unlink()
    assert sales("ledger", "restore", "copy.db", "--db", "deals.db")[0] == 0
    assert _data(sales) == kept


def test_json_has_what_was_kept(sales: Run) -> None:
    schema = json.loads(shipped("schemas", "statement.schema.json").read_bytes())
    _, out, _ = sales(*MAY, "--keep", "--format", "json")
    data = json.loads(out)
    Draft202012Validator(schema).validate(data)
    assert {each["kept"] is None for each in data["statements"]} == {False}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("history.csv", "--period", "2026-05"), "statements are kept in a ledger"),
        (("--db", "deals.db"), "what is kept is one whole month that is over"),
        (("--db", "deals.db", "--period", "2026"), "one whole month that is over"),
        (("--db", "deals.db", "--period", "2026-05-02..2026-05-31"), "one whole month"),
        (
            ("--db", "deals.db", "--period", "2026-05", "--what-if", "D-1=lost"),
            "what is only supposed is not kept",
        ),
    ],
)
def test_what_is_not_kept(sales: Run, words: tuple[str, ...], said: str) -> None:
    status, _, err = sales("pay", "sales.yaml", *words, "--keep")
    assert (status, said in err) == (2, True), err
    assert {row["kept"] for rows in _data(sales).values() for row in rows} == {""}


def test_what_was_kept_later_is_not_kept_again_as_of_earlier(sales: Run) -> None:
    _data(sales, "--keep", "--as-of", "2026-06-10")
    assert {row["kept"] for row in _data(sales, "--as-of", "2026-06-02")["ann"]} == {""}
    status, _, err = sales(*MAY, "--as-of", "2026-06-02", "--keep")
    assert (status, "was kept as of later" in err) == (2, True)


def test_a_clock_that_was_set_back_keeps_nobody_from_correcting(
    sales: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = LATE.replace("T12", "T13").replace("9000,,a9", "8000,,a10")
    Path("later.csv").write_text(later, encoding="utf-8")
    for day, file in ((31, "late.csv"), (30, "later.csv"), (32, "")):
        monkeypatch.setattr("playgate.cli.pay.now", lambda day=day: _FIRST + (day + 300) * DAY)
        kept = _data(sales, "--keep")
        assert all(row["kept"] for row in kept["ann"])
        if file:
            _import(sales, file)
    assert [row["amount"] for row in kept["ann"]] == ["150.00", "-15.00", "-15.00"]


def test_two_currencies_are_not_added(sales: Run) -> None:
    _data(sales, "--keep")
    Path("sales.yaml").write_text(PLAYBOOK.replace("EUR", "USD"), encoding="utf-8")
    status, _, err = sales(*MAY)
    assert (status, "was kept in EUR, and the plan pays in USD" in err) == (2, True)
