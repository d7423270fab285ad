"""Pay statements as the tables of a workbook: the sums, every line, the rules that pay hangs on,
and what is not over yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal

from playgate.conditions.instants import load_zone
from playgate.pay.result import Line, PayResult
from playgate.report.pay_words import KINDS, line_of, of_kind, where
from playgate.report.sheet import At, Book, Cell, Money, Sheet

__all__ = ["book"]


def book(result: PayResult) -> Book:
    """Returns the tables of a result."""
    return Book(
        about=list(_about(result)),
        sheets=_sheets(result),
        zone=load_zone(result.timezone) or UTC,
        zone_name=result.timezone,
        as_of=result.as_of,
    )


def _about(result: PayResult) -> Iterator[tuple[str, Cell]]:
    yield "Pay", result.title or result.playbook
    yield "Playbook", f"{result.playbook} version {result.version} ({result.file})"
    yield "Plan", result.plan
    yield "Period", result.period
    yield "From", At(result.start)
    yield "Until", At(result.end)
    yield "As of", At(result.as_of)
    yield "Currency", result.currency
    yield "Rounded to decimals", result.decimals
    yield "Together", _money(result.total, result)
    yield "Deals looked at", result.deals
    yield "Left out", result.left_out
    yield "Problems with the data", result.problems


def _sheets(result: PayResult) -> Iterator[Sheet]:
    yield Sheet("Statements", _STATEMENT, _statements(result))
    yield Sheet("Lines", _LINE, _lines(result))
    if any(line.rules for each in result.statements for line in each.lines):
        yield Sheet("Rules", _RULE, _rules(result))
    if any(each.standing for each in result.statements):
        yield Sheet("Not over yet", _STANDING, _standing(result))


_STATEMENT = (
    *("Rep", "Name", "Team", "Lines", *KINDS.values()),
    *("Pay", "Not paid", "Supposed", "Kept"),
)


def _statements(result: PayResult) -> Iterator[list[Cell]]:
    for each in result.statements:
        yield [
            *(each.rep, each.name, each.team, len(each.lines)),
            *(_money(of_kind(each, kind), result) for kind in KINDS),
            *(_money(each.total, result), _money(each.withheld, result)),
            *(_money(each.supposed, result), _at(each.kept)),
        ]


_LINE = (
    *("Rep", "Name", "At", "Deal", "What", "Amount", "Not paid", "Why", "Event", "Rules"),
    *("Line of the plan", "Supposed", "Corrects", "Kept"),
)


def _lines(result: PayResult) -> Iterator[list[Cell]]:
    for each in result.statements:
        for line in each.lines:
            yield [
                *(line.rep, each.name, At(line.at), line.deal, line_of(line)),
                *(_money(line.amount, result), _money(line.withheld, result), line.said),
                *(line.event, _held(line), where(line.place)),
                *(line.supposed, line.corrects, _at(line.kept)),
            ]


def _held(line: Line) -> str:
    return ", ".join(f"{held.rule} {held.state}" for held in line.rules)


_RULE = ("Rep", "Deal", "Rule", "State", "Message", "Evidence", "Place")


def _rules(result: PayResult) -> Iterator[list[Cell]]:
    for each in result.statements:
        seen = {
            (line.deal, held.rule, held.state): held for line in each.lines for held in line.rules
        }
        for (deal, rule, state), held in seen.items():
            yield [
                *(each.rep, deal, rule, state, held.message),
                *(", ".join(held.events), where(held.place)),
            ]


_STANDING = ("Rep", "What", "KPI", "So far", "Goal", "Would pay", "Next step", "Then pays", "Until")


def _standing(result: PayResult) -> Iterator[list[Cell]]:
    for each in (standing for found in result.statements for standing in found.standing):
        yield [
            *(each.rep, each.part, each.kpi),
            *(None if value is None else float(value) for value in (each.value, each.goal)),
            _money(each.pays, result),
            each.next_step,
            None if each.next_pays is None else _money(each.next_pays, result),
            At(each.end),
        ]


def _money(value: Decimal, result: PayResult) -> Money:
    return Money(float(value), result.currency)


def _at(instant: int | None) -> At | None:
    return None if instant is None else At(instant)
