"""Laws of pay: a second implementation agrees, sums are sums, and no line is ever changed."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from playgate.conditions.instants import DAY, read_instant
from playgate.history.event import Event
from playgate.history.spool import Spool
from playgate.model.playbook import Playbook
from playgate.pay.model import PayPlan
from playgate.pay.read import parse_pay
from playgate.pay.result import Line, PayResult
from playgate.pay.statements import statements
from playgate.playbook.load import parse_playbook
from support.pay_oracle import PLAN, PLAYBOOK, Row, lines

_STAGES = ("talk", "offer", "close", "care", "done", "lost")
_AMOUNT = st.decimals(0, 90_000, places=3).map(str)
_STEP = st.one_of(
    st.tuples(st.just("stage"), st.sampled_from(_STAGES), st.just("")),
    st.tuples(st.just("stage"), st.just("close"), st.just("")),
    st.tuples(st.just("field"), st.sampled_from(["amount", "before"]), _AMOUNT),
    st.tuples(st.just("field"), st.just("paid"), st.sampled_from(["true", "false"])),
    st.tuples(st.just("field"), st.just("kind"), st.sampled_from(["new", "old"])),
    st.tuples(st.just("field"), st.just("owner"), st.sampled_from(["ann", "bob"])),
    st.tuples(st.just("waiver"), st.just("close/*"), st.just("the boss agreed")),
)
_START = (
    Row(0, "field", "owner", "ann"),
    Row(0, "field", "amount", "1000.333"),
    Row(0, "field", "before", "0"),
)


@st.composite
def _deals(draw: st.DrawFn) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for number in range(draw(st.integers(1, 3))):
        day, rows = 0, list(_START)
        for gap, step in draw(st.lists(st.tuples(st.integers(0, 25), _STEP), max_size=14)):
            day += gap
            rows.append(Row(day, *step))
        found[f"D-{number}"] = rows
    return found


@cache
def _read() -> tuple[Playbook, PayPlan]:
    playbook, mistakes = parse_playbook(PLAYBOOK.encode(), "sales.yaml")
    assert playbook is not None, mistakes
    plan, wrong = parse_pay(PLAN.encode(), "sales.pay.yaml", playbook)
    assert plan is not None, wrong
    return playbook, plan


_FIRST = read_instant("2026-01-01", _read()[0].zone) or 0


def _history(deals: dict[str, list[Row]]) -> Spool:
    spool = Spool()
    for deal, rows in deals.items():
        for line, row in enumerate(rows, 1):
            at = _FIRST + row.day * DAY
            spool.add(
                Event(deal, at, row.kind, row.name, row.value, "", at, f"e{line}", "", 0, line)
            )
    return spool


def _paid(deals: dict[str, list[Row]], until: int, **how: Any) -> PayResult:
    playbook, plan = _read()
    how.setdefault("period", "2026-01-01..2028-12-31")
    return statements(plan, playbook, _history(deals), as_of=_FIRST + until * DAY, **how)


def _lines(result: PayResult) -> list[Line]:
    return [line for statement in result.statements for line in statement.lines]


@given(_deals(), st.integers(0, 300))
@settings(max_examples=60)
def test_a_second_implementation_agrees(deals: dict[str, list[Row]], until: int) -> None:
    found = sorted(
        (x.deal, x.rep, x.part, (x.at - _FIRST) // DAY, x.kind, x.amount, x.withheld)
        for x in _lines(_paid(deals, until))
    )
    assert found == sorted(
        (deal, *paid) for deal, rows in deals.items() for paid in lines(rows, until)
    )


@given(_deals(), st.integers(0, 150), st.integers(0, 150))
@settings(max_examples=25)
def test_a_statement_and_what_came_later_are_the_later_statement(
    deals: dict[str, list[Row]], until: int, more: int
) -> None:
    before, after = _lines(_paid(deals, until)), _lines(_paid(deals, until + more))
    moment = _FIRST + until * DAY
    assert before == [line for line in after if line.at <= moment]


@given(_deals(), st.integers(0, 300))
@settings(max_examples=20)
def test_sums_are_those_of_the_lines_whatever_the_order(
    deals: dict[str, list[Row]], until: int
) -> None:
    result = _paid(deals, until)
    for statement in result.statements:
        assert statement.total == sum((line.amount for line in statement.lines), Decimal(0))
        assert all(-line.amount.as_tuple().exponent <= 2 for line in statement.lines)  # type: ignore[operator]
    assert result.total == sum((each.total for each in result.statements), Decimal(0))
    assert _paid(dict(reversed(deals.items())), until).statements == result.statements


@given(_deals())
@settings(max_examples=15)
def test_months_are_the_year(deals: dict[str, list[Row]]) -> None:
    whole = _paid(deals, 364, period="2026")
    months = [_paid(deals, 364, period=f"2026-{month:02}") for month in range(1, 13)]
    key = lambda line: (line.rep, line.at, line.deal, line.kind, line.part)  # noqa: E731
    together = [line for month in months for line in _lines(month)]
    assert sorted(together, key=key) == sorted(_lines(whole), key=key)
    assert sum((month.total for month in months), Decimal(0)) == whole.total


@given(_deals())
@settings(max_examples=15)
def test_what_is_taken_back_is_what_was_paid(deals: dict[str, list[Row]]) -> None:
    open_lines: dict[tuple[str, str], Decimal] = {}
    for line in sorted(_lines(_paid(deals, 400)), key=lambda line: line.at):
        key = (line.deal, line.part)
        if line.kind == "taken-back":
            assert line.amount == -open_lines.pop(key)
        elif line.amount:
            open_lines[key] = line.amount


@given(_deals(), st.integers(0, 300))
@settings(max_examples=15)
def test_to_suppose_is_to_have_it_happen(deals: dict[str, list[Row]], until: int) -> None:
    supposed = _lines(_paid(deals, until, wishes={"D-0": "close"}))
    rows = [row for row in deals["D-0"] if row.day <= until]
    happened = {**deals, "D-0": [*rows, Row(until, "stage", "close", "")]}
    assert [(x.deal, x.part, x.at, x.amount) for x in supposed] == [
        (x.deal, x.part, x.at, x.amount) for x in _lines(_paid(happened, until))
    ]
