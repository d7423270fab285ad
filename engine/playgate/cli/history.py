"""`playgate history`: the deal's events and decisions."""

from __future__ import annotations

import sys

import click

from playgate.cli.options import db_option, form_option
from playgate.cli.output import colour_wanted
from playgate.cli.requests import db_path, instant, now
from playgate.enforce.live import Live
from playgate.enforce.standing import entries
from playgate.ledger.store import Ledger

__all__ = ["command"]


@click.command("history")
@click.argument("deal")
@click.option("--by", metavar="ACTOR", help="Only what this one did.")
@click.option("--at", metavar="T", help="Only what had happened by then.")
@db_option
@form_option
def command(deal: str, by: str | None, at: str | None, db: str | None, form: str) -> None:
    """Show DEAL's events, decisions, refusals and waivers in the order in which they happened.

    \b
    playgate history D-1042
    playgate history D-1042 --by ann --at 2026-03-31 --format json
    """
    with Ledger.open(db_path(db)) as ledger, ledger.reading():
        live = Live(ledger, now=now())
        found = entries(live, deal)
        if at is not None:
            until = instant(at, live.playbook(live.row(deal).playbook).zone, live.now)
            found = [entry for entry in found if entry.at <= until]
    if by is not None:
        found = [entry for entry in found if entry.actor == by]
    if form == "json":
        from playgate.report.live_json import render_entries as as_json

        sys.stdout.write(as_json(deal, found) + "\n")
        return
    from playgate.report.live_text import render_entries

    sys.stdout.writelines(render_entries(deal, found, colour=colour_wanted(None)))
