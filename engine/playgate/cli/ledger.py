"""`playgate ledger`: make a ledger, show it, verify it, let it enforce or only shadow."""

from __future__ import annotations

import click

from playgate.cli.door import put
from playgate.cli.errors import CLEAN
from playgate.cli.ledger_copies import backup, copy, restore
from playgate.cli.ledger_head import head, key
from playgate.cli.ledger_proof import prove_command
from playgate.cli.ledger_verify import verify
from playgate.cli.options import db_option, form_option
from playgate.cli.requests import db_path
from playgate.enforce.overview import overview
from playgate.ledger.settings import RECORDS
from playgate.ledger.store import Ledger

__all__ = ["command"]


@click.group("ledger")
def command() -> None:
    """Make a ledger, show what it holds, verify it, let it enforce or only shadow.

    \b
    playgate ledger new --record crm
    playgate ledger show
    playgate ledger verify
    playgate ledger set shadow on
    """


@command.command("new")
@click.option(
    "--record",
    type=click.Choice(RECORDS),
    default="ledger",
    help="Who keeps the record of facts and moves (default: ledger).",
)
@db_option
@form_option
def new(record: str, db: str | None, form: str) -> int:
    """Make an empty ledger, and say who keeps the record; that stays so.

    With `ledger`, facts and moves are recorded here, by log, set and move. With `crm`, they are
    recorded in the CRM and come by import; ask answers, and only its decisions are recorded.

    \b
    playgate ledger new
    playgate ledger new --record crm --db deals.db
    playgate ledger new --db postgresql://db.example/sales
    """
    keeper = next(each for each in RECORDS if each == record)
    with Ledger.new(db_path(db), record=keeper) as ledger:
        return _shown(ledger, form)


@command.command("show")
@db_option
@form_option
def show(db: str | None, form: str) -> int:
    """Show who keeps the record, whether the ledger enforces, and what it holds.

    \b
    playgate ledger show
    playgate ledger show --db deals.db --format json
    """
    with Ledger.open(db_path(db), reading=True) as ledger, ledger.reading():
        return _shown(ledger, form)


@command.command("set")
@click.argument("setting", type=click.Choice(["shadow"]))
@click.argument("value", type=click.Choice(["on", "off"]))
@db_option
@form_option
def set_(setting: str, value: str, db: str | None, form: str) -> int:
    """Let the ledger only shadow (on), or enforce (off).

    In shadow every move is let through; the answer says what would have been refused, and so does
    the audit. What was decided in shadow holds nobody to anything later.

    \b
    playgate ledger set shadow on
    playgate ledger set shadow off --db deals.db
    """
    with Ledger.open(db_path(db)) as ledger:
        with ledger.writing():
            ledger.settings.set_shadow(value == "on")
        return _shown(ledger, form)


@command.command("rebuild")
@db_option
@form_option
def rebuild(db: str | None, form: str) -> int:
    """Make the tables of a ledger anew from its log, and leave nothing else in its file.

    For a ledger whose tables are damaged and whose log is not.

    \b
    playgate ledger rebuild
    playgate ledger rebuild --db deals.db
    """
    with Ledger.open(db_path(db), unchecked=True) as ledger:
        ledger.rebuild()
        head = ledger.log.head()
    from playgate.report import verified

    put(verified.rebuilt_json(head) if form == "json" else verified.rebuilt_text(head))
    return CLEAN


def _shown(ledger: Ledger, form: str) -> int:
    from playgate.report import ledger as pages

    render = pages.as_json if form == "json" else pages.as_text
    put(render(overview(ledger)))
    return CLEAN


for _each in (verify, head, key, prove_command, backup, restore, copy):
    command.add_command(_each)
