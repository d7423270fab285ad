"""Pay statements as the tables of a workbook: the sums, every line, the rules that pay hangs on,
and what is not over yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal

from playgate.conditions.instants import load_zone
from playgate.language import say
from playgate.pay.result import Line, PayResult
from playgate.report.numbers_words import called
from playgate.report.pay_words import KINDS, line_of, of_kind, state_of, where
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
    named = say("{playbook} version {version}", playbook=result.playbook, version=result.version)
    yield say("Pay"), result.title or result.playbook
    yield say("Playbook"), f"{named} ({result.file})"
    yield say("Plan", about="file"), result.plan
    yield say("Period"), called(result.period)
    yield say("From", about="when"), At(result.start)
    yield say("Until"), At(result.end)
    yield say("As of"), At(result.as_of)
    yield say("Currency"), result.currency
    yield say("Rounded to decimals"), result.decimals
    yield say("Together"), _money(result.total, result)
    yield say("Deals looked at"), result.deals
    yield say("Left out"), result.left_out
    yield say("Problems with the data"), result.problems


def _sheets(result: PayResult) -> Iterator[Sheet]:
    yield Sheet(say("Statements"), _statement_heads(), _statements(result))
    yield Sheet(say("Lines"), _line_heads(), _lines(result))
    if any(line.rules for each in result.statements for line in each.lines):
        yield Sheet(say("Rules"), _rule_heads(), _rules(result))
    if any(each.standing for each in result.statements):
        yield Sheet(say("Not over yet"), _standing_heads(), _standing(result))


def _statement_heads() -> tuple[str, ...]:
    return (
        say("Rep"),
        say("Name"),
        say("Team"),
        say("Lines"),
        *(say(KINDS[kind]) for kind in KINDS),
        say("Pay"),
        say("Not paid"),
        say("Supposed"),
        say("Kept", about="when"),
    )


def _statements(result: PayResult) -> Iterator[list[Cell]]:
    for each in result.statements:
        yield [
            *(each.rep, each.name, each.team, len(each.lines)),
            *(_money(of_kind(each, kind), result) for kind in KINDS),
            *(_money(each.total, result), _money(each.withheld, result)),
            *(_money(each.supposed, result), _at(each.kept)),
        ]


def _line_heads() -> tuple[str, ...]:
    return (
        say("Rep"),
        say("Name"),
        say("At"),
        say("Deal"),
        say("What"),
        say("Amount"),
        say("Not paid"),
        say("Why"),
        say("Event"),
        say("Rules"),
        say("Line of the plan"),
        say("Supposed"),
        say("Corrects"),
        say("Kept", about="when"),
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
    return ", ".join(f"{held.rule} {state_of(held)}" for held in line.rules)


def _rule_heads() -> tuple[str, ...]:
    return (
        say("Rep"),
        say("Deal"),
        say("Rule"),
        say("State"),
        say("Message"),
        say("Evidence"),
        say("Place"),
    )


def _rules(result: PayResult) -> Iterator[list[Cell]]:
    for each in result.statements:
        seen = {
            (line.deal, held.rule, held.state): held for line in each.lines for held in line.rules
        }
        for (deal, rule, _), held in seen.items():
            yield [
                *(each.rep, deal, rule, state_of(held), held.message),
                *(", ".join(held.events), where(held.place)),
            ]


def _standing_heads() -> tuple[str, ...]:
    return (
        say("Rep"),
        say("What"),
        say("KPI"),
        say("So far"),
        say("Goal"),
        say("Would pay"),
        say("Next step"),
        say("Then pays"),
        say("Until"),
    )


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
