"""`playgate ledger backup`, `restore` and `copy`: copies that verify, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from playgate.cli.door import put
from playgate.cli.errors import CLEAN
from playgate.cli.options import FILE, db_option, form_option
from playgate.cli.requests import db_name, db_path
from playgate.documents.addresses import is_address
from playgate.errors import InputError
from playgate.ledger.head import Head
from playgate.ledger.store import Ledger, shown_name
from playgate.report.head_json import head_object
from playgate.report.json_text import json_line
from playgate.report.words import visible

if TYPE_CHECKING:
    from playgate.ledger.verify import Verified

__all__ = ["backup", "copy", "restore", "verified"]


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
        if is_address(db_name(db)):
            head = _carried(ledger, Path(file))
        else:
            head = copies.backup(ledger, Path(file), check=verified)
        return _told("backup", str(ledger.path), file, head, form)


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

    target = db_path(db)
    if isinstance(target, Path):
        head = copies.restore(Path(file), target, check=verified, replaces=replace)
    elif replace:
        raise InputError(
            "--replace is for a ledger that is a file",
            hint="restore to another schema: postgresql://HOST/DATABASE?schema=NAME",
            code="usage",
        )
    else:
        with Ledger.open(Path(file), reading=True, unchecked=True) as ledger:
            head = _carried(ledger, target)
    return _told("restore", file, shown_name(target), head, form)


@click.command("copy")
@click.argument("source", metavar="FROM", type=FILE)
@click.argument("target", metavar="TO", type=FILE)
@form_option
def copy(source: str, target: str, form: str) -> int:
    """Copy a ledger, entry by entry, from a file to a server of PostgreSQL, or the other way.

    The copy has the same entries and so the same head, and is verified before it is there. Nothing
    is written over. What others record in FROM meanwhile is not in it: let them end first.

    \b
    playgate ledger copy playgate.db postgresql://db.example/sales
    playgate ledger copy postgresql://db.example/sales 2026-03-01.db
    """
    with Ledger.open(source, reading=True) as ledger:
        made = target if is_address(target) else Path(target)
        head = _carried(ledger, made)
        return _told("copy", str(ledger.path), shown_name(target), head, form)


def _carried(ledger: Ledger, target: Path | str) -> Head:
    from playgate.cli.reading import progress_bar  # it takes long, and other commands need none
    from playgate.ledger.carried import carry

    return carry(ledger, target, watching=lambda entries: progress_bar("verifying", entries))


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
