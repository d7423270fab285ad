"""`playgate reproduce`: a decision judged again from what the ledger knew then."""

from __future__ import annotations

import click

from playgate.cli.door import put
from playgate.cli.errors import CLEAN, FINDINGS
from playgate.cli.options import db_option, form_option
from playgate.cli.requests import db_name
from playgate.enforce.reproduce import reproduce
from playgate.ledger.as_of import before_decision
from playgate.ledger.store import Ledger

__all__ = ["command"]


@click.command("reproduce")
@click.argument("decision")
@click.option("--deal", metavar="DEAL", default="", help="Its deal, where several have this id.")
@db_option
@form_option
def command(decision: str, deal: str, db: str | None, form: str) -> int:
    """Judge a DECISION again, from what the ledger knew then: are the verdicts the same?

    The facts, people, settings and waivers are those that were recorded by then, and the playbook
    is the one that judged; what was retracted or merged later was not yet. Exit status: 0 the same
    to the byte, 1 something differs.

    \b
    playgate reproduce d-4f1c2a9be0d35c77
    playgate reproduce d-4f1c2a9be0d35c77 --format json
    """
    with Ledger.open(db_name(db), reading=True) as ledger, ledger.reading():
        found = reproduce(before_decision(ledger.connection, decision, deal=deal))
    if form == "json":
        from playgate.report.reproduced import as_json

        put(as_json(found))
    else:
        from playgate.report.reproduced import as_text

        put(as_text(found))
    return CLEAN if found.same else FINDINGS
