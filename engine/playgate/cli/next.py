"""`playgate next`: where the deal stands, what is missing, the shortest way on."""

from __future__ import annotations

import sys

import click

from playgate.cli.options import at_option, by_option, db_option, form_option
from playgate.cli.output import colour_wanted
from playgate.cli.requests import actor_or_user, db_path, instant, now
from playgate.enforce.live import Live
from playgate.enforce.standing import standing
from playgate.ledger.store import Ledger

__all__ = ["command"]


@click.command("next")
@click.argument("deal")
@by_option
@at_option
@db_option
@form_option
def command(deal: str, by: str | None, at: str | None, db: str | None, form: str) -> None:
    """Show where DEAL stands, what is open, what falls due when, and the shortest way on.

    \b
    playgate next D-1042
    playgate next D-1042 --format json
    """
    with Ledger.open(db_path(db)) as ledger, ledger.reading():
        live = Live(ledger, now=now())
        zone = live.playbook(live.row(deal).playbook).zone
        found = standing(live, deal, at=instant(at, zone, live.now), actor=actor_or_user(by))
    if form == "json":
        from playgate.report.live_json import render_standing as as_json

        sys.stdout.write(as_json(found) + "\n")
        return
    from playgate.report.live_text import render_standing

    sys.stdout.writelines(render_standing(found, colour=colour_wanted(None)))
