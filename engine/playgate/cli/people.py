"""`playgate people`: who is who, for the ledger."""

from __future__ import annotations

from datetime import UTC

import click

from playgate.cli.errors import CLEAN
from playgate.cli.options import at_option, db_option
from playgate.cli.requests import db_path, instant, now
from playgate.errors import InputError
from playgate.history.event import Problem
from playgate.history.people import read_persons
from playgate.ledger.store import Ledger

__all__ = ["command"]


@click.command("people")
@click.argument("file")
@at_option
@db_option
def command(file: str, at: str | None, db: str | None) -> int:
    """Tell the ledger who is who: roles, teams, managers (CSV: actor, name, role, team, manager).

    The file is the whole team: roles that it no longer names end --at, new ones begin then, and
    what was done before keeps the roles of its time.

    \b
    playgate people team.csv
    playgate people team.csv --at 2026-07-01
    """
    problems: list[Problem] = []
    persons = read_persons(file, problems.append)
    if problems:
        first = problems[0]
        raise InputError(f"{first.file}:{first.line}: {first.reason}", hint=first.hint)
    clock = now()
    with Ledger.open(db_path(db), create=True) as ledger, ledger.writing():
        begun, ended = ledger.replace_people(persons, instant(at, UTC, clock))
    click.echo(f"{len(persons)} people: {begun} entries begun, {ended} ended")
    return CLEAN
