"""`playgate check`: what `move` would decide, changing nothing."""

from __future__ import annotations

import click

from playgate.cli.answer import answer
from playgate.cli.options import at_option, batch_option, by_option, db_option, form_option

__all__ = ["command"]


@click.command("check")
@click.argument("deal", required=False)
@click.argument("stage", required=False)
@by_option
@at_option
@db_option
@form_option
@batch_option
def command(
    deal: str | None, stage: str | None, by: str | None, at: str | None, db: str | None,
    form: str, batch: bool,
) -> int:  # fmt: skip
    """Say what moving DEAL into STAGE would be answered; nothing is recorded.

    Exit status: 0 would be allowed, 1 would be refused, 2 wrong input.

    \b
    playgate check D-1042 proposal
    playgate check D-1042 proposal --by ann --format json
    """
    request = {"deal": deal, "stage": stage, "by": by, "at": at}
    return answer("check", request, ("deal", "stage"), db=db, form=form, batch=batch)
