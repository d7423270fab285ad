"""`playgate ledger verify`: is a ledger what was recorded, and is it still the one whose head left
the machine?"""

from __future__ import annotations

from pathlib import Path

import click

from playgate.cli.door import put
from playgate.cli.errors import CLEAN
from playgate.cli.ledger_copies import verified
from playgate.cli.ledger_proof import show_proof, signed_head, verify_proof
from playgate.cli.options import FILE, db_option, form_option
from playgate.cli.requests import db_name
from playgate.errors import InputError
from playgate.ledger.against_head import check_head
from playgate.ledger.head import Head
from playgate.ledger.store import Ledger, LedgerError

__all__ = ["verify"]


@click.command("verify")
@click.option(
    "--since",
    metavar="HEAD",
    help="Hold only what was recorded since against its hashes: a head's file, or SEQ:HASH.",
)
@click.option(
    "--head",
    "head_file",
    metavar="FILE",
    type=FILE,
    help="A head that left the machine: is it still in the log?",
)
@click.option(
    "--key",
    "key_file",
    metavar="FILE",
    type=FILE,
    help="The public key by which the head, or the proof, must be signed.",
)
@click.option(
    "--proof",
    "proof_file",
    metavar="FILE",
    type=FILE,
    help="Verify the proof of one decision, for which no ledger is needed.",
)
@db_option
@form_option
def verify(
    since: str | None,
    head_file: str | None,
    key_file: str | None,
    proof_file: str | None,
    db: str | None,
    form: str,
) -> int:
    """Read a ledger whole: is it what was recorded?

    Each entry of its log is held against its hash and the one before, its playbooks against theirs,
    its tables against the log, and its moves against the decisions that allowed them; the first
    entry that is wrong is named. With --head, a past that was rewritten, an end that was cut off,
    and an older copy in the ledger's place show, too: none of them shows without. Exit status: 0 it
    is, 2 it is not.

    \b
    playgate ledger verify
    playgate ledger verify --head 2026-03-01.head --key audit.key.pub
    playgate ledger verify --proof d-4f1c.proof --key audit.key.pub
    """
    if proof_file is not None:
        if since is not None or head_file is not None:
            hint = "a proof has its head in it"
            raise InputError("--proof goes without --since and --head", hint=hint, code="usage")
        return show_proof(verify_proof(proof_file, key_file), proof_file, form)
    if key_file is not None and head_file is None:
        raise InputError("--key goes with --head or --proof", code="usage")
    from playgate.report import verified as pages  # it takes long, and other commands need none

    head = signed_head(head_file, key_file) if head_file is not None else None
    start = _head_named(since) if since is not None else None
    with Ledger.open(db_name(db), reading=True, unchecked=True) as ledger:
        found = verified(ledger, start)
        if found.fault is not None:
            raise LedgerError(
                f"{ledger.path} is damaged: {found.fault}",
                hint=pages.what_to_do(found.fault),
                code="ledger-damaged",
            )
        if head is not None:
            check_head(ledger.log, head.head)
    render = pages.as_json if form == "json" else pages.as_text
    put(render(found, head, is_compared=key_file is not None))
    return CLEAN


def _head_named(text: str) -> Head:
    """Returns the head that stands in a file, or is said as its number and hash."""
    return signed_head(text, None).head if Path(text).exists() else Head.read(text)
