"""`playgate publish`: keep a version of a playbook whole in the ledger."""

from __future__ import annotations

import click

from playgate.cli.door import put
from playgate.cli.errors import CLEAN, FINDINGS
from playgate.cli.options import FILE, db_option, form_option
from playgate.cli.requests import db_path, now
from playgate.enforce.live import Live
from playgate.enforce.migrate import publish
from playgate.enforce.playbook_files import playbook_in
from playgate.ledger.store import Ledger

__all__ = ["command"]


@click.command("publish")
@click.argument("playbook", metavar="PLAYBOOK", type=FILE)
@db_option
@form_option
def command(playbook: str, db: str | None, form: str) -> int:
    """Keep a version of a playbook whole in the ledger; deals in flight stay under theirs.

    What leaves deals in flight without a stage is not published, unless it says `policy: pin`. The
    same name and version with other content is refused: raise the version. Exit status: 0
    published, 1 deals would be without a stage, 2 wrong input.

    \b
    playgate publish bank-sales.yaml
    playgate publish bank-sales.yaml --db deals.db --format json
    """
    loaded, document, content = playbook_in(playbook)
    with Ledger.open(db_path(db), create=True) as ledger:
        published = publish(Live(ledger, now=now()), loaded, document, content)
    from playgate.report import migration

    as_json = form == "json"
    pieces = migration.published_json(published) if as_json else migration.published_text(published)
    put(pieces)
    return FINDINGS if published.stranded else CLEAN
