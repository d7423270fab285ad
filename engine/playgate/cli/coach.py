"""`playgate coach`: what to ask, train and when to meet, for each rep."""

from __future__ import annotations

from typing import Any

import click

from playgate.cli.numbers import narrowing, read, show, source
from playgate.cli.sessions import held_sessions, sessions_option

__all__ = ["command"]


@click.command("coach")
@source
@narrowing
@sessions_option
def command(
    reps: tuple[str, ...],
    teams: tuple[str, ...],
    sessions: str | None,
    form: str,
    output: str | None,
    **given: Any,
) -> None:
    """Show per rep which steps are skipped and what that goes with, what to ask, and when to meet;
    the first weeks of who is new, and what is trained next.

    \b
    playgate coach bank-sales.yaml history.csv --people people.csv
    playgate coach bank-sales.yaml history.csv --people people.csv --rep d.okafor
    playgate coach bank-sales.yaml history.csv --people people.csv --sessions met.csv
    """
    from playgate.numbers.coach import coach
    from playgate.numbers.narrow import choose, narrow

    found = read(**given)
    chosen = choose(found, reps, teams)
    held = held_sessions(sessions, found)
    plan = coach(found, held.seen, learnt=held.learnt) if held else coach(found)
    show(narrow(plan, chosen), form, output)
