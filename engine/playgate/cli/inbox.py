"""`playgate inbox`: what hooks brought, and what could not be taken in."""

from __future__ import annotations

from typing import cast

import click

from playgate.cli.clock import now
from playgate.cli.door import put
from playgate.cli.errors import CLEAN
from playgate.cli.options import db_option, form_option
from playgate.cli.requests import db_name
from playgate.errors import InputError
from playgate.ledger.hooks import Delivery, State
from playgate.ledger.store import Ledger
from playgate.report import hooks as pages
from playgate.report.words import plural

__all__ = ["command"]

_MOST = 100_000


@click.group("inbox")
def command() -> None:
    """Look at what hooks brought, and let what could not be taken in be tried again.

    \b
    playgate inbox list --state dead
    playgate inbox show 17
    playgate inbox replay 17
    """


@command.command("list")
@click.option(
    "--state",
    type=click.Choice(["waiting", "done", "dead"]),
    help="Only what waits, is taken in, or is a dead letter.",
)
@click.option(
    "--limit", type=click.IntRange(1, _MOST), default=50, show_default=True, help="So many at most."
)
@db_option
@form_option
def list_(state: str | None, limit: int, db: str | None, form: str) -> int:
    """List what came, the last first, and why it could not be taken in.

    \b
    playgate inbox list --state dead
    """
    with Ledger.open(db_name(db), reading=True) as ledger, ledger.reading():
        found = ledger.hooks.deliveries(state=cast("State | None", state), most=limit)
    _show(pages.inbox_json(found), pages.inbox_text(found), form)
    return CLEAN


@command.command("show")
@click.argument("number", metavar="NUMBER", type=click.IntRange(min=1))
@db_option
@form_option
def show(number: int, db: str | None, form: str) -> int:
    """Show one thing that came, with its body.

    \b
    playgate inbox show 17
    """
    with Ledger.open(db_name(db), reading=True) as ledger, ledger.reading():
        found = _known(ledger, number)
    _show(pages.delivery_json(found), pages.delivery_text(found), form)
    return CLEAN


@command.command("replay")
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1, type=click.IntRange(min=1))
@click.option("--dead", is_flag=True, help="All dead letters.")
@db_option
def replay(numbers: tuple[int, ...], dead: bool, db: str | None) -> int:
    """Let something be taken in again; playgate serve does so within seconds.

    What is in the ledger already stays as it is, as often as this is done.

    \b
    playgate inbox replay 17 18
    playgate inbox replay --dead
    """
    if bool(numbers) == dead:
        raise click.UsageError("which? NUMBER, or --dead for all dead letters")
    with Ledger.open(db_name(db)) as ledger, ledger.writing():
        if dead:
            found = ledger.hooks.deliveries(state="dead", most=_MOST)
        else:
            found = [_known(ledger, number) for number in dict.fromkeys(numbers)]
        gone = next((each for each in found if not each.body), None)
        if gone is not None:
            message = f"the body of {gone.id} is not kept: it was taken in"
            raise InputError(message, code="wrong-value")
        for each in found:
            ledger.hooks.replay(each.id, at=now())
    put([f"{plural(len(found), 'delivery', 'deliveries')} to be taken in again\n"])
    return CLEAN


def _known(ledger: Ledger, number: int) -> Delivery:
    found = ledger.hooks.delivery(number)
    if found is None:
        hint = "playgate inbox list shows what there is"
        raise InputError(f"the inbox has no {number}", hint=hint, code="unknown-name")
    return found


def _show(data: str, text: str, form: str) -> None:
    put([data if form == "json" else text, "\n"])
