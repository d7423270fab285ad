"""`playgate ledger backup` and `restore`: copies of a ledger that verify, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from playgate.cli.door import put
from playgate.cli.errors import CLEAN
from playgate.cli.options import FILE, db_option, form_option
from playgate.cli.requests import db_name, db_path
from playgate.ledger.head import Head
from playgate.ledger.store import Ledger
from playgate.report.head_json import head_object
from playgate.report.json_text import json_line
from playgate.report.words import visible

if TYPE_CHECKING:
    from playgate.ledger.verify import Verified

__all__ = ["backup", "restore", "verified"]


@click.command("backup")
@click.argument("file", type=FILE)
@db_option
@form_option
def backup(file: str, db: str | None, form: str) -> int:
    """Write a copy of the ledger to FILE, while others go on writing.

    The copy is verified before it gets its name. Nothing is written over.

    \b
    playgate ledger backup backups/2026-03-01.db
    """
    from playgate.ledger import copies  # it takes long, and other commands need none

    with Ledger.open(db_name(db), reading=True) as ledger:
        head = copies.backup(ledger, Path(file), check=verified)
    return _told("backup", db_name(db), file, head, form)


@click.command("restore")
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Put it in the place of a ledger that is there.")
@db_option
@form_option
def restore(file: str, replace: bool, db: str | None, form: str) -> int:
    """Make the ledger what the backup FILE holds, if that verifies.

    What was recorded since the backup is lost; a head that was signed since then tells it.

    \b
    playgate ledger restore backups/2026-03-01.db --db deals.db
    playgate ledger restore backups/2026-03-01.db --replace
    """
    from playgate.ledger import copies  # it takes long, and other commands need none

    head = copies.restore(Path(file), db_path(db), check=verified, replaces=replace)
    return _told("restore", file, str(db_path(db)), head, form)


def verified(ledger: Ledger, since: Head | None = None) -> Verified:
    """Verifies a ledger, with a bar where that takes a while."""
    from playgate.cli.reading import progress_bar  # it takes long, and other commands need none

    with progress_bar("verifying", ledger.size()) as told:
        return ledger.verify(since=since, watch=told or (lambda _: None))


def _told(kind: str, source: str, made: str, head: Head, form: str) -> int:
    if form == "json":
        told = {"version": 1, "kind": kind, "from": source, "to": made, "head": head_object(head)}
        put([json_line(told), "\n"])
    else:
        put([f"{visible(source)} → {visible(made)}, verified\n  head {head}\n"])
    return CLEAN
