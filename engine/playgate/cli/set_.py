"""`playgate set`: something is known."""

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


@click.command("set")
@click.argument("deal", required=False)
@click.argument("fields", nargs=-1, metavar="FIELD=VALUE …")
@by_option
@at_option
@id_option
@db_option
@form_option
@batch_option
def command(
    deal: str | None, fields: tuple[str, ...], by: str | None, at: str | None,
    known_id: str | None, db: str | None, form: str, batch: bool,
) -> int:  # fmt: skip
    """Record values of DEAL's fields; FIELD= clears one.

    \b
    playgate set D-1042 amount=12500 budget_confirmed=yes
    playgate set D-1042 decision_maker=
    """
    request = {
        "deal": deal, "fields": read_pairs(fields, "set"), "by": by, "at": at, "id": known_id
    }  # fmt: skip
    return answer("set", request, ("deal", "fields"), db=db, form=form, batch=batch)
