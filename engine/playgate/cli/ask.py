"""`playgate ask`: may a deal move, where the CRM keeps the record?"""

from __future__ import annotations

from typing import Any

import click

from playgate.cli import completing
from playgate.cli.answer import answer_asked
from playgate.cli.options import FILE, live_command
from playgate.cli.requests import read_fact_file, read_pairs

__all__ = ["command"]


@live_command("ask")
@click.option(
    "--facts",
    "facts",
    metavar="FILE",
    type=FILE,
    help="What the ledger may not have yet: events of the history table as NDJSON (-: stdin).",
)
@click.option(
    "--from",
    "from",
    metavar="STAGE",
    shell_complete=completing.stages,
    help="Only if the deal is in this stage now.",
)
@click.option(
    "--playbook",
    metavar="PLAYBOOK",
    type=FILE,
    help="What judges a deal that is new here (default: the version published last).",
)
@click.option(
    "--not-governed",
    "not_governed",
    type=click.Choice(["refuse", "allow"]),
    help="What to answer where the playbook does not apply (default: refuse).",
)
@click.option(
    "--id", metavar="ID", help="The decision's id: the same id and question get the same answer."
)
@click.option("--at", metavar="T", help="When the move would be made (default: now).")
def command(**asked: Any) -> int:
    """Ask whether DEAL may move into STAGE; only the decision is recorded, with its facts.

    For ledgers for which the CRM keeps the record (playgate ledger new --record crm). Exit status:
    0 allowed, 1 refused, 2 wrong input.

    \b
    playgate ask D-1042 proposal amount=12500 --by ann
    playgate ask D-1042 proposal --facts facts.ndjson --format json
    """
    asked["fields"] = read_pairs(asked["fields"], "ask")
    if asked["facts"] is not None:
        asked["facts"] = read_fact_file(asked["facts"]) or None
    return answer_asked("ask", asked)
