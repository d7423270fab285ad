"""`playgate ledger head` and `key`: what a ledger ends with, signed so that others can hold it to
that."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from playgate.cli.door import put
from playgate.cli.errors import CLEAN
from playgate.cli.options import FILE, db_option, form_option, output_option
from playgate.cli.output import write
from playgate.cli.requests import db_name, now
from playgate.conditions.instants import show_instant
from playgate.ledger.signed_head import sign
from playgate.ledger.signing import new_key, read_public_key, read_signer
from playgate.ledger.store import Ledger
from playgate.report.json_text import json_line
from playgate.report.words import visible

__all__ = ["head", "key"]

_SEED = 32


@click.command("head")
@click.option(
    "--sign",
    "signer_file",
    metavar="KEY",
    type=FILE,
    help="Sign it by this private key, which playgate ledger key new makes.",
)
@output_option
@db_option
@form_option
def head(signer_file: str | None, output: str | None, db: str | None, form: str) -> int:
    """Show the last entry of the ledger: its number and its hash, which stands for all before.

    With --sign, -o or --format json, it is written as a head that leaves the machine: ledger verify
    --head holds the ledger against it later.

    \b
    playgate ledger head
    playgate ledger head --sign audit.key -o 2026-03-01.head
    """
    signer = read_signer(Path(signer_file)) if signer_file is not None else None
    with Ledger.open(db_name(db), reading=True) as ledger, ledger.reading():
        found = ledger.log.head()
    if signer is None and output is None and form == "text":
        put([f"{found}\n"])
    else:
        write([sign(found, signer, at=show_instant(now())).line()], output)
    return CLEAN


@click.group("key")
def key() -> None:
    """Make keys by which heads are signed.

    \b
    playgate ledger key new audit.key
    """


@key.command("new")
@click.argument("file", type=FILE)
@form_option
def new(file: str, form: str) -> int:
    """Make a private key, FILE, and the public key beside it, FILE.pub.

    Who has FILE can sign heads; nobody else must read it. FILE.pub is for everybody who verifies.
    Needs cryptography: pip install 'playgate[sign]'.

    \b
    playgate ledger key new audit.key
    """
    private = Path(file)
    public = new_key(private, secrets.token_bytes(_SEED))
    digits = read_public_key(public)
    if form == "json":
        told = {"version": 1, "kind": "key", "private": file, "public": str(public), "key": digits}
        put([json_line(told), "\n"])
        return CLEAN
    put(
        [
            f"{visible(file)} signs: keep it where the ledger's writers cannot read it\n",
            f"{visible(str(public))} verifies: give it to who audits\n",
        ]
    )
    return CLEAN
