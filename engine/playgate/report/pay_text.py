"""Pay statements for people: at a terminal, or as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC

from playgate.conditions.instants import Zone, load_zone
from playgate.language import message, say
from playgate.pay.money import in_full, total
from playgate.pay.result import Line, PayResult, Standing, Statement
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import day
from playgate.report.numbers_words import called, days_between
from playgate.report.pages import Head, page, page_markdown
from playgate.report.pay_words import KINDS, line_of, money, of_kind, state_of, where
from playgate.report.words import count, plural

__all__ = ["render", "render_markdown"]

_ROUNDINGS: Mapping[str, str] = {"half-up": message("half-up"), "half-even": message("half-even")}


def render(result: PayResult, *, width: int = 100, colour: bool = False) -> Iterator[str]:
    """Yields the result in pieces of text; lines are at most `width` wide."""
    return page(_head(result), _sections(result), width=width, colour=colour)


def render_markdown(result: PayResult) -> Iterator[str]:
    """Yields the result as Markdown, in pieces."""
    return page_markdown(_head(result), _sections(result))


def _zone(result: PayResult) -> Zone:
    return load_zone(result.timezone) or UTC


def _head(result: PayResult) -> Head:
    zone = _zone(result)
    title = say("Pay by {playbook}", playbook=result.playbook)
    if result.title not in ("", result.playbook):
        title = say("{title}: {name}", title=title, name=result.title)
    lines = [
        say(
            "{period}, {days}, as of {day}; {deals} looked at.",
            period=called(result.period),
            days=days_between(result.start, result.end, zone),
            day=day(result.as_of, zone),
            deals=plural(result.deals, "deal"),
        ),
        say(
            "In {unit}, each line rounded to {decimals} ({rounding}).",
            unit=result.currency or say("the unit of the fields"),
            decimals=plural(result.decimals, "decimal"),
            rounding=say(_ROUNDINGS[result.rounding]),
        ),
    ]
    if result.left_out:
        left_out = plural(result.left_out, "deal")
        lines.append(say("{deals} left out: not for this playbook.", deals=left_out))
    if result.problems:
        problems = plural(result.problems, "problem")
        lines.append(say("{problems} with the data: playgate audit shows them.", problems=problems))
    return Head(title, result.plan, tuple(lines))


def _sections(result: PayResult) -> Iterator[Section]:
    if len(result.statements) != 1:
        yield _overview(result)
        return
    yield _statement(result, result.statements[0])
    yield from _why(result.statements[0])
    yield from _standing(result.statements[0])


def _overview(result: PayResult) -> Section:
    decimals = result.decimals
    columns = (
        Column(say("Rep"), "name"),
        Column(say("Team"), "name"),
        Column(say("Lines"), "number"),
        *(Column(say(KINDS[kind]), "number") for kind in KINDS),
        Column(say("Pay"), "number"),
        Column(say("Not paid"), "number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            each.name or say("(nobody)"),
            each.team,
            count(len(each.lines)),
            *(money(of_kind(each, kind), decimals) for kind in KINDS),
            money(each.total, decimals),
            money(each.withheld, decimals),
        )
        for each in result.statements
    ]
    if not rows:
        note = say("No rep, and no deal that is due.")
        return Section(say("Nobody is paid by this plan"), columns, rows, "", note)
    note = say(
        "Together {amount}. One rep line by line: --rep", amount=money(result.total, decimals)
    )
    kept = sum(each.kept is not None for each in result.statements)
    if kept:
        said = say("{n} statement kept in the ledger", "{n} statements kept in the ledger", n=kept)
        note = f"{note}. {said}"
    return Section(say("Who is paid what"), columns, rows, "", note)


def _statement(result: PayResult, statement: Statement) -> Section:
    columns = (
        Column(say("Day"), "mark"),
        Column(say("Deal"), "name"),
        Column(say("What"), "id"),
        Column(say("How"), "message"),
        Column(say("Line of the plan"), "mark"),
        Column(say("Amount"), "number"),
    )
    zone = _zone(result)
    rows = [_row(result, line, zone) for line in statement.lines]
    if rows:
        rows.append(("", "", say("sum"), "", "", money(statement.total, result.decimals)))
    notes = []
    if statement.withheld:
        withheld = money(statement.withheld, result.decimals)
        notes.append(say("{amount} not paid, see below.", amount=withheld))
    if statement.supposed:
        supposed = money(statement.supposed, result.decimals)
        notes.append(
            say("{amount} of it only if what is supposed (?) comes true.", amount=supposed)
        )
    notes += _kept(result, statement)
    note = " ".join(notes) if rows or notes else say("Nothing came to be paid in this period.")
    name = statement.name or say("(nobody)")
    return Section(say("Statement of {rep}", rep=name), columns, rows, "", note)


def _kept(result: PayResult, statement: Statement) -> Iterator[str]:
    """Yields what was kept of a statement, and what is not yet."""
    if statement.kept is None:
        return
    yield say("Kept in the ledger, last on {day}.", day=day(statement.kept, _zone(result)))
    open_lines = [line for line in statement.lines if line.corrects and line.kept is None]
    if open_lines:
        yield say(
            "{n} line corrects it, by {amount}: --keep keeps that.",
            "{n} lines correct it, by {amount}: --keep keeps that.",
            n=len(open_lines),
            amount=money(total(line.amount for line in open_lines), result.decimals),
        )


def _row(result: PayResult, line: Line, zone: Zone) -> tuple[Cell, ...]:
    known = [say("event {id}", id=line.event)] if line.event else []
    if line.corrects and line.kept is not None:
        known.append(say("kept on {day}", day=day(line.kept, zone)))
    return (
        day(line.at, zone),
        f"{line.deal} ?" if line.supposed else line.deal,
        line_of(line),
        (line.said, say("; ").join(known)) if known else line.said,
        say("line {number}", number=line.place.line),
        money(line.amount, result.decimals),
    )


def _why(statement: Statement) -> Iterator[Section]:
    """Yields the rules that decided, each once for a deal."""
    columns = (
        Column(say("Deal"), "name"),
        Column(say("Rule"), "id"),
        Column(say("State"), "mark"),
        Column(say("What was seen"), "message"),
    )
    rows: dict[tuple[str, str, str], tuple[Cell, ...]] = {}
    for line in statement.lines:
        for held in line.rules:
            place = where(held.place)
            events = say("no event shows it")
            if held.events:
                events = say("events {ids}", ids=", ".join(held.events))
            said = (held.message, f"{place}{say('; ')}{events}")
            rows[line.deal, held.rule, held.state] = (line.deal, held.rule, state_of(held), said)
    if rows:
        note = say("An unmet rule costs; a waived one counts as met.")
        yield Section(say("Rules that pay hangs on"), columns, list(rows.values()), "", note)


def _standing(statement: Statement) -> Iterator[Section]:
    columns = (
        Column(say("What"), "id"),
        Column(say("KPI"), "id"),
        Column(say("So far"), "number"),
        Column(say("Goal"), "number"),
        Column(say("Would pay"), "number"),
        Column(say("Next step"), "message"),
    )
    rows = [_stands(each) for each in statement.standing]
    if rows:
        note = say("Paid at the period's end, by what it has come to by then; not in the sum.")
        yield Section(say("Not over yet"), columns, rows, "", note)


def _stands(standing: Standing) -> tuple[Cell, ...]:
    then = say("the highest is reached")
    if standing.next_pays is not None:
        then = say(
            "{step} pays {amount}", step=standing.next_step, amount=in_full(standing.next_pays)
        )
    return (
        standing.part,
        standing.kpi,
        standing.said,
        "–" if standing.goal is None else in_full(standing.goal),
        in_full(standing.pays),
        then,
    )
