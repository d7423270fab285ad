"""`playgate open`: a new deal, in the first stage or another."""

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
from playgate.cli.requests import read_pairs

__all__ = ["command"]


@click.command("open")
@click.argument("deal", required=False)
@click.argument("fields", nargs=-1, metavar="[FIELD=VALUE …]")
@click.option("--playbook", metavar="PLAYBOOK", help="The playbook that judges the deal.")
@click.option("--stage", metavar="STAGE", help="Where it begins (default: the first stage).")
@by_option
@at_option
@id_option
@db_option
@form_option
@batch_option
def command(
    deal: str | None, fields: tuple[str, ...], playbook: str | None, stage: str | None,
    by: str | None, at: str | None, known_id: str | None, db: str | None, form: str, batch: bool,
) -> int:  # fmt: skip
    """Open DEAL under a playbook, which the ledger keeps whole and judges it by from then on.

    Exit status: 0 opened, 1 the stage was refused, 2 wrong input.

    \b
    playgate open D-1042 --playbook bank-sales.yaml amount=12500
    playgate open D-1042 --playbook bank-sales.yaml --stage assess-needs --by ann
    """
    request = {
        "deal": deal, "fields": read_pairs(fields, "open"), "playbook": playbook, "stage": stage,
        "by": by, "at": at, "id": known_id,
    }  # fmt: skip
    return answer("open", request, ("deal", "playbook"), db=db, form=form, batch=batch)
