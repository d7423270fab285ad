"""`playgate log`: something was done."""

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
from playgate.cli.requests import read_attrs

__all__ = ["command"]


@click.command("log")
@click.argument("deal", required=False)
@click.argument("activity", required=False)
@click.argument("outcome", required=False)
@click.option(
    "--with", "parts", multiple=True, metavar="PART",
    help="A part that a participant on the customer's side plays (may be repeated).",
)  # fmt: skip
@click.option("--attr", "attrs", multiple=True, metavar="NAME=VALUE", help="Anything else.")
@by_option
@at_option
@id_option
@db_option
@form_option
@batch_option
def command(
    deal: str | None, activity: str | None, outcome: str | None, parts: tuple[str, ...],
    attrs: tuple[str, ...], by: str | None, at: str | None, known_id: str | None,
    db: str | None, form: str, batch: bool,
) -> int:  # fmt: skip
    """Record that ACTIVITY was done on DEAL, with its OUTCOME.

    \b
    playgate log D-1042 needs_interview completed --with decider
    playgate log D-1042 first_call reached --by ann --at 2026-03-02T09:30:00+01:00
    """
    request = {
        "deal": deal, "activity": activity, "outcome": outcome, "with": list(parts),
        "attrs": read_attrs(attrs), "by": by, "at": at, "id": known_id,
    }  # fmt: skip
    return answer("log", request, ("deal", "activity"), db=db, form=form, batch=batch)
