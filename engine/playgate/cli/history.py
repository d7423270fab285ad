"""`playgate history`: the deal's events and decisions."""

from __future__ import annotations

import sys

import click

from playgate.cli.options import db_option, form_option
from playgate.cli.output import colour_wanted
from playgate.cli.requests import db_path, now
from playgate.enforce.live import Live
from playgate.enforce.standing import entries
from playgate.ledger.store import Ledger

__all__ = ["command"]


@click.command("history")
@click.argument("deal")
@db_option
@form_option
def command(deal: str, db: str | None, form: str) -> None:
    """Show DEAL's events, decisions, refusals and waivers in the order in which they happened.

    \b
    playgate history D-1042
    playgate history D-1042 --format json
    """
    with Ledger.open(db_path(db)) as ledger, ledger.reading():
        found = entries(Live(ledger, now=now()), deal)
    if form == "json":
        from playgate.report.live_json import render_entries as as_json

        sys.stdout.write(as_json(deal, found) + "\n")
        return
    from playgate.report.live_text import render_entries

    sys.stdout.writelines(render_entries(deal, found, colour=colour_wanted(None)))
