"""`playgate people`: who is who, for the ledger."""

from __future__ import annotations

import json
from datetime import UTC

import click

from playgate.cli.door import put
from playgate.cli.errors import CLEAN
from playgate.cli.options import at_option, by_option, db_option, form_option
from playgate.cli.requests import actor_or_user, db_path, now
from playgate.enforce.when import instant
from playgate.errors import InputError
from playgate.history.event import Problem
from playgate.history.people import read_persons
from playgate.ledger.store import Ledger

__all__ = ["command"]


@click.command("people")
@click.argument("file")
@by_option
@at_option
@db_option
@form_option
def command(file: str, by: str | None, at: str | None, db: str | None, form: str) -> int:
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
        raise InputError(
            f"{first.file}:{first.line}: {first.reason}", hint=first.hint, code="wrong-file"
        )
    clock = now()
    with Ledger.open(db_path(db), create=True) as ledger, ledger.writing():
        begun, ended = ledger.people.replace(
            persons, instant(at, UTC, clock), told_by=actor_or_user(by)
        )
    if form == "json":
        data = {
            "version": 1,
            "kind": "people",
            "people": len(persons),
            "begun": begun,
            "ended": ended,
        }
        put([json.dumps(data), "\n"])
    else:
        put([f"{len(persons)} people: {begun} entries begun, {ended} ended", "\n"])
    return CLEAN
