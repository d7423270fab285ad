"""`playgate migrate`: carry deals in flight over to a published version."""

from __future__ import annotations

import click

from playgate.cli.door import put
from playgate.cli.errors import CLEAN, FINDINGS
from playgate.cli.options import by_option, db_option, form_option
from playgate.cli.requests import actor_or_user, db_path, now
from playgate.enforce.live import Live
from playgate.enforce.migrate import migrate
from playgate.ledger.store import Ledger

__all__ = ["command"]


@click.command("migrate")
@click.option(
    "--to",
    "version",
    metavar="VERSION",
    required=True,
    help="The published version; NAME@VERSION where several playbooks have it.",
)
@click.option("--deal", "deals", multiple=True, metavar="DEAL", help="Only this deal.")
@click.option("--dry-run", is_flag=True, help="Show what would happen, and change nothing.")
@by_option
@db_option
@form_option
def command(
    version: str, deals: tuple[str, ...], dry_run: bool, by: str | None, db: str | None, form: str
) -> int:
    """Carry deals in flight over to a published version, as its `migration` says.

    All of them in one transaction, at one instant: the new version's rules count from then on, and
    nobody has made a move. Exit status: 0 done, 1 a deal stays because its stage leads nowhere, 2
    wrong input.

    \b
    playgate migrate --to 4 --dry-run
    playgate migrate --to bank-sales@4 --deal D-1042 --by ops
    """
    with Ledger.open(db_path(db)) as ledger:
        found = migrate(
            Live(ledger, now=now()),
            version,
            actor=actor_or_user(by),
            clock=now,
            dry_run=dry_run,
            deals=deals,
        )
    from playgate.report import migration

    as_json = form == "json"
    pieces = migration.migrated_json(found) if as_json else migration.migrated_text(found)
    put(pieces)
    return FINDINGS if any(fate.stranded for fate in found.fates) else CLEAN
