"""`playgate token`: who may ask a server, and for what."""

from __future__ import annotations

import os
import re

import click

from playgate.cli import completing
from playgate.cli.clock import now
from playgate.cli.door import put
from playgate.cli.errors import CLEAN
from playgate.cli.options import db_option, form_option
from playgate.cli.requests import actor_or_user, db_name
from playgate.conditions.durations import read_duration
from playgate.documents.document import composed, nearest
from playgate.errors import InputError
from playgate.ledger.rows import TokenRow
from playgate.ledger.store import Ledger
from playgate.report import tokens as pages
from playgate.serve.scopes import SCOPES
from playgate.serve.tokens import new_token

__all__ = ["command"]

_SHORT = {"h": "hours", "d": "days", "w": "weeks"}


@click.group("token")
def command() -> None:
    """Make a token for who asks `playgate serve`, list them, revoke one.

    \b
    playgate token new --scope read --scope move --by odoo --name "Odoo, production"
    playgate token list
    playgate token revoke k3f7q2ab
    """


@command.command("new")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    type=click.Choice(list(SCOPES)),
    help="What it is for: a command, or one of the scopes above; may be said again.",
)
@click.option(
    "--playbook",
    "playbooks",
    multiple=True,
    metavar="NAME",
    help="Only for deals of this published playbook; may be said again.",
)
@click.option(
    "--by",
    metavar="ACTOR",
    shell_complete=completing.actors,
    help="Who acts by it, whatever a request says.",
)
@click.option("--name", default="", metavar="TEXT", help="What it is for, in your words.")
@click.option(
    "--expires",
    default="90d",
    show_default=True,
    metavar="WHEN",
    help='After how long it counts no more: "90d", "12 hours", or "never".',
)
@db_option
@form_option
def new(
    scopes: tuple[str, ...],
    playbooks: tuple[str, ...],
    by: str | None,
    name: str,
    expires: str,
    db: str | None,
    form: str,
) -> int:
    """Make a token, and show it: nothing tells it again, as only its hash is kept.

    Scopes are the live commands by their names, `as-anybody` (each request says itself who acts),
    `read` (check, allowed, next, history, deals, card, playbooks), `write` (open, log, set, move,
    ask, waiver-request), `deals`, `card`, `playbooks`, `import`, `reconcile`, `audit`, `metrics`
    and `page`.

    \b
    playgate token new --scope read --scope move --by odoo --name "Odoo, production"
    playgate token new --scope write --scope as-anybody --expires "1 week"
    playgate token new --scope read --scope write --by web --playbook small-sales
    playgate token new --scope page --by ann --name "Ann, the page"
    playgate token new --scope metrics --expires never
    """
    at = now()
    until = _expires(expires, at)
    with Ledger.open(db_name(db)) as ledger, ledger.writing():
        row, token = new_token(
            ledger,
            scopes=scopes,
            playbooks=_published(ledger, playbooks),
            actor=composed(by or "").strip(),
            name=composed(name).strip(),
            by=actor_or_user(None),
            now=at,
            expires_at=until,
            random=os.urandom,
        )
    _show(pages.one_json(row, now=at, token=token), pages.one_text(row, token=token), form)
    return CLEAN


@command.command("list")
@db_option
@form_option
def list_(db: str | None, form: str) -> int:
    """List the tokens of a ledger: what each is for, until when it counts, when it was used last.

    \b
    playgate token list
    playgate token list --format json
    """
    with Ledger.open(db_name(db), reading=True) as ledger, ledger.reading():
        rows = ledger.tokens.all()
    at = now()
    _show(pages.all_json(rows, now=at), pages.all_text(rows, now=at), form)
    return CLEAN


@command.command("revoke")
@click.argument("token_id", metavar="ID", shell_complete=completing.tokens)
@db_option
@form_option
def revoke(token_id: str, db: str | None, form: str) -> int:
    """Let a token, by its id, count no more; a server that runs hears of it within a second.

    \b
    playgate token revoke k3f7q2ab
    """
    at = now()
    with Ledger.open(db_name(db)) as ledger, ledger.writing():
        row = _known(ledger, token_id)
        if row.revoked_at is None:
            ledger.tokens.revoke(row.id, at=at, actor=actor_or_user(None))
            row = _known(ledger, token_id)
    _show(pages.one_json(row, now=at), pages.revoked_text(row), form)
    return CLEAN


def _published(ledger: Ledger, names: tuple[str, ...]) -> tuple[str, ...]:
    known = {row.name for row in ledger.playbooks.all()}
    for name in names:
        if name not in known or name.split() != [name]:
            hint = nearest(name, known) or f"published: {', '.join(sorted(known)) or 'none yet'}"
            message = f'the ledger has no playbook "{name[:60]}"'
            raise InputError(message, hint=hint, code="no-version")
    return names


def _known(ledger: Ledger, token_id: str) -> TokenRow:
    row = ledger.tokens.get(token_id)
    if row is None:
        known = [each.id for each in ledger.tokens.all()]
        hint = nearest(token_id, known) or "playgate token list shows them"
        message = f'the ledger has no token "{token_id[:60]}"'
        raise InputError(message, hint=hint, code="unknown-name")
    return row


def _expires(said: str, at: int) -> int | None:
    """Returns from when a token counts no more; raises `InputError` for what is no length."""
    if said.strip().lower() == "never":
        return None
    text = re.sub(r"^\s*(\d+)\s*([hdw])\s*$", lambda m: f"{m[1]} {_SHORT[m[2]]}", said)
    found = read_duration(text)
    length = found.elapsed if found is not None else None
    if not length or length <= 0:
        hint = 'such as "90d", "12 hours", or "never"'
        raise InputError(
            f'--expires: "{said[:60]}" is no length of time', hint=hint, code="wrong-value"
        )
    if length > _LONGEST:
        raise InputError("--expires: more than 100 years", hint='say "never"', code="wrong-value")
    return at + length


_LONGEST = 36_525 * 24 * 3600 * 1_000_000


def _show(data: str, text: str, form: str) -> None:
    put([data if form == "json" else text, "\n"])
