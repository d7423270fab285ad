"""`playgate coach`: what to ask, train and when to meet, for each rep."""

from __future__ import annotations

from typing import Any

import click

from playgate.cli.numbers import narrowing, read, show, source
from playgate.cli.options import FILE
from playgate.errors import InputError

__all__ = ["command"]


@click.command("coach")
@source
@narrowing
@click.option(
    "--sessions", metavar="FILE", type=FILE, help="Who was met when: a CSV with actor and date."
)
def command(
    reps: tuple[str, ...],
    teams: tuple[str, ...],
    sessions: str | None,
    form: str,
    output: str | None,
    **given: Any,
) -> None:
    """Show per rep which steps are skipped and what that goes with, what to ask, and when to meet.

    \b
    playgate coach bank-sales.yaml history.csv --people people.csv
    playgate coach bank-sales.yaml history.csv --people people.csv --rep d.okafor
    playgate coach bank-sales.yaml history.csv --people people.csv --sessions met.csv
    """
    from playgate.numbers.coach import coach
    from playgate.numbers.narrow import choose, narrow
    from playgate.numbers.sessions import read_sessions

    found = read(**given)
    chosen = choose(found, reps, teams)
    seen, problems = read_sessions(sessions, found) if sessions else ({}, [])
    if problems:
        first = problems[0]
        raise InputError(
            f"{first.file}:{first.line}: {first.reason}", hint=first.hint, code="wrong-file"
        )
    show(narrow(coach(found, seen), chosen), form, output)
