"""Pay statements for people: at a terminal, or as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from playgate.conditions.instants import Zone, load_zone, show_instant
from playgate.pay.money import total
from playgate.pay.result import Line, PayResult, Standing, Statement
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import day
from playgate.report.numbers_words import days_between
from playgate.report.pages import Head, page, page_markdown
from playgate.report.pay_words import KINDS, line_of, money, of_kind, where
from playgate.report.words import count, plural

__all__ = ["render", "render_markdown"]


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
    title = f"Pay by {result.playbook}"
    if result.title not in ("", result.playbook):
        title = f"{title}: {result.title}"
    lines = [
        f"{result.period}, {days_between(result.start, result.end, zone)}, as of "
        f"{day(result.as_of, zone)}; {plural(result.deals, 'deal')} looked at.",
        f"In {result.currency or 'the unit of the fields'}, each line rounded to "
        f"{plural(result.decimals, 'decimal')} ({result.rounding}).",
    ]
    if result.left_out:
        lines.append(f"{plural(result.left_out, 'deal')} left out: not for this playbook.")
    if result.problems:
        problems = plural(result.problems, "problem")
        lines.append(f"{problems} with the data: playgate audit shows them.")
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
        Column("Rep", "name"),
        Column("Team", "name"),
        Column("Lines", "number"),
        *(Column(head, "number") for _, head in KINDS),
        Column("Pay", "number"),
        Column("Not paid", "number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            each.name or "(nobody)",
            each.team,
            count(len(each.lines)),
            *(money(of_kind(each, kind), decimals) for kind, _ in KINDS),
            money(each.total, decimals),
            money(each.withheld, decimals),
        )
        for each in result.statements
    ]
    note = f"Together {money(result.total, decimals)}. One rep line by line: --rep"
    kept = sum(each.kept is not None for each in result.statements)
    if kept:
        note += f". {plural(kept, 'statement')} kept in the ledger"
    title = "Who is paid what" if rows else "Nobody is paid by this plan"
    return Section(title, columns, rows, "", note if rows else "No rep, and no deal that is due.")


def _statement(result: PayResult, statement: Statement) -> Section:
    columns = (
        Column("Day", "mark"),
        Column("Deal", "name"),
        Column("What", "id"),
        Column("How", "message"),
        Column("Line of the plan", "mark"),
        Column("Amount", "number"),
    )
    zone = _zone(result)
    rows = [_row(result, line, zone) for line in statement.lines]
    if rows:
        rows.append(("", "", "sum", "", "", money(statement.total, result.decimals)))
    notes = []
    if statement.withheld:
        notes.append(f"{money(statement.withheld, result.decimals)} not paid, see below.")
    if statement.supposed:
        supposed = money(statement.supposed, result.decimals)
        notes.append(f"{supposed} of it only if what is supposed (?) comes true.")
    notes += _kept(result, statement)
    note = " ".join(notes) if rows or notes else "Nothing came to be paid in this period."
    name = statement.name or "(nobody)"
    return Section(f"Statement of {name}", columns, rows, "", note)


def _kept(result: PayResult, statement: Statement) -> Iterator[str]:
    """Yields what was kept of a statement, and what is not yet."""
    if statement.kept is None:
        return
    yield f"Kept in the ledger, last on {day(statement.kept, _zone(result))}."
    open_lines = [line for line in statement.lines if line.corrects and line.kept is None]
    if open_lines:
        of_them = money(total(line.amount for line in open_lines), result.decimals)
        lines = plural(len(open_lines), "line corrects", "lines correct")
        yield f"{lines} it, by {of_them}: --keep keeps that."


def _row(result: PayResult, line: Line, zone: Zone) -> tuple[Cell, ...]:
    known = [f"event {line.event}"] if line.event else []
    if line.corrects and line.kept is not None:
        known.append(f"kept on {day(line.kept, zone)}")
    return (
        show_instant(line.at, zone)[:10],
        f"{line.deal} ?" if line.supposed else line.deal,
        line_of(line),
        (line.said, "; ".join(known)) if known else line.said,
        f"line {line.place.line}",
        money(line.amount, result.decimals),
    )


def _why(statement: Statement) -> Iterator[Section]:
    """Yields the rules that decided, each once for a deal."""
    columns = (
        Column("Deal", "name"),
        Column("Rule", "id"),
        Column("State", "mark"),
        Column("What was seen", "message"),
    )
    rows: dict[tuple[str, str, str], tuple[Cell, ...]] = {}
    for line in statement.lines:
        for held in line.rules:
            place = where(held.place)
            events = f"events {', '.join(held.events)}" if held.events else "no event shows it"
            said = (held.message, f"{place}; {events}")
            rows[line.deal, held.rule, held.state] = (line.deal, held.rule, held.state, said)
    if rows:
        note = "An unmet rule costs; a waived one counts as met."
        yield Section("Rules that pay hangs on", columns, list(rows.values()), "", note)


def _standing(statement: Statement) -> Iterator[Section]:
    columns = (
        Column("What", "id"),
        Column("KPI", "id"),
        Column("So far", "number"),
        Column("Goal", "number"),
        Column("Would pay", "number"),
        Column("Next step", "message"),
    )
    rows = [_stands(each) for each in statement.standing]
    if rows:
        note = "Paid at the period's end, by what it has come to by then; not in the sum."
        yield Section("Not over yet", columns, rows, "", note)


def _stands(standing: Standing) -> tuple[Cell, ...]:
    then = "the highest is reached"
    if standing.next_pays is not None:
        then = f"{standing.next_step} pays {standing.next_pays:,f}"
    return (
        standing.part,
        standing.kpi,
        standing.said,
        "–" if standing.goal is None else f"{standing.goal:,f}",
        f"{standing.pays:,f}",
        then,
    )
