"""Pay statements as CSV: a row for each line, so that a spreadsheet adds them up."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.conditions.instants import show_instant
from playgate.pay.result import Line, PayResult, Statement
from playgate.report.csv_text import csv_pieces
from playgate.report.pay_words import exact, where

__all__ = ["render"]

_COLUMNS = (
    *("rep", "name", "team", "at", "kind", "part", "deal", "event", "amount", "withheld"),
    *("currency", "said", "rules", "place", "supposed", "corrects", "kept"),
)


def render(result: PayResult) -> Iterator[str]:
    """Yields a header and the rows."""
    rows = (
        _row(statement, line, result.currency)
        for statement in result.statements
        for line in statement.lines
    )
    yield from csv_pieces(_COLUMNS, rows)


def _row(statement: Statement, line: Line, currency: str) -> tuple[str, ...]:
    rules = "; ".join(f"{held.rule} {held.state}" for held in line.rules)
    return (
        *(line.rep, statement.name, statement.team, show_instant(line.at), line.kind, line.part),
        *(line.deal, line.event, exact(line.amount), exact(line.withheld), currency, line.said),
        *(rules, where(line.place), _yes(line.supposed), _yes(line.corrects)),
        "" if line.kept is None else show_instant(line.kept),
    )


def _yes(said: bool) -> str:
    return "true" if said else "false"
