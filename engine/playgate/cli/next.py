"""`playgate next`: where the deal stands, what is missing, the shortest way on."""

from __future__ import annotations

import click

from playgate.cli.answer import answer
from playgate.cli.options import at_option, batch_option, by_option, db_option, form_option

__all__ = ["command"]


@click.command("next")
@click.argument("deal", required=False)
@by_option
@at_option
@db_option
@form_option
@batch_option
def command(
    deal: str | None, by: str | None, at: str | None, db: str | None, form: str, batch: bool
) -> int:
    """Show where DEAL stands, what is open, what falls due when, and the shortest way on.

    \b
    playgate next D-1042
    playgate next D-1042 --format json
    """
    request = {"deal": deal, "by": by, "at": at}
    return answer("next", request, ("deal",), db=db, form=form, batch=batch)
