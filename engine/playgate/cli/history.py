"""`playgate history`: the deal's events and decisions."""

from __future__ import annotations

import click

from playgate.cli.answer import answer
from playgate.cli.options import batch_option, db_option, form_option

__all__ = ["command"]


@click.command("history")
@click.argument("deal", required=False)
@click.option("--by", metavar="ACTOR", help="Only what this one did.")
@click.option("--at", metavar="T", help="Only what had happened by then.")
@db_option
@form_option
@batch_option
def command(
    deal: str | None, by: str | None, at: str | None, db: str | None, form: str, batch: bool
) -> int:
    """Show DEAL's events, decisions, waivers and migrations in the order in which they happened.

    \b
    playgate history D-1042
    playgate history D-1042 --by ann --at 2026-03-31 --format json
    """
    request = {"deal": deal, "only": by, "at": at}
    return answer("history", request, ("deal",), db=db, form=form, batch=batch)
