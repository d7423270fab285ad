"""`playgate move`: ask the gate, and move."""

from __future__ import annotations

import click

from playgate.cli.answer import answer
from playgate.cli.options import (
    at_option,
    batch_option,
    by_option,
    db_option,
    form_option,
    id_option,
)

__all__ = ["command"]


@click.command("move")
@click.argument("deal", required=False)
@click.argument("stage", required=False)
@click.option("--from", "expected", metavar="STAGE", help="Only if the deal is in this stage now.")
@by_option
@at_option
@id_option
@db_option
@form_option
@batch_option
def command(
    deal: str | None, stage: str | None, expected: str | None, by: str | None, at: str | None,
    known_id: str | None, db: str | None, form: str, batch: bool,
) -> int:  # fmt: skip
    """Move DEAL into STAGE, if the playbook lets it.

    Exit status: 0 moved, 1 refused (every unmet rule is shown), 2 wrong input.

    \b
    playgate move D-1042 proposal
    playgate move D-1042 proposal --by ann --at 2026-03-05T10:00:00+01:00 --format json
    """
    request = {"deal": deal, "stage": stage, "from": expected, "by": by, "at": at, "id": known_id}
    return answer("move", request, ("deal", "stage"), db=db, form=form, batch=batch)
