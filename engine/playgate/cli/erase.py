"""`playgate erase`: personal data goes, the counts and the chain of what was recorded stay."""

from __future__ import annotations

import click

from playgate.cli.door import put, tell
from playgate.cli.errors import CLEAN
from playgate.cli.options import by_option, db_option, form_option
from playgate.cli.requests import actor_or_user, db_path, now
from playgate.documents.document import composed
from playgate.enforce.live import Live
from playgate.errors import InputError
from playgate.ledger.erasing import Asked
from playgate.ledger.store import Ledger

__all__ = ["command"]


@click.command("erase")
@click.option("--deal", metavar="DEAL", help="What names this deal, and what was said of it.")
@click.option("--actor", metavar="ACTOR", help="What names this person, wherever they acted.")
@click.option("--reason", default="", metavar="TEXT", help="Why: it stays in the ledger.")
@by_option
@db_option
@form_option
def command(
    deal: str | None, actor: str | None, reason: str, by: str | None, db: str | None, form: str
) -> int:
    """Take personal data out of a ledger, for good; counts stay, and the chain of its log.

    A pseudonym stands in its place, and an entry of the log says what was erased, so that
    `ledger verify` accepts that it is missing. A deal that was erased is judged no more. Nothing of
    it is left in the ledger's file; backups, exports and what a server keeps besides are yours.

    \b
    playgate erase --deal D-1042 --reason "the client asked for it"
    playgate erase --actor ann
    """
    if bool(deal) == bool(actor):
        raise InputError(
            "erase takes either a deal or an actor",
            hint="--deal DEAL or --actor ACTOR",
            code="usage",
        )
    asked = Asked(now(), actor_or_user(by), composed(reason).strip())
    with Ledger.open(db_path(db)) as ledger:
        if deal:
            live = Live(ledger, now=asked.at)
            known = live.row(live.known_as(composed(deal))).deal
            found = ledger.erase(deal=known, asked=asked)
        else:
            found = ledger.erase(actor=composed(actor or ""), asked=asked)
        head = ledger.log.head()
        if ledger.keeps_elsewhere:
            tell(f"note: not erased from {ledger.keeps_elsewhere}")
    from playgate.report import verified

    put(verified.erased_json(found, head) if form == "json" else verified.erased_text(found, head))
    return CLEAN
