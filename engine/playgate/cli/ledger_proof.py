"""`playgate ledger prove`, and proofs that are verified without a ledger."""

from __future__ import annotations

from pathlib import Path

import click

from playgate.cli.door import put
from playgate.cli.errors import CLEAN
from playgate.cli.options import FILE, db_option, form_option
from playgate.cli.output import write
from playgate.cli.requests import db_name
from playgate.errors import InputError
from playgate.ledger.files import read_file
from playgate.ledger.proof import Proof, prove, proved, read_proof
from playgate.ledger.signed_head import SignedHead, check_signature, read_signed_head
from playgate.ledger.signing import read_public_key
from playgate.ledger.store import Ledger
from playgate.report import proofs as pages

__all__ = ["prove_command", "show_proof", "signed_head", "verify_proof"]

_LARGEST_HEAD = 10_000
_LARGEST_PROOF = 2_000_000_000


@click.command("prove")
@click.argument("decision")
@click.option("--deal", metavar="DEAL", default="", help="Its deal, where several have this id.")
@click.option(
    "--head",
    "head_file",
    metavar="FILE",
    type=FILE,
    required=True,
    help="A head that was signed after the decision.",
)
@click.option("-o", "--output", metavar="FILE", type=FILE, required=True, help="Write there.")
@db_option
@form_option
def prove_command(
    decision: str, deal: str, head_file: str, output: str, db: str | None, form: str
) -> int:
    """Write the proof that a DECISION stands in the ledger whose head was signed.

    The proof holds the decision, with its facts and findings, and of what was recorded behind it
    only hashes. An auditor verifies it without the ledger: playgate ledger verify --proof FILE.

    \b
    playgate ledger prove d-4f1c… --head 2026-03-01.head -o d-4f1c.proof
    """
    head = signed_head(head_file, None)
    if not head.key:
        hint = "playgate ledger head --sign KEY -o FILE writes one that is"
        raise InputError(
            f"{head_file} is not signed: it proves nothing", hint=hint, code="wrong-key"
        )
    with Ledger.open(db_name(db), reading=True) as ledger, ledger.reading():
        proof = prove(ledger.connection, ledger.log, decision, head, deal=deal)
    write([proof.line()], output)
    return show_proof(proof, output, form)


def verify_proof(file: str, key_file: str | None) -> Proof:
    """Returns the proof that stands in a file, verified; raises `InputError` where it is none."""
    if key_file is None:
        hint = "--key FILE.pub: anybody can sign a proof by a key of their own"
        raise InputError("whose signature should it be?", hint=hint, code="usage")
    proof = read_proof(read_file(Path(file), most=_LARGEST_PROOF), file)
    check_signature(proof.head, key=read_public_key(Path(key_file)), key_file=key_file)
    return proof


def signed_head(file: str, key_file: str | None) -> SignedHead:
    """Returns the head that stands in a file; with the file of a public key, raises `InputError`
    unless it was signed by that key."""
    head = read_signed_head(read_file(Path(file), most=_LARGEST_HEAD), file)
    if key_file is not None:
        check_signature(head, key=read_public_key(Path(key_file)), key_file=key_file)
    elif head.key:
        check_signature(head, key=head.key, key_file=file)
    return head


def show_proof(proof: Proof, file: str, form: str) -> int:
    """Shows what a proof proves."""
    render = pages.as_json if form == "json" else pages.as_text
    put(render(proof, proved(proof), file))
    return CLEAN
